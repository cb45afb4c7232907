/* Settings: a form made from the firmware's own table of parameters.
 *
 * What the form checks is for comfort; what counts is the firmware, which checks the set as a whole and refuses
 * it whole. Nothing is stored before `save`, and after a refusal nothing stays staged. */
"use strict";

(function (pw) {
  const { h, say, format } = pw;
  const GROUPS = [
    ["mV", "Voltages"],
    ["mA", "Currents"],
    ["ddegC", "Temperatures (tenths of a degree)"],
  ];
  const TIMES = ["ms", "us", "s", "min", "h", "d"];

  function groupOf(row) {
    if (row.group) return format.words(String(row.group));
    if (TIMES.includes(row.unit)) return "Times";
    const found = GROUPS.find(([unit]) => unit === row.unit);
    return found ? found[1] : "Pack and board";
  }

  /** Rows of `params`, with what `params.schema` adds to them: a list of rows, or a JSON Schema of an object. */
  function enrich(rows, schema) {
    const extra = new Map();
    if (Array.isArray(schema)) schema.forEach((row) => row && extra.set(row.name, row));
    const properties = schema && !Array.isArray(schema) && schema.properties;
    for (const [name, one] of Object.entries(properties || {})) {
      if (one === null || typeof one !== "object") continue;
      extra.set(name, {
        min: one.minimum, max: one.maximum, default: one.default, choices: one.enum, pattern: one.pattern,
        help: one.description, unit: one.unit || one["x-unit"], group: one.group || one["x-group"], access: one.access || one["x-access"],
      });
    }
    return rows.map((row) => {
      const more = extra.get(row.name) || {};
      const given = Object.fromEntries(Object.entries(more).filter(([key, value]) => value !== undefined && value !== null && key !== "value"));
      return { ...given, ...Object.fromEntries(Object.entries(row).filter(([, value]) => value !== null && value !== undefined)), value: row.value };
    });
  }

  class SettingsView {
    constructor(root, store, session) {
      this.store = store;
      this.session = session;
      this.fields = new Map();
      this._load = h("button", { type: "button" }, "Read the settings");
      this._outcome = h("p", { className: "outcome", role: "status" });
      this._filter = h("input", { type: "search", id: "filter", autocomplete: "off" });
      this._groups = h("div", { className: "groups" });
      this._changes = h("p", { className: "changes", role: "status" });
      this._save = h("button", { type: "submit", disabled: true }, "Review and save …");
      this._undo = h("button", { type: "button", disabled: true }, "Undo my changes");
      this._bar = h("div", { className: "savebar", hidden: true }, this._changes, this._undo, this._save);
      this._form = h("form", { noValidate: true, onsubmit: (event) => this._review(event) }, this._groups, this._bar);
      this._dialog = h("dialog", { "aria-labelledby": "review-title" });
      this._load.addEventListener("click", pw.act(this._load, this._outcome, () => this.load()));
      this._undo.addEventListener("click", () => this._refill());
      this._filter.addEventListener("input", () => this._sift());
      root.append(
        h("article", { className: "card wide" },
          h("h2", {}, "Settings"),
          h("p", { className: "note" }, "The firmware checks a changed set as a whole and takes it whole or not at all. Saving opens the path and restarts the controller. ",
            "Changes need the pack unlocked: see Service."),
          h("div", { className: "row" }, this._load, h("label", { htmlFor: "filter" }, "Find"), this._filter),
          this._outcome, this._form),
        this._dialog,
      );
    }

    show() {
      if (this._shown === this.store.params) return;
      this._shown = this.store.params;
      this._build(this.store.params || []);
    }

    async load() {
      const rows = await this.session.call("params");
      if (!Array.isArray(rows)) throw new Error("This firmware does not list its parameters in a form that this page knows.");
      const schema = this.store.has("params.schema") ? await this.session.call("params.schema").catch(() => null) : null;
      this.store.takeParams(enrich(rows, schema));
      return `${this.store.params.length} settings.`;
    }

    _build(rows) {
      this.fields.clear();
      const groups = new Map();
      for (const row of rows) {
        const name = groupOf(row);
        if (!groups.has(name)) groups.set(name, []);
        groups.get(name).push(this._field(row));
      }
      this._groups.replaceChildren(...[...groups].map(([name, fields]) => h("fieldset", {}, h("legend", {}, name), fields)));
        this._count();
    }

    _field(row) {
      const id = `set-${row.name}`;
      const choices = pw.choicesOf(row);
      const value = row.value === null || row.value === undefined ? "" : String(row.value);
      const input = choices
        ? h("select", { id }, (choices.includes(value) ? choices : ["", ...choices]).map((each) => h("option", { value: each }, each || "not set")))
        : h("input", { id, type: "text", inputMode: "numeric", autocomplete: "off", spellcheck: false });
      input.value = value;
      input.setAttribute("aria-describedby", `${id}-help ${id}-problem`);
      const problem = h("p", { id: `${id}-problem`, className: "problem" });
      const bounds = format.known(row.min) ? ` ${row.min} to ${row.max}${row.unit ? " " + row.unit : ""}.` : "";
      const standard = format.known(row.default) || typeof row.default === "string" ? ` Default ${row.default}.` : "";
      const box = h("div", { className: "field" },
        h("label", { htmlFor: id }, row.name),
        h("span", { className: "entry" }, input, row.unit ? h("span", { className: "unit" }, row.unit) : null),
        h("p", { id: `${id}-help`, className: "note" }, pw.sentence(String(row.help || "")) + bounds + standard),
        problem);
      const field = { row, input, problem, box, value };
      input.addEventListener("input", () => this._judge(field));
      this.fields.set(row.name, field);
      return box;
    }

    _judge(field) {
      const changed = field.input.value.trim() !== field.value;
      const verdict = changed ? pw.judge(field.row, field.input.value) : {};
      say(field.problem, verdict.problem || "");
      field.input.setAttribute("aria-invalid", verdict.problem ? "true" : "false");
      field.box.classList.toggle("changed", changed);
      this._count();
    }

    /** What was changed, and whether all of it can be sent. */
    changes() {
      const found = [];
      for (const { row, input, value } of this.fields.values()) {
        if (input.value.trim() !== value) found.push({ name: row.name, unit: row.unit || "", before: value, ...pw.judge(row, input.value) });
      }
      return found;
    }

    _count() {
      const changes = this.changes();
      const wrong = changes.filter((each) => each.problem).length;
      say(this._changes, changes.length ? `${changes.length} changed${wrong ? `, ${wrong} not right yet` : ""}.` : "Nothing changed.");
      this._bar.hidden = !changes.length;
      this._save.disabled = !changes.length || wrong > 0;
      this._undo.disabled = !changes.length;
    }

    _refill() {
      for (const field of this.fields.values()) {
        field.input.value = field.value;
        this._judge(field);
      }
    }

    _sift() {
      const wanted = this._filter.value.trim().toLowerCase();
      for (const { row, box } of this.fields.values()) box.hidden = !`${row.name} ${row.help}`.toLowerCase().includes(wanted);
      for (const group of this._groups.children) group.hidden = [...group.querySelectorAll(".field")].every((box) => box.hidden);
    }

    _review(event) {
      event.preventDefault();
      const changes = this.changes();
      if (!changes.length || changes.some((each) => each.problem)) return;
      const outcome = h("p", { className: "outcome", role: "status" });
      const send = h("button", { type: "button" }, "Send and save");
      const close = h("button", { type: "button", onclick: () => this._dialog.close() }, "Back");
      send.addEventListener("click", pw.act(send, outcome, () => this._send(changes)));
      this._dialog.replaceChildren(
        h("h2", { id: "review-title" }, "Save these settings?"),
        pw.table("Changes", ["Setting", "Now", "New", "Unit"], changes.map((each) => [each.name, each.before || format.UNKNOWN, String(each.value), each.unit])),
        h("p", {}, "The path opens, the controller restarts with the new set, and closes the path again once everything is checked."),
        outcome, h("div", { className: "row" }, close, send));
      this._dialog.showModal();
      close.focus();
    }

    async _send(changes) {
      try {
        for (const { name, value } of changes) await this.session.call("set", [name, String(value)]);
        await this.session.call("save");
      } catch (error) {
        await this.session.call("revert").catch(() => {});
        throw error;
      }
      for (const { name } of changes) {
        const field = this.fields.get(name);
        field.value = field.input.value.trim();
        this._judge(field);
      }
      this._dialog.close();
      say(this._outcome, "Saved; the controller restarts with the new settings. Read them again to see what it made of them.");
      return "Saved.";
    }
  }

  Object.assign(pw, { SettingsView, enrich, groupOf });
})((globalThis.Packwarden = globalThis.Packwarden || {}));
