// What keeps its clock while the chip sleeps, which rp2040js does not know: SLEEP_EN0 and SLEEP_EN1 of the clocks block
// (DS_RP2040 2.15.7) and SLEEPDEEP in the core's SCR (2.4.8). A core that waits with SLEEPDEEP set leaves running
// only what these two registers name (2.11.2): here that tells light sleep from an ordinary wait, no more.
const SLEEP_EN = [0xa8, 0xac];
const ALL = [0xffffffff, 0x7fff]; // after a reset: everything goes on
const SCR = 0xd10;
const SLEEPDEEP = 4;

export class Sleep {
  constructor(mcu) {
    this.enabled = [...ALL];
    this.control = [0];
    this.#listen(mcu.clocks, SLEEP_EN, this.enabled);
    this.#listen(mcu.ppb, [SCR], this.control);
  }

  // Were the core to wait now, something that usually runs would not.
  get light() {
    const stops = this.enabled.some((bits, which) => (~bits & ALL[which]) !== 0);
    return (this.control[0] & SLEEPDEEP) !== 0 && stops;
  }

  #listen(block, offsets, registers) {
    const read = block.readUint32.bind(block);
    const write = block.writeUint32.bind(block);
    block.readUint32 = (offset) => registers[offsets.indexOf(offset)] ?? read(offset);
    block.writeUint32 = (offset, value) => {
      const which = offsets.indexOf(offset);
      if (which < 0) write(offset, value);
      else registers[which] = value;
    };
  }
}
