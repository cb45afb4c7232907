"""Bugs that other battery management firmware has shipped, and that the core does not have: one test each.

The threads are those of the projects' trackers. "Read" means seen in their source, not reported there.
`system/test_peers_bugs.py` has the bugs that need a whole pack, and tells which ones cannot apply here.
"""

from array import array

from bms.core import faults as f
from bms.core import path
from bms.core import protection as pr
from bms.core import snapshot as s
from bms.core.balance import Balancer
from bms.core.limits import Limits
from bms.core.snapshot import Snapshot
from bms.core.soc import ChargeCounter
from bms.core.spread import Spread
from bms.services import texts
from core.pack_fixture import LFP, NMC, calm, protect, values

STEP_MS = 100


def state(machine: pr.Protection, mnemonic: str) -> int:
    return machine.state[f.index(mnemonic)]


def run(machine: pr.Protection, snap: Snapshot, start_ms: int, ms: int) -> int:
    """Cycles over one picture for so long; the time after it."""
    now = start_ms
    while now <= start_ms + ms:
        machine.step(now, snap)
        now += STEP_MS
    return now


def picture(cells: list, temps: list, bad: int = 0, current_ma: int = 0) -> Snapshot:
    """A fresh picture; cells in mV, temperatures in 0.1 degC."""
    snap = Snapshot(array("i", cells), array("i", temps))
    snap.temps_bad = bad
    snap.stack_mv = snap.pack_mv = sum(cells)
    snap.current_ma = current_ma
    snap.die_ddegc = 300
    snap.fets = s.BOTH
    snap.fresh = snap.valid = True
    snap.derive()
    return snap


def counter(given: dict = NMC) -> ChargeCounter:
    soc = ChargeCounter()
    soc.configure(values(given))
    soc.set(500, 20)
    return soc


def limits_at(name: str, value: int) -> Limits:
    """Current limits after a long time with one quantity at this value."""
    limits = Limits()
    limits.configure(values(NMC))
    snap = calm(3700)
    snap.values[getattr(s, name)] = value
    for _ in range(300):
        limits.step(snap, s.BOTH, 0, None)
    return limits


def test_voltage_trips_end_by_themselves() -> None:
    """Libre Solar #19, PR #18: over- and under-voltage stayed until somebody reset the board."""
    machine = protect(NMC)
    now = run(machine, picture([4260] * 4, [250]), 0, 1000)
    assert state(machine, "CELL_OV") == pr.TRIPPED
    now = run(machine, picture([4100] * 4, [250]), now, 6000)
    assert state(machine, "CELL_OV") == pr.OK
    now = run(machine, picture([2750] * 4, [250]), now, 2000)
    assert state(machine, "CELL_UV") == pr.TRIPPED
    charging = picture([3150] * 4, [250], current_ma=500)
    run(machine, charging, now, 5000)
    assert state(machine, "CELL_UV") == pr.OK
    assert machine.blocks == 0


def test_every_recovery_threshold_reaches_the_machine() -> None:
    """Libre Solar, read: the levels that end OV and UV stayed 0, so OV never ended, UV at once."""
    machine = protect(NMC)
    found = values(NMC)
    for i in range(machine.count):
        level = f.ROWS[i][f.CLEAR]
        sign = -1 if f.ROWS[i][f.LOW_SIDE] else 1
        if isinstance(level, str):
            assert machine._clear[i] == sign * found[level], f.ROWS[i][f.MNEMONIC]
        elif isinstance(level, tuple):
            assert machine._clear[i] == sign * (found[level[0]] + level[1]), f.ROWS[i][f.MNEMONIC]
    now = run(machine, picture([2750] * 4, [250]), 0, 2000)
    charging = picture([3090] * 4, [250], current_ma=500)
    run(machine, charging, now, 60000)
    assert state(machine, "CELL_UV") == pr.TRIPPED, "above its trip level, and below its clear level"


def test_a_delay_lasts_as_long_as_its_figure_says() -> None:
    """Libre Solar, read: milliseconds met a table of seconds. foxBMS, read: DIAG_DELAY_2000ms was 1000."""
    for ms in (500, 1000, 2000, 8000):
        machine = protect(NMC, cell_ov_ms=ms)
        snap = picture([4260] * 4, [250])
        now = run(machine, snap, 0, ms - STEP_MS)
        assert state(machine, "CELL_OV") == pr.PENDING, ms
        machine.step(now, snap)
        assert state(machine, "CELL_OV") == pr.TRIPPED, ms
    for i in range(machine.count):
        delay = f.ROWS[i][f.SET_MS]
        if isinstance(delay, str):
            assert delay[-3:] == "_ms"
            assert machine._set_ms[i] == values(NMC, cell_ov_ms=8000)[delay], f.ROWS[i][f.MNEMONIC]


def test_rest_is_a_flat_voltage_and_not_two_seconds() -> None:
    """Libre Solar, read: an idle time in seconds was compared with milliseconds (1800 became 1.8 s)."""
    soc = counter()
    for second in range(1800):
        soc.second(picture([4000 - second // 60] * 4, [250]))
        assert not soc.rest.relaxed, second
    for _ in range(900):
        soc.second(picture([3970] * 4, [250]))
    assert soc.rest.relaxed


def test_a_cell_at_zero_is_a_cell() -> None:
    """Libre Solar #68, ENNOID #2, TeslaBMSV2 #27; Libre Solar, read: cells below 0.5 V were left out."""
    for broken_mv in (0, 300, 499):
        machine = protect(NMC)
        snap = picture([3700, 3700, broken_mv, 3700], [250])
        assert (snap.values[s.CELL_MIN_MV], snap.cell_min_at) == (broken_mv, 2)
        assert snap.sum_mv == 3 * 3700 + broken_mv
        run(machine, snap, 0, 30000)
        assert machine.blocks & s.DSG
        assert state(machine, "CELL_UV") == pr.TRIPPED


def test_one_broken_cell_or_sensor_does_not_switch_off_the_rules_for_the_others() -> None:
    """diyBMS, read (Rules.cpp): one invalid or zero module made the rules for OV, UV and heat false."""
    machine = protect(NMC)
    run(machine, picture([0, 3700, 4260, 3700], [250]), 0, 3000)
    assert state(machine, "CELL_OV") == pr.TRIPPED
    machine = protect(NMC, thermistors=2)
    run(machine, picture([3700] * 4, [-2732, 510], bad=1), 0, 5000)
    assert state(machine, "OTC") == pr.TRIPPED
    machine = protect(NMC, thermistors=2)
    run(machine, picture([3700] * 4, [-50, 1900], bad=2), 0, 5000)
    assert state(machine, "UTC") == pr.TRIPPED


def test_nothing_trips_on_readings_that_have_not_come_yet() -> None:
    """diyBMS #161, diyBMSv4 #141, Battery-Emulator #1925: trips at boot on the zeros before the data."""
    for given in (NMC, LFP):
        machine = protect(given)
        snap = Snapshot(array("i", [0] * 4), array("i", [0]))
        run(machine, snap, 0, 10000)
        assert machine.blocks == 0
        assert machine.warnings == 0
        assert not any(machine.state)


def test_nothing_chatters_about_its_level() -> None:
    """diyBMSv4Code #34, diyBMSv4ESP32 #272 and #296: rules without hysteresis switched a relay for ever."""
    machine = protect(NMC)
    now = 0
    for second in range(600):
        now = run(machine, picture([4245 + 10 * (second % 3)] * 4, [448 + second % 4]), now, 1000)
    for mnemonic in ("CELL_OV", "OTC"):
        assert machine.occurrences[f.index(mnemonic)] <= 1, mnemonic
    now = 0
    for second in range(600):
        now = run(machine, picture([4260 - 110 * (second // 5 % 2)] * 4, [250]), now, 1000)
    assert machine.occurrences[f.index("CELL_OV")] < 12, "each time it waits longer"


def test_below_zero_is_cold() -> None:
    """diyBMS #154, diyBMSv4 #135: the rule broke on the sign of temperatures below zero."""
    for ddegc in (-1, -50, -190):
        for temps in ([ddegc], [35, ddegc], [ddegc, 35]):
            machine = protect(NMC, thermistors=2)
            run(machine, picture([3700] * 4, temps), 0, 5000)
            assert state(machine, "UTC") == pr.TRIPPED, temps
            assert state(machine, "OTC") == state(machine, "OTD") == pr.OK
            assert machine.blocks & s.BOTH == s.CHG
    machine = protect(NMC)
    run(machine, picture([3700] * 4, [-210]), 0, 5000)
    assert machine.blocks == s.BOTH


def test_too_cold_is_judged_by_the_cells_and_not_by_the_board() -> None:
    """diyBMS, read (Rules.cpp): the lowest internal temperature was compared with the external limit."""
    machine = protect(NMC)
    snap = picture([3700] * 4, [-50])
    assert snap.die_ddegc == 300
    assert (snap.values[s.TEMP_MIN_DDEGC], snap.values[s.TEMP_MAX_DDEGC]) == (-50, -50)
    run(machine, snap, 0, 5000)
    assert machine.blocks == s.CHG


def test_a_broken_thermistor_is_named_and_not_believed() -> None:
    """diyBMS #252, diyBMSv4 #196, dbus-serialbattery (mr-manuel) #128, #145: it read as a temperature."""
    for reading, mnemonic in ((-2732, "THERMISTOR_OPEN"), (1900, "THERMISTOR_SHORT")):
        machine = protect(NMC, thermistors=2)
        snap = picture([3700] * 4, [reading, 250], bad=1)
        assert (snap.values[s.TEMP_MIN_DDEGC], snap.values[s.TEMP_MAX_DDEGC]) == (250, 250)
        run(machine, snap, 0, 10000)
        standing = [f.ROWS[i][f.MNEMONIC] for i in range(machine.count) if machine.state[i]]
        assert standing == [mnemonic]
    one = picture([3700] * 4, [250])
    assert one.values[s.THERMISTORS_OPEN] == 0, "what is not fitted is not broken"


def test_current_is_limited_by_the_cells_and_not_by_the_die() -> None:
    """dbus-serialbattery (mr-manuel) #36: the charge limit followed the sensor at the fuse."""
    full = limits_at("DIE_DDEGC", 300)
    hot_die = limits_at("DIE_DDEGC", 790)
    assert (hot_die.charge_ma, hot_die.discharge_ma) == (full.charge_ma, full.discharge_ma)
    assert 0 < limits_at("TEMP_MAX_DDEGC", 410).charge_ma < full.charge_ma
    assert 0 < limits_at("TEMP_MIN_DDEGC", 40).charge_ma < full.charge_ma


def test_the_limit_never_rises_towards_the_trip() -> None:
    """pyBMS, read (bms.py): over the limit, the back-off grew smaller between 25 and 250 mV."""
    for name, first, last, step, side in (
        ("CELL_MAX_MV", 4100, 4600, 10, "charge_ma"),
        ("TEMP_MAX_DDEGC", 300, 700, 10, "charge_ma"),
        ("CELL_MIN_MV", 3200, 2000, -20, "discharge_ma"),
        ("TEMP_MIN_DDEGC", 100, -300, -10, "discharge_ma"),
    ):
        before = getattr(limits_at(name, first), side)
        assert before > 0
        for value in range(first, last, step):
            now = getattr(limits_at(name, value), side)
            assert now <= before, (name, value)
            before = now
        assert before == 0, name


def test_the_last_rule_counts_like_any_other() -> None:
    """diyBMS, read (Rules.cpp): anyRuleTriggered skipped the last rule."""
    last = len(f.ROWS) - 1
    for i in (0, 1, last - 1, last):
        machine = protect(NMC)
        snap = calm(3700)
        machine.state[i] = pr.LOCKED
        machine.step(0, snap)
        if f.ROWS[i][f.CLASS] == f.WARNING:
            assert machine.warnings == 1
        else:
            assert (machine.blocks, machine.worst) == (f.ROWS[i][f.OPENS], pr.LOCKED)


def test_a_small_current_is_counted() -> None:
    """diyBMS-CurrentShunt #10, #13: small currents vanished in rounding, or in a dead zone about zero."""
    for current_ma in (20, -20, 3):
        soc = counter()
        before = soc.permille
        for _ in range(100 * 3600):
            soc.count(current_ma, 1000)
        moved = current_ma * 100 * 1000 // NMC["capacity_mah"]
        assert abs(soc.permille - before - moved) <= 1, current_ma


def test_a_wrong_charge_is_corrected_at_full_and_at_rest() -> None:
    """dbus-serialbattery #703, #1078, Battery-Emulator #2750, CurrentShunt #22: drift without an end.

    Libre Solar, read: "full" was never set.
    """
    soc = counter()
    soc.set(700, 100)
    taper = picture([4170] * 4, [250], current_ma=100)
    for _ in range(60):
        soc.second(taper)
    assert soc.permille == 1000
    soc.set(900, 100)
    rested = picture([3700] * 4, [250])
    for _ in range(1800):
        soc.second(rested)
    assert 400 < soc.permille < 560


def test_a_noisy_tail_of_the_charge_still_ends_full() -> None:
    """dbus-serialbattery PR #868, xiaoxiangBMS #244: readings at the end of charge that are mostly noise."""
    soc = counter()
    soc.set(700, 100)
    tail = picture([4170] * 4, [250])
    for second in range(120):
        tail.current_ma = 150 + (90, -80, 40, -95)[second % 4]
        soc.second(tail)
    assert soc.anchors == 1
    assert soc.permille >= 995


def test_charging_ends_by_the_highest_cell_and_full_needs_the_lowest() -> None:
    """diyBMS #322, esphome-jk-bms #35: charged on past the highest cell, or ended while others were low."""
    limits = Limits()
    limits.configure(values(NMC))
    apart = picture([3950, 3950, 4250, 3950], [250])
    for _ in range(300):
        limits.step(apart, s.BOTH, 0, None)
    assert limits.charge_ma == 0
    soc = counter()
    soc.set(700, 100)
    apart.current_ma = 100
    for _ in range(200):
        soc.second(apart)
    assert soc.permille == 700


def chosen(balancer: Balancer, snap: s.Snapshot) -> int:
    """What is bled after looking at cells of which nothing else is known, the pauses to measure left out."""
    unknown = Spread(len(snap.cells_mv))
    found = 0
    for second in range(190):
        mask = balancer.step(snap, True, unknown)
        assert not mask & mask << 1
        if second > 125 and mask:
            found = mask
    return found


def test_neighbours_are_never_bled_together() -> None:
    """diyBMSv4Code #55, #115, Libre Solar #16, diyBMS #273: bleeding a cell spoiled its neighbours'."""
    balancer = Balancer()
    balancer.configure(values(dict(NMC, cell_count=16), balance_max_cells=16))
    seed = 1
    for _ in range(100):
        cells = []
        for _ in range(16):
            seed = seed * 1103515245 + 12345 & 0x7FFFFFFF
            cells.append(4000 + (seed >> 16) % 120)
        mask = chosen(balancer, picture(cells, [250]))
        assert mask
        assert not mask & mask << 1


def test_balancing_starts_where_it_should_takes_all_it_may_and_ends() -> None:
    """diyBMS #275, TeslaBMS #8, SimpBMS #9, YamBMS PR #81: begun at the bottom, one cell only, no end."""
    balancer = Balancer()
    balancer.configure(values(dict(NMC, cell_count=6)))
    assert chosen(balancer, picture([3300, 3400, 3300, 3400, 3300, 3400], [250])) == 0
    cells = [4000, 4060, 4000, 4040, 4000, 4050]
    assert chosen(balancer, picture(cells, [250])) == 0b101010
    minutes = 0
    while chosen(balancer, picture(cells, [250])):
        for i in range(6):
            cells[i] -= balancer.mask >> i & 1
        minutes += 1
        assert minutes < 100
    assert max(cells) - min(cells) <= 10


def test_every_fault_says_what_to_do() -> None:
    """Battery-Emulator #485, PR #2638, #2845, open-battery-information #37: a fault with no way out."""
    advice = set()
    for row in f.ROWS:
        text, what_to_do = texts.find("faults", row[f.MNEMONIC])
        assert len(text) > 10
        assert len(what_to_do) > 10
        advice.add(what_to_do)
    assert len(advice) > len(f.ROWS) - 5, "advice is for this fault, not for any"


def test_no_mode_is_a_dead_end() -> None:
    """foxBMS #68, #83: the state machine stayed where it was."""
    good = path.READY | path.PROVEN | path.WANTED
    for mode in range(len(path.NAMES)):
        machine = path.PowerPath()
        machine.mode = mode
        for _ in range(4):
            machine.step(good, 0)
        if path.NAMES[mode] not in ("permanent", "ship"):
            assert machine.mode == path.ACTIVE, path.NAMES[mode]
        machine.restart()
        for _ in range(4):
            machine.step(good, 0)
        if mode != path.PERMANENT_FAULT:
            assert machine.mode == path.ACTIVE, path.NAMES[mode]
