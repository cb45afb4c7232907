/* The pack's serial line: JSON-RPC 2.0, one object a line, between whatever else a console prints.
 *
 * Plain scripts rather than modules, here and in the other files: browsers refuse to load modules from disk,
 * and this page must open from there. Each file adds what it offers to `Packwarden`. */
"use strict";

(function (pw) {
  const LONGEST_LINE = 262144; // a line beyond this is no answer; it is dropped up to its end
  const LONGEST_REQUEST = 1000; // the firmware takes 1024 characters
  const PATIENCE_MS = 5000;
  const PARSE_ERROR = -32700;
  const METHOD_NOT_FOUND = -32601;
  const DROP_LINE = "\x15"; // Ctrl-U: what stands half typed on the console's line is forgotten

  /** Bytes in, whole lines out, whichever pieces they come in. */
  class LineReader {
    constructor(longest = LONGEST_LINE) {
      this.longest = longest;
      this.partial = "";
      this.dropped = 0;
      this._overflow = false;
      this._decoder = new TextDecoder("utf-8");
    }

    push(bytes) {
      const text = typeof bytes === "string" ? bytes : this._decoder.decode(bytes, { stream: true });
      const pieces = (this.partial + text).split(/[\r\n]+/);
      this.partial = pieces.pop();
      if (this._overflow && pieces.length) {
        pieces.shift(); // the end of the line that was too long
        this._overflow = false;
      }
      if (this.partial.length > this.longest) {
        this.partial = "";
        if (!this._overflow) this.dropped += 1;
        this._overflow = true;
      }
      return pieces.filter((line) => line !== "");
    }
  }

  /** What one line says: `messages` of JSON-RPC, or `text` for a person; `garbled` if it should have been JSON. */
  function read(line) {
    const clean = readable(line);
    const starts = [0, clean.indexOf('{"jsonrpc"'), clean.indexOf('[{"jsonrpc"')];
    for (const start of starts) {
      if (start < 0 || !"{[".includes(clean[start] || " ")) continue;
      try {
        const found = JSON.parse(clean.slice(start));
        const messages = (Array.isArray(found) ? found : [found]).filter(
          (each) => each !== null && typeof each === "object" && each.jsonrpc === "2.0",
        );
        if (messages.length) return { messages, text: "", garbled: false };
      } catch {
        // not from here on
      }
    }
    return { messages: [], text: clean, garbled: clean.includes('"jsonrpc"') };
  }

  /** A line as a person would see it: backspaces done, escape sequences and control characters gone. */
  function readable(line) {
    // eslint-disable-next-line no-control-regex
    let text = line.replace(/\x1b(\[[0-9;?]*[ -/]*[@-~]|.)/g, "");
    while (/[^\b]\x08/.test(text)) text = text.replace(/[^\b]\x08/g, "");
    // eslint-disable-next-line no-control-regex
    return text.replace(/[\x00-\x08\x0b-\x1f\x7f]/g, "").trimEnd();
  }

  /** The firmware's own refusal, in its own words. */
  class Refusal extends Error {
    constructor(sentence, code) {
      super(sentence);
      this.name = "Refusal";
      this.code = code;
      this.unknown = code === METHOD_NOT_FOUND;
    }
  }

  /** No answer: the line is gone, silent, or noisy. */
  class NoAnswer extends Error {
    constructor(sentence) {
      super(sentence);
      this.name = "NoAnswer";
    }
  }

  /** Asks one thing at a time, and hands on whatever comes besides. */
  class Client {
    constructor(send, options = {}) {
      this.onnotification = options.onnotification || (() => {});
      this.ontext = options.ontext || (() => {});
      this.patience_ms = options.patience_ms || PATIENCE_MS;
      this.garbled = 0;
      this._send = send;
      this._later = options.setTimeout || ((act, ms) => setTimeout(act, ms));
      this._never = options.clearTimeout || ((timer) => clearTimeout(timer));
      this._reader = new LineReader();
      this._queue = [];
      this._asked = null;
      this._timer = null;
      this._unsure = true; // something may stand half typed on the firmware's line
      this._closed = "";
      // An answer that is still on its way to whoever had the line before us must not fit a request of ours.
      this._next = 1 + Math.floor(Math.random() * 1e8);
    }

    /** The result of a method; rejects with Refusal or NoAnswer. `params` is a list or an object. */
    call(method, params) {
      return new Promise((resolve, reject) => {
        if (this._closed) {
          reject(new NoAnswer(this._closed));
          return;
        }
        this._queue.push({ method, params, resolve, reject, tries: 0 });
        this._ask();
      });
    }

    /** Type a line, as a person would. */
    type(line) {
      this._send(line.replace(/[^\x20-\x7e]/g, "").slice(0, LONGEST_REQUEST) + "\r");
    }

    receive(bytes) {
      for (const line of this._reader.push(bytes)) {
        const { messages, text, garbled } = read(line);
        if (garbled) this.garbled += 1;
        if (text) this.ontext(text);
        messages.forEach((message) => this._take(message));
      }
      // A long answer comes in pieces: each is a sign of life. A stream that runs beside is none.
      const partial = this._reader.partial;
      if (this._asked && partial && !partial.includes('"method"')) this._wait();
    }

    close(sentence) {
      this._closed = sentence || "The connection was closed.";
      const waiting = this._asked ? [this._asked, ...this._queue] : this._queue;
      this._asked = null;
      this._queue = [];
      this._never(this._timer);
      waiting.forEach((each) => each.reject(new NoAnswer(this._closed)));
    }

    _ask() {
      if (this._asked || !this._queue.length) return;
      const request = this._queue.shift();
      request.id = this._next;
      this._next += 1;
      const line = { jsonrpc: "2.0", id: request.id, method: request.method };
      if (request.params !== undefined) line.params = request.params;
      const text = asciiJson(line);
      if (text.length > LONGEST_REQUEST) {
        request.reject(new Refusal(`${request.method} takes at most ${LONGEST_REQUEST} characters.`, -32600));
        this._ask();
        return;
      }
      this._asked = request;
      this._wait();
      this._send((this._unsure ? DROP_LINE : "") + text + "\n");
      this._unsure = false;
    }

    _wait() {
      this._never(this._timer);
      this._timer = this._later(() => this._done("reject", this._silence()), this.patience_ms);
    }

    _silence() {
      this._unsure = true;
      return new NoAnswer(`No answer to '${this._asked.method}' for ${this.patience_ms / 1000} s.`);
    }

    _take(message) {
      if (typeof message.method === "string") {
        // With an id it is our own request, echoed by something that is not Packwarden.
        if (message.id === undefined) this.onnotification(message.method, message.params);
        return;
      }
      const asked = this._asked;
      if (!asked) return;
      const error = message.error;
      if (message.id === null && error && error.code === PARSE_ERROR) {
        // It arrived damaged, so it was not done: asking once more cannot do it twice.
        this._unsure = true;
        if (asked.tries === 0) {
          asked.tries = 1;
          this._asked = null;
          this._queue.unshift(asked);
          this._ask();
        } else {
          this._done("reject", new NoAnswer(`'${asked.method}' was damaged on its way, twice.`));
        }
      } else if (message.id === asked.id) {
        if (error && typeof error === "object") {
          this._done("reject", new Refusal(String(error.message || "refused"), Number(error.code) || 0));
        } else {
          this._done("resolve", message.result);
        }
      }
    }

    _done(how, what) {
      const asked = this._asked;
      this._never(this._timer);
      this._asked = null;
      asked[how](what);
      this._ask();
    }
  }

  /** JSON of printable ASCII only: all that the firmware's line editor takes. */
  function asciiJson(value) {
    return JSON.stringify(value).replace(
      /[^\x20-\x7e]/g,
      (letter) => "\\u" + letter.charCodeAt(0).toString(16).padStart(4, "0"),
    );
  }

  /** A typed line as it may be seen, and typed again: what stands behind `unlock` and `pin set` is a secret. */
  function unseen(line) {
    const [, said, secret] = /^(\s*(?:unlock|pin\s+set)\s+)(\S.*)$/.exec(line) || [];
    return secret ? said + "*".repeat(secret.length) : line;
  }

  Object.assign(pw, { unseen, LineReader, read, readable, Client, Refusal, NoAnswer, LONGEST_LINE });
})((globalThis.Packwarden = globalThis.Packwarden || {}));
