/* Service: unlock, resets by their four levels, look-alikes, standby and restart.
 *
 * The page asks, the firmware decides. Its guards' sentences are shown as they are; what this page says about
 * the state beforehand is to help, and forbids nothing but an empty confirmation. */
"use strict";

(function (pw) {
  const { h, format } = pw;
  const ISOLATED_MA = 200;
  const TYPED = "ERASE";
  const LEVELS = [
    ["soft", "Soft", "Clears temporary codes and lockouts whose cause is gone, restarts every state machine, reads every sensor afresh. Keeps settings, learned values, confirmed codes and history."],
    ["hard", "Hard", "Also clears stored codes, programs and verifies the front end again, sets the current's zero anew, learns internal resistance again. Keeps settings, capacity and history."],
    ["relearn", "Relearn", "Forgets health and ageing, then learns them anew over a guided cycle: full, rest, empty, rest, full. Keeps settings and lifetime history."],
    ["factory", "Factory", "Settings go back to the defaults of the chemistry, and the path stays open until the pack is commissioned again. Keeps identity and lifetime history."],
  ];

  class ServiceView {
    constructor(root, store, session) {
      this.store = store;
      this.session = session;
      this._checks = h("ul", { className: "checks" });
      this._levels = h("div", { className: "levels" });
      this._unlock = h("div", {});
      this._diagnosis = h("div", {});
      this._learning = h("div", {});
      this._reasons = "";
      this._acts = h("div", {});
      this._commission = new pw.CommissionCard(store, session);
      root.append(h("div", { className: "cards" },
        this._resetCard(),
        h("article", { className: "card" }, h("h2", {}, "Unlock"), this._unlock),
        h("article", { className: "card" }, h("h2", {}, "Look-alikes"),
          h("p", { className: "note" }, "What looks like a bad battery manager, and often is something else."), this._diagnosis),
        h("article", { className: "card" }, h("h2", {}, "Learning cycle"), this._learning),
        this._commission.root,
        h("article", { className: "card wide" }, h("h2", {}, "Path and controller"), this._acts),
        this._versionCard()));
      this._dialog = h("dialog", { "aria-labelledby": "sure-title" });
      root.append(this._dialog);
    }

    show() {
      this._showChecks();
      if (this._methods !== this.store.methods) {
        this._methods = this.store.methods;
        this._buildLevels();
        this._buildUnlock();
        this._buildDiagnosis();
        this._buildLearning();
        this._commission.build();
        this._buildActs();
      }
      const key = JSON.stringify(this.store.version);
      if (this._version.dataset.key !== key) {
        this._version.dataset.key = key;
        this._version.replaceChildren(this.store.version ? pw.pairs(this.store.version) : h("p", { className: "none" }, format.UNKNOWN));
      }
    }

    _versionCard() {
      this._version = h("div", {});
      return h("article", { className: "card wide" }, h("h2", {}, "What runs here"), this._version);
    }

    /** Whether this firmware offers a level, by what it says of its command. */
    _offers(level) {
      const reset = this.store.methods && this.store.methods.get("reset");
      return level === "soft" || Boolean(reset && (reset.help + " " + reset.takes.join(" ")).includes(level));
    }

    _resetCard() {
      const button = h("button", { type: "submit" }, "Ask for the reset");
      const outcome = h("p", { className: "outcome", role: "status", id: "reset-outcome" });
      this._word = h("input", { type: "text", id: "factory-word", autocomplete: "off", spellcheck: false });
      this._wordBox = h("p", { hidden: true }, h("label", { htmlFor: "factory-word" }, `Type ${TYPED} to confirm `), this._word);
      this._resetForm = h("form", {}, h("fieldset", {}, h("legend", {}, "2. Choose what it shall do"), this._levels), this._wordBox, h("p", { className: "row" }, button), outcome);
      this._resetForm.addEventListener("submit", pw.act(button, outcome, () => this._reset()));
      this._resetForm.addEventListener("change", () => {
        this._wordBox.hidden = this._level() !== "factory";
      });
      return h("article", { className: "card wide", "aria-labelledby": "reset-title" },
        h("h2", { id: "reset-title" }, "Reset"),
        h("h3", {}, "1. Take the pack off charger and load, and mend what tripped"),
        this._checks, this._resetForm);
    }

    _level() {
      const chosen = this._resetForm.querySelector("input[type=radio]:checked");
      return chosen ? chosen.value : "soft";
    }

    async _reset() {
      const level = this._level();
      const takes = this.store.has("reset") ? this.store.methods.get("reset").takes : [];
      const params = [level];
      if (level === "factory") {
        const word = this._word.value.trim();
        if (!word) throw new Error(`Type ${TYPED} to confirm; nothing was asked for.`);
        if (takes.length > 1) params.push(word); // whether it is the right one is for the firmware to say
      }
      const result = await this.session.call("reset", params);
      this._word.value = "";
      const sentence = pw.sentence(String((result && result.reason) || format.value(result)));
      if (result && result.accepted === false) throw new Error(sentence);
      if (level === "relearn") this._showLearning().catch(() => {});
      return sentence;
    }

    _buildLevels() {
      this._levels.replaceChildren(...LEVELS.map(([level, name, does]) => {
        const offered = this._offers(level);
        const id = `level-${level}`;
        return h("div", { className: "level" },
          h("input", { type: "radio", name: "level", id, value: level, checked: level === "soft", disabled: !offered, "aria-describedby": `${id}-does` }),
          h("label", { htmlFor: id }, name),
          h("p", { id: `${id}-does`, className: "note" }, offered ? does : "This firmware does not offer it yet."));
      }));
    }

    _showChecks() {
      const status = this.store.status;
      const checks = [];
      if (status) {
        const idle = format.known(status.current_ma) && Math.abs(status.current_ma) < ISOLATED_MA;
        checks.push([idle, idle ? `No current flows (${format.amps(status.current_ma)}).` : `Current flows (${format.amps(status.current_ma)}): unplug charger and load.`]);
        checks.push([!status.faults.length, status.faults.length ? `Standing: ${status.faults.join(", ")}. Live tells what to do.` : "No fault stands."]);
        if (status.service_needed) checks.push([false, `Service is needed: ${this._reasons || "have the pack inspected."}`]);
        this._askReasons(status.service_needed);
      }
      pw.rebuild(this._checks, checks.length ? checks.map(([good, text]) => `${good ? "good" : "bad"}|${text}`) : ["|No readings yet."], (text) => {
        const [kind, words] = text.split("|");
        return h("li", { "data-kind": kind }, words);
      });
    }

    /** Why service is needed, once each time that it becomes so. */
    _askReasons(needed) {
      if (needed === this._needed || (needed && !this.store.has("service"))) return;
      this._needed = needed;
      this._reasons = "";
      if (!needed) return;
      this.session.call("service").then(
        (found) => {
          this._reasons = found && Array.isArray(found.reasons) ? found.reasons.map((each) => pw.sentence(String(each))).join(" ") : "";
          this._showChecks();
        },
        () => {
          this._needed = undefined; // asked again with the next reading
        },
      );
    }

    _buildLearning() {
      if (!this.store.has("relearn")) {
        this._learning.replaceChildren(h("p", { className: "none" }, this.store.methods ? "This firmware has no learning cycle yet." : "Connect to a pack first."));
        return;
      }
      const button = h("button", { type: "button" }, "Where it stands");
      const end = h("button", { type: "button" }, "Break it off");
      const outcome = h("p", { className: "outcome", role: "status" });
      this._step = h("div", { "aria-live": "polite" });
      button.addEventListener("click", pw.act(button, outcome, () => this._showLearning()));
      end.addEventListener("click", async () => {
        if (!(await this._sure("Break it off", "What it has learned so far is given up."))) return;
        pw.act(end, outcome, () => this._showLearning("abort"))();
      });
      this._learning.replaceChildren(h("p", { className: "note" }, "Begins with the reset of that name; goes on over power cuts."),
        h("div", { className: "row" }, button, end), outcome, this._step);
    }

    async _showLearning(what) {
      const { step, number, of: last, text, advice, left_min: left, ...rest } = await this.session.call("relearn", what ? [what] : undefined);
      const figures = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== null));
      this._step.replaceChildren(
        h("p", {}, h("strong", {}, format.words(String(step))), " ", h("span", { className: "pill" }, `step ${format.value(number)} of ${format.value(last)}`)),
        text ? h("p", {}, pw.sentence(String(text))) : "",
        advice ? h("p", { className: "advice" }, String(advice)) : "",
        format.known(left) ? h("p", {}, `About ${format.duration(left * 60)} left.`) : "",
        pw.pairs(figures));
      return "";
    }

    _buildUnlock() {
      const method = this.store.methods && this.store.methods.get("unlock");
      if (!method) {
        this._unlock.replaceChildren(h("p", { className: "none" }, "Connect to a pack first."));
        return;
      }
      const secret = method.takes.length > 0;
      const pin = h("input", { type: "password", id: "pin", autocomplete: "off" });
      const unlock = h("button", { type: "submit" }, "Unlock");
      const lock = h("button", { type: "button" }, "Lock");
      const outcome = h("p", { className: "outcome", role: "status" });
      const form = h("form", { className: "row" }, secret ? [h("label", { htmlFor: "pin" }, "PIN"), pin] : null, unlock, lock);
      form.addEventListener("submit", pw.act(unlock, outcome, async () => {
        const given = pin.value;
        pin.value = "";
        const result = await this.session.call("unlock", given ? [given] : undefined);
        const left = result && format.known(result.unlocked_s) ? ` for ${Math.round(result.unlocked_s / 60)} minutes` : "";
        return `Unlocked${left}.`;
      }));
      lock.addEventListener("click", pw.act(lock, outcome, async () => {
        await this.session.call("lock");
        return "Locked.";
      }));
      const how = secret ? " Type its PIN; while none is set, leave that empty and hold the pack's button down." : "";
      this._unlock.replaceChildren(h("p", { className: "note" }, pw.sentence(method.help) + how), form, outcome);
    }

    _buildDiagnosis() {
      if (!this.store.has("diagnose")) {
        this._diagnosis.replaceChildren(h("p", { className: "none" }, this.store.methods ? "This firmware does not diagnose yet." : "Connect to a pack first."));
        return;
      }
      const button = h("button", { type: "button" }, "Diagnose");
      const outcome = h("p", { className: "outcome", role: "status" });
      const list = h("ul", { className: "codes" });
      button.addEventListener("click", pw.act(button, outcome, async () => {
        const found = await this.session.call("diagnose");
        const rows = Array.isArray(found) ? found : [];
        list.replaceChildren(...rows.map((row) => h("li", { className: "code" },
          h("p", {}, h("strong", {}, pw.sentence(format.value(row.text || row.cause))), " ", h("span", { className: "pill" }, speaksFor(row))),
          row.evidence ? h("p", {}, pw.sentence(format.value(row.evidence))) : null, h("p", { className: "advice" }, format.value(row.advice)))));
        return rows.length ? "" : "Nothing stands out.";
      }));
      this._diagnosis.replaceChildren(h("p", {}, button), outcome, list);
    }

    _buildActs() {
      const acts = [
        ["selftest", "Self-test", ""],
        ["standby", "Open the path", "The pack gives and takes nothing until 'Close the path'."],
        ["resume", "Close the path", "After three good scans the path closes."],
        ["reboot", "Restart the controller", "The path opens while it restarts."],
        ["ship", "Sleep for transport", "The pack goes dead until the button wakes the controller and a charger the front end."],
      ].filter(([method]) => this.store.has(method));
      const outcome = h("p", { className: "outcome", role: "status" });
      const buttons = acts.map(([method, name, warning]) => {
        const button = h("button", { type: "button" }, name);
        button.addEventListener("click", async () => {
          if (warning && !(await this._sure(name, warning))) return;
          pw.act(button, outcome, async () => `${name}: ${format.value(await this.session.call(method))}.`)();
        });
        return button;
      });
      this._acts.replaceChildren(buttons.length ? h("div", { className: "row" }, buttons) : h("p", { className: "none" }, "Connect to a pack first."), outcome);
    }

    _sure(name, warning) {
      return new Promise((resolve) => {
        const no = h("button", { type: "button", onclick: () => this._dialog.close("no") }, "Back");
        const yes = h("button", { type: "button", onclick: () => this._dialog.close("yes") }, name);
        this._dialog.replaceChildren(h("h2", { id: "sure-title" }, `${name}?`), h("p", {}, warning), h("div", { className: "row" }, no, yes));
        this._dialog.returnValue = "no";
        this._dialog.onclose = () => resolve(this._dialog.returnValue === "yes");
        this._dialog.showModal();
        no.focus();
      });
    }
  }

  /** What was seen that speaks for a cause. */
  function speaksFor(row) {
    const figure = format.known(row.figure) ? `${row.figure} ${row.unit || ""}; ${format.value(row.enough)} are enough` : "";
    const confidence = row.confidence === undefined ? "" : `confidence ${format.value(row.confidence)}`;
    return [format.known(row.cell) ? `cell ${row.cell}` : "", figure, confidence].filter(Boolean).join(" · ");
  }

  Object.assign(pw, { ServiceView });
})((globalThis.Packwarden = globalThis.Packwarden || {}));
