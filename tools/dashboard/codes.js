/* Codes: what stands, what is stored, and what the pack did around a trip.
 *
 * `dtc.list` (or `dtc`) and `dtc.show` are asked for if the firmware has them. A freeze frame is shown by what
 * its names say of themselves (`current_ma`, `cells_mv`, ...), so that one with more in it is shown as well. */
"use strict";

(function (pw) {
  const { h, format } = pw;
  const TIME = /^(t|time|times|at)(_ms|_s)?$/;
  const SCALES = [
    [/_mv$/, 1000, "V", 3, 0.01],
    [/_ma$/, 1000, "A", 2, 1],
    [/_ddegc$/, 10, "°C", 1, 1],
    [/_permille$/, 10, "%", 1, 1],
  ];

  /** Columns of numbers with their times, wherever in a freeze frame they are; null if there are none. */
  function seriesOf(frame) {
    for (const each of [frame, ...Object.values(frame)]) {
      const columns = each !== null && typeof each === "object" ? columnsOf(each) : null;
      if (columns) return timed(columns);
    }
    return null;
  }

  function columnsOf(thing) {
    if (Array.isArray(thing)) {
      const rows = thing.filter((row) => row !== null && typeof row === "object" && !Array.isArray(row));
      if (rows.length < 2 || rows.length !== thing.length) return null;
      return Object.fromEntries(Object.keys(rows[0]).map((name) => [name, rows.map((row) => number(row[name]))]));
    }
    const records = thing.samples || thing.rows;
    if (Array.isArray(records) && Array.isArray(thing.columns)) {
      const rows = records.filter(Array.isArray);
      return rows.length < 2 ? null : Object.fromEntries(thing.columns.map((name, at) => [String(name), rows.map((row) => number(row[at]))]));
    }
    const columns = Object.entries(thing).filter(([, values]) => Array.isArray(values) && values.length > 1 && values.every(isNumberOrNull));
    const length = columns.length ? columns[0][1].length : 0;
    const whole = columns.length >= 2 && columns.every(([, values]) => values.length === length) && columns.some(([name]) => TIME.test(name));
    return whole ? Object.fromEntries(columns) : null;
  }

  function timed(columns) {
    const name = Object.keys(columns).find((each) => TIME.test(each));
    const times = name ? columns[name].map((t) => (name.endsWith("_s") ? t : t / 1000)) : Object.values(columns)[0].map((_, at) => at / 10);
    const rest = Object.fromEntries(Object.entries(columns).filter(([each]) => each !== name));
    return { times, columns: rest };
  }

  const number = (value) => (typeof value === "boolean" ? Number(value) : format.known(value) ? value : null);
  const isNumberOrNull = (value) => value === null || format.known(value);

  /** Which columns share a plot: the same unit, and about the same size. */
  function plotsOf({ times, columns }) {
    const plots = new Map();
    for (const [name, values] of Object.entries(columns)) {
      const scale = SCALES.find(([ending]) => ending.test(name));
      if (!scale || !values.some(format.known)) continue;
      const [, per, unit, precise, least] = scale;
      const key = unit === "V" ? (name.includes("cell") ? "Cells" : "Pack") : unit;
      const digits = key === "Pack" ? 2 : precise;
      const title = { A: "Current", "°C": "Temperature", "%": "Charge" }[key] || key;
      if (!plots.has(key)) plots.set(key, { title, unit, times, least, zero: unit === "A", at: 0, lines: [], write: (value) => `${value.toFixed(digits).replace("-", "−")} ${unit}` });
      const { lines } = plots.get(key);
      lines.push({ name: format.named(name, 0).name, values: values.map((value) => (value === null ? null : value / per)), mark: 1 + (lines.length % 3) });
    }
    return [...plots.values()];
  }

  class CodesView {
    constructor(root, store, session) {
      this.store = store;
      this.session = session;
      this._faults = h("div", {});
      this._codes = h("div", {});
      this._frame = h("div", { className: "frame", "aria-live": "polite" });
      this._refresh = h("button", { type: "button" }, "Read the stored codes");
      this._outcome = h("p", { className: "outcome", role: "status" });
      this._refresh.addEventListener("click", pw.act(this._refresh, this._outcome, () => this.load()));
      root.append(
        h("div", { className: "cards" },
          h("article", { className: "card wide" }, h("h2", {}, "Since power-up"), this._faults),
          h("article", { className: "card wide" }, h("h2", {}, "Stored codes"), h("p", { className: "row" }, this._refresh), this._outcome, this._codes, this._frame)),
      );
    }

    show() {
      this._showFaults();
      this._showCodes();
    }

    _method(...names) {
      return names.find((name) => this.store.has(name));
    }

    _showFaults() {
      const rows = this.store.faults;
      const key = JSON.stringify(rows);
      if (this._faults.dataset.key === key) return;
      this._faults.dataset.key = key;
      this._faults.replaceChildren(
        rows.length
          ? h("ul", { className: "codes" }, rows.map((row) => this._fault(row)))
          : h("p", { className: "none" }, this.store.status ? "Nothing stands, and nothing has since power-up." : "No readings yet."),
      );
    }

    _fault(row) {
      const standing = row.state !== "ok" && row.state !== "OK";
      return h("li", { className: "code", "data-class": standing ? String(row.class) : "" },
        h("p", {}, h("strong", {}, String(row.mnemonic)), " ",
          h("span", { className: "pill" }, `${format.value(row.code)} · ${format.value(row.class)} · ${format.value(row.state)} · seen ${format.value(row.count)} ×`)),
        h("p", {}, pw.sentence(String(row.text || ""))),
        h("p", { className: "advice" }, String(row.advice || "")));
    }

    async load() {
      const method = this._method("dtc.list", "dtc");
      if (!method) throw new Error("This firmware does not keep trouble codes yet; 'Since power-up' above is all it remembers.");
      this.store.takeCodes(await this.session.call(method));
      return this.store.codes.length ? "" : "No codes are stored.";
    }

    _showCodes() {
      const rows = this.store.codes || [];
      const showable = this._method("dtc.show", "dtc");
      const key = JSON.stringify(rows) + showable;
      if (this._codes.dataset.key === key) return;
      this._codes.dataset.key = key;
      this._codes.replaceChildren(
        h("ul", { className: "codes" }, rows.map((row) => {
          const button = h("button", { type: "button" }, "What happened around it");
          const outcome = h("p", { className: "outcome", role: "status" });
          button.addEventListener("click", pw.act(button, outcome, () => this._open(row)));
          return h("li", { className: "code", "data-class": "" },
            h("p", {}, h("strong", {}, format.value(row.mnemonic || row.code)), " ", h("span", { className: "pill" }, summary(row))),
            row.text ? h("p", {}, pw.sentence(String(row.text))) : null,
            row.advice ? h("p", { className: "advice" }, String(row.advice)) : null,
            h("p", { className: "note" }, `First after ${format.duration(row.first_s)} of operation, last after ${format.duration(row.last_s)}.`),
            showable && row.frame !== false ? button : null, outcome);
        })),
      );
    }

    async _open(row) {
      const name = row.mnemonic || row.code;
      const result = await this.session.call(this._method("dtc.show", "dtc"), [name]);
      const draw = () => this._frame.replaceChildren(h("h3", { tabIndex: -1 }, `Freeze frame of ${name}`), ...frameParts(result, pw.roomFor(this._frame)));
      draw(); // how wide a plot may be is known when one stands there
      draw();
      this._frame.firstChild.focus();
      return "";
    }
  }

  /** A code in short: its number, whether it is stored for good, whether it fails now. */
  function summary(row) {
    const state = typeof row.state === "string" ? row.state : format.value(row.status);
    return [format.value(row.code), state, row.failing === true ? "failing now" : "", format.known(row.count) ? `seen ${row.count} ×` : ""]
      .filter(Boolean).join(" · ");
  }

  /** A freeze frame as elements: figures, cells, plots. */
  function frameParts(result, width = 640) {
    if (result === null || typeof result !== "object") return [h("p", { className: "none" }, "There is no freeze frame of this code.")];
    const series = seriesOf(result);
    const plain = {};
    const { text, advice, columns: _columns, samples: _samples, ...rest } = result;
    flatten(rest, plain, 0);
    for (const name of ["n", "mnemonic", "status", "failing", "codes"]) delete plain[name];
    const parts = [];
    if (text) parts.push(h("p", {}, pw.sentence(String(text))));
    if (advice) parts.push(h("p", { className: "advice" }, String(advice)));
    const plots = series ? plotsOf(series).map((options) => pw.figure(captionOf(options), { ...options, width })) : [];
    if (result.frame === null) parts.push(h("p", { className: "note" }, "No freeze frame of this code is kept."));
    else if (!plots.length) parts.push(h("p", { className: "note" }, "This frame holds one moment, and no record of the time around it."));
    return [...parts, h("div", { className: "trend" }, plots), pw.pairs(spelled(plain))];
  }

  /** What the short names of a frame mean. */
  function spelled({ t, soc, fets, seen, cause, params, ...rest }) {
    const first = {};
    if (seen) first.measured = seen;
    if (format.known(t)) first["operating_time_s"] = t;
    if (Array.isArray(soc)) first.charge = `${format.percent(soc[0])} ± ${format.percent(soc[1])}`;
    if (format.known(fets)) first.closed = ["charge", "discharge"].filter((_, bit) => (fets >> bit) & 1).join(" and ") || "neither direction";
    if (cause) rest.started_by = cause;
    if (params !== undefined) rest.version_of_settings = params;
    return { ...first, ...rest };
  }

  /** The title, and which line is which. */
  function captionOf({ title, unit, lines }) {
    const looks = ["solid", "broken", "dotted"];
    const names = lines.length > 1 ? ": " + lines.map((line) => `${line.name.toLowerCase()} (${looks[line.mark - 1]})`).join(", ") : "";
    return `${title} in ${unit}${names}`;
  }

  function flatten(thing, into, depth) {
    for (const [name, value] of Object.entries(thing)) {
      const nested = value !== null && typeof value === "object";
      const short = Array.isArray(value) && value.length <= 32 && value.every((each) => each === null || typeof each !== "object");
      if (value === null || value === undefined) continue;
      if (!nested || short) into[name] = value;
      else if (!Array.isArray(value) && depth < 2) flatten(value, into, depth + 1);
    }
  }

  Object.assign(pw, { CodesView, seriesOf, plotsOf, frameParts });
})((globalThis.Packwarden = globalThis.Packwarden || {}));
