/* Plots, drawn by hand as SVG: small, sharp at any size, printable, coloured by the style sheet. */
"use strict";

(function (pw) {
  const NAMESPACE = "http://www.w3.org/2000/svg";
  const WIDTH = 640;
  const NARROWEST = 260;
  const WIDEST = 760;
  const LEFT = 58;
  const RIGHT = 14;
  const known = (value) => typeof value === "number" && Number.isFinite(value);

  function svg(tag, attributes, ...children) {
    const node = document.createElementNS(NAMESPACE, tag);
    for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
    node.append(...children);
    return node;
  }

  /** Round figures between two ends, about `count` of them. */
  function ticks(low, high, count) {
    const rough = (high - low) / Math.max(1, count);
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = [1, 2, 5, 10].map((each) => each * power).find((each) => each >= rough * 0.999) || rough;
    const found = [];
    for (let at = Math.ceil(low / step) * step; at <= high + step * 1e-6; at += step) found.push(Math.abs(at) < step * 1e-9 ? 0 : at);
    return found;
  }

  /** The ends of an axis: never closer than `least`, with a little air. */
  function span(values, least) {
    let low = Math.min(...values);
    let high = Math.max(...values);
    const missing = least - (high - low);
    if (missing > 0) {
      low -= missing / 2;
      high += missing / 2;
    }
    const air = (high - low) * 0.06;
    return [low - air, high + air];
  }

  /** Pieces of a line, broken where a value is unknown or time has a hole. */
  function pieces(times, values, hole) {
    const found = [];
    let piece = [];
    for (let at = 0; at < times.length; at += 1) {
      const broken = piece.length && times[at] - times[at - 1] > hole;
      if (!known(values[at]) || broken) {
        if (piece.length) found.push(piece);
        piece = [];
      }
      if (known(values[at])) piece.push(at);
    }
    if (piece.length) found.push(piece);
    return found;
  }

  /**
   * One plot: lines over a time axis.
   * lines: [{ name, values, mark }], `mark` 1 to 3 chooses the look; band: { low, high } values beside lines.
   */
  function plot({ title, unit, times, lines, band, least = 1, height = 130, width = WIDTH, from, to, write, zero = false, hole = Infinity, at }) {
    const all = lines.flatMap((line) => line.values).filter(known);
    const summary = describe(title, unit, lines, write);
    const figure = svg("svg", { viewBox: `0 0 ${width} ${height}`, class: "plot", role: "img", "aria-label": summary });
    if (!all.length || !times.length) {
      figure.append(svg("text", { x: width / 2, y: height / 2, "text-anchor": "middle", class: "plot-label" }, "no readings"));
      return figure;
    }
    const [low, high] = span(zero ? [...all, 0] : all, least);
    const start = known(from) ? from : times[0];
    const end = known(to) ? to : times[times.length - 1];
    const bottom = height - 22;
    const x = (t) => LEFT + ((t - start) / Math.max(1e-9, end - start)) * (width - LEFT - RIGHT);
    const y = (value) => bottom - ((value - low) / (high - low)) * (bottom - 8);
    for (const value of ticks(low, high, 4)) {
      figure.append(
        svg("line", { x1: LEFT, x2: width - RIGHT, y1: y(value), y2: y(value), class: value === 0 ? "axis" : "grid" }),
        svg("text", { x: LEFT - 6, y: y(value) + 4, "text-anchor": "end", class: "plot-label" }, write(value)),
      );
    }
    for (const t of ticks(start, end, width < 400 ? 3 : 5)) {
      const anchor = x(t) > width - RIGHT - 20 ? "end" : "middle";
      const label = svg("text", { x: x(t), y: height - 6, "text-anchor": anchor, class: "plot-label" }, clock(t));
      figure.append(svg("line", { x1: x(t), x2: x(t), y1: bottom, y2: bottom + 4, class: "axis" }), label);
    }
    if (known(at) && at >= start && at <= end) figure.append(svg("line", { x1: x(at), x2: x(at), y1: 4, y2: bottom, class: "moment" }));
    if (band) {
      for (const piece of pieces(times, band.low, hole)) {
        const up = piece.map((i) => `${x(times[i]).toFixed(1)},${y(Math.min(high, band.high[i])).toFixed(1)}`);
        const down = piece.map((i) => `${x(times[i]).toFixed(1)},${y(Math.max(low, band.low[i])).toFixed(1)}`).reverse();
        figure.append(svg("polygon", { points: [...up, ...down].join(" "), class: "band" }));
      }
    }
    for (const line of lines) {
      for (const piece of pieces(times, line.values, hole)) {
        const points = piece.map((i) => `${x(times[i]).toFixed(1)},${y(line.values[i]).toFixed(1)}`);
        if (points.length === 1) points.push(points[0]);
        figure.append(svg("polyline", { points: points.join(" "), class: `line line-${line.mark || 1}` }));
      }
    }
    return figure;
  }

  /** How wide to draw so that letters come out in their own size: as wide as there is room. */
  function roomFor(node) {
    const figure = node.querySelector("svg");
    const room = (figure && figure.clientWidth) || node.clientWidth || WIDTH;
    return Math.min(WIDEST, Math.max(NARROWEST, Math.round(room)));
  }

  /** What a plot shows, in words. */
  function describe(title, unit, lines, write) {
    const parts = lines.map((line) => {
      const values = line.values.filter(known);
      if (!values.length) return `${line.name}: no readings`;
      const last = write(values[values.length - 1]);
      return `${line.name}: now ${last}, between ${write(Math.min(...values))} and ${write(Math.max(...values))}`;
    });
    return `${title}${unit ? " in " + unit : ""}. ${parts.join("; ")}.`;
  }

  /** Seconds as a person says them. */
  function clock(seconds) {
    const sign = seconds < 0 ? "−" : "";
    const whole = Math.abs(seconds);
    if (whole < 90) return `${sign}${Number(whole.toFixed(1))} s`;
    if (whole < 5400) return `${sign}${Number((whole / 60).toFixed(1))} min`;
    return `${sign}${Number((whole / 3600).toFixed(1))} h`;
  }

  Object.assign(pw, { svg, plot, roomFor, ticks, span, pieces, describe });
})((globalThis.Packwarden = globalThis.Packwarden || {}));
