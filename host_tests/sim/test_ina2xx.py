"""The simulated INA226 and INA228 by their datasheets: raw transactions, literal words, no driver."""

from packwarden.sim.clock import Clock
from packwarden.sim.i2c import I2cBus
from packwarden.sim.ina226 import Ina226
from packwarden.sim.ina228 import Ina228

ADDRESS = 0x40


class Bench:
    def __init__(self, kind: "type[Ina226]" = Ina226) -> None:
        self.clock = Clock()
        self.chip = kind(self.clock, ADDRESS)
        self.bus = I2cBus(self.clock, 400_000)
        self.bus.attach(ADDRESS, self.chip)

    def read(self, register: int, size: int = 2) -> int:
        buf = bytearray(size)
        self.bus.readfrom_mem_into(ADDRESS, register, buf)
        value = 0
        for byte in buf:
            value = value << 8 | byte
        return value

    def write(self, register: int, word: int) -> None:
        self.bus.writeto(ADDRESS, bytearray((register, word >> 8, word & 0xFF)))

    def shunt(self, volts: float) -> None:
        self.chip.analog_changed(self.clock.now_us, volts)

    def wait_ms(self, ms: float) -> None:
        end_us = self.clock.now_us + int(ms * 1000)
        while self.chip.next_us <= end_us:
            self.clock.now_us = max(self.clock.now_us, self.chip.next_us)
            self.chip.run(self.clock.now_us)
        self.clock.now_us = end_us


def signed(word: int, bits: int = 16) -> int:
    return (word ^ 1 << bits - 1) - (1 << bits - 1)


def test_ina226_registers_after_power_up() -> None:
    bench = Bench()
    assert [bench.read(each) for each in range(8)] == [0x4127, 0, 0, 0, 0, 0, 0, 0]
    assert (bench.read(0xFE), bench.read(0xFF)) == (0x5449, 0x2260)


def test_ina226_counts() -> None:
    """2.5 uV and 1.25 mV; current is shunt times calibration over 2048 (6.5.1)."""
    bench = Bench()
    bench.write(5, 2048)
    bench.chip.bus_v = 26.4
    for volts, counts in ((0.05, 20_000), (-0.05, -20_000), (0.09, 32_767), (-0.09, -32_768)):
        bench.shunt(volts)
        bench.wait_ms(5)
        assert signed(bench.read(1)) == counts
        assert bench.read(2) == 21_120
    bench.shunt(-0.01)
    bench.wait_ms(5)
    assert signed(bench.read(4)) == -4000
    bench.write(5, 0)
    bench.wait_ms(5)
    assert bench.read(4) == 0, "without calibration it says 0 A"


def test_ina226_result_times() -> None:
    """Table 7-3 to 7-5: averages times (shunt and bus)."""
    for config, us in (
        (0x4127, 2200),
        (0x4527, 35_200),
        (0x4FFF, 1024 * 16_488),
        (0x4125, 1100),
        (0x4126, 1100),
    ):
        bench = Bench()
        bench.write(0, config)
        assert bench.chip.result_us() == us
    bench.write(0, 0x4120)
    bench.wait_ms(100)
    assert bench.read(6) == 0, "asleep"


def test_ina226_ready_flag_goes_by_reading_the_mask() -> None:
    bench = Bench()
    bench.write(0, 0x4527)
    bench.wait_ms(30)
    assert bench.read(6) & 8 == 0
    bench.wait_ms(10)
    assert bench.read(1) == 0
    assert bench.read(6) & 8
    assert bench.read(6) & 8 == 0


def test_an_average_is_one_of_the_whole_time() -> None:
    bench = Bench()
    bench.write(0, 0x4527)
    bench.shunt(0.04)
    bench.wait_ms(17.6)
    bench.shunt(0.0)
    bench.wait_ms(18)
    assert abs(signed(bench.read(1)) - 8000) < 60


def test_ina226_reset_bit_and_brown_out() -> None:
    for breakdown in (lambda b: b.write(0, 0x8000), lambda b: b.chip.power_cycle()):
        bench = Bench()
        bench.write(0, 0x4527)
        bench.write(5, 0x5057)
        bench.write(6, 0x4001)
        bench.write(7, 0x1234)
        breakdown(bench)
        assert [bench.read(each) for each in (0, 5, 6, 7)] == [0x4127, 0, 0, 0]


def test_ina226_alert_latched_and_not() -> None:
    for latch in (0, 1):
        bench = Bench()
        bench.write(7, -20_000 & 0xFFFF)
        bench.write(6, 0x4000 | latch)
        bench.shunt(-0.049)
        bench.wait_ms(5)
        assert not bench.chip.alert
        bench.shunt(-0.051)
        bench.wait_ms(5)
        assert bench.chip.alert
        bench.shunt(0.0)
        bench.wait_ms(5)
        assert bench.chip.alert == bool(latch)
        assert bench.read(6) & 0x10 == 0x10 * latch
        assert not bench.chip.alert


def test_ina226_other_alerts() -> None:
    for mask, shunt_v, bus_v in ((0x8000, 0.06, 20.0), (0x2000, 0.0, 30.0), (0x1000, 0.0, 20.0)):
        bench = Bench()
        bench.write(7, 20_000)  # 50 mV, 25 V
        bench.write(6, mask)
        bench.chip.bus_v = bus_v
        bench.shunt(shunt_v)
        bench.wait_ms(5)
        assert bench.chip.alert, hex(mask)


def test_ina228_registers_after_power_up() -> None:
    bench = Bench(Ina228)
    expected = {0: 0, 1: 0xFB68, 2: 0x1000, 0x0B: 1, 0x0C: 0x7FFF, 0x0D: 0x8000, 0x3E: 0x5449, 0x3F: 0x2281}
    for register, word in expected.items():
        assert bench.read(register) == word, hex(register)


def test_ina228_counts_times_and_flags() -> None:
    bench = Bench(Ina228)
    bench.write(1, 0xBB6A)
    bench.write(0x0B, 0x8000)
    assert bench.chip.result_us() == 16 * 2 * 1052
    bench.chip.bus_v = 26.4
    bench.shunt(-0.05)
    bench.wait_ms(80)
    assert bench.read(0x0B) & 2
    assert bench.read(0x0B) & 2 == 0
    assert signed(bench.read(4, 3), 24) == -160_000 << 4
    assert bench.read(5, 3) == 135_168 << 4
    bench.write(0, 0x8000)
    assert bench.read(1) == 0xFB68


def test_ina228_alert() -> None:
    bench = Bench(Ina228)
    bench.write(1, 0xBB6A)
    bench.write(0x0D, -10_000 & 0xFFFF)  # 50 mV
    bench.write(0x0B, 0x8000)
    bench.shunt(-0.051)
    bench.wait_ms(40)
    assert bench.chip.alert
    bench.shunt(0.0)
    bench.wait_ms(40)
    assert bench.chip.alert, "latched"
    assert bench.read(0x0B) & 0x20
    assert not bench.chip.alert


def test_neither_has_the_identity_of_the_other() -> None:
    assert Bench().read(0x3E) == 0
    assert Bench(Ina228).read(0xFE) == 0


def test_complaints() -> None:
    for kind in (Ina226, Ina228):
        for act, word in (
            (lambda b: b.write(0x3E, 1), "takes no write"),
            (lambda b: b.read(0x20), "does not exist"),
            (lambda b: b.read(0, 3), "beyond the end"),
        ):
            bench = Bench(kind)
            act(bench)
            assert len(bench.chip.complaints) == 1
            assert word in bench.chip.complaints[0]
