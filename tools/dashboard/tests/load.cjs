// Loads the page's scripts that need no browser, in the order of index.html.
"use strict";

for (const name of ["format", "protocol", "store", "recording", "session"]) require(`../${name}.js`);

/** Time that stands still until told: timers fire in their order. */
class Time {
  constructor() {
    this.now_ms = 1000000;
    this._timers = new Map();
    this._next = 1;
    this.setTimeout = (act, ms) => {
      this._timers.set(this._next, { at: this.now_ms + ms, act });
      return this._next++;
    };
    this.clearTimeout = (id) => this._timers.delete(id);
  }

  async pass(ms) {
    const end = this.now_ms + ms;
    for (;;) {
      const due = [...this._timers].filter(([, timer]) => timer.at <= end).sort(([, a], [, b]) => a.at - b.at)[0];
      if (!due) break;
      this.now_ms = due[1].at;
      this._timers.delete(due[0]);
      due[1].act();
      await settle();
    }
    this.now_ms = end;
    await settle();
  }
}

/** Let every promise that can go on go on. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

const STATUS = {
  mode: "active", why: "charging and discharging are allowed", soc_permille: 600, soc_sigma_permille: 30, soc_settling: false,
  soh_permille: null, pack_mv: 13200, current_ma: -1500, cells_mv: [3300, 3301, 3299, 3300], temps_ddegc: [250], chg_fet: 1,
  dsg_fet: 1, balance_mask: 0, charge_limit_ma: 10000, discharge_limit_ma: 20000, faults: [], service_needed: false,
  uptime_ms: 5000, protected: true,
};

module.exports = { pw: globalThis.Packwarden, Time, settle, STATUS };
