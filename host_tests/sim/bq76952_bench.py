"""A plain host for tests of the simulated BQ76952: raw transactions, literal addresses, no driver."""

import struct

from packwarden.sim.bq76952 import Bq76952
from packwarden.sim.clock import Clock
from packwarden.sim.i2c import I2cBus

ADDRESS = 0x08


class Bench:
    def __init__(self, crc: bool = False) -> None:
        self.clock = Clock()
        self.chip = Bq76952(self.clock, crc)
        self.bus = I2cBus(self.clock)
        self.bus.attach(ADDRESS, self.chip)

    def wait_us(self, duration_us: int) -> None:
        """Time passes; the chip is run exactly when it asks for it."""
        end_us = self.clock.now_us + duration_us
        while self.chip.next_us <= end_us:
            self.clock.now_us = max(self.chip.next_us, self.clock.now_us)
            self.chip.run(self.clock.now_us)
        self.clock.now_us = end_us
        self.chip.run(end_us)

    def wait_ms(self, duration_ms: float) -> None:
        self.wait_us(int(duration_ms * 1000))

    def current(self, amps: float) -> None:
        self.chip.current_a = amps
        self.chip.analog_changed(self.clock.now_us)

    def cells(self, volts: float, count: int = 16) -> None:
        self.chip.cells_v = [volts] * 16
        self.chip.stack_v = volts * count
        self.chip.analog_changed(self.clock.now_us)

    def read(self, register: int, size: int = 1) -> bytes:
        buf = bytearray(size)
        self.bus.readfrom_mem_into(ADDRESS, register, buf)
        return bytes(buf)

    def u1(self, register: int) -> int:
        return self.read(register)[0]

    def u2(self, register: int) -> int:
        return int(struct.unpack("<H", self.read(register, 2))[0])

    def i2(self, register: int) -> int:
        return int(struct.unpack("<h", self.read(register, 2))[0])

    def write(self, *data: int) -> None:
        self.bus.writeto(ADDRESS, bytes(data))

    def command(self, word: int) -> None:
        self.write(0x3E, word & 0xFF, word >> 8)
        self.wait_us(2_500)

    def ask(self, word: int) -> bytes:
        """The answer to a subcommand or 32 bytes of data memory, with echo and checksum verified."""
        self.command(word)
        assert self.u2(0x3E) == word
        size = self.u1(0x61) - 4
        data = self.read(0x40, size)
        assert self.u1(0x60) == ~((word & 0xFF) + (word >> 8) + sum(data)) & 0xFF
        return data

    def send(self, word: int, data: bytes) -> None:
        """Data to a subcommand or to data memory."""
        self.write(0x3E, word & 0xFF, word >> 8, *data)
        checksum = ~((word & 0xFF) + (word >> 8) + sum(data)) & 0xFF
        self.write(0x60, checksum, len(data) + 4)
        self.wait_us(1_000)

    def configure(self, *settings: "tuple[int, int, int]") -> None:
        """Write (address, size, value) settings the proper way."""
        self.command(0x0090)
        assert self.u2(0x12) & 1
        for address, size, value in settings:
            self.send(address, (value & (1 << 8 * size) - 1).to_bytes(size, "little"))
        self.command(0x0092)
        assert not self.u2(0x12) & 1

    def fets_on(self) -> None:
        """Autonomous control, nothing held off, and one round of the FET loop."""
        if not self.ask(0x0057)[0] & 0x10:
            self.command(0x0022)
        self.command(0x0096)
        self.wait_ms(260)

    @property
    def quiet(self) -> bool:
        """Whether the chip has had nothing to complain about."""
        return not self.chip.complaints
