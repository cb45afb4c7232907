// One I2C controller of the chip with its wires: every bit takes its time, and every event goes to the devices at the
// other end. Corrects three things in rp2040js 1.4.1: a transfer there takes no time; TX_EMPTY comes before the byte has
// left instead of after (DS_RP2040 4.3.17, TX_EMPTY_CTRL), and not at all after an address that nobody acknowledged;
// switching the controller off does not end what it was doing.
const TX_EMPTY = 1 << 4;
const IC_ENABLE = 0x6c;
const IDLE = 0;
const BYTE_BITS = 9;
const FREEING_CLOCKS = 9;

export class I2cBus {
  // devices: {start(address, read) -> 1 ack, 0 nack, -1 the line is held; write(byte) -> ack; read() -> byte; stop();
  // clocked() -> whether the line is free after nine clocks}
  constructor(devices, pins, { sda, scl }) {
    this.devices = devices;
    this.pins = pins;
    this.lines = { sda, scl };
    this.stuck = false;
    this.clocks = 0;
    this.busyNs = 0;
    pins.onEdge = (pin, level) => this.#clocked(pin, level);
  }

  attach(controller, clock, nsPerCycle) {
    this.controller = controller;
    let next = null;
    let begun = true; // false while a start condition waits for a line that is held
    const alarm = clock.createAlarm(() => { const action = next; next = null; action?.(); });
    const after = (bits, action) => {
      const ns = bits * (controller.sclLowPeriod + controller.sclHighPeriod) * nsPerCycle;
      this.busyNs += ns;
      next = action;
      alarm.schedule(ns);
    };
    const sent = (complete) => {
      complete();
      if (!controller.busy && controller.txFIFO.empty) controller.setInterrupts(TX_EMPTY);
    };
    const advance = controller.nextCommand.bind(controller);
    controller.nextCommand = () => {
      advance();
      if (controller.busy) controller.clearInterrupts(TX_EMPTY);
    };
    controller.onConnect = (address, mode) => {
      const answer = this.devices.start(address, Boolean(mode));
      begun = answer >= 0;
      if (!begun) this.#hold();
      else after(1 + BYTE_BITS, () => sent(() => controller.completeConnect(answer === 1)));
    };
    controller.onWriteByte = (byte) => {
      const ack = this.devices.write(byte);
      after(BYTE_BITS, () => sent(() => controller.completeWrite(ack)));
    };
    controller.onReadByte = () => {
      const byte = this.devices.read();
      after(BYTE_BITS, () => controller.completeRead(byte));
    };
    controller.onStop = () => after(1, () => sent(() => { this.devices.stop(); controller.completeStop(); }));
    const write = controller.writeUint32.bind(controller);
    controller.writeUint32 = (offset, value) => {
      write(offset, value);
      if (offset !== IC_ENABLE || value & 1 || begun) return;
      Object.assign(controller, { state: IDLE, busy: false, stop: false, pendingRestart: false });
      begun = true;
    };
    if (this.stuck) this.#hold();
  }

  #hold() {
    this.stuck = true;
    this.clocks = 0;
    this.pins.hold(this.lines.sda, false);
  }

  #clocked(pin, level) {
    if (!this.stuck || pin !== this.lines.scl || !level) return;
    this.clocks += 1;
    if (this.clocks < FREEING_CLOCKS || !this.devices.clocked()) return;
    this.stuck = false;
    this.pins.release(this.lines.sda);
  }
}
