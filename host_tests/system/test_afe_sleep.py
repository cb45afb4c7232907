"""The front end asleep under the firmware that runs: what it saves may cost no protection."""

from types import SimpleNamespace

import pytest
from bms.app import readings
from bms.core import snapshot as s
from bms.drivers import afe
from bms.drivers.bq76952_sleep import Nap
from system.bench import Bench
from system.rig import Rig

IDLE = {"sleep_after_s": 5, "afe_sleep": 1, "stale_ms": 300}  # the least that it may be
HYSTERESIS_S = 240  # that the chip stays awake at least
STALE_MS = 300


def asleep(**more: object) -> Rig:
    """A pack that is closed, idle, and whose front end sleeps."""
    rig = Rig(parameters=IDLE, **more)
    rig.run(HYSTERESIS_S)
    rig.until(lambda: rig.world.chip.asleep, 15, 0.1)
    rig.run(1.5)
    return rig


def nap(rig: Rig) -> Nap:
    return rig.session.parts.keeper.afe.nap


def counted_c(rig: Rig) -> float:
    soc = rig.session.parts.soc
    return soc.counted_c + soc._rest_ma_ms / 1e6


def test_an_idle_pack_stays_closed_while_the_front_end_sleeps() -> None:
    rig = asleep()
    values = rig.session.parts.snap.values
    oldest = 0
    for _ in range(600):
        rig.run(0.1)
        oldest = max(oldest, values[s.AGE_MS])
        assert rig.world.chip.asleep
        assert rig.fets == (True, True)
    assert oldest <= 200
    assert rig.mode == "active"
    assert rig.faults == []
    status = rig.status()
    assert status["afe_asleep"]
    assert status["protected"]
    assert rig.world.chip.complaints == []


@pytest.mark.parametrize("parameters", [{"sleep_after_s": 0, "afe_sleep": 1}, {"sleep_after_s": 5}])
def test_only_if_the_owner_says_so(parameters: dict[str, int]) -> None:
    rig = Rig(parameters=parameters)
    rig.run(HYSTERESIS_S + 60)
    assert not rig.world.chip.asleep
    assert not rig.status()["afe_asleep"]


def test_a_reset_of_the_chip_never_starts_asleep() -> None:
    rig = asleep()
    assert not rig.world.chip.memory.u2(0x9234) & 0x100


@pytest.mark.parametrize("after_ms", [0, 130, 390, 650, 910])
def test_a_load_wakes_it_and_is_counted(after_ms: int) -> None:
    rig = asleep()
    rig.run(after_ms / 1000)
    before_c = counted_c(rig)
    rig.world.load_a = 2.0
    rig.run(0.02)
    assert not rig.world.chip.asleep
    rig.run(29.98)
    assert abs(before_c - counted_c(rig) - 60) <= 0.5
    assert rig.faults == []
    assert rig.fets == (True, True)
    assert not rig.session.parts.idle.is_idle


def test_what_flows_unnoticed_is_counted() -> None:
    rig = asleep()
    before_c = counted_c(rig)
    rig.world.load_a = 0.015
    rig.run(1000)
    assert rig.world.chip.asleep
    assert abs(before_c - counted_c(rig) - 15) <= 1.5


def test_a_little_too_much_wakes_it_at_the_next_scan() -> None:
    rig = asleep()
    rig.world.load_a = 0.1
    rig.until(lambda: not rig.world.chip.asleep, 2.2)
    rig.run(5)
    assert rig.session.parts.idle.is_idle, "to the firmware a tenth of an ampere is still idle"
    assert rig.faults == []


def test_a_short_circuit_opens_at_the_speed_of_silicon() -> None:
    """PW-006 asleep."""
    rig = asleep()
    rig.world.inject("external_short", ohm=0.005)
    rig.run(0.001)
    assert not rig.fets[1]
    assert rig.until(lambda: "SCD" in rig.faults, 2) <= 1.3
    assert rig.fets == (False, False)


def test_charge_over_current_in_the_second_before_the_first_scan_is_the_silicon_s() -> None:
    """PW-003 asleep."""
    rig = asleep()
    rig.world.charger = (4 * 3.9, 25)  # limit 14 A, the chip's own five quarters of it
    assert rig.until(lambda: not rig.fets[0], 2) <= 1.4
    rig.until(lambda: "OCC" in rig.faults, 2)


def test_a_trickle_that_does_not_wake_it_is_stopped_at_full() -> None:
    """PW-001 asleep: 15 mA into a full pack until its cells are over the limit."""
    rig = asleep(capacity_ah=10.0, soc=0.9995)
    limit_mv = rig.values["cell_ov_mv"]
    rig.world.charger = (4 * 3.9, 0.015)
    rig.run(1200)
    assert rig.world.chip.asleep
    rig.until(lambda: rig.faults, 1000, 1)
    assert rig.faults == ["CELL_OV_WARN"]
    rig.run(HYSTERESIS_S + 60)
    assert not rig.world.chip.asleep, "what stands clears by fresh readings only"
    rig.until(lambda: "CELL_OV" in rig.faults, 2000, 0.1)
    assert rig.until(lambda: not rig.fets[0], 1, 0.05) <= 0.3
    assert limit_mv - 2 < max(rig.world.pack.volts) * 1000 < limit_mv + 2


def test_heat_opens() -> None:
    """PW-009 asleep."""
    rig = asleep()
    rig.warm(70)
    rig.until(lambda: rig.fets == (False, False), 12, 0.05)
    assert "OTD" in rig.faults


def test_a_restart_of_the_chip_is_noticed_and_repaired() -> None:
    """PW-017 asleep."""
    rig = asleep()
    rig.world.inject("afe_brownout")
    rig.run(0.2)
    assert rig.fets == (False, False)
    rig.until(lambda: "AFE_CONFIG" in rig.faults, 1)
    rig.closed(10)
    assert not rig.world.chip.sequence.sleep.enabled
    rig.run(HYSTERESIS_S + 15)
    assert rig.world.chip.asleep


def test_a_bus_that_hangs_is_stale_half_a_second_after_the_scan_was_due() -> None:
    """PW-015, PW-016 asleep."""
    rig = asleep()
    rig.until(lambda: rig.session.parts.snap.fresh, 2)
    rig.world.inject("stuck_bus", hold=True)
    assert 1.0 <= rig.until(lambda: "STALE" in rig.faults, 3) <= 1.0 + STALE_MS / 1000 + 0.3
    assert rig.until(lambda: "AFE_COMMS" in rig.faults, 4) <= 3
    rig.until(lambda: rig.fets == (False, False), 5)  # the chip's own watchdog
    assert not rig.world.chip.asleep


def test_the_chip_opens_for_a_host_that_hangs() -> None:
    """PW-019 asleep."""
    rig = asleep()
    rig.world.inject("hung_firmware")
    assert 4 <= rig.until(lambda: rig.fets == (False, False), 8) <= 6.2


def test_scans_that_stop_are_stale() -> None:
    """PW-015 asleep."""
    rig = asleep()
    rig.until(lambda: rig.session.parts.snap.fresh, 2)
    rig.world.chip.settings.sleep_scan_us = 60_000_000
    assert rig.until(lambda: "STALE" in rig.faults, 4) <= 2.0 + STALE_MS / 1000 + 0.3
    rig.until(lambda: rig.fets == (False, False), 0.3)


def test_a_frozen_converter_is_found() -> None:
    """PW-050 asleep."""
    rig = asleep()
    rig.world.inject("frozen_reading")
    rig.until(lambda: "FROZEN_AFE" in rig.faults, 10)
    rig.until(lambda: rig.fets == (False, False), 1)


def test_a_button_wakes_it() -> None:
    rig = asleep()
    rig.world.button = True
    rig.run(0.2)
    assert not nap(rig).allowed
    rig.until(lambda: not rig.world.chip.asleep, 1.5)
    assert rig.faults == []


def test_a_person_at_the_console_gets_a_selftest_of_a_pack_asleep() -> None:
    rig = asleep()
    rows = {row["check"]: row for row in rig.rpc("selftest")}
    assert rows["readings"]["passed"], rows["readings"]


def test_a_chip_that_does_not_wake_is_stale_and_opens() -> None:
    """PW-015: what no longer may sleep is given two seconds more."""
    rig = asleep()
    rig.world.chip.oversleeps = True
    rig.type("status", 0.1)
    rig.until(lambda: "STALE" in rig.faults, 5)
    assert rig.fets == (False, False)
    rig.world.chip.oversleeps = False
    rig.closed(15)


def test_no_sleep_while_cells_are_bled() -> None:
    rig = Rig(parameters=IDLE, chemistry="nmc", soc=0.9)
    rig.world.pack.set_soc([0.9, 0.97, 0.9, 0.9])
    rig.until(lambda: rig.world.chip.asleep, 300, 1)
    rig.until(lambda: rig.session.parts.balancer.mask, 900, 0.1)  # once a cell's charge is sure
    rig.until(lambda: rig.world.chip.balancing, 15, 0.1)
    for _ in range(300):
        rig.run(1)
        assert rig.world.chip.balancing
        assert not rig.world.chip.asleep


def test_the_tick_wraps_while_it_sleeps() -> None:
    rig = Rig(parameters=IDLE, boot=False)
    rig.world.clock.start_ms = 2**30 - (HYSTERESIS_S + 40) * 1000
    rig.run(HYSTERESIS_S + 30)
    assert rig.world.chip.asleep
    rig.run(30)
    assert rig.world.clock.ticks_ms() < 60_000
    assert rig.world.chip.asleep
    assert rig.faults == []
    assert rig.fets == (True, True)


def test_an_oscillator_that_is_off_disturbs_nobody() -> None:
    rig = asleep()
    rig.world.chip.slow_to_answer = True
    rig.run(60)
    assert rig.world.chip.asleep
    assert rig.session.parts.keeper.errors == 0
    assert rig.faults == []


def test_how_long_the_supply_was_away_is_known_of_a_chip_that_slept() -> None:
    """Asleep its clock stands; its own watchdog wakes it, and the hysteresis keeps it awake."""
    rig = asleep()
    rig.world.powered = False
    rig.run(300)
    rig.world.powered = True
    rig.until(lambda: rig.session.loop and rig.session.loop.awake, 5)
    assert rig.session.parts.away_s >= 120


def napping() -> tuple[Bench, Nap, list[int]]:
    """The loop on a front end that sleeps: no scan, and none due for a second."""
    told: list[int] = []
    bench = Bench(sleep_after_s=600, afe_sleep=1)
    bench.front.nap = nap = Nap(SimpleNamespace(command=told.append))
    bench.front.fresh = False
    nap.left_ms = 1000
    return bench, nap, told


def test_the_watchdog_is_fed_until_a_scan_is_due_and_no_longer() -> None:
    """PW-118 asleep."""
    bench, _, _ = napping()
    before = bench.board.fed
    bench.go(900)
    assert bench.board.fed == before + 9
    bench.go(400)
    before = bench.board.fed
    bench.go(3000)
    assert bench.board.fed == before


def test_without_the_nap_a_missing_scan_feeds_nobody() -> None:
    bench, nap, _ = napping()
    nap.left_ms = 0
    before = bench.board.fed
    bench.go(1000)
    assert bench.board.fed == before


def test_what_is_set_up_is_not_taken_for_asleep() -> None:
    bench, _, _ = napping()
    bench.front.configured = False
    before = bench.board.fed
    bench.go(500)
    assert bench.board.fed == before


def test_what_is_not_read_is_not_taken_for_asleep() -> None:
    """PW-118: a byte of its configuration was wrong, and then the bus hung; nobody counts the second down."""
    bench, _, _ = napping()
    assert readings.none_due(bench.p.keeper)
    bench.p.keeper.ready = False
    assert not readings.none_due(bench.p.keeper)


def test_a_chip_that_missed_that_it_may_not_sleep_is_told_again() -> None:
    rig = asleep()
    commands = rig.world.chip.commands
    takes = commands._change_mode
    lost: list[int] = []

    def change(word: int, before: int, now_us: int) -> bool:
        if word == 0x009A and not lost:
            lost.append(word)
            return True
        return bool(takes(word, before, now_us))

    commands._change_mode = change
    rig.type("status", 0.1)
    rig.until(lambda: not rig.world.chip.asleep, 3, 0.1)
    assert lost
    rig.run(10)
    assert rig.fets == (True, True)
    assert rig.faults == []


def test_idle_allows_and_its_end_forbids_in_the_same_cycle() -> None:
    bench, nap, told = napping()
    bench.front.fresh = True
    bench.p.idle.step(600, 0)
    assert bench.p.idle.is_idle
    bench.cycle()
    assert told == [0x0099]
    bench.cycle()
    assert told == [0x0099]
    bench.front.current_ma = -2000
    bench.cycle()
    assert told == [0x0099, 0x009A]
    assert not nap.allowed


def test_a_refusal_to_take_it_is_a_disturbance_and_is_asked_again() -> None:
    bench, nap, _ = napping()
    bench.front.fresh = True

    def refuse(_code: int) -> None:
        raise afe.BusError(5, 1)

    nap._link.command = refuse
    bench.p.idle.step(600, 0)
    assert bench.p.idle.is_idle
    bench.cycle()
    assert not nap.allowed
    assert bench.p.keeper.errors == 1
    told: list[int] = []
    nap._link.command = told.append
    bench.cycle()
    assert told == [0x0099]
