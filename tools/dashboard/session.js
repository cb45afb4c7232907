/* One pack on one line: asks what a view needs, keeps the stream of readings going, comes back after a break.
 *
 * It never repeats a request that changes something: what was not answered may have been done. */
"use strict";

(function (pw) {
  const WATCH_S = 1;
  const RETRY_MS = [1000, 2000, 4000, 8000, 15000];
  const ASK_AGAIN_MS = 5000;
  const RESTART_MS = 15000; // a controller that has not restarted by then never will
  const GREETING = /^Packwarden \d/;
  const AT_THE_PROMPT = /^>>>|^MicroPython v\d/;

  class Session {
    constructor(store, options = {}) {
      this.store = store;
      this.client = null;
      this.recorder = null;
      this._now = options.now || (() => Date.now());
      this._later = options.setTimeout || ((act, ms) => setTimeout(act, ms));
      this._never = options.clearTimeout || ((timer) => clearTimeout(timer));
      this._patience_ms = options.patience_ms;
      this._make = null;
      this._transport = null;
      this._failures = 0;
      this._retry = null;
      this._asked_ms = 0;
      this._known_events = new Set();
      this._restarting = null;
    }

    get connected() {
      return this.client !== null;
    }

    /** Open a line; rejects with a sentence. After that it is kept open until `disconnect`. */
    async connect(make) {
      this.disconnect();
      this.store.forget();
      this._known_events.clear();
      this._restarting = null;
      this._make = make;
      this.store.setLink("connecting", "Connecting …");
      try {
        await this._open();
      } catch (error) {
        this._make = null;
        this.store.setLink("off", error.message);
        throw error;
      }
    }

    disconnect() {
      this._make = null;
      this._never(this._retry);
      if (this.client) {
        this.client.type('{"jsonrpc": "2.0", "method": "watch", "params": [0]}');
        this.client.close("Disconnected.");
        this.client = null;
      }
      if (this._transport) this._transport.close();
      this._transport = null;
      this.store.setLink("off", "Not connected.");
    }

    /** The result of a method, or an Error whose message is the firmware's own sentence. */
    async call(method, params) {
      if (!this.client) throw new pw.NoAnswer("Not connected to a pack.");
      const result = await this.client.call(method, params);
      if (result && result.restarting === true) this._expectRestart();
      return result;
    }

    /** Until it has restarted, readings are those of before. */
    _expectRestart() {
      const before = this.store.status ? this.store.status.uptime_ms : null;
      this._restarting = { before, until_ms: this._now() + RESTART_MS };
      this.store.setLink("connecting", "The controller restarts …");
    }

    /** Whether a reading still belongs to the time before the restart that was asked for. */
    _isFromBefore(status) {
      const { _restarting: restarting } = this;
      const before = restarting && this._now() < restarting.until_ms && status.uptime_ms >= restarting.before;
      if (!before) this._restarting = null;
      return before;
    }

    /** A line as a person would type it at the console. */
    type(line) {
      if (!this.client) return;
      this._echo = pw.unseen(line);
      this.store.takeLine(this._echo, "you");
      this.client.type(line);
    }

    async _open() {
      const transport = await this._make();
      const client = new pw.Client((text) => transport.write(text), {
        onnotification: (method, params) => this._told(method, params),
        ontext: (text) => this._heard(text),
        patience_ms: this._patience_ms,
        setTimeout: this._later,
        clearTimeout: this._never,
      });
      transport.onbytes = (bytes) => client.receive(bytes);
      transport.onclose = (sentence) => this._lost(transport, sentence);
      await transport.open();
      if (!this._make) {
        transport.close(); // left while it was being opened
        return;
      }
      this._transport = transport;
      this.client = client;
      this.store.setLink("connecting", "Connected; waiting for the pack to answer …");
      this._greet(client);
    }

    async _greet(client) {
      try {
        await this._watch(client);
        this._takeVersion(await client.call("version"));
        this._failures = 0;
        this.store.takeMethods(await this._methods(client));
        await this.refreshEvents();
      } catch (error) {
        if (client === this.client && this.store.link.phase === "connecting") {
          this.store.setLink("silent", this._hint || error.message);
        }
      }
    }

    async _watch(client) {
      this._asked_ms = this._now();
      this._takeStatus(await client.call("status"));
      await client.call("watch", [WATCH_S, "json"]);
    }

    async _methods(client) {
      const listed = await client.call("help");
      if (!Array.isArray(listed)) return [];
      if (!listed.some((row) => row && String(row.command).startsWith("rpc.discover"))) return listed;
      const found = await client.call("rpc.discover").catch(() => null);
      return found && Array.isArray(found.methods) ? [...listed, ...found.methods] : listed;
    }

    _told(method, params) {
      if (method === "status") this._takeStatus(params);
    }

    _heard(text) {
      if (text === "pw>") return;
      if (AT_THE_PROMPT.test(text)) {
        this._hint = "This board is at the MicroPython prompt: Packwarden does not run on it. Press its reset button.";
      }
      const line = text.replace(/^pw> /, "");
      if (line === this._echo) this._echo = null; // what we typed stands there already
      else this.store.takeLine(line);
      if (GREETING.test(text) && this.client) this._watch(this.client).catch(() => {});
    }

    _takeStatus(raw) {
      const before = this.store.status ? this.store.status.mode : "";
      const what = this.store.takeStatus(raw, this._now());
      if (!this.store.status) return;
      this._hint = "";
      this.record("status", raw);
      if (!this._isFromBefore(this.store.status) && this.store.link.phase !== "live") this.store.setLink("live", "Live.");
      if (what === "restarted") this._restarted();
      if (this.store.wantsFaults()) this._refreshFaults();
      else if (before !== this.store.status.mode) this.refreshEvents().catch(() => {});
    }

    _takeVersion(version) {
      this.store.takeVersion(version);
      this.record("version", version);
    }

    async _refreshFaults() {
      try {
        const faults = await this.call("faults");
        this.store.takeFaults(faults);
        this.record("faults", faults);
        await this.refreshEvents();
      } catch {
        this.store.faults_key = null; // asked again with the next status
      }
    }

    async refreshEvents() {
      const events = await this.call("history");
      this.store.takeEvents(events);
      for (const event of this.store.events) {
        const key = JSON.stringify(event);
        if (!this._known_events.has(key)) {
          this._known_events.add(key);
          this.record("event", event);
        }
      }
    }

    _restarted() {
      this._watch(this.client).catch(() => {});
    }

    _lost(transport, sentence) {
      if (transport !== this._transport) return;
      this._transport = null;
      if (this.client) this.client.close(sentence);
      this.client = null;
      if (this._make) this._comeBack(sentence);
    }

    _comeBack(sentence) {
      const wait_ms = RETRY_MS[Math.min(this._failures, RETRY_MS.length - 1)];
      this._failures += 1;
      this.store.setLink("retrying", `${sentence} Trying again in ${wait_ms / 1000} s.`);
      this._retry = this._later(() => {
        if (this._make) this._open().catch((error) => this._make && this._comeBack(error.message));
      }, wait_ms);
    }

    /** Called twice a second: has the pack fallen silent? */
    tick() {
      const now_ms = this._now();
      if (!this.client || !this.store.isStale(now_ms)) return;
      if (this.store.status && this.store.link.phase === "live") {
        this.store.setLink("silent", "The pack has fallen silent; what is shown is old.");
      }
      if (now_ms - this._asked_ms >= ASK_AGAIN_MS) {
        this._watch(this.client).catch((error) => {
          if (this.client && this.store.link.phase !== "live") this.store.setLink("silent", this._hint || error.message);
        });
      }
    }

    startRecording() {
      this.recorder = new pw.Recorder(this._transport ? this._transport.name : "page", new Date(this._now()));
      if (this.store.version) this.record("version", this.store.version);
      if (this.store.faults.length) this.record("faults", this.store.faults);
    }

    stopRecording() {
      const { recorder } = this;
      this.recorder = null;
      return recorder;
    }

    record(kind, value) {
      if (this.recorder) this.recorder.take(this._now(), kind, value);
    }
  }

  Object.assign(pw, { Session });
})((globalThis.Packwarden = globalThis.Packwarden || {}));
