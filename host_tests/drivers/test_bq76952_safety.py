"""The chip's own verdicts: every status bit by its place in the TRM, and that it acts on what it was told."""

from bms.drivers import afe
from drivers.bq76952_bench import Bench, reading


def test_safety_bits():
    table = (
        (0x03, 0x04, afe.UV),
        (0x03, 0x08, afe.OV),
        (0x03, 0x10, afe.OCC),
        (0x03, 0x20, afe.OCD1),
        (0x03, 0x40, afe.OCD2),
        (0x03, 0x80, afe.SCD),
        (0x05, 0x01, afe.UTC),
        (0x05, 0x02, afe.UTD),
        (0x05, 0x04, afe.OTHER),
        (0x05, 0x10, afe.OTC),
        (0x05, 0x20, afe.OTD),
        (0x05, 0x40, afe.OTINT),
        (0x05, 0x80, afe.OTF),
        (0x07, 0x02, afe.HWD),
        (0x07, 0x04, afe.OTHER),
        (0x07, 0x10, afe.OTHER),
        (0x07, 0x20, afe.OTHER),
        (0x07, 0x40, afe.OTHER),
        (0x07, 0x80, afe.OTHER),
        (0x13, 0x10, afe.PF),
    )
    for register, bit, meaning in table:
        assert reading(**{"_%02x" % register: bit}).safety == meaning, (register, bit)
    for register in (0x0B, 0x0D, 0x0F, 0x11):
        for bit in range(8):
            assert reading(**{"_%02x" % register: 1 << bit}).safety == afe.PF
    for register in (0x02, 0x04, 0x06, 0x0A, 0x0C, 0x0E, 0x10, 0x12):  # alerts are no verdicts yet
        assert reading(**{"_%02x" % register: 0xFF}).safety == 0
    assert reading(_03=0xFC, _05=0x10, _07=0x02).safety == (
        afe.UV | afe.OV | afe.OCC | afe.OCD1 | afe.OCD2 | afe.SCD | afe.OTC | afe.HWD
    )


def test_neutral_bits_are_distinct():
    seen = 0
    for value in (
        afe.OV,
        afe.UV,
        afe.OCC,
        afe.OCD1,
        afe.OCD2,
        afe.SCD,
        afe.OTC,
        afe.UTC,
        afe.OTD,
        afe.UTD,
        afe.OTF,
        afe.OTINT,
        afe.HWD,
        afe.PF,
        afe.OTHER,
    ):
        assert value & value - 1 == 0
        assert not seen & value
        seen |= value
    assert seen == 0x7FFF


def test_fet_status_is_in_its_own_order():
    # TRM 12.2.26: CHG, PCHG, DSG, PDSG
    for bit, gate in ((0x01, afe.CHG), (0x02, afe.PCHG), (0x04, afe.DSG), (0x08, afe.PDSG)):
        assert reading(_7f=bit | 0xF0).fets == gate


def trip(bench, happens, seconds=8):
    happens(bench.chip)
    bench.chip.analog_changed(bench.clock.now_us)
    seen = 0
    for _ in range(seconds * 10):
        bench.cycles(1)
        seen |= bench.afe.safety
        if seen:
            break
    return seen


def set_cell(volts):
    def happens(chip):
        chip.cells_v = [3.3] * 7 + [volts] + [3.3] * 8

    return happens


def set_amps(amps):
    def happens(chip):
        chip.current_a = amps

    return happens


def set_degrees(degrees):
    def happens(chip):
        chip.pins_c = {"TS1": 25.0, "TS2": degrees, "TS3": 25.0}

    return happens


def test_the_chip_acts_on_what_it_was_told():
    """PW-132."""
    for happens, meaning in (
        (set_cell(4.30), afe.OV),
        (set_cell(2.50), afe.UV),
        (set_amps(13.0), afe.OCC),
        (set_amps(-21.5), afe.OCD1),
        (set_degrees(49.0), afe.OTC),
        (set_degrees(1.0), afe.UTC),
    ):
        bench = Bench()
        bench.run()
        assert trip(bench, happens) == meaning, meaning
    for happens, meaning in (
        (set_amps(-60.0), afe.OCD2),
        (set_amps(-150.0), afe.SCD),  # the bench does not stop the current, so OCD2 follows
        (set_degrees(64.0), afe.OTC | afe.OTD),
        (set_degrees(-18.0), afe.UTC | afe.UTD),
    ):
        bench = Bench()
        bench.run()
        assert trip(bench, happens) & meaning == meaning, meaning


def test_the_chip_does_not_act_inside_its_limits():
    for happens in (
        set_cell(4.24),
        set_cell(2.54),
        set_amps(11.9),
        set_amps(-19.9),
        set_degrees(47.0),
        set_degrees(3.0),
    ):
        bench = Bench()
        bench.run()
        assert trip(bench, happens) == 0, bench.afe.safety


def test_the_chip_opens_when_we_fall_silent_and_recovers_when_we_speak():
    """PW-132."""
    bench = Bench()
    driver = bench.run()
    driver.set_fets(afe.BOTH)
    bench.cycles(5)
    assert bench.chip.chg_on
    assert bench.chip.dsg_on
    bench.wait(4000)
    assert bench.chip.dsg_on
    bench.wait(2000)
    assert not bench.chip.chg_on
    assert not bench.chip.dsg_on
    driver.read()
    assert driver.safety & afe.HWD


def test_current_faults_recover_without_charger_or_load():
    for amps, meaning in ((13.0, afe.OCC), (-21.5, afe.OCD1), (-150.0, afe.SCD)):
        bench = Bench()
        bench.run().set_fets(afe.BOTH)
        bench.cycles(5)
        assert trip(bench, set_amps(amps)) & meaning
        bench.afe.open_path()
        bench.set_current(0.0)
        bench.cycles(45)
        assert bench.afe.safety & meaning  # not before the watchdog's 5 s
        bench.cycles(45)
        assert bench.afe.safety == 0
        assert bench.afe.fets == 0  # the host's latch still holds


def test_lost_bits():
    for low, lost in ((0x08, True), (0x01, True), (0x04, False), (0xF6, False)):
        driver = reading()
        driver.configured = True
        driver.link._bus.registers[0x12] = low
        driver.read()
        assert driver.configured != lost, low
