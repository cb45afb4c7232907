"use strict";

const assert = require("node:assert/strict");
const test = require("node:test");
const { pw, STATUS } = require("./load.cjs");

test("a status is taken, and what it is made of is looked at", () => {
  const store = new pw.Store();
  store.takeStatus(STATUS, 0);
  assert.deepEqual(store.status.cells_mv, STATUS.cells_mv);
  for (const bad of [null, 5, "x", [], {}, { mode: 7 }]) {
    store.takeStatus(bad, 1);
    assert.equal(store.status_ms, 0);
  }
  store.takeStatus({ ...STATUS, current_ma: "much", cells_mv: [3300, null, "x", 1e999], temps_ddegc: {}, faults: [1, "CELL_OV"], protected: "yes" }, 2);
  assert.equal(store.status.current_ma, null);
  assert.deepEqual(store.status.cells_mv, [3300, null, null, null]);
  assert.deepEqual(store.status.temps_ddegc, []);
  assert.deepEqual(store.status.faults, ["CELL_OV"]);
  assert.equal(store.status.protected, false);
});

test("readings grow old, and a controller that started anew is noticed", () => {
  const store = new pw.Store();
  assert.equal(store.isStale(0), true);
  store.takeStatus(STATUS, 1000);
  assert.equal(store.isStale(1000 + pw.STALE_MS), false);
  assert.equal(store.isStale(1001 + pw.STALE_MS), true);
  assert.equal(store.takeStatus({ ...STATUS, uptime_ms: 6000 }, 2000), "");
  assert.equal(store.takeStatus({ ...STATUS, uptime_ms: 100 }, 3000), "restarted");
});

test("the trend keeps ten minutes and knows no figure where there was no reading", () => {
  const store = new pw.Store();
  for (let s = 0; s <= 1200; s += 1) store.takeStatus({ ...STATUS, cells_mv: s === 1000 ? [] : STATUS.cells_mv }, s * 1000);
  assert.equal(store.trend.length, 601);
  assert.equal(store.trend[400].min_mv, null);
  assert.equal(store.trend[600].min_mv, 3299);
});

test("faults are asked for when their names change, or the controller has started anew", () => {
  const store = new pw.Store();
  store.takeStatus(STATUS, 0);
  assert.equal(store.wantsFaults(), true);
  assert.equal(store.wantsFaults(), false);
  store.takeStatus({ ...STATUS, faults: ["CELL_OV"] }, 1);
  assert.equal(store.wantsFaults(), true);
  store.takeStatus({ ...STATUS, faults: ["CELL_OV"], uptime_ms: 1 }, 2);
  assert.equal(store.wantsFaults(), true);
});

test("methods are read from help and from OpenRPC", () => {
  const store = new pw.Store();
  store.takeMethods([{ command: "set [name] [value]", help: "stage" }, { name: "dtc.show", params: [{ name: "code" }], summary: "one" }, null, 7]);
  assert.deepEqual(store.methods.get("set"), { takes: ["name", "value"], help: "stage" });
  assert.deepEqual(store.methods.get("dtc.show"), { takes: ["code"], help: "one" });
  assert.equal(store.has("dtc.list"), false);
});

test("a new value is judged by the firmware's own bounds", () => {
  const row = { name: "cell_ov_mv", min: 3000, max: 4350, unit: "mV", help: "" };
  assert.deepEqual(pw.judge(row, " 4200 "), { value: 4200 });
  assert.deepEqual(pw.judge({ ...row, min: -200 }, "−100"), { value: -100 });
  for (const wrong of ["", "4.2", "4200 mV", "2999", "4351", "1e3", "０"]) assert.ok(pw.judge(row, wrong).problem, wrong);
  const choice = { name: "chemistry", min: null, max: null, help: "one of: nmc, lfp" };
  assert.deepEqual(pw.judge(choice, "lfp"), { value: "lfp" });
  assert.equal(pw.judge(choice, "lead").problem, "One of: nmc, lfp.");
  const name = { name: "pack_name", min: null, max: null, pattern: "^[a-z]{0,5}$" };
  assert.deepEqual(pw.judge(name, ""), { value: "" });
  assert.ok(pw.judge(name, "too long").problem);
});

test("numbers are written with units, and what is unknown is a dash", () => {
  assert.equal(pw.format.amps(-1234), "−1.23 A");
  assert.equal(pw.format.volts(3312), "3.312 V");
  assert.equal(pw.format.degrees(-55), "−5.5 °C");
  assert.equal(pw.format.percent(null), "–");
  assert.equal(pw.format.duration(93784), "1 d 02:03:04");
  assert.deepEqual(pw.format.named("cell_min_mv", 3300), { name: "Cell min", text: "3.300 V" });
  assert.deepEqual(pw.format.named("cells_mv", [3300, 3301]), { name: "Cells", text: "3.300 V, 3.301 V" });
});
