/* What is known of the pack, and how old it is. Views read it and are told when it has changed.
 *
 * Whatever comes off the line is looked at here before any view sees it: a number is a finite number, a list
 * is a list, everything else is unknown. Time is an argument, so that a recording is replayed through the same
 * code. */
"use strict";

(function (pw) {
  const STALE_MS = 3500; // three readings of the stream have not come
  const TREND_MS = 600000;
  const MOST_LINES = 500;
  const MOST_CELLS = 64;

  const NUMBERS = [
    "soc_permille", "soc_sigma_permille", "soh_permille", "pack_mv", "current_ma", "chg_fet", "dsg_fet",
    "balance_mask", "charge_limit_ma", "discharge_limit_ma", "uptime_ms",
  ];

  /** A status as the views may rely on; null if it is none. */
  function cleanStatus(raw) {
    if (raw === null || typeof raw !== "object" || typeof raw.mode !== "string") return null;
    const status = {
      mode: raw.mode.slice(0, 40),
      why: typeof raw.why === "string" ? raw.why : "",
      cells_mv: numbers(raw.cells_mv),
      temps_ddegc: numbers(raw.temps_ddegc),
      faults: Array.isArray(raw.faults) ? raw.faults.filter((each) => typeof each === "string") : [],
      protected: raw.protected === true,
      silicon: raw.silicon !== false,
      service_needed: Boolean(raw.service_needed),
      soc_settling: Boolean(raw.soc_settling),
    };
    for (const name of NUMBERS) status[name] = pw.format.known(raw[name]) ? raw[name] : null;
    // What a newer firmware tells besides is kept for the views that know it.
    for (const name of Object.keys(raw)) if (!(name in status)) status[name] = raw[name];
    return status;
  }

  function numbers(list) {
    return Array.isArray(list) ? list.slice(0, MOST_CELLS).map((each) => (pw.format.known(each) ? each : null)) : [];
  }

  function rows(list) {
    return Array.isArray(list) ? list.filter((each) => each !== null && typeof each === "object") : [];
  }

  class Store {
    constructor() {
      this._told = [];
      this.lines = [];
      this.link = { phase: "off", text: "Not connected." };
      this.forget();
    }

    /** All that belongs to one pack. */
    forget() {
      this.status = null;
      this.status_ms = null;
      this.trend = [];
      this.faults = [];
      this.faults_key = "";
      this.codes = null;
      this.methods = null;
      this.params = null;
      this.version = null;
      this.events = [];
      this.restarts = 0;
    }

    subscribe(act) {
      this._told.push(act);
    }

    changed(what) {
      this._told.forEach((act) => act(what));
    }

    setLink(phase, text) {
      this.link = { phase, text };
      this.changed("link");
    }

    /** Takes a status; returns "restarted" when the controller has started anew since the last one. */
    takeStatus(raw, now_ms) {
      const status = cleanStatus(raw);
      if (!status) return "";
      const before = this.status;
      const restarted = before && pw.format.known(status.uptime_ms) && status.uptime_ms < before.uptime_ms;
      this.status = status;
      this.status_ms = now_ms;
      if (restarted) this.restarts += 1;
      const cells = status.cells_mv.filter(pw.format.known);
      this.trend.push({
        t_ms: now_ms,
        current_ma: status.current_ma,
        pack_mv: cells.length ? status.pack_mv : null,
        min_mv: cells.length ? Math.min(...cells) : null,
        max_mv: cells.length ? Math.max(...cells) : null,
        soc: status.soc_permille,
        sigma: status.soc_sigma_permille,
      });
      while (this.trend.length && this.trend[0].t_ms < now_ms - TREND_MS) this.trend.shift();
      this.changed("status");
      return restarted ? "restarted" : "";
    }

    /** Whether the faults have to be asked for again: the status tells only their names. */
    wantsFaults() {
      const key = this.status ? this.status.faults.join("+") + "@" + this.restarts : "";
      if (key === this.faults_key) return false;
      this.faults_key = key;
      return true;
    }

    isStale(now_ms) {
      return this.status_ms === null || now_ms - this.status_ms > STALE_MS;
    }

    takeFaults(list) {
      this.faults = rows(list);
      this.changed("faults");
    }

    takeVersion(version) {
      this.version = version !== null && typeof version === "object" ? version : null;
      this.changed("version");
    }

    takeEvent(event) {
      this.takeEvents([...this.events, event]);
    }

    takeEvents(list) {
      this.events = rows(list).slice(-MOST_LINES);
      this.changed("events");
    }

    takeCodes(list) {
      this.codes = rows(list);
      this.changed("codes");
    }

    takeParams(list) {
      this.params = rows(list).filter((each) => typeof each.name === "string");
      this.changed("params");
    }

    /** From `help` or `rpc.discover`: which methods there are, what they take, what they do. */
    takeMethods(list) {
      this.methods = new Map();
      for (const row of rows(list)) {
        const usage = String(row.command || row.name || "").trim();
        const [name, ...rest] = usage.split(/\s+/);
        const given = Array.isArray(row.params) ? row.params.map((each) => String((each && each.name) || each)) : [];
        const takes = given.length ? given : rest.map((each) => each.replace(/[[\]<>]/g, ""));
        if (name) this.methods.set(name, { takes, help: String(row.help || row.summary || row.description || "") });
      }
      this.changed("methods");
    }

    has(method) {
      return this.methods !== null && this.methods.has(method);
    }

    takeLine(text, from = "pack") {
      this.lines.push({ text: text.slice(0, 1000), from });
      if (this.lines.length > MOST_LINES) this.lines.shift();
      this.changed("lines");
    }
  }

  /** A parameter's new value as the firmware would take it; or the sentence that says why not. */
  function judge(row, text) {
    const trimmed = text.trim();
    if (row.pattern) return new RegExp(row.pattern).test(trimmed) ? { value: trimmed } : { problem: `Must fit ${row.pattern}.` };
    if (trimmed === "") return { problem: "This needs a value." };
    const choices = choicesOf(row);
    if (choices) {
      return choices.includes(trimmed) ? { value: trimmed } : { problem: `One of: ${choices.join(", ")}.` };
    }
    if (!pw.format.known(row.min) && !pw.format.known(row.max)) return { value: trimmed };
    if (!/^[-−]?\d+$/.test(trimmed)) return { problem: "A whole number, without unit or point." };
    const value = Number(trimmed.replace("−", "-"));
    if (value < row.min || value > row.max) return { problem: `From ${row.min} to ${row.max}${row.unit ? " " + row.unit : ""}.` };
    return { value };
  }

  function choicesOf(row) {
    if (Array.isArray(row.choices)) return row.choices.map(String);
    const listed = /^one of: (.+)$/.exec(String(row.help || ""));
    return listed ? listed[1].split(",").map((each) => each.trim()) : null;
  }

  Object.assign(pw, { Store, cleanStatus, judge, choicesOf, STALE_MS });
})((globalThis.Packwarden = globalThis.Packwarden || {}));
