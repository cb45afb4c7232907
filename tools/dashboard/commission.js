/* Commissioning, guided: the steps as the firmware holds them, the next one to begin, what it asks for meanwhile.
 *
 * The page only leads: the firmware says what is next, judges and remembers, so that one may leave at any time. */
"use strict";

(function (pw) {
  const { h, say, format } = pw;
  const LOOK_MS = 1000;
  const WORDS = { passed: "passed", running: "under way", failed: "not passed", later: "later", "to do": "to do" };
  const KINDS = { passed: "good", failed: "bad" };
  const METERS = { volts: "What the meter shows from B- to B+, in volts", amps: "What the meter shows, in amps; or the word label" };

  class CommissionCard {
    constructor(store, session) {
      this.store = store;
      this.session = session;
      this._body = h("div", {});
      this.root = h("article", { className: "card wide", "aria-labelledby": "commission-title" }, h("h2", { id: "commission-title" }, "Commissioning"), this._body);
    }

    /** For another pack, or none. */
    build() {
      this._found = null;
      clearTimeout(this._timer);
      if (!this.store.has("commission")) {
        this._body.replaceChildren(h("p", { className: "none" }, this.store.methods ? "This firmware knows no commissioning yet." : "Connect to a pack first."));
        return;
      }
      this._steps = h("ol", { className: "codes" });
      this._says = h("p", { className: "advice", "aria-live": "polite" });
      this._outcome = h("p", { className: "outcome", role: "status", id: "commission-outcome" });
      this._figure = h("input", { type: "text", id: "meter", autocomplete: "off", inputMode: "decimal" });
      this._label = h("label", { htmlFor: "meter" });
      this._meter = h("p", { hidden: true }, this._label, " ", this._figure);
      this._go = h("button", { type: "submit" }, "Where it stands");
      this._end = h("button", { type: "button", hidden: true }, "Break it off");
      const form = h("form", {}, this._meter, h("p", { className: "row" }, this._go, this._end));
      form.addEventListener("submit", pw.act(this._go, this._outcome, () => this._next()));
      this._end.addEventListener("click", pw.act(this._end, this._outcome, () => this._ask("abort")));
      this._body.replaceChildren(h("p", { className: "note" }, "Nothing closes before the wiring is proven. What is passed stays, also over a power cut."), this._says, form, this._outcome, this._steps);
    }

    /** Begin what is next, give a running step its figure, or only look. */
    async _next() {
      const found = this._found;
      if (!found) return this._ask();
      const figure = this._figure.value.trim().replace(",", ".");
      if (found.running) return figure ? this._ask(found.running, figure) : this._ask();
      if (!found.next) return this._ask();
      if (found.next === "volts" && !figure) throw new Error("Say first what the meter shows.");
      return this._ask(found.next, figure);
    }

    async _ask(...words) {
      this._show(await this.session.call("commission", words.filter(Boolean)));
      this._figure.value = "";
      return "";
    }

    _show(found) {
      this._found = found;
      const name = found.running || found.next;
      const meter = METERS[name];
      this._meter.hidden = !meter;
      if (meter) say(this._label, meter);
      this._end.hidden = !found.running;
      say(this._go, found.running ? (meter ? "Send the figure" : "Look again") : found.next ? `Begin: ${found.next}` : "Where it stands");
      const next = !found.running && found.next ? `Next, ${found.next}: ${found.do}` : "";
      const last = found.says ? `${found.doing}: ${found.says}. ` : "";
      say(this._says, found.commissioned ? `${last}Commissioned: the path may close.` : last + next);
      this._steps.replaceChildren(...found.steps.map((row) => h("li", { className: "code" },
        h("strong", {}, row.step), " ",
        h("span", { className: "pill", "data-kind": KINDS[row.state] || "" }, WORDS[row.state] || row.state),
        h("p", {}, pw.sentence(format.value(row.seen || row.text))))));
      clearTimeout(this._timer);
      if (found.running) this._timer = setTimeout(() => this._look(), LOOK_MS);
    }

    /** A look by itself, which never takes a half-typed figure away. */
    async _look() {
      try {
        this._show(await this.session.call("commission"));
      } catch {
        this._timer = setTimeout(() => this._look(), LOOK_MS); // it restarts with a new shunt, or the line is lost
      }
    }
  }

  Object.assign(pw, { CommissionCard });
})((globalThis.Packwarden = globalThis.Packwarden || {}));
