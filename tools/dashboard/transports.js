/* The ways to a pack: a WebSocket (simulator, bridge) and the browser's own serial port. Both carry bytes.
 *
 * A transport has `open()`, `write(text)`, `close()`, and calls `onbytes(bytes)` and, once, `onclose(sentence)`. */
"use strict";

(function (pw) {
  const BAUD = 115200; // counts for a UART only; USB has a speed of its own
  const PIECE = 32; // what the smallest UART buffer holds while the firmware is busy with a cycle
  const GAP_MS = 10; // the firmware's own pace
  const OPENING_MS = 10000;
  const LAST_WORDS_MS = 500;

  class Transport {
    constructor() {
      this.onbytes = () => {};
      this.onclose = () => {};
      this._over = false;
    }

    _end(sentence) {
      if (this._over) return;
      this._over = true;
      this.onclose(sentence);
    }
  }

  class WebSocketTransport extends Transport {
    constructor(url) {
      super();
      this.name = url;
      this._socket = null;
    }

    open() {
      return new Promise((resolve, reject) => {
        try {
          this._socket = new WebSocket(this.name);
        } catch {
          reject(new Error(`${this.name} is not a WebSocket address; one looks like ws://127.0.0.1:8765/serial`));
          return;
        }
        const socket = this._socket;
        const late = setTimeout(() => socket.close(), OPENING_MS);
        socket.binaryType = "arraybuffer";
        socket.onopen = () => {
          clearTimeout(late);
          resolve();
        };
        socket.onmessage = (event) =>
          this.onbytes(typeof event.data === "string" ? event.data : new Uint8Array(event.data));
        socket.onclose = (event) => {
          clearTimeout(late);
          const sentence = event.reason || `Nothing serves ${withoutKey(this.name)}, or it does not let this page in.`;
          reject(new Error(sentence));
          this._end(event.reason || `${withoutKey(this.name)} has closed the connection.`);
        };
      });
    }

    write(text) {
      if (this._socket && this._socket.readyState === WebSocket.OPEN) this._socket.send(text);
    }

    close() {
      this._over = true;
      if (this._socket) this._socket.close();
    }
  }

  class SerialTransport extends Transport {
    constructor(port) {
      super();
      this.name = "serial port";
      this._port = port;
      this._reader = null;
      this._writer = null;
      this._sending = Promise.resolve();
    }

    async open() {
      try {
        await this._port.open({ baudRate: BAUD, bufferSize: 16384 });
      } catch (error) {
        throw new Error(
          `The port cannot be opened (${error.message}). Another program may have it: close monitors and terminals.`,
        );
      }
      try {
        // MicroPython on USB prints only for a terminal that is ready. Both alike: an ESP32 does not restart then.
        await this._port.setSignals({ dataTerminalReady: true, requestToSend: true });
      } catch {
        // a port without such lines
      }
      this._read();
    }

    async _read() {
      let sentence = "The port was closed.";
      try {
        while (this._port.readable && !this._over) {
          this._reader = this._port.readable.getReader();
          try {
            for (;;) {
              const { value, done } = await this._reader.read();
              if (done) break;
              this.onbytes(value);
            }
          } catch (error) {
            // Framing, parity and overrun leave the port readable; a lost device does not.
            sentence = `The board is gone (${error.message}).`;
          } finally {
            this._reader.releaseLock();
          }
        }
      } finally {
        await this._port.close().catch(() => {});
        this._end(sentence);
      }
    }

    write(text) {
      const bytes = new TextEncoder().encode(text);
      this._sending = this._sending.then(() => this._send(bytes)).catch(() => {});
    }

    async _send(bytes) {
      for (let start = 0; start < bytes.length && this._port.writable && !this._over; start += PIECE) {
        this._writer = this._port.writable.getWriter();
        try {
          await this._writer.write(bytes.subarray(start, start + PIECE));
        } finally {
          this._writer.releaseLock();
          this._writer = null;
        }
        await new Promise((resolve) => setTimeout(resolve, GAP_MS));
      }
    }

    async close() {
      this.onclose = () => {};
      await Promise.race([this._sending, new Promise((resolve) => setTimeout(resolve, LAST_WORDS_MS))]);
      this._over = true;
      // A board that takes nothing holds a write up, and with it the port.
      if (this._writer) this._writer.abort().catch(() => {});
      if (this._reader) this._reader.cancel().catch(() => {});
    }
  }

  function withoutKey(url) {
    return url.split("?")[0];
  }

  Object.assign(pw, { WebSocketTransport, SerialTransport, withoutKey });
})((globalThis.Packwarden = globalThis.Packwarden || {}));
