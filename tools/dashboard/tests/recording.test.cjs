"use strict";

const assert = require("node:assert/strict");
const test = require("node:test");
const { pw, STATUS } = require("./load.cjs");

function recorded(count) {
  const recorder = new pw.Recorder("here", new Date(0));
  for (let s = 0; s < count; s += 1) {
    recorder.take(5000 + 1000 * s, "status", { ...STATUS, uptime_ms: 1000 * s, current_ma: s, faults: s === 3 ? ["CELL_OV"] : [] });
    if (s === 3) recorder.take(5000 + 1000 * s, "event", { t_s: 3, event: "fault", detail: "CELL_OV" });
  }
  return recorder.text();
}

test("what was recorded is read as it was", () => {
  const { source, said } = pw.readRecording(recorded(10));
  assert.equal(source, "here");
  assert.equal(said.length, 11);
  assert.deepEqual(said[0].value.cells_mv, STATUS.cells_mv);
  assert.equal(said[10].t_s, 9);
});

test("a last line that was cut off counts for nothing; any other is named", () => {
  const text = recorded(5);
  assert.equal(pw.readRecording(text.slice(0, -20)).said.length, 5);
  assert.throws(() => pw.readRecording(text.replace('{"t_s":2,', "{")), /Line 4 /);
  assert.throws(() => pw.readRecording("t_s,current_a\n"), /no recording/);
  assert.throws(() => pw.readRecording('{"recording": "packwarden", "form": 9}\n'), /form 9/);
  assert.throws(() => pw.readRecording('{"recording": "packwarden", "form": 1}\n'), /no status/);
});

test("a player goes on with time, back and to the end", () => {
  const store = new pw.Store();
  const player = new pw.Player(pw.readRecording(recorded(10)), store);
  assert.equal(store.status.current_ma, 0);
  player.playing = true;
  player.speed = 2;
  player.tick(1500);
  assert.equal(store.status.current_ma, 3);
  assert.deepEqual(store.status.faults, ["CELL_OV"]);
  assert.equal(store.events.length, 1);
  player.seek(1.5);
  assert.equal(store.status.current_ma, 1);
  assert.deepEqual(store.events, []);
  assert.equal(store.trend.length, 2);
  player.seek(1e9);
  assert.equal(store.status.current_ma, 9);
  assert.equal(player.playing, false);
});
