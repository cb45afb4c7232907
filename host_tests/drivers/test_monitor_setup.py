"""The monitor class driver: what it refuses, how it is set up, what it does with its gates."""

from bms.drivers import afe, monitor_setup
from drivers.monitor_bench import LIMITS, Bench
from portable import raises


def test_set_up_takes_longer_than_a_cycle_so_that_a_lost_configuration_is_seen() -> None:
    for meter in ("ina226", "ina228"):
        bench = Bench(meter=meter)
        assert 100 < bench.commission() < 600
        assert bench.afe.configured
        assert bench.afe.applied == {}, "nothing is enforced by anybody else"
        for _ in range(12):
            bench.afe.verify_step()
        assert bench.front.complaints == []


def test_what_this_class_may_not_guard_is_refused_before_a_chip_is_touched() -> None:
    for changes, why in (
        ({"cell_count": 9}, "3 to 8 cells"),
        ({"cell_count": 2}, "3 to 8 cells"),
        ({"cell_ov_mv": 4600}, "exceed 36000 mV"),
        ({"shunt_uohm": 2000}, "the shunt is too large"),
        ({"shunt_uohm": 0}, "the shunt is too large"),
        ({"occ_ma": 81_000}, "the shunt is too large"),
        ({"fet_thermistor": 1}, "must be 0"),
        ({"precharge_delta_mv": 500}, "must be 0"),
        ({"pchg_start_mv": 2000}, "must be 0"),
        ({"thermistors": 7}, "2 thermistor input(s)"),
    ):
        bench = Bench(changes=changes)
        before = bench.bus.transactions
        assert why in str(raises(afe.ConfigError, bench.commission)), changes
        assert bench.bus.transactions == before
    for name in LIMITS:
        bench = Bench()
        del bench.limits[name]
        error = raises(afe.ConfigError, bench.commission) if name != "cell_uv_mv" else None
        assert error is None or error.name == name


def test_more_cells_than_the_board_has_taps() -> None:
    bench = Bench(4, 1)
    bench.limits["cell_count"] = 5
    assert "has 4 taps" in str(raises(afe.ConfigError, bench.commission))


def test_without_two_points_nothing_is_measured() -> None:
    for points in (None, [], [[[1] * 9, [1] * 9]], [[[1] * 5, [1] * 5]] * 2):
        bench = Bench()
        bench.afe.points = points
        assert "not calibrated" in str(raises(afe.ConfigError, bench.commission))
        assert not bench.afe.configured


def test_a_calibration_that_cannot_be_true_is_refused() -> None:
    for tap, counts, mv in ((0, 0, 200), (4, 0, 700), (7, 20_000, 0), (8, 0, 3000)):
        bench = Bench()
        bench.afe.points[1][0][tap] += counts
        bench.afe.points[1][1][tap] += mv
        error = str(raises(afe.ConfigError, bench.commission))
        assert ("stack" if tap == 8 else f"tap {tap + 1}") in error
    bench = Bench()
    bench.afe.points[1][0][2] = bench.afe.points[0][0][2]
    assert "both points are the same" in str(raises(afe.ConfigError, bench.commission))


def test_the_alert_line_falls_at_what_counts_as_a_short_circuit() -> None:
    assert monitor_setup.alert_uv(LIMITS) == 70_000
    wide = dict(LIMITS)
    wide["scd_ma"] = 500_000
    assert monitor_setup.alert_uv(wide) == 80_000


def test_another_chip_in_the_place_of_the_meter() -> None:
    bench = Bench()
    bench.front.meter.registers[0xFF] = 0x1234
    assert "neither an INA226 nor an INA228" in str(raises(afe.IdentityError, bench.commission))
    bench = Bench()
    bench.front.meter.silent = True
    raises(afe.BusError, bench.commission)


def test_a_meter_that_has_lost_its_factory_trim_is_not_believed() -> None:
    bench = Bench(meter="ina228").run()
    bench.front.meter.registers[0x0B] &= ~0x01  # MEMSTAT
    seen = 0
    for _ in range(12):
        try:
            bench.afe.verify_step()
        except afe.ReadbackError as error:
            assert "of the INA228" in str(error)
            seen += 1
    assert seen
    raises(afe.ReadbackError, bench.commission)


def test_gates_follow_and_open_without_a_bus() -> None:
    bench = Bench()
    raises(afe.AfeError, bench.afe.set_fets, afe.BOTH)
    bench.run()
    bench.afe.set_fets(afe.BOTH)
    bench.run()
    assert bench.afe.fets == afe.BOTH
    bench.afe.set_fets(afe.CHG)
    assert bench.front.gates == afe.CHG
    bench.bus.stuck = True
    bench.afe.open_path()
    assert bench.front.gates == 0
    bench.afe.set_fets(0)


def test_a_gate_that_does_not_follow_shows() -> None:
    bench = Bench().run()
    bench.pins.gates = lambda _mask: None
    bench.afe.set_fets(afe.BOTH)
    bench.run()
    assert bench.afe.fets == 0


def test_a_body_diode_is_spared_and_let_go_with_hysteresis() -> None:
    bench = Bench().run()
    bench.afe.set_fets(afe.DSG)
    for amps, gates in ((-0.4, 2), (-0.6, 3), (-0.3, 3), (-0.2, 2), (5.0, 2), (-5.0, 3), (0.0, 2)):
        bench.set_current(amps)
        bench.run(2)
        assert bench.front.gates == gates, amps
    bench.afe.set_fets(afe.CHG)
    for amps, gates in ((0.6, 3), (0.2, 1), (-5.0, 1)):
        bench.set_current(amps)
        bench.run(2)
        assert bench.front.gates == gates, amps
    bench.set_current(0.6)
    bench.run(2)
    bench.afe.open_path()
    bench.run(2)
    assert bench.front.gates == 0


def test_contacts_have_no_body_diode() -> None:
    bench = Bench(contactors=True).run()
    bench.afe.set_fets(afe.DSG)
    bench.set_current(-20.0)
    bench.run(3)
    assert bench.front.gates == afe.DSG


def test_ship_mode() -> None:
    for meter in ("ina226", "ina228"):
        bench = Bench(meter=meter).run()
        bench.afe.set_fets(afe.BOTH)
        bench.afe.shutdown()
        assert bench.front.gates == 0
        assert not bench.afe.configured
        bench.wait(10)
        assert bench.front.meter.result_us() == 0, "asleep"


def test_nothing_is_bled() -> None:
    bench = Bench().run()
    before = bench.bus.transactions
    bench.afe.set_balance(0xFF)
    bench.afe.load_detect(True)
    assert bench.bus.transactions == before
    assert bench.front.balancing == 0
