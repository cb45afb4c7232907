/* Numbers as a person reads them. What is not known is a dash, never a zero. */
"use strict";

(function (pw) {
  const UNKNOWN = "–";
  const known = (value) => typeof value === "number" && Number.isFinite(value);
  const minus = (text) => text.replace("-", "−");

  const format = {
    UNKNOWN,
    known,
    volts: (mv) => (known(mv) ? minus((mv / 1000).toFixed(3)) + " V" : UNKNOWN),
    packVolts: (mv) => (known(mv) ? minus((mv / 1000).toFixed(2)) + " V" : UNKNOWN),
    millivolts: (mv) => (known(mv) ? minus(String(mv)) + " mV" : UNKNOWN),
    amps: (ma) => (known(ma) ? minus((ma / 1000).toFixed(Math.abs(ma) < 100000 ? 2 : 1)) + " A" : UNKNOWN),
    watts: (mv, ma) => (known(mv) && known(ma) ? minus(Math.round((mv * ma) / 1e6).toString()) + " W" : UNKNOWN),
    degrees: (ddegc) => (known(ddegc) ? minus((ddegc / 10).toFixed(1)) + " °C" : UNKNOWN),
    percent: (permille) => (known(permille) ? minus((permille / 10).toFixed(1)) + " %" : UNKNOWN),
    duration(seconds) {
      if (!known(seconds)) return UNKNOWN;
      const whole = Math.max(0, Math.floor(seconds));
      const days = Math.floor(whole / 86400);
      const clock = [Math.floor(whole / 3600) % 24, Math.floor(whole / 60) % 60, whole % 60];
      return (days ? `${days} d ` : "") + clock.map((each) => String(each).padStart(2, "0")).join(":");
    },
    value(value) {
      if (value === null || value === undefined || value === "") return UNKNOWN;
      if (value === true) return "yes";
      if (value === false) return "no";
      if (Array.isArray(value)) return value.length ? value.map(format.value).join(", ") : "none";
      if (typeof value === "object") {
        return Object.entries(value).map(([name, each]) => `${name} ${format.value(each)}`).join(", ");
      }
      return String(value);
    },
    /** A value whose name ends in its unit, as the firmware's names do; and its name without the unit. */
    named(name, value) {
      if (Array.isArray(value) && value.length && value.every(known)) {
        return { name: format.named(name, 0).name, text: value.map((each) => format.named(name, each).text).join(", ") };
      }
      for (const [ending, write] of ENDINGS) {
        if (name.endsWith(ending) && (known(value) || value === null)) {
          return { name: words(name.slice(0, -ending.length)), text: write(value) };
        }
      }
      return { name: words(name), text: format.value(value) };
    },
  };

  const ENDINGS = [
    ["_ddegc", format.degrees],
    ["_permille", format.percent],
    ["_mv", format.volts],
    ["_ma", format.amps],
    ["_mah", (mah) => (known(mah) ? minus((mah / 1000).toFixed(2)) + " Ah" : UNKNOWN)],
    ["_ms", (ms) => (known(ms) ? format.duration(ms / 1000) : UNKNOWN)],
    ["_s", format.duration],
  ];

  function words(name) {
    const text = name.replace(/[_.]/g, " ").trim();
    const spelled = text.replace(/\b(afe|fet|fets|id|soc|soh|crc)\b/g, (word) => word.toUpperCase());
    return spelled.charAt(0).toUpperCase() + spelled.slice(1);
  }

  format.words = words;
  pw.format = format;
})((globalThis.Packwarden = globalThis.Packwarden || {}));
