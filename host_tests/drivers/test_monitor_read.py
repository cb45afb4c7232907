"""The monitor class driver and its simulated converters: what it reads, and when it does not believe it."""

from bms.drivers import afe
from drivers.monitor_bench import Bench
from portable import raises

CONNECTIONS = [(3, 1), (4, 1), (5, 2), (8, 2), (7, 3), (8, 4), (3, 4)]


def test_every_cell_by_any_number_of_chips() -> None:
    for cells, chips in CONNECTIONS:
        bench = Bench(cells, chips)
        volts = [3.0 + 0.1 * cell for cell in range(cells)]
        bench.set_cells(volts)
        bench.run(3)
        assert bench.afe.fresh
        for seen, true in zip(bench.afe.cells_mv, volts):
            assert abs(seen - true * 1000) <= 7, (cells, chips, list(bench.afe.cells_mv))
        assert abs(bench.afe.stack_mv - sum(volts) * 1000) <= 25 * cells
        assert bench.front.complaints == []


def test_current_by_either_meter() -> None:
    for meter, step_ma in (("ina226", 3), ("ina228", 1)):
        bench = Bench(meter=meter).run()
        assert bench.afe.meter.name == meter.upper()
        for amps in (0.0, 10.0, -25.0, 17.5, -60.0):
            bench.set_current(amps)
            bench.run(2)
            assert abs(bench.afe.current_ma - amps * 1000) <= step_ma, (meter, amps)
        assert bench.front.complaints == []


def test_outside_voltage_and_temperatures() -> None:
    bench = Bench(thermistors=2)
    bench.front.ld_v = 28.8
    bench.front.pins_c = {"TS1": -10.0, "TS2": 60.0}
    bench.run(2)
    assert abs(bench.afe.pack_mv - 28_800) <= 2
    assert bench.afe.ld_mv == bench.afe.pack_mv
    assert abs(bench.afe.temps_ddegc[0] + 100) <= 10
    assert abs(bench.afe.temps_ddegc[1] - 600) <= 10
    assert bench.afe.temps_ok == 3
    assert bench.afe.die_ddegc == 300
    bench.front.pins_c = {"TS1": None, "TS2": "short"}
    bench.run()
    assert bench.afe.temps_ok == 0
    assert bench.afe.temps_ddegc[0] < -600
    assert bench.afe.temps_ddegc[1] > 1500


def test_samples_of_the_controllers_adc_are_a_mean_without_the_extremes() -> None:
    bench = Bench()
    values = [2000, 2008, 4095, 2000, 2008, 0, 2000, 2008, 2004, 2004]
    bench.pins.sample = lambda _which: values.pop()
    assert bench.afe.level(0) == 16_032
    assert values == []


def test_a_picture_takes_some_milliseconds_only() -> None:
    for cells, chips, most_ms in ((4, 1, 10), (8, 2, 12), (8, 4, 9)):
        bench = Bench(cells, chips).run()
        began = bench.clock.now_us
        bench.afe.read()
        assert (bench.clock.now_us - began) / 1000 <= most_ms, (cells, chips)


class Moving:
    """A stack that moves while its taps are read, by so much a millisecond."""

    def __init__(self, bench: Bench, volt_per_ms: float) -> None:
        self._bench = bench
        self._rate = volt_per_ms
        self._since_us = bench.clock.now_us
        self._sources = [chip.source for chip in bench.front.taps]
        for index, chip in enumerate(bench.front.taps):
            chip.source = self._source(index)

    def _source(self, index):
        def volts(pin):
            moved = self._rate * (self._bench.clock.now_us - self._since_us) / 1000 / 26.4
            return self._sources[index](pin) * (1 + moved)

        return volts

    def stop(self) -> None:
        for chip, source in zip(self._bench.front.taps, self._sources):
            chip.source = source


def test_a_stack_that_moves_meanwhile_makes_no_picture() -> None:
    bench = Bench().run(3)
    moving = Moving(bench, -0.02)
    bench.run()
    assert not bench.afe.fresh
    moving.stop()
    bench.run()
    assert bench.afe.fresh


def test_but_one_that_never_rests_is_looked_at_all_the_same() -> None:
    """Three pictures are thrown away, 0.3 s; then an inexact one is better than none."""
    bench = Bench().run(1)
    Moving(bench, -0.02)
    seen = []
    for _ in range(7):
        bench.run()
        seen.append(bench.afe.fresh)
    # The last one looks for life, not for movement.
    assert seen == [False, False, False, True, False, False, True]


def test_an_overload_beyond_the_limit_is_told_at_once() -> None:
    for meter in ("ina226", "ina228"):
        bench = Bench(meter=meter).run(2)
        bench.set_current(-69.0)
        bench.wait(100)
        assert not bench.front.alert
        bench.set_current(-71.0)
        bench.wait(75)
        assert bench.front.alert
        assert bench.afe.check_alert()
        bench.afe.read()
        assert bench.afe.safety == afe.SCD
        bench.set_current(0.0)
        bench.run(2)
        assert bench.afe.safety == 0
        assert not bench.afe.check_alert()


def test_a_current_beyond_all_that_can_be_read() -> None:
    bench = Bench(changes={"scd_ma": 500_000}).run()
    bench.set_current(-400.0)
    bench.run()
    assert bench.afe.current_ma < -81_000
    assert bench.afe.safety == afe.SCD
    bench.set_current(400.0)
    bench.run(2)
    assert bench.afe.current_ma > 81_000
    assert bench.afe.safety == 0, "charging is no short circuit: the over-current row has it"


def test_converters_that_stand_still() -> None:
    bench = Bench().run(3)
    bench.front.freeze = True
    bench.run(24)
    assert bench.afe.still >= 5
    bench.front.freeze = False
    bench.run(9)
    assert bench.afe.still == 0


def test_one_chip_of_two_that_stands_still() -> None:
    bench = Bench().run(3)
    bench.front.taps[0].freeze = True
    bench.run(24)
    assert bench.afe.still >= 5


def test_a_resting_pack_stands_still_and_is_not_accused() -> None:
    bench = Bench()
    for chip in bench.front.taps:
        chip.noise_counts = 0.0
    bench.run(60)
    assert bench.afe.still == 0


def test_a_meter_that_does_not_convert_makes_no_picture() -> None:
    bench = Bench().run(2)
    bench.front.meter.take(0x00, 0x4520)
    bench.run(4)
    assert not bench.afe.fresh


def test_a_reset_of_a_converter_is_noticed() -> None:
    for chip in (0, 1):
        bench = Bench().run(2)
        bench.front.taps[chip].power_cycle()
        seen = 0
        for _ in range(2):
            try:
                bench.afe.verify_step()
            except afe.ReadbackError as error:
                seen += 1
                assert "Lo_thresh of the ADS1115 at 0x%02X" % (0x48 + chip) in str(error)
        assert seen >= 1


def test_a_reset_of_the_meter_is_noticed() -> None:
    for meter in ("ina226", "ina228"):
        bench = Bench(meter=meter).run(2)
        bench.front.meter.power_cycle()
        seen = []
        for _ in range(6):
            try:
                bench.afe.verify_step()
            except afe.ReadbackError as error:
                seen.append(str(error))
        assert seen
        assert meter.upper() in seen[0]


def test_settings_that_do_not_hold_are_a_lost_configuration() -> None:
    bench = Bench().run(2)
    chip = bench.front.taps[1]
    take = chip.take

    def stubborn(register, value):
        take(register, value ^ 0x0200 if register == 1 else value)

    chip.take = stubborn
    bench.wait(100)
    bench.afe.read()
    assert not bench.afe.configured


def test_a_converter_that_never_ends_is_told() -> None:
    bench = Bench().run(2)
    bench.front.taps[0].slow = 9.0
    bench.wait(100)
    assert "did not convert" in str(raises(afe.NoAnswerError, bench.afe.read))


def test_a_chip_that_is_gone_is_no_picture() -> None:
    bench = Bench().run(2)
    bench.front.taps[1].silent = True
    error = raises(afe.BusError, bench.afe.read)
    assert not bench.afe.fresh
    assert error.count == 2
    bench.front.taps[1].silent = False
    bench.run()
    assert bench.afe.fresh
    bench.bus.nack_next = 1
    bench.run()
    assert bench.afe.fresh, "a single one is repeated"
    assert bench.afe.words.errors == 3


def test_a_bus_that_is_held_costs_one_time_out() -> None:
    bench = Bench().run(2)
    bench.bus.stuck = True
    began = bench.clock.now_us
    raises(afe.BusError, bench.afe.read)
    assert bench.clock.now_us - began < 60_000
