"use strict";

const assert = require("node:assert/strict");
const test = require("node:test");
const { pw, Time, settle, STATUS } = require("./load.cjs");

/** A pack at the other end of a line, as much of it as a session needs. */
class Pack {
  constructor() {
    this.asked = [];
    this.mute = false;
    this.refuses_to_open = "";
    this.answers = { status: STATUS, version: { firmware: "1" }, help: [{ command: "status", help: "" }], history: [], faults: [], watch: {} };
    this.transport = null;
  }

  make() {
    const pack = this;
    this.transport = {
      name: "a test",
      onbytes: () => {},
      onclose: () => {},
      async open() {
        if (pack.refuses_to_open) throw new Error(pack.refuses_to_open);
      },
      write(text) {
        for (const line of text.replace("\x15", "").split(/[\r\n]+/)) if (line.startsWith("{")) pack.hear(JSON.parse(line));
      },
      close() {},
    };
    return this.transport;
  }

  hear(request) {
    this.asked.push(request.method + (request.params ? " " + request.params.join(" ") : ""));
    if (this.mute || request.id === undefined) return;
    const result = this.answers[request.method];
    const body = result === undefined ? { error: { code: -32601, message: "no such command" } } : { result };
    setImmediate(() => this.say({ id: request.id, ...body }));
  }

  say(message) {
    this.transport.onbytes(JSON.stringify({ jsonrpc: "2.0", ...message }) + "\r\n");
  }

  stream(status) {
    this.say({ method: "status", params: status });
  }
}

async function connected() {
  const time = new Time();
  const store = new pw.Store();
  const pack = new Pack();
  const session = new pw.Session(store, { now: () => time.now_ms, setTimeout: time.setTimeout, clearTimeout: time.clearTimeout });
  await session.connect(async () => pack.make());
  for (let k = 0; k < 20; k += 1) await settle();
  return { time, store, pack, session };
}

test("a session asks for the state, the stream, and what this firmware can do", async () => {
  const { store, pack } = await connected();
  assert.equal(store.link.phase, "live");
  assert.equal(pack.asked[0], "status");
  for (const each of ["watch 1 json", "version", "help", "history", "faults"]) assert.ok(pack.asked.includes(each), each);
  assert.equal(store.version.firmware, "1");
});

test("a pack that falls silent is said to be, is asked again, and is live when it answers", async () => {
  const { time, store, pack, session } = await connected();
  pack.mute = true;
  await time.pass(4000);
  session.tick();
  assert.equal(store.link.phase, "silent");
  await time.pass(6000);
  session.tick();
  await time.pass(6000);
  pack.mute = false;
  session.tick();
  for (let k = 0; k < 20; k += 1) await settle();
  assert.equal(store.link.phase, "live");
  assert.equal(pack.asked.filter((each) => each === "watch 1 json").length, 2);
});

test("a line that is lost is opened again, ever more slowly, and the stream is asked for again", async () => {
  const { time, store, pack, session } = await connected();
  pack.refuses_to_open = "no such port.";
  pack.transport.onclose("The board is gone.");
  assert.equal(store.link.phase, "retrying");
  assert.match(store.link.text, /The board is gone\. Trying again in 1 s\./);
  await assert.rejects(session.call("status"), { name: "NoAnswer" });
  await time.pass(1000);
  assert.match(store.link.text, /no such port\. Trying again in 2 s\./);
  pack.refuses_to_open = "";
  await time.pass(2000);
  for (let k = 0; k < 20; k += 1) await settle();
  assert.equal(store.link.phase, "live");
});

test("a first connection that fails says why and is not tried again", async () => {
  const time = new Time();
  const store = new pw.Store();
  const pack = new Pack();
  pack.refuses_to_open = "Nothing serves it.";
  const session = new pw.Session(store, { now: () => time.now_ms, setTimeout: time.setTimeout, clearTimeout: time.clearTimeout });
  await assert.rejects(session.connect(async () => pack.make()), { message: "Nothing serves it." });
  assert.deepEqual(store.link, { phase: "off", text: "Nothing serves it." });
  await time.pass(60000);
  assert.equal(store.link.phase, "off");
});

test("a controller that has restarted is asked for its stream again", async () => {
  const { pack } = await connected();
  const before = pack.asked.length;
  pack.stream({ ...STATUS, uptime_ms: 10 });
  for (let k = 0; k < 20; k += 1) await settle();
  assert.ok(pack.asked.slice(before).includes("watch 1 json"));
});

test("after a restart that was asked for, readings of before do not count as live", async () => {
  const { store, pack, session } = await connected();
  pack.answers.save = { saved: true, restarting: true };
  await session.call("save");
  assert.match(store.link.text, /restarts/);
  pack.stream({ ...STATUS, uptime_ms: STATUS.uptime_ms + 1000 });
  assert.equal(store.link.phase, "connecting");
  const before = pack.asked.length;
  pack.answers.status = { ...STATUS, uptime_ms: 200 };
  pack.transport.onbytes("\r\nPackwarden 0.1.0 on sim: 'status' shows the pack\r\n");
  for (let k = 0; k < 20; k += 1) await settle();
  assert.ok(pack.asked.slice(before).includes("watch 1 json"));
  assert.equal(store.link.phase, "live");
});

test("what changes something is never asked twice by itself", async () => {
  const { time, pack, session } = await connected();
  pack.mute = true;
  const asked = session.call("save");
  asked.catch(() => {});
  await time.pass(60000);
  await assert.rejects(asked, { name: "NoAnswer" });
  assert.equal(pack.asked.filter((each) => each === "save").length, 1);
});

test("a board at the MicroPython prompt is recognised", async () => {
  const { time, store, pack, session } = await connected();
  pack.mute = true;
  pack.transport.onbytes("MicroPython v1.29.0 on 2026-01-01; Raspberry Pi Pico with RP2040\r\n>>> \r\n");
  for (let k = 0; k < 3; k += 1) {
    await time.pass(6000);
    session.tick();
  }
  assert.match(store.link.text, /MicroPython prompt/);
});

test("a recording holds what the pack said, and each event once", async () => {
  const { pack, store, session } = await connected();
  session.startRecording();
  pack.answers.history = [{ t_s: 1, event: "mode", detail: "boot -> active" }];
  pack.stream({ ...STATUS, uptime_ms: 6000, faults: ["CELL_OV"] });
  for (let k = 0; k < 20; k += 1) await settle();
  await session.refreshEvents();
  const { said } = pw.readRecording(session.stopRecording().text());
  assert.deepEqual(said.map((each) => each.kind).sort(), ["event", "faults", "status", "version"]);
  assert.equal(store.events.length, 1);
});
