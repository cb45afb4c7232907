// The flash chip behind the RP2040's SSI, so that the filesystem can be written: rp2040js only lets it be read in
// place. It takes the commands that the boot ROM sends while XIP is off (erase, program, status), framed by the chip
// select that the ROM drives through IO_QSPI. How long a real chip is busy (up to 400 ms a sector) is not modelled.
const SSI = 0x18000;
const IO_QSPI = 0x40018;
const CHIP_SELECT = 0x0c; // GPIO_QSPI_SS_CTRL; OUTOVER 3 drives it high
const [SR, RXFLR, DR] = [0x28, 0x24, 0x60];
const [TX_READY, RX_READY] = [6, 8];
const [WRITE_STATUS, PROGRAM, READ, STATUS, WRITE_ENABLE, ERASE_SECTOR, STATUS_2, IDENTIFY, ERASE_BLOCK] = [
  0x01, 0x02, 0x03, 0x05, 0x06, 0x20, 0x35, 0x9f, 0xd8];
const WRITE_DISABLE = 0x04;
const QUAD_ENABLED = 2;
const IDENTITY = [0xef, 0x40, 0x15]; // W25Q16JV, as on a Pico
const PAGE = 256;

export class Flash {
  constructor(mcu) {
    this.memory = mcu.flash;
    this.sent = [];
    this.answers = [];
    this.selected = true;
    this.writable = false;
    this.#listen(mcu.peripherals[SSI], mcu.peripherals[IO_QSPI]);
  }

  #listen(ssi, pins) {
    let control = 0x1f;
    pins.readUint32 = (offset) => (offset === CHIP_SELECT ? control : 0);
    pins.writeUint32 = (offset, value) => {
      if (offset !== CHIP_SELECT) return;
      control = value;
      this.#select(((value >> 8) & 3) !== 3);
    };
    const read = ssi.readUint32.bind(ssi);
    const write = ssi.writeUint32.bind(ssi);
    ssi.readUint32 = (offset) => {
      if (offset === DR) return this.answers.shift() ?? 0;
      if (offset === RXFLR) return this.answers.length;
      if (offset === SR) return this.answers.length ? TX_READY | RX_READY : TX_READY;
      return read(offset);
    };
    ssi.writeUint32 = (offset, value) => {
      if (offset === DR) {
        if (ssi.ssienr) this.answers.push(this.selected ? this.#exchange(value & 0xff) : 0xff);
      } else if (offset !== RXFLR) write(offset, value);
    };
  }

  #select(selected) {
    if (selected && !this.selected) Object.assign(this, { sent: [], answers: [] });
    else if (!selected && this.selected) this.#execute();
    this.selected = selected;
  }

  #exchange(byte) {
    const index = this.sent.push(byte) - 2; // of the byte after the command
    if (index < 0) {
      if (byte === WRITE_ENABLE) this.writable = true;
      if (byte === WRITE_DISABLE) this.writable = false;
      return 0xff;
    }
    switch (this.sent[0]) {
      case STATUS: return this.writable ? 2 : 0;
      case STATUS_2: return QUAD_ENABLED;
      case IDENTIFY: return IDENTITY[index] ?? 0;
      case READ: return index >= 3 ? this.memory[this.#address() + index - 3] : 0xff;
      default: return 0xff;
    }
  }

  #execute() {
    const [command, ...rest] = this.sent;
    this.sent = [];
    if (command === WRITE_STATUS) this.writable = false;
    if (!this.writable || rest.length < 3) return;
    const address = (rest[0] << 16) | (rest[1] << 8) | rest[2];
    if (command === ERASE_SECTOR) this.#erase(address, 4096);
    else if (command === ERASE_BLOCK) this.#erase(address, 65536);
    else if (command === PROGRAM) rest.slice(3, 3 + PAGE).forEach((byte, i) => { this.memory[address + i] &= byte; });
    else return;
    this.writable = false;
  }

  #address() {
    return (this.sent[1] << 16) | (this.sent[2] << 8) | this.sent[3];
  }

  #erase(address, size) {
    const start = address - (address % size);
    this.memory.fill(0xff, start, start + size);
  }
}
