/* The first view: is it safe, how full is it, what flows, what is warm, which cell is out of line. */
"use strict";

(function (pw) {
  const { h, say, format } = pw;
  const IDLE_MA = 50;
  const MODES = {
    boot: ["Starting", "wait"],
    selftest: ["Checking itself", "wait"],
    standby: ["Standby", "wait"],
    precharge: ["Precharging", "wait"],
    active: ["Active", "good"],
    charge_only: ["Charging only", "warn"],
    discharge_only: ["Discharging only", "warn"],
    limp: ["Reduced current", "warn"],
    fault: ["Open: fault", "bad"],
    permanent: ["Open for good", "bad"],
    ship: ["Asleep for transport", "wait"],
  };

  function modeOf(status) {
    return MODES[status.mode] || [format.words(status.mode), "wait"];
  }

  class LiveView {
    constructor(root, store) {
      this.store = store;
      this._cells = [];
      this._n = {};
      root.append(this._build());
    }

    _build() {
      const n = this._n;
      const line = (name, tag = "p", className = "") => (n[name] = h(tag, { className }));
      return h(
        "div",
        { className: "cards" },
        h(
          "article",
          { className: "card wide", "aria-labelledby": "state-title" },
          h("h2", { id: "state-title" }, "State"),
          h("div", { className: "state" }, line("mode", "strong", "mode"), line("layer", "span", "pill")),
          line("why", "p", "why"),
          h("ul", { className: "switches" }, line("chg", "li"), line("dsg", "li"), line("service", "li", "service")),
        ),
        h(
          "article",
          { className: "card", "aria-labelledby": "charge-title" },
          h("h2", { id: "charge-title" }, "Charge"),
          h("p", { className: "figure" }, line("soc", "strong"), line("sigma", "span", "plusminus")),
          (n.meter = h("div", { className: "meter", "aria-hidden": "true" }, (n.fill = h("i")), (n.unsure = h("b")))),
          line("settling", "p", "note"),
          line("health", "p", "note"),
        ),
        h(
          "article",
          { className: "card", "aria-labelledby": "current-title" },
          h("h2", { id: "current-title" }, "Current"),
          h("p", { className: "figure" }, line("current", "strong"), line("direction", "span", "plusminus")),
          (n.gauge = h("div", { className: "gauge", "aria-hidden": "true" }, (n.flow = h("i")), h("b"))),
          h("dl", { className: "pairs" },
            h("dt", {}, "Discharge limit"), line("discharge_limit", "dd"),
            h("dt", {}, "Charge limit"), line("charge_limit", "dd"),
            h("dt", {}, "Pack"), line("pack", "dd"),
            h("dt", {}, "Power"), line("power", "dd")),
        ),
        h(
          "article",
          { className: "card", "aria-labelledby": "temps-title" },
          h("h2", { id: "temps-title" }, "Temperatures"),
          (n.temps = h("ul", { className: "temps" })),
          line("uptime", "p", "note"),
        ),
        h(
          "article",
          { className: "card wide", "aria-labelledby": "now-title" },
          h("h2", { id: "now-title" }, "Wrong now, and what to do"),
          (n.faults = h("ul", { className: "codes" })),
        ),
        h(
          "article",
          { className: "card wide", "aria-labelledby": "cells-title" },
          h("h2", { id: "cells-title" }, "Cells"),
          line("spread", "p", "note"),
          (n.cells = h("ol", { className: "cells" })),
        ),
        h(
          "article",
          { className: "card wide", "aria-labelledby": "trend-title" },
          h("h2", { id: "trend-title" }, "Last ten minutes"),
          (n.trend = h("div", { className: "trend" })),
        ),
      );
    }

    /** Put the newest reading on the screen. */
    show() {
      const status = this.store.status;
      const n = this._n;
      if (!status) {
        say(n.mode, "No readings yet");
        n.mode.dataset.kind = "wait";
        say(n.layer, "");
        say(n.why, "Connect to a pack, or open a recording.");
        for (const name of ["soc", "current", "discharge_limit", "charge_limit", "pack", "power"]) say(n[name], format.UNKNOWN);
        for (const name of ["sigma", "direction", "settling", "health", "uptime", "spread", "chg", "dsg", "service"]) say(n[name], "");
        this._faults([]);
        this._cellRows([], 0);
        this._temps([]);
        this._charge(null, null);
        this._flow(null);
        n.trend.replaceChildren();
        return;
      }
      const [word, kind] = modeOf(status);
      say(n.mode, word);
      n.mode.dataset.kind = kind;
      const armed = status.silicon ? "Protected: AFE armed and verified" : "NO SILICON PROTECTION: the firmware alone";
      say(n.layer, status.protected ? armed : "NOT PROTECTED");
      n.layer.dataset.kind = status.protected && status.silicon ? "good" : "bad";
      say(n.why, sentence(status.why));
      this._switch(n.chg, "Charging", status.chg_fet);
      this._switch(n.dsg, "Discharging", status.dsg_fet);
      say(n.service, status.service_needed ? "Service needed" : "");
      const measured = status.cells_mv.length > 0;
      say(n.soc, format.percent(status.soc_permille));
      say(n.sigma, format.known(status.soc_sigma_permille) ? "± " + format.percent(status.soc_sigma_permille) : "");
      const left = status.soc_settling_left_min;
      const settling = format.known(left) ? `Settling: about ${left} min of use left.` : "Settling: not sure yet.";
      say(n.settling, status.soc_settling ? settling : "");
      say(n.health, format.known(status.soh_permille) ? "Health " + format.percent(status.soh_permille) : "");
      this._charge(status.soc_permille, status.soc_sigma_permille);
      const current_ma = measured ? status.current_ma : null;
      say(n.current, format.amps(current_ma));
      say(n.direction, direction(current_ma));
      this._flow(current_ma);
      say(n.discharge_limit, format.amps(status.discharge_limit_ma));
      say(n.charge_limit, format.amps(status.charge_limit_ma));
      say(n.pack, measured ? format.packVolts(status.pack_mv) : format.UNKNOWN);
      say(n.power, measured ? format.watts(status.pack_mv, current_ma) : format.UNKNOWN);
      say(n.uptime, `Running for ${format.duration(status.uptime_ms === null ? null : status.uptime_ms / 1000)}.`);
      this._temps(status.temps_ddegc);
      this._faults(status.faults);
      this._cellRows(status.cells_mv, status.balance_mask || 0);
      this._trend();
    }

    _switch(node, what, closed) {
      say(node, closed === null ? "" : `${what} ${closed ? "on" : "off"}`);
      node.dataset.kind = closed ? "good" : "bad";
    }

    _charge(permille, sigma) {
      const n = this._n;
      const share = (value) => `${Math.min(100, Math.max(0, value / 10))}%`;
      n.fill.style.width = format.known(permille) ? share(permille) : "0";
      const unsure = format.known(permille) && format.known(sigma);
      n.unsure.style.left = unsure ? share(permille - sigma) : "0";
      n.unsure.style.right = unsure ? `${100 - Math.min(100, Math.max(0, (permille + sigma) / 10))}%` : "100%";
    }

    /** A bar from the middle: to the right charges. Its end is the limit of that direction. */
    _flow(current_ma) {
      const n = this._n;
      const status = this.store.status;
      const limit = current_ma > 0 ? status.charge_limit_ma : current_ma < 0 ? status.discharge_limit_ma : null;
      const flows = format.known(current_ma) && Math.abs(current_ma) >= IDLE_MA;
      const share = flows ? (limit > 0 ? Math.min(1, Math.abs(current_ma) / limit) : 1) : 0;
      n.flow.style.left = current_ma < 0 ? `${50 - 50 * share}%` : "50%";
      n.flow.style.width = `${50 * share}%`;
      n.flow.dataset.kind = share >= 0.95 ? "warn" : "";
    }

    _temps(temps) {
      rebuild(this._n.temps, temps.map((each, at) => `Sensor ${at + 1}: ${format.degrees(each)}`), (text) => h("li", {}, text));
    }

    _faults(names) {
      const told = new Map(this.store.faults.map((each) => [each.mnemonic, each]));
      const texts = names.map((name) => {
        const row = told.get(name);
        return row ? `${name}|${row.code}|${row.class}|${row.text}|${row.advice}` : name;
      });
      rebuild(this._n.faults, texts.length ? texts : [this.store.status ? "|nothing" : "|"], (text) => {
        const [name, code, kind, meaning, advice] = text.split("|");
        if (!name) return h("li", { className: "none" }, code ? "Nothing." : format.UNKNOWN);
        return h("li", { className: "code", "data-class": kind || "" },
          h("p", {}, h("strong", {}, name), " ", h("span", { className: "pill" }, [kind, code].filter(Boolean).join(" · "))),
          meaning ? h("p", {}, sentence(meaning)) : null,
          advice ? h("p", { className: "advice" }, advice) : null);
      });
    }

    _cellRows(cells, mask) {
      const n = this._n;
      while (this._cells.length < cells.length) this._cells.push(this._cellRow(this._cells.length + 1));
      while (this._cells.length > cells.length) this._cells.pop().row.remove();
      const values = cells.filter(format.known);
      if (!values.length) {
        say(n.spread, this.store.status ? "No readings yet." : "");
        return;
      }
      const low = Math.min(...values);
      const high = Math.max(...values);
      const bled = cells.map((_, at) => at + 1).filter((cell) => hasBit(mask, cell - 1));
      say(n.spread, `${format.volts(low)} (cell ${cells.indexOf(low) + 1}) to ${format.volts(high)} (cell ${cells.indexOf(high) + 1}), `
        + `spread ${high - low} mV. Balancing: ${bled.length ? "cell " + bled.join(", ") : "none"}.`);
      const [from, to] = this._scale(low, high);
      cells.forEach((mv, at) => {
        const cell = this._cells[at];
        const bleeding = hasBit(mask, at);
        say(cell.volts, format.volts(mv));
        say(cell.above, format.known(mv) ? (mv === low ? "lowest" : `+${mv - low} mV`) : "");
        say(cell.mark, bleeding ? "balancing" : "");
        cell.bar.style.width = format.known(mv) ? `${(100 * (mv - from)) / (to - from)}%` : "0";
        cell.row.classList.toggle("bleeding", bleeding);
        cell.row.dataset.place = mv === high && high > low ? "highest" : mv === low && high > low ? "lowest" : "";
      });
    }

    /** From the empty to the full end of these cells: by their limits if they are known, else by what is seen. */
    _scale(low, high) {
      const params = new Map((this.store.params || []).map((row) => [row.name, row.value]));
      const [uv, ov] = [params.get("cell_uv_mv"), params.get("cell_ov_mv")];
      if (format.known(uv) && format.known(ov) && ov > uv) return [Math.min(uv, low) - 20, Math.max(ov, high)];
      const air = Math.max(40, (high - low) * 0.4);
      return [low - 3 * air, high + air];
    }

    _cellRow(number) {
      const cell = { volts: h("span", { className: "volts" }), above: h("span", { className: "above" }), mark: h("span", { className: "mark" }), bar: h("i") };
      cell.row = h("li", {}, h("span", { className: "number" }, `Cell ${number}`),
        h("span", { className: "bar", "aria-hidden": "true" }, cell.bar), cell.volts, cell.above, cell.mark);
      this._n.cells.append(cell.row);
      return cell;
    }

    _trend() {
      const { trend } = this.store;
      const last_ms = trend[trend.length - 1].t_ms;
      const times = trend.map((each) => (each.t_ms - last_ms) / 1000);
      const column = (name, scale) => trend.map((each) => (each[name] === null ? null : each[name] / scale));
      const common = { width: pw.roomFor(this._n.trend), times, from: Math.min(-60, times[0]), to: 0, hole: 10 };
      const soc = column("soc", 10);
      const sigma = column("sigma", 10);
      this._n.trend.replaceChildren(
        figure("Current (above zero charges)", { ...common, title: "Current", unit: "ampere", zero: true, least: 1, write: (value) => short(value) + " A",
          lines: [{ name: "current", values: column("current_ma", 1000), mark: 1 }] }),
        figure("Highest cell, and lowest (broken line)", { ...common, title: "Cells", unit: "volt", least: 0.01, write: (value) => value.toFixed(3) + " V",
          lines: [{ name: "highest cell", values: column("max_mv", 1000), mark: 1 }, { name: "lowest cell", values: column("min_mv", 1000), mark: 2 }] }),
        figure("Charge and how sure it is", { ...common, title: "Charge", unit: "percent", least: 2, write: (value) => short(value) + " %",
          lines: [{ name: "charge", values: soc, mark: 1 }],
          band: { low: soc.map((each, at) => each - sigma[at]), high: soc.map((each, at) => each + sigma[at]) } }),
      );
    }
  }

  function figure(caption, options) {
    return h("figure", {}, h("figcaption", {}, caption), pw.plot(options));
  }

  /** Replace a list only when it says something else than before. */
  function rebuild(node, texts, make) {
    const key = texts.join("\n");
    if (node.dataset.key === key) return;
    node.dataset.key = key;
    node.replaceChildren(...texts.map(make));
  }

  function direction(ma) {
    if (!format.known(ma)) return "";
    return Math.abs(ma) < IDLE_MA ? "idle" : ma > 0 ? "charging" : "discharging";
  }

  /** Bit `at` of a mask that may be wider than the 32 bits of `&`. */
  function hasBit(mask, at) {
    return Math.floor(mask / 2 ** at) % 2 === 1;
  }

  function sentence(text) {
    if (!text) return "";
    const whole = text.charAt(0).toUpperCase() + text.slice(1);
    return /[.!?]$/.test(whole) ? whole : whole + ".";
  }

  const short = (value) => String(Number(value.toFixed(2))).replace("-", "−");

  Object.assign(pw, { LiveView, modeOf, sentence, figure, rebuild });
})((globalThis.Packwarden = globalThis.Packwarden || {}));
