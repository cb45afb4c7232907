// The pins from outside: what a wire on them is held at, what the chip makes of them and when. rp2040js has neither
// pull resistors nor the way back from an output to its own input; both are here.
import { GPIOPinState } from './rp2040.mjs';

const { High, Low, InputPullUp } = GPIOPinState;

export class Pins {
  // pulledUp: pins with a resistor to the supply on the board
  constructor(now, pulledUp) {
    this.now = now; // us
    this.pulledUp = new Set(pulledUp);
    this.held = new Map(); // pin -> level that something outside holds it at, whatever the chip wants
    this.levels = new Map(); // pin -> level that the chip drives or pulls it to
    this.edges = []; // [us, pin, level] of every such change
    this.onEdge = () => {};
  }

  attach(mcu) {
    this.mcu = mcu;
    mcu.gpio.forEach((gpio, pin) => {
      const level = (state) => state === High || (state !== Low && (state === InputPullUp || this.pulledUp.has(pin)));
      this.#set(gpio, pin, level(gpio.value)); // pulled down out of reset (DS_RP2040 2.19.6.3)
      gpio.setInputValue(this.held.get(pin) ?? this.levels.get(pin));
      gpio.addListener((state) => this.#set(gpio, pin, level(state)));
    });
  }

  hold(pin, level) {
    this.held.set(pin, level);
    this.mcu?.gpio[pin].setInputValue(level);
  }

  release(pin) {
    this.held.delete(pin);
    this.mcu?.gpio[pin].setInputValue(this.levels.get(pin));
  }

  take() {
    return this.edges.splice(0);
  }

  #set(gpio, pin, level) {
    if (level === this.levels.get(pin)) return;
    const first = !this.levels.has(pin);
    this.levels.set(pin, level);
    if (!first) this.edges.push([this.now(), pin, Number(level)]);
    if (!this.held.has(pin)) gpio.setInputValue(level);
    this.onEdge(pin, level);
  }
}
