/* What was and what is said: the history of events, the log on flash, and the console itself. */
"use strict";

(function (pw) {
  const { h, say, format } = pw;
  const LOGGED = 200;

  class EventsView {
    constructor(root, store, session) {
      this.store = store;
      this.session = session;
      this._events = h("div", {});
      this._log = h("div", {});
      this._life = h("div", {});
      const refresh = h("button", { type: "button" }, "Read again");
      const load = h("button", { type: "button" }, "Read the log of all boots");
      const outcome = h("p", { className: "outcome", role: "status" });
      refresh.addEventListener("click", pw.act(refresh, outcome, async () => {
        await session.refreshEvents();
        return "";
      }));
      load.addEventListener("click", pw.act(load, outcome, async () => {
        if (!store.has("log")) throw new Error("This firmware does not keep a log on flash yet.");
        const rows = await session.call("log", [LOGGED]);
        this._log.replaceChildren(eventTable("Log on flash, newest first", Array.isArray(rows) ? rows : []));
        return "";
      }));
      const life = h("button", { type: "button" }, "Read the lifetime figures");
      life.addEventListener("click", pw.act(life, outcome, async () => {
        if (!store.has("lifetime")) throw new Error("This firmware does not keep lifetime figures yet.");
        this._life.replaceChildren(h("h3", {}, "Lifetime"), ...lifetimeParts(await session.call("lifetime")));
        return "";
      }));
      root.append(h("article", { className: "card wide" }, h("h2", {}, "Events"),
        h("div", { className: "row" }, refresh, load, life), outcome, this._life, this._events, this._log));
    }

    show() {
      if (this._shown === this.store.events) return;
      this._shown = this.store.events;
      this._events.replaceChildren(eventTable("Since power-up, newest first", this.store.events));
    }
  }

  function eventTable(caption, rows) {
    const cells = [...rows].reverse().map((row) => [
      format.known(row.t_s) ? format.duration(row.t_s) : format.UNKNOWN, format.value(row.event), format.value(row.detail),
    ]);
    return cells.length ? pw.table(caption, ["Operating time", "Event", "Detail"], cells) : h("p", { className: "none" }, "Nothing yet.");
  }

  /** Figures as they are named; an object becomes a table, and so do edges with what lies between them. */
  function lifetimeParts(life) {
    const plain = {};
    const tables = [];
    const taken = new Set();
    for (const [name, edges] of Object.entries(life || {})) {
      const [, about, unit] = /^(.+)_edges(_.+)$/.exec(name) || [];
      const counts = about && life[`${about}_s`];
      if (!Array.isArray(edges) || !Array.isArray(counts) || counts.length !== edges.length + 1) continue;
      taken.add(name).add(`${about}_s`);
      tables.push(bandTable(format.words(about), unit, edges, counts));
    }
    for (const [name, value] of Object.entries(life || {})) {
      if (taken.has(name)) continue;
      const nested = value !== null && typeof value === "object" && !Array.isArray(value);
      if (!nested) plain[name] = value;
      else if (Object.keys(value).length) tables.push(objectTable(format.words(name), value));
    }
    return [pw.pairs(plain), ...tables];
  }

  function bandTable(about, unit, edges, counts) {
    const write = (edge) => format.named(unit, edge).text;
    const rows = counts.map((seconds, at) => [
      at === 0 ? `below ${write(edges[0])}` : at === edges.length ? `${write(edges[at - 1])} and above` : `${write(edges[at - 1])} to ${write(edges[at])}`,
      format.duration(seconds),
    ]);
    return pw.table(`${about}: time spent`, ["Between", "Time"], rows);
  }

  function objectTable(caption, object) {
    const rows = Object.entries(object).map(([name, value]) => {
      const extreme = value !== null && typeof value === "object";
      const said = format.named(name, extreme ? value.value : value);
      const where = extreme && format.known(value.cell) ? `cell ${value.cell}` : "";
      return [said.name, said.text, ...(extreme ? [[where, format.known(value.t_s) ? `after ${format.duration(value.t_s)}` : ""].filter(Boolean).join(", ")] : [])];
    });
    return pw.table(caption, rows.length && rows[0].length > 2 ? ["What", "Figure", "Where and when"] : ["What", "Figure"], rows);
  }

  class ConsoleView {
    constructor(root, store, session) {
      this.store = store;
      this._typed = [];
      this._at = 0;
      this._out = h("pre", { className: "console", role: "log", "aria-label": "What the pack prints", tabIndex: 0 });
      this._in = h("input", { id: "typed", type: "text", autocomplete: "off", autocapitalize: "off", spellcheck: false, maxLength: 1000 });
      const form = h("form", { className: "row" }, h("label", { htmlFor: "typed" }, "Command"), this._in, h("button", { type: "submit" }, "Send"));
      form.addEventListener("submit", (event) => {
        event.preventDefault();
        const line = this._in.value;
        if (line && line === pw.unseen(line)) this._typed.push(line);
        this._at = this._typed.length;
        this._in.value = "";
        session.type(line);
      });
      this._in.addEventListener("keydown", (event) => this._recall(event));
      root.append(h("article", { className: "card wide" }, h("h2", {}, "Console"),
        h("p", { className: "note" }, "The same console as on the serial port: ", h("code", {}, "help"), " lists what it knows. It allows here what it allows there."),
        this._out, form));
      this._shown = 0;
    }

    _recall(event) {
      const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
      if (!step || !this._typed.length) return;
      event.preventDefault();
      this._at = Math.min(this._typed.length, Math.max(0, this._at + step));
      this._in.value = this._typed[this._at] || "";
    }

    show() {
      const { lines } = this.store;
      const atEnd = this._out.scrollTop + this._out.clientHeight >= this._out.scrollHeight - 8;
      const text = lines.map((line) => (line.from === "you" ? "> " : "") + line.text).join("\n");
      say(this._out, text);
      if (atEnd) this._out.scrollTop = this._out.scrollHeight;
    }
  }

  Object.assign(pw, { EventsView, ConsoleView });
})((globalThis.Packwarden = globalThis.Packwarden || {}));
