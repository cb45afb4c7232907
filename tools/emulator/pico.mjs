// A Raspberry Pi Pico: an RP2040 that runs instruction by instruction on virtual time, its flash, USB and wires, and
// what a reset keeps of them. Everything here is synchronous and the same on every run, to the nanosecond.
import { ConsoleLogger, LogLevel, Simulator } from './rp2040.mjs';
import { Flash } from './flash.mjs';
import { I2cBus } from './i2c_bus.mjs';
import { Pins } from './pins.mjs';
import { Sleep } from './sleep.mjs';
import { UsbHost } from './usb_host.mjs';

const FLASH_BASE = 0x10000000;
const FLASH_SIZE = 2 << 20;
const VECTORS = 0x100; // after the second-stage boot loader: initial stack pointer, reset handler
const RAM_BASE = 0x20000000;
const STACK_SIZE = 0x2000; // PICO_STACK_SIZE of MicroPython's port
const UNTOUCHED = 0x5a;
const WATCHDOG = 0x40058;
const CYCLE_NS = 8; // 125 MHz, the clock that MicroPython sets

export class Pico {
  constructor({ flash, rom, devices, i2c }) {
    this.flash = new Uint8Array(flash);
    this.rom = new Uint32Array(rom.buffer, rom.byteOffset, rom.length / 4);
    this.startUs = 0;
    this.asleepNs = 0;
    this.dozedNs = 0; // of that in light sleep
    this.plugged = true;
    this.resets = [];
    this.typed = [];
    this.pins = new Pins(() => this.nowUs, [i2c.sda, i2c.scl]);
    this.bus = new I2cBus(devices, this.pins, i2c);
    this.i2c = i2c;
  }

  get nowUs() {
    return this.startUs + (this.clock ? this.clock.nanos / 1000 : 0);
  }

  // Power-on, or a reset that the watchdog carries out: then its reason and its scratch registers live on.
  start(atUs, kept = null) {
    const simulator = new Simulator();
    const { rp2040: mcu, clock } = simulator;
    Object.assign(this, { mcu, clock, startUs: atUs, restart: false });
    mcu.logger = new ConsoleLogger(LogLevel.Error);
    mcu.loadBootrom(this.rom);
    mcu.flash.set(this.flash);
    this.flash = mcu.flash.subarray(0, FLASH_SIZE);
    new Flash(mcu);
    this.watchdog = mcu.peripherals[WATCHDOG];
    if (kept) Object.assign(this.watchdog, { reason: kept.reason, scratchData: kept.scratchData });
    this.watchdog.onWatchdogTrigger = () => {
      this.watchdog.alarm.enable = this.watchdog.timer.enable = false;
      this.restart = true;
    };
    this.sleep = new Sleep(mcu);
    this.usb = new UsbHost(mcu, clock, this.plugged);
    this.pins.attach(mcu);
    this.bus.attach(mcu.i2c[this.i2c.id], clock, CYCLE_NS);
    mcu.core.PC = FLASH_BASE;
  }

  stop() {
    this.flash = Uint8Array.from(this.flash);
    this.mcu = this.clock = null;
  }

  run(untilUs) {
    while (this.nowUs < untilUs - 1e-6) {
      this.#execute(untilUs);
      if (!this.restart) continue;
      this.resets.push([this.nowUs, this.watchdog.reason]);
      this.start(this.nowUs, this.watchdog);
    }
  }

  #execute(untilUs) {
    const { clock } = this;
    const { core } = this.mcu;
    let end = false;
    clock.createAlarm(() => { end = true; }).schedule((untilUs - this.nowUs) * 1000);
    while (!end && !this.restart) {
      if (core.waiting) {
        const ns = clock.nanosToNextAlarm;
        this.asleepNs += ns;
        if (this.sleep.light) this.dozedNs += ns;
        clock.tick(ns);
      } else clock.tick(core.executeInstruction() * CYCLE_NS);
    }
  }

  // Put a USB cable into the board; what sits at its other end is there from then on.
  plug() {
    this.plugged = true;
    this.usb?.plug();
  }

  get #stack() {
    const top = new DataView(this.flash.buffer, this.flash.byteOffset).getUint32(VECTORS, true) - RAM_BASE;
    return this.mcu.sram.subarray(top - STACK_SIZE, top);
  }

  // From now on `stackUsed` tells how deep the stack has been.
  paintStack() {
    const stack = this.#stack;
    const free = this.mcu.core.SP - RAM_BASE - stack.byteOffset + this.mcu.sram.byteOffset;
    stack.fill(UNTOUCHED, 0, free);
  }

  get stackUsed() {
    return STACK_SIZE - this.#stack.findIndex((byte) => byte !== UNTOUCHED);
  }
}
