"use strict";

const assert = require("node:assert/strict");
const test = require("node:test");
const { pw, Time, settle } = require("./load.cjs");

const answer = (id, result) => JSON.stringify({ jsonrpc: "2.0", id, result }) + "\r\n";

/** A client whose requests are collected. */
function made(options = {}) {
  const time = new Time();
  const sent = [];
  const told = [];
  const texts = [];
  const client = new pw.Client((text) => sent.push(text), {
    setTimeout: time.setTimeout, clearTimeout: time.clearTimeout,
    onnotification: (method, params) => told.push([method, params]), ontext: (text) => texts.push(text), ...options,
  });
  const request = (at = sent.length - 1) => JSON.parse(sent[at].replace("\x15", ""));
  return { time, sent, told, texts, client, request };
}

test("lines come out whole, whichever pieces their bytes come in", () => {
  const bytes = new TextEncoder().encode('one\r\n{"a": "°"}\ntwo\rthree');
  for (let size = 1; size <= bytes.length; size += 1) {
    const reader = new pw.LineReader();
    const lines = [];
    for (let at = 0; at < bytes.length; at += size) lines.push(...reader.push(bytes.subarray(at, at + size)));
    assert.deepEqual(lines, ["one", '{"a": "°"}', "two"]);
    assert.equal(reader.partial, "three");
  }
});

test("a line without end is dropped up to its end, and the next one is read", () => {
  const reader = new pw.LineReader(100);
  for (let k = 0; k < 50; k += 1) assert.deepEqual(reader.push("x".repeat(30)), []);
  assert.ok(reader.partial.length <= 100);
  assert.deepEqual(reader.push("rest\nnext\n"), ["next"]);
  assert.equal(reader.dropped, 1);
});

test("a person's text, an answer and an answer behind a prompt are told apart", () => {
  assert.equal(pw.read("pw> status").text, "pw> status");
  assert.equal(pw.read('{"jsonrpc": "2.0", "id": 1, "result": 2}').messages[0].result, 2);
  assert.equal(pw.read('pw> {"jsonrpc": "2.0", "id": 1, "result": 2}').messages[0].result, 2);
  assert.equal(pw.read('[{"jsonrpc": "2.0", "id": 1, "result": 2}, 5, null]').messages.length, 1);
  assert.equal(pw.read('{"jsonrpc": "2.0", "id": 1, "resu').garbled, true);
  assert.equal(pw.read("{oops}").text, "{oops}");
});

test("backspaces, colours and control characters do not reach the screen", () => {
  assert.equal(pw.readable("stx\b \batus\x1b[31m!\x1b[0m\x07"), "status!");
  assert.equal(pw.readable("\b\b\bok\0"), "ok");
});

test("a request begins by dropping what stands half typed, and is plain ASCII on one line", async () => {
  const { sent, client, request } = made();
  const asked = client.call("set", ["name", "5 °C\n"]);
  assert.equal(sent[0][0], "\x15");
  assert.match(sent[0], /^\x15[\x20-\x7e]+\n$/);
  assert.deepEqual(request().params, ["name", "5 °C\n"]);
  client.receive(answer(request().id, { ok: true }));
  assert.deepEqual(await asked, { ok: true });
  client.call("status");
  assert.notEqual(sent[1][0], "\x15");
});

test("one request is under way at a time, and each gets its own answer", async () => {
  const { sent, client, request } = made();
  const first = client.call("one");
  const second = client.call("two");
  assert.equal(sent.length, 1);
  client.receive("noise\r\n" + answer(request(0).id - 1, "of somebody else") + answer(request(0).id, 1));
  assert.equal(await first, 1);
  assert.equal(sent.length, 2);
  client.receive(answer(request(1).id, 2));
  assert.equal(await second, 2);
});

test("a refusal carries the firmware's sentence and code", async () => {
  const { client, request } = made();
  const asked = client.call("set", ["a", "1"]);
  client.receive(JSON.stringify({ jsonrpc: "2.0", id: request().id, error: { code: -32000, message: "locked: hold the button" } }) + "\n");
  await assert.rejects(asked, { name: "Refusal", message: "locked: hold the button", code: -32000 });
});

test("a stream between the pieces of text goes to its listener, not to the request", async () => {
  const { client, request, told, texts } = made();
  const asked = client.call("cells");
  client.receive('pw> \r\n{"jsonrpc": "2.0", "method": "status", "params": {"mode": "active"}}\r\n' + answer(request().id, []));
  assert.deepEqual(await asked, []);
  assert.deepEqual(told, [["status", { mode: "active" }]]);
  assert.deepEqual(texts, ["pw>"]);
});

test("silence ends a request, although the stream goes on; a slow answer does not", async () => {
  const { time, client, request } = made();
  const asked = client.call("status");
  asked.catch(() => {});
  for (let k = 0; k < 6; k += 1) {
    await time.pass(1000);
    client.receive('{"jsonrpc": "2.0", "method": "status", "params": {}}\r\n');
  }
  await assert.rejects(asked, { name: "NoAnswer", message: "No answer to 'status' for 5 s." });
  const slow = client.call("params");
  const text = answer(request().id, ["x".repeat(60)]);
  for (let at = 0; at < text.length; at += 10) {
    client.receive(text.slice(at, at + 10));
    await time.pass(4000);
  }
  assert.deepEqual(await slow, ["x".repeat(60)]);
});

test("after a silence the firmware's line is cleared first, and a late answer fits nothing", async () => {
  const { time, sent, client, request } = made();
  const asked = client.call("status");
  asked.catch(() => {});
  const late = request().id;
  await time.pass(5001);
  await assert.rejects(asked);
  const next = client.call("status");
  assert.equal(sent[1][0], "\x15");
  client.receive(answer(late, "late") + answer(request().id, "right"));
  assert.equal(await next, "right");
});

test("a request that arrived damaged was not done, and is asked once more; twice is enough", async () => {
  const { sent, client, request } = made();
  const damaged = JSON.stringify({ jsonrpc: "2.0", id: null, error: { code: -32700, message: "not JSON" } }) + "\n";
  const asked = client.call("save");
  client.receive(damaged);
  assert.equal(sent.length, 2);
  client.receive(answer(request().id, 1));
  assert.equal(await asked, 1);
  const again = client.call("save");
  client.receive(damaged);
  client.receive(damaged);
  await assert.rejects(again, { name: "NoAnswer" });
  assert.equal(sent.length, 4);
});

test("an echo of the request is no answer", async () => {
  const { time, client, sent } = made();
  const asked = client.call("status");
  asked.catch(() => {});
  client.receive(">>> " + sent[0].slice(1) + "\r\n");
  await time.pass(5001);
  await assert.rejects(asked, { name: "NoAnswer" });
});

test("a closed line ends every request with the reason", async () => {
  const { client } = made();
  const asked = [client.call("one"), client.call("two")];
  client.close("The board is gone.");
  for (const each of asked) await assert.rejects(each, { message: "The board is gone." });
  await assert.rejects(client.call("three"), { message: "The board is gone." });
});

test("a request that is too long is refused before it is sent", async () => {
  const { client, sent } = made();
  await assert.rejects(client.call("set", ["x".repeat(2000)]), { name: "Refusal" });
  assert.deepEqual(sent, []);
});

test("garbage of every kind neither throws nor answers anything", async () => {
  const { client, request } = made();
  const asked = client.call("status");
  let seed = 7;
  const random = (below) => {
    seed = (seed * 1103515245 + 12345) % 2147483648;
    return seed % below;
  };
  const scraps = ['{"jsonrpc": "2.0"', '"id": ', "null", "[", "]", "{", "}", "\r\n", "\x15", "\x1b[", ', "result": ', '"error"', ": 5", ","];
  for (let k = 0; k < 3000; k += 1) {
    const noise = new Uint8Array(random(40)).map(() => random(256));
    client.receive(noise);
    client.receive(scraps[random(scraps.length)]);
  }
  await settle();
  client.receive("\r\n" + answer(request().id, "still here"));
  assert.equal(await asked, "still here");
});

test("a PIN that is typed at the console is neither seen nor brought back", () => {
  for (const [line, seen] of [
    ["unlock 4711", "unlock ****"], ["  unlock  4711 ", "  unlock  *****"], ["pin set ab12", "pin set ****"], ["unlock", "unlock"],
    ["unlock ", "unlock "], ["pin", "pin"], ["pin forgotten", "pin forgotten"], ["status", "status"], ["unlocked 1", "unlocked 1"],
  ]) assert.equal(pw.unseen(line), seen);
});
