"""A plain host for tests of the simulated BQ769x0: raw transactions, literal addresses, no driver."""

from packwarden.sim.bq769x0 import Bq769x0
from packwarden.sim.clock import Clock
from packwarden.sim.i2c import I2cBus

ADDRESS = 0x08


class Bench:
    """Gain 380 uV and offset 30 mV: the datasheet's own example (8.3.1.1.2)."""

    def __init__(self, groups: int = 3, crc: bool = False) -> None:
        self.clock = Clock()
        self.chip = Bq769x0(self.clock, groups, crc, ADDRESS, 380, 30)
        self.chip.pins_c = {"TS1": 25.0, "TS2": 25.0, "TS3": 25.0}
        self.bus = I2cBus(self.clock, 100_000)
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

    def cells(self, volts: float) -> None:
        self.chip.cells_v = [volts] * len(self.chip.cells_v)

    def read(self, register: int, size: int = 1) -> bytes:
        buf = bytearray(size)
        self.bus.readfrom_mem_into(ADDRESS, register, buf)
        return bytes(buf)

    def u1(self, register: int) -> int:
        return self.read(register)[0]

    def u2(self, register: int) -> int:
        """High byte first."""
        high, low = self.read(register, 2)
        return high << 8 | low

    def write(self, *data: int) -> None:
        self.bus.writeto(ADDRESS, bytes(data))

    def converting(self) -> "Bench":
        """Coulomb counter on, both FETs on, nothing latched."""
        self.write(0x0B, 0x19)
        self.write(0x05, 0x43)
        self.wait_ms(260)
        self.write(0x00, 0xFF)
        return self

    @property
    def quiet(self) -> bool:
        """Whether the chip has had nothing to complain about."""
        return not self.chip.complaints
