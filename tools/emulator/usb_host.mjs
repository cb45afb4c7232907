// The computer at the other end of the USB cable. It enumerates the board and keeps the serial port open. Unlike the
// host in rp2040js it answers nothing (a NAK, on the wire) when it has nothing to send: zero-length packets would keep
// the chip busy at all times and stretch every timing by a factor of two to three.
import { USBCDC } from './rp2040.mjs';

const GATHER_NS = 20_000; // bytes that come together go into one packet
const RETRY_NS = 100_000;

export class UsbHost {
  constructor(mcu, clock) {
    this.printed = [];
    this.queue = [];
    this.port = new USBCDC(mcu.usbCtrl);
    this.port.onSerialData = (bytes) => { this.printed.push(...bytes); };
    const answer = mcu.usbCtrl.onEndpointRead;
    let waiting = null; // the size of a read that the chip has armed and we have not answered
    let gathering = false;
    const packet = clock.createAlarm(() => {
      const size = waiting;
      waiting = null;
      gathering = false;
      if (size !== null) answer(this.port.outEndpoint, size);
    });
    mcu.usbCtrl.onEndpointRead = (endpoint, size) => {
      if (endpoint === this.port.outEndpoint && this.port.txFIFO.empty) waiting = size;
      else answer(endpoint, size);
    };
    this.retry = clock.createAlarm(() => this.#pump());
    this.armed = () => {
      if (waiting === null || gathering || this.port.txFIFO.empty) return;
      gathering = true;
      packet.schedule(GATHER_NS);
    };
  }

  type(bytes) {
    this.queue.push(...bytes);
    this.#pump();
  }

  take() {
    return this.printed.splice(0);
  }

  #pump() {
    const fifo = this.port.txFIFO;
    for (const byte of this.queue.splice(0, fifo.size - fifo.itemCount)) this.port.sendSerialByte(byte);
    this.armed();
    if (this.queue.length) this.retry.schedule(RETRY_NS);
  }
}
