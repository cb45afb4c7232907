"""Calibration bends readings as chapter 4 of the manual says, and a reset brings back what OTP holds."""

import struct

from sim.bq76952_bench import Bench

AWAKE = (0x9234, 2, 0x2880)
CC_GAIN_1_MOHM = struct.unpack("<I", struct.pack("<f", 7.56836))[0]


def reading(register: int, *settings: "tuple[int, int, int]", amps: float = 0.0) -> int:
    """What a register shows with these settings; everything else as it came, cells at 3.3 V, 25 degC."""
    bench = Bench()
    bench.chip.pins_c = {"TS1": 25.0}
    bench.configure(AWAKE, (0x91A8, 4, CC_GAIN_1_MOHM), *settings)
    bench.current(amps)
    bench.wait_ms(600)
    return bench.i2(register)


def test_an_untouched_part_reads_the_truth() -> None:
    for register, truth in (
        (0x14, 3300),
        (0x32, 3300),
        (0x34, 5280),
        (0x36, 5280),
        (0x38, 5280),
        (0x70, 2982),
    ):
        assert reading(register) == truth
    assert reading(0x68) == 2982


def test_each_input_has_a_trim_of_its_own() -> None:
    gains = struct.unpack("<16h", Bench().ask(0x9180))
    assert len(set(gains)) > 8
    for gain in gains:
        assert abs(gain - 12_120) < 20  # TRM 4.10


def test_cell_gains_and_offsets() -> None:
    trim = struct.unpack("<h", Bench().ask(0x9186)[:2])[0]
    assert reading(0x1A, (0x9186, 2, trim)) == 3300
    assert abs(reading(0x1A, (0x9186, 2, 2 * trim // 3)) - 2200) <= 1
    assert reading(0x18, (0x9186, 2, 2 * trim // 3)) == 3300
    assert reading(0x14, (0x91B0, 2, -7)) == 3307


def test_interconnects_are_subtracted_with_the_current() -> None:
    """TRM 4.1.3: 5 milliohm in series with cell 2."""
    ohm = (0x9317, 2, 5)
    assert reading(0x16, ohm) == 3300
    assert abs(reading(0x16, ohm, amps=-10.0) - 3350) <= 1
    assert abs(reading(0x16, ohm, amps=10.0) - 3250) <= 1
    assert reading(0x14, ohm, amps=10.0) == 3300


def test_divider_gains_and_offset() -> None:
    for address, register in ((0x91A0, 0x36), (0x91A2, 0x34), (0x91A4, 0x38)):
        one, other = reading(register, (address, 2, 20_000)), reading(register, (address, 2, 30_000))
        assert abs(other / one - 1.5) < 0.001
        assert reading(register, (0x91B2, 2, 10)) == 5270  # userV


def test_board_offset_in_counts_per_sample() -> None:
    """64 samples by default; one count is 7.57 mA at 1 milliohm (TRM 4.12)."""
    assert reading(0x3A, (0x91C8, 2, 640)) == -76


def test_thermistor_offsets_and_models() -> None:
    assert reading(0x70, (0x91CE, 1, -15)) == 2967
    assert reading(0x70, (0x91CF, 1, -15)) == 2982  # TS2's
    for address in (0x91EA, 0x91F2, 0x91FA, 0x91FE):  # the 18K model
        assert reading(0x70, (address, 2, 1)) != 2982
        assert reading(0x68, (address, 2, 1)) == 2982
    for address in (0x9200, 0x9214, 0x9216, 0x9228, 0x922A):  # models that TS1 does not use
        assert reading(0x70, (address, 2, 1)) == 2982
    assert reading(0x70, (0x92FD, 1, 0x17), (0x9200, 2, 1)) != 2982  # 180K


def test_internal_temperature_model() -> None:
    """TRM 4.7: counts x gain / 65536 + base + offset, up to a maximum of either."""
    assert reading(0x68, (0x91CA, 1, 20)) == 3002
    assert reading(0x68, (0x91E4, 2, 3042)) == 2992
    assert reading(0x68, (0x91E8, 2, 2900)) == 2900
    counts = (2981.5 - 3032) * 65_536 / 25_390
    assert abs(reading(0x68, (0x91E2, 2, 12_695)) - (3032 + counts * 12_695 / 65_536)) <= 1
    assert abs(reading(0x68, (0x91E6, 2, -1000)) - (3032 - 1000 * 25_390 / 65_536)) <= 1


def test_a_threshold_override_takes_the_threshold_s_place() -> None:
    """CUV and COV, 0xFFFF is none (TRM 13.2.12, 13.2.13)."""
    for address, code, enable in ((0x91D4, 3400, 0x04), (0x91D6, 3200, 0x08)):
        for override, tripped in ((0xFFFF, 0), (code, enable)):
            bench = Bench()
            bench.configure(AWAKE, (0x9261, 1, enable), (address, 2, override))
            bench.wait_ms(600)
            assert bench.u1(0x03) == tripped
    bench = Bench()
    bench.configure(AWAKE, (0x9261, 1, 0x08))
    bench.chip.flip_bit(0x91D7, 1)  # no threshold at all any more
    bench.cells(4.9)
    bench.wait_ms(1_000)
    assert bench.u1(0x03) == 0


def test_flipped_bits_shift_readings_until_a_reset() -> None:
    for address, bit, register in (
        (0x9181, 4, 0x14),
        (0x91A1, 7, 0x36),
        (0x91AA, 5, 0x3A),
        (0x91B0, 6, 0x32),
        (0x91CE, 4, 0x70),
        (0x91E4, 5, 0x68),
        (0x91EB, 6, 0x70),
        (0x9316, 0, 0x14),
    ):
        bench = Bench()
        bench.chip.pins_c = {"TS1": 25.0}
        bench.current(1.0)
        bench.wait_ms(600)
        truth = bench.i2(register)
        bench.chip.flip_bit(address, bit)
        bench.wait_ms(600)
        assert abs(bench.i2(register) - truth) > 10, hex(address)
        bench.write(0x3E, 0x12, 0x00)
        bench.wait_ms(600)
        assert bench.i2(register) == truth
        assert bench.u2(0x12) & 8


def test_a_reset_loads_otp_and_what_was_only_in_ram_is_gone() -> None:
    bench = Bench()
    bench.chip.memory.burn(0x9182, b"\x68\x2f\x69\x2f")
    bench.chip.memory.burn(0x9183, b"\x30")  # the second image undoes part of the first
    bench.chip.memory.burn(0x9278, b"\x50")
    bench.chip.power_cycle()
    bench.wait_ms(600)
    assert bench.ask(0x9182)[:4] == b"\x68\x30\x69\x2f"
    bench.configure(AWAKE, (0x9278, 1, 86), (0x9182, 2, 12_000))
    assert bench.ask(0x9278)[:1] == b"\x56"
    bench.write(0x3E, 0x12, 0x00)
    bench.wait_ms(600)
    assert bench.ask(0x9182)[:4] == b"\x68\x30\x69\x2f"
    assert bench.ask(0x9278)[:1] == b"\x50"
    assert bench.ask(0x9279)[:2] == b"\x4a\x00"
