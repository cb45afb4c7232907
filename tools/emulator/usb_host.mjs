// The computer at the other end of the USB cable. It enumerates the board and keeps the serial port open. Unlike the
// host in rp2040js it answers nothing (a NAK, on the wire) when it has nothing to send: zero-length packets would keep
// the chip busy at all times and stretch every timing by a factor of two to three. It begins a frame every millisecond,
// as long as the chip wants to know: MicroPython waits for some of them before it sends what was printed earlier.
import { USBCDC } from './rp2040.mjs';

const GATHER_NS = 20_000; // bytes that come together go into one packet
const RETRY_NS = 100_000;
const DEBOUNCE_NS = 100_000_000; // from the plug going in to the first reset (USB 2.0, 7.1.7.3)
const FRAME_NS = 1_000_000;
const FRAME = 1 << 17; // DEV_SOF in INTR and INTE, cleared by reading SOF_RD (DS_RP2040 4.1.4)
const [SOF_RD, INTE] = [0x48, 0x90];
const CLOCK_RUNS = 1 << 11; // ENABLE of CLK_USB_CTRL (DS_RP2040 2.15.7)

export class UsbHost {
  constructor(mcu, clock, plugged) {
    this.printed = [];
    this.queue = [];
    this.port = new USBCDC(mcu.usbCtrl);
    this.port.onSerialData = (bytes) => { this.printed.push(...bytes); };
    if (!plugged) mcu.usbCtrl.onUSBEnabled = () => {};
    this.attach = clock.createAlarm(() => {
      if (mcu.clocks.usbCtrl & CLOCK_RUNS) mcu.usbCtrl.resetDevice(); // else nobody hears it
    });
    this.#frames(mcu.usbCtrl, clock);
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

  plug() {
    this.attach.schedule(DEBOUNCE_NS);
  }

  type(bytes) {
    this.queue.push(...bytes);
    this.#pump();
  }

  take() {
    return this.printed.splice(0);
  }

  #frames(usb, clock) {
    const [read, write] = [usb.readUint32.bind(usb), usb.writeUint32.bind(usb)];
    let running = false;
    const alarm = clock.createAlarm(() => {
      running = (usb.intEnable & FRAME) !== 0;
      if (!running) return;
      usb.intRaw |= FRAME;
      usb.checkInterrupts();
      alarm.schedule(FRAME_NS);
    });
    usb.readUint32 = (offset) => {
      if (offset === SOF_RD) {
        usb.intRaw &= ~FRAME;
        usb.checkInterrupts();
      }
      return read(offset);
    };
    usb.writeUint32 = (offset, value) => {
      write(offset, value);
      if (offset !== INTE || running || !this.port.initialized || !(value & FRAME)) return;
      running = true;
      alarm.schedule(FRAME_NS);
    };
  }

  #pump() {
    const fifo = this.port.txFIFO;
    for (const byte of this.queue.splice(0, fifo.size - fifo.itemCount)) this.port.sendSerialByte(byte);
    this.armed();
    if (this.queue.length) this.retry.schedule(RETRY_NS);
  }
}
