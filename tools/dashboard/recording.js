/* Recordings: a JSON object a line, as `packwarden monitor --record` writes them and `packwarden plot` draws them.
 *
 * The first line says what it is; each other line has `t_s`, the seconds since the beginning, and one of the
 * kinds below. Here they are written, read and played through the same store as a live pack. */
"use strict";

(function (pw) {
  const FORM = 1;
  const NAME = "packwarden";
  const KINDS = { status: isObject, faults: Array.isArray, event: isObject, version: isObject, parameters: isObject };
  const MOST_LINES = 100000; // a day of seconds

  function isObject(value) {
    return value !== null && typeof value === "object" && !Array.isArray(value);
  }

  /** Keeps what it is told until it is asked for the file. */
  class Recorder {
    constructor(source, started) {
      this.lines = [JSON.stringify({ recording: NAME, form: FORM, source, started: started.toISOString().slice(0, 19) + "+00:00" })];
      this._zero_ms = null;
    }

    get count() {
      return this.lines.length - 1;
    }

    get full() {
      return this.count >= MOST_LINES;
    }

    take(now_ms, kind, value) {
      if (this.full) return;
      if (this._zero_ms === null) this._zero_ms = now_ms;
      this.lines.push(JSON.stringify({ t_s: Math.round(now_ms - this._zero_ms) / 1000, [kind]: value }));
    }

    text() {
      return this.lines.join("\n") + "\n";
    }
  }

  /** Everything in a recording, in the order of its times; an Error says what is wrong and in which line. */
  function readRecording(text) {
    const lines = text.replace(/^\ufeff/, "").split("\n");
    const head = parsed(lines[0]);
    if (!isObject(head) || head.recording !== NAME) {
      throw new Error("This is no recording: 'packwarden monitor --record FILE' or the Record button here makes one.");
    }
    if (head.form !== FORM) throw new Error(`This is a recording of form ${head.form}; this page reads form ${FORM}.`);
    const said = [];
    lines.forEach((line, at) => {
      if (at === 0 || !line.trim()) return;
      const row = parsed(line);
      const kind = isObject(row) ? Object.keys(KINDS).find((each) => each in row) : undefined;
      const good = kind && KINDS[kind](row[kind]) && typeof row.t_s === "number" && row.t_s >= 0 && row.t_s < 1e12;
      if (good) said.push({ t_s: row.t_s, kind, value: row[kind] });
      // A last line that was cut off counts for nothing: whoever wrote it was stopped.
      else if (at < lines.length - 1) throw new Error(`Line ${at + 1} of this recording cannot be read.`);
    });
    if (!said.some((each) => each.kind === "status")) throw new Error("There is no status in this recording.");
    said.sort((one, other) => one.t_s - other.t_s);
    return { source: String(head.source || ""), started: String(head.started || ""), said };
  }

  function parsed(line) {
    try {
      return JSON.parse(line);
    } catch {
      return undefined;
    }
  }

  /** Plays a recording into a store; going back means from the beginning again, which is quick. */
  class Player {
    constructor(recording, store) {
      this.recording = recording;
      this.store = store;
      this.at_s = 0;
      this.end_s = recording.said[recording.said.length - 1].t_s;
      this.playing = false;
      this.speed = 1;
      this._next = 0;
      store.forget();
      this.seek(recording.said[0].t_s);
    }

    seek(to_s) {
      const goal_s = Math.min(Math.max(0, to_s), this.end_s);
      const { said } = this.recording;
      if (goal_s < this.at_s) {
        this.store.forget();
        this._next = 0;
      }
      while (this._next < said.length && said[this._next].t_s <= goal_s) {
        take(this.store, said[this._next]);
        this._next += 1;
      }
      this.at_s = goal_s;
      if (this.at_s >= this.end_s) this.playing = false;
    }

    /** Wall time has passed. */
    tick(elapsed_ms) {
      if (this.playing) this.seek(this.at_s + (elapsed_ms / 1000) * this.speed);
    }
  }

  function take(store, { t_s, kind, value }) {
    if (kind === "status") store.takeStatus(value, t_s * 1000);
    else if (kind === "faults") store.takeFaults(value);
    else if (kind === "event") store.takeEvent(value);
    else if (kind === "version") store.takeVersion(value);
    // parameters by name are for drawing limits; the form needs whole rows
  }

  Object.assign(pw, { Recorder, Player, readRecording });
})((globalThis.Packwarden = globalThis.Packwarden || {}));
