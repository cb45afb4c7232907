"""What not every pack has: predischarge, precharge, a thermistor on the FETs, contactors, ship mode."""

from bms.drivers import afe
from drivers.bq76952_bench import Bench
from portable import raises

PREDISCHARGE = {"precharge_delta_mv": 500}


def gates(bench):
    chip = bench.chip
    return chip.chg_on | chip.dsg_on << 1 | chip.pchg_on << 2 | chip.pdsg_on << 3


def load_at(bench, volts):
    bench.chip.ld_v = volts
    bench.chip.analog_changed(bench.clock.now_us)


def predischarging(crc=False):
    bench = Bench(crc=crc, changes=PREDISCHARGE)
    load_at(bench, 0.0)
    bench.run()
    bench.afe.set_fets(afe.BOTH)
    bench.cycles(4)
    return bench


def test_predischarge_comes_first_and_shows():
    for crc in (False, True):
        bench = predischarging(crc)
        assert gates(bench) == afe.CHG | afe.PDSG
        assert bench.afe.fets == afe.CHG | afe.PDSG
        load_at(bench, 52.25)  # the stack has 52.8 V
        bench.cycles(10)
        assert bench.afe.fets == afe.CHG | afe.PDSG
        load_at(bench, 52.35)
        bench.cycles(6)
        assert bench.afe.fets == afe.BOTH
        assert gates(bench) == afe.BOTH
        load_at(bench, 0.0)
        bench.cycles(10)
        assert gates(bench) == afe.BOTH
        assert bench.chip.complaints == []


def test_predischarge_into_a_short_goes_on_until_it_is_ended():
    # no time-out of the chip's: it would close DSG onto the short
    bench = predischarging()
    for _ in range(20):
        bench.cycles(10)
        bench.afe.set_fets(afe.BOTH)  # repeating the command changes nothing
        assert gates(bench) == afe.CHG | afe.PDSG
    bench.afe.open_path()
    bench.wait(5)
    assert gates(bench) == 0
    bench.cycles(10)
    assert gates(bench) == 0


def test_predischarge_ends_with_each_command_that_leaves_discharge_out():
    for wanted in (0, afe.CHG):
        bench = predischarging()
        bench.afe.set_fets(wanted)
        bench.wait(5)
        assert not gates(bench) & (afe.PDSG | afe.DSG)
        bench.cycles(10)
        assert gates(bench) == wanted


def test_the_host_watchdog_ends_predischarge():
    bench = predischarging()
    bench.wait(6_200)
    assert gates(bench) == 0


def test_without_the_fet_the_load_gets_dsg_at_once():
    bench = Bench()
    load_at(bench, 0.0)
    bench.run().set_fets(afe.BOTH)
    for _ in range(10):
        bench.cycles(1)
        assert not gates(bench) & afe.PDSG
    assert gates(bench) == afe.BOTH


def test_precharge_stands_in_for_charge():
    bench = Bench(changes={"pchg_start_mv": 2700, "pchg_stop_mv": 2900})
    bench.set_cells([2.65] + [3.3] * 15)
    bench.run().set_fets(afe.BOTH)
    bench.cycles(5)
    assert bench.afe.fets == afe.PCHG | afe.DSG
    bench.afe.open_path()
    bench.wait(5)
    assert gates(bench) == 0
    bench.afe.set_fets(afe.CHG)
    bench.cycles(5)
    assert bench.afe.fets == afe.PCHG
    bench.set_cells([2.85] + [3.3] * 15)
    bench.cycles(10)
    assert bench.afe.fets == afe.PCHG
    bench.set_cells([2.95] + [3.3] * 15)
    bench.cycles(10)
    assert bench.afe.fets == afe.CHG
    bench.set_cells([2.75] + [3.3] * 15)
    bench.cycles(10)
    assert bench.afe.fets == afe.CHG
    bench.afe.set_fets(afe.DSG)
    bench.cycles(5)
    assert bench.afe.fets == afe.DSG


def with_fet_thermistor(degrees):
    bench = Bench(thermistors=3, changes={"fet_thermistor": 1, "otf_ddegc": 900})
    bench.chip.pins_c["TS3"] = degrees
    bench.run().set_fets(afe.BOTH)
    bench.cycles(8)
    return bench


def test_the_fets_have_a_temperature_of_their_own():
    bench = with_fet_thermistor(85.0)
    assert list(bench.afe.temps_ddegc) == [250, 250]
    assert abs(bench.afe.fet_ddegc - 850) <= 2
    assert bench.afe.fet_ok
    bench.cycles(60)
    assert bench.afe.safety == 0
    assert gates(bench) == afe.BOTH


def test_hot_fets_open_both():
    bench = with_fet_thermistor(85.0)
    bench.chip.pins_c["TS3"] = 90.5
    bench.cycles(65)
    assert bench.afe.safety == afe.OTF
    assert gates(bench) == 0


def test_a_broken_thermistor_on_the_fets():
    for state in (None, "short"):
        bench = with_fet_thermistor(40.0)
        assert bench.afe.fet_ok
        bench.chip.pins_c["TS3"] = state
        bench.cycles(5)
        assert not bench.afe.fet_ok
        assert bench.afe.temps_ok == 0b11


def test_no_thermistor_on_the_fets():
    bench = Bench(thermistors=3)
    bench.chip.pins_c["TS3"] = 120.0
    bench.run()
    bench.cycles(60)
    assert (bench.afe.fet_ddegc, bench.afe.fet_ok) == (0, True)
    assert bench.afe.safety == 0


def test_a_thermistor_that_is_no_longer_one_leaves_nothing_behind():
    bench = with_fet_thermistor(None)
    assert not bench.afe.fet_ok
    bench.limits["fet_thermistor"] = 0
    bench.commission()
    bench.cycles(5)
    assert (bench.afe.fet_ddegc, bench.afe.fet_ok) == (0, True)


def test_contactors_have_no_body_diodes():
    for series, expected in ((1, afe.BOTH), (0, afe.DSG)):
        bench = Bench(changes={"series_fets": series})
        bench.run().set_fets(afe.DSG)
        bench.cycles(5)
        bench.set_current(-2.0)
        bench.cycles(5)
        assert gates(bench) == expected


def test_shutdown_is_silence_and_oblivion_until_a_charger_comes():
    for crc in (False, True):
        bench = Bench(crc=crc)  # with a thermistor on TS2, which must not wake it
        bench.run().set_fets(afe.BOTH)
        bench.cycles(5)
        load_at(bench, 0.0)
        bench.afe.shutdown()
        bench.wait(5)
        assert gates(bench) == 0
        assert not bench.afe.configured
        bench.afe.verify_step()  # nothing to verify any more
        raises(afe.AfeError, bench.afe.set_fets, afe.BOTH)
        bench.wait(60_000)
        raises(afe.BusError, bench.afe.read)
        load_at(bench, 50.0)
        bench.wait(300)
        bench.afe.read()
        assert not bench.afe.configured
        assert gates(bench) == 0
        bench.run()
        assert bench.afe.configured


def test_shutdown_under_a_charger_opens_the_path_all_the_same():
    bench = Bench()
    bench.run().set_fets(afe.BOTH)
    bench.cycles(5)
    bench.afe.shutdown()
    bench.wait(5)
    assert gates(bench) == 0
    raises(afe.BusError, bench.afe.read)


def test_shutdown_that_the_bus_swallows_is_an_error():
    bench = Bench()
    bench.run()
    bench.bus.stuck = True
    raises(afe.BusError, bench.afe.shutdown)
    assert not bench.afe.configured
