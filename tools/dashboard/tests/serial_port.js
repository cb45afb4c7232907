// A port as WebSerial has it, for the browser's tests: its far end is the bridge that served the page.
"use strict";

(() => {
  const port = {
    signals: null,
    readable: null,
    writable: null,
    getInfo: () => ({ usbVendorId: 0x2e8a, usbProductId: 5 }),
    setSignals: async (signals) => {
      port.signals = signals;
    },
    async open() {
      const socket = new WebSocket(`ws://${location.host}/serial`);
      socket.binaryType = "arraybuffer";
      await new Promise((resolve, reject) => {
        socket.onopen = resolve;
        socket.onerror = () => reject(new Error("busy"));
      });
      port.readable = new ReadableStream({
        start(controller) {
          socket.onmessage = (event) => controller.enqueue(new Uint8Array(event.data));
          socket.onclose = () => {
            port.readable = null;
            controller.error(new Error("The device has been lost."));
          };
          port.pull = () => {
            socket.onclose();
            socket.close();
          };
        },
        cancel() {
          socket.close();
        },
      });
      port.writable = new WritableStream({ write: (bytes) => socket.send(bytes) });
    },
    async close() {},
  };
  const serial = { requestPort: async () => port, getPorts: async () => [port] };
  Object.defineProperty(navigator, "serial", { value: serial });
  window.port = port;
})();
