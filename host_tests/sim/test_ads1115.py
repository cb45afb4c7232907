"""The simulated ADS1115 by its datasheet: raw transactions, literal words, no driver."""

from packwarden.sim.ads1115 import Ads1115
from packwarden.sim.clock import Clock
from packwarden.sim.i2c import I2cBus
from portable import raises

ADDRESS = 0x48
ONCE_AIN0 = 0xC3E3  # start, AIN0 against ground, 4.096 V, single, 860 SPS, comparator off


class Bench:
    def __init__(self, noise: float = 0.0) -> None:
        self.clock = Clock()
        self.chip = Ads1115(self.clock, ADDRESS)
        self.chip.slow = 0.0
        self.chip.noise_counts = noise
        self.bus = I2cBus(self.clock, 400_000)
        self.bus.attach(ADDRESS, self.chip)

    def read(self, register: int) -> int:
        buf = bytearray(2)
        self.bus.readfrom_mem_into(ADDRESS, register, buf)
        return buf[0] << 8 | buf[1]

    def write(self, register: int, word: int) -> None:
        self.bus.writeto(ADDRESS, bytearray((register, word >> 8, word & 0xFF)))

    def convert(self, word: int = ONCE_AIN0) -> int:
        """Start, wait long enough, read; as a signed number."""
        self.write(1, word)
        self.clock.elapse_us(200_000)
        return (self.read(0) ^ 0x8000) - 0x8000


def test_registers_after_power_up() -> None:
    bench = Bench()
    assert [bench.read(each) for each in range(4)] == [0x0000, 0x8583, 0x8000, 0x7FFF]


def test_the_ranges() -> None:
    bench = Bench()
    bench.chip.inputs_v[0] = 1.0
    for pga, full_v in enumerate((6.144, 4.096, 2.048)):
        assert abs(bench.convert(0xC1E3 | pga << 9) - 32768 / full_v) <= 1, full_v
    assert bench.convert(0xC1E3 | 4 << 9) == 32767, "beyond 0.512 V it clips"
    assert bench.chip.complaints == []


def test_inputs_against_ground_and_against_each_other() -> None:
    bench = Bench()
    bench.chip.inputs_v = [0.512, 1.024, 1.536, 2.048]
    for pin in range(4):
        assert bench.convert(0xC3E3 | pin << 12) == 4096 * (pin + 1)
    for mux, counts in enumerate((-4096, -12288, -8192, -4096)):
        assert bench.convert(0x83E3 | mux << 12) == counts, mux


def test_a_conversion_takes_its_time_and_says_when_it_is_over() -> None:
    for rate, nominal_us in ((7, 1163), (4, 7813), (0, 125_000)):
        bench = Bench()
        bench.chip.inputs_v[0] = 1.024
        bench.write(1, 0xC303 | rate << 5)
        started_us = bench.clock.now_us
        assert bench.read(1) & 0x8000 == 0
        assert bench.read(0) == 0, "the old result stands"
        while not bench.read(1) & 0x8000:
            bench.clock.elapse_us(50)
        assert nominal_us <= bench.clock.now_us - started_us <= nominal_us + 400
        assert bench.read(0) == 8192
        assert bench.read(1) == 0xC303 | rate << 5


def test_the_oscillator_is_off_by_a_tenth_at_most() -> None:
    assert {abs(Ads1115(Clock(), seed=seed).slow) <= 0.1 for seed in range(50)} == {True}
    assert len({Ads1115(Clock(), seed=seed).slow for seed in range(50)}) > 10


def test_a_result_is_what_stands_at_the_pin_when_the_conversion_ends() -> None:
    bench = Bench()
    bench.write(1, ONCE_AIN0)
    bench.chip.inputs_v[0] = 2.048
    bench.clock.elapse_us(2000)
    assert bench.read(0) == 16384


def test_a_supply_that_breaks_down_leaves_the_defaults() -> None:
    bench = Bench()
    bench.write(2, 0x5057)
    assert bench.read(2) == 0x5057
    bench.chip.power_cycle()
    assert [bench.read(each) for each in range(4)] == [0x0000, 0x8583, 0x8000, 0x7FFF]


def test_what_does_not_answer_or_is_held() -> None:
    bench = Bench()
    bench.chip.silent = True
    raises(OSError, bench.read, 0)
    bench.chip.silent = False
    bench.bus.stuck = True
    raises(OSError, bench.read, 0)
    bench.bus.recover()
    assert bench.read(1) == 0x8583


def test_a_converter_that_stands_still_ends_its_conversions_all_the_same() -> None:
    bench = Bench()
    bench.chip.inputs_v[0] = 1.024
    assert bench.convert() == 8192
    bench.chip.freeze = True
    bench.chip.inputs_v[0] = 2.048
    assert bench.convert() == 8192
    assert bench.convert(0xC1E3) == 8192, "in another range, too"
    bench.chip.freeze = False
    assert bench.convert() == 16384


def test_one_input_that_stands_still() -> None:
    bench = Bench()
    bench.chip.inputs_v = [1.024, 1.024, 0.0, 0.0]
    bench.chip.frozen_inputs = 2
    assert bench.convert(0xD3E3) == 8192
    bench.chip.inputs_v = [2.048, 2.048, 0.0, 0.0]
    assert bench.convert(0xD3E3) == 8192
    assert bench.convert() == 16384


def test_noise_is_that_of_the_part() -> None:
    bench = Bench(0.7)
    bench.chip.inputs_v[0] = 2.0
    seen = [bench.convert() for _ in range(200)]
    assert 3 <= len(set(seen)) <= 8


def test_complaints() -> None:
    for act, word in (
        (lambda b: b.write(0, 1), "takes no write"),
        (lambda b: b.read(4), "does not exist"),
        (lambda b: (b.write(1, ONCE_AIN0), b.write(1, ONCE_AIN0)), "while another was under way"),
        (lambda b: b.write(1, 0x42E3), "continuous"),
        (lambda b: b.bus.writeto(ADDRESS, bytearray((1, 2))), "half a word"),
    ):
        bench = Bench()
        act(bench)
        assert len(bench.chip.complaints) == 1, word
        assert word in bench.chip.complaints[0]
    bench = Bench()
    bench.chip.inputs_v[0] = 4.0
    assert bench.convert() == 28800, "its diodes hold it at 3.6 V"
    assert "beyond the supply" in bench.chip.complaints[0]
