"""Commissioning on the simulated pack: each step passing, each failing with the sentence that helps."""

from typing import Any

import pytest
from bms.core import commission, path
from bms.services.storage import decode
from packwarden.sim import mistakes
from packwarden.sim.board import MemoryFiles
from system.rig import Rig

WIRING = ("cells", "order", "taps")
CHARGER = (14.4, 5.0)


class Bench:
    """An uncommissioned, described pack, and somebody in front of it who does what is asked."""

    def __init__(self, passed: tuple[str, ...] = (), **spec: Any) -> None:
        self.rig = rig = Rig(boot=False, commissioned=False, **spec)
        if passed:
            kept = commission.bare()
            kept["passed"] = sum(1 << commission.NAMES.index(name) for name in passed)
            kept["wiring"] = commission.wiring(rig.values)
            from bms.services.storage import encode  # noqa: PLC0415

            rig.files.write("commission.a", encode(1, kept))
        rig.run(3)
        self.unlock()
        self.charger: tuple[float, float] | None = CHARGER
        self.finger_works = True

    @property
    def arming(self) -> Any:
        return self.rig.session.parts.arming

    def unlock(self) -> None:
        self.rig.session.parts.access.grant("a test")

    def ask(self, *words: str) -> Any:
        return self.rig.rpc("commission", *words)

    def begin(self, *words: str) -> None:
        answer = self.ask(*words)
        assert "steps" in answer, answer

    def step(self, *words: str, most_s: float = 400) -> str:
        """Do it, and answer what it asks for; the verdict's sentence."""
        self.begin(*words)
        self.follow(most_s)
        return str(self.arming.told)

    def follow(self, most_s: float = 400) -> None:
        world, arming = self.rig.world, self.arming
        for _ in range(int(most_s / 0.5)):
            if arming.running is None:
                break
            told = arming.told
            if told.startswith("warm thermistor"):
                world.touch(int(told.split()[2]))
            elif told.startswith("plug the charger"):
                world.charger = self.charger
            elif "send 'commission amps'" in told and not arming.figure:
                self.ask("amps", "5.05")
            self.rig.run(0.5)
        world.charger = None
        world.touch(0)
        assert arming.running is None

    def passes(self, *words: str) -> str:
        told = self.step(*words)
        assert not self.arming.failed, told
        assert words[0] not in self.ask()["missing"]
        return told

    def fails(self, *words: str) -> str:
        told = self.step(*words)
        assert self.arming.failed, told
        assert words[0] in self.ask()["missing"]
        assert self.rig.fets == (False, False)
        return told

    def cut(self) -> None:
        """The controller loses its power, and gets it back."""
        self.rig.world.powered = False
        self.rig.world.charger = None
        self.rig.run(1)
        self.rig.world.powered = True
        self.rig.run(4)
        self.unlock()


def test_a_bare_pack_does_not_arm_and_says_what_is_missing() -> None:
    """PW-150."""
    bench = Bench()
    bench.rig.run(20)
    status = bench.rig.status()
    assert status["mode"] == "standby"
    assert status["why"].startswith("not commissioned: cells, order, taps")
    assert status["faults"] == []
    assert bench.rig.fets == (False, False)
    bench.rig.rpc("resume")
    bench.rig.run(5)
    assert bench.rig.fets == (False, False), "and nobody can talk it into that"


def test_from_bare_to_armed() -> None:
    """PW-150."""
    bench = Bench(parameters={"thermistors": 2})
    for step in ("cells", "order", "taps", "thermistors", "fets", "shunt", "bleed"):
        assert bench.ask()["next"] == step
        bench.passes(step)
        assert bench.rig.mode == "standby"
        assert bench.rig.fets == (False, False), "nothing closes before all of it is passed"
    bench.passes("volts", f"{sum(bench.rig.cells_mv) / 1000:.3f}")
    bench.step("amps")
    bench.rig.run(10)
    assert bench.rig.mode == "active"
    found = bench.ask()
    assert found["commissioned"] is True
    assert found["missing"] == []
    assert all(row["state"] == "passed" and row["seen"] for row in found["steps"])
    assert bench.rig.session.parts.settings.values["shunt_uohm"] == pytest.approx(990, abs=2), "by the meter"
    assert bench.rig.session.parts.settings.standing == "in force"


def test_steps_in_the_wrong_order_and_without_unlocking_are_refused() -> None:
    bench = Bench()
    assert bench.ask("fets")["message"] == "first: cells, order, taps"
    assert "no step" in bench.ask("cels")["message"]
    assert "13.21" in bench.ask("volts")["message"] or "first" in bench.ask("volts")["message"]
    bench.rig.session.parts.access.lock()
    assert "locked" in bench.ask("cells")["message"]
    assert "steps" in bench.ask(), "looking is free"


def test_a_board_that_nobody_has_described_says_what_to_say_first() -> None:
    rig = Rig(boot=False, commissioned=False, files=MemoryFiles())
    rig.run(3)
    assert "First say what the pack is: 'set chemistry lfp'" in rig.type("commission")


def test_a_board_that_nobody_has_described_says_so() -> None:
    rig = Rig(boot=False, commissioned=False, files=MemoryFiles())
    rig.run(3)
    rig.session.parts.access.grant("a test")
    assert "say first what the pack is" in rig.rpc("commission", "cells")["message"]


def test_swapped_taps_are_named_and_pass_once_mended() -> None:
    bench = Bench()
    mistakes.make(bench.rig.world, "taps_swapped", 2)
    bench.rig.run(40)
    assert "sense wires 2 and 3 have changed places: cell 3 reads reversed" in bench.fails("order")
    mistakes.mend(bench.rig.world, "taps_swapped")
    bench.rig.run(15)
    bench.passes("cells")
    bench.passes("order")
    bench.passes("taps")
    bench.rig.run(1)
    assert bench.rig.mode == "standby"


def test_an_open_tap_is_named() -> None:
    bench = Bench(passed=("cells", "order"))
    mistakes.make(bench.rig.world, "tap_open", 2)
    assert "between cell 2 and the cell above it hangs loose" in bench.fails("taps")
    mistakes.mend(bench.rig.world, "tap_open")
    bench.rig.run(15)
    bench.passes("taps")


@pytest.mark.parametrize("afe", ["bq76952", "bq76920"])
def test_too_few_cells_in_the_parameters(afe: str) -> None:
    bench = Bench(cells=5, afe=afe, parameters={"cell_count": 4})
    told = bench.fails("cells")
    assert "looks like 5 cells where cell_count says 4" in told or "wired" in told


def test_too_many_cells_in_the_parameters_and_what_that_did_to_the_faults() -> None:
    """A cell that is not there reads as one that must never be charged again; that was the wiring."""
    bench = Bench(cells=4, parameters={"cell_count": 5})
    bench.rig.run(45)
    assert "fewer than 5 cells are wired" in bench.fails("cells")
    assert bench.rig.mode == "permanent"
    bench.rig.rpc("set", "cell_count", 4)
    bench.rig.rpc("save")
    bench.rig.run(8)
    bench.unlock()
    for step in WIRING:
        bench.passes(step)
    bench.rig.run(3)
    assert bench.rig.mode == "standby"
    assert bench.rig.faults == []


def test_a_permanent_fault_of_a_pack_that_has_served_is_not_pardoned() -> None:
    bench = Bench()
    bench.arming.kept["served"] = True
    parts = bench.rig.session.parts
    from bms.core import faults, protection  # noqa: PLC0415

    parts.protect.resume(faults.index("CELL_DEAD"), protection.PERMANENT, 0, parts.hal.ticks_ms())
    for step in WIRING:
        bench.passes(step)
    assert bench.rig.mode == "permanent"


def test_a_thermistor_that_feels_nothing() -> None:
    bench = Bench(parameters={"thermistors": 2})
    mistakes.make(bench.rig.world, "thermistor_loose", 2)
    assert "thermistor 2 has not got warmer within 120 s" in bench.fails("thermistors")
    mistakes.mend(bench.rig.world, "thermistor_loose", 2)
    bench.begin("thermistors")
    bench.rig.run(0.5)
    assert "warm thermistor 2" in bench.arming.told, "the first has passed already"
    bench.follow()
    assert not bench.arming.failed


def test_thermistors_in_each_others_place() -> None:
    bench = Bench(parameters={"thermistors": 2})
    mistakes.make(bench.rig.world, "thermistors_swapped")
    assert "thermistor 2 got warm when 1 was asked for" in bench.fails("thermistors")


def test_a_broken_thermistor() -> None:
    bench = Bench()
    bench.rig.world.inject("thermistor_open")
    assert "thermistor 1 reads open or shorted" in bench.fails("thermistors")


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("dsg_fet_stuck_on", "P+ carries"),
        ("dsg_fet_stuck_off", "reads closed, but P+ shows only"),
    ],
)
def test_a_stuck_discharge_switch(fault: str, sentence: str) -> None:
    bench = Bench(passed=WIRING)
    bench.rig.world.inject(fault)
    assert sentence in bench.fails("fets")
    bench.rig.world.clear(fault)
    bench.rig.run(3)
    bench.passes("fets")


def test_a_load_at_the_terminals_is_asked_off_them() -> None:
    bench = Bench(passed=WIRING)
    bench.rig.world.charger = CHARGER
    bench.rig.run(1)
    assert "take charger and load off" in bench.step("fets")
    assert bench.arming.failed


def test_a_switch_that_does_not_follow(monkeypatch: pytest.MonkeyPatch) -> None:
    bench = Bench(passed=WIRING)
    afe = bench.rig.session.parts.keeper.afe
    monkeypatch.setattr(type(afe), "set_fets", lambda _self, _mask: None)
    assert "the charge switch does not read closed" in bench.fails("fets")
    assert "FET_MISMATCH" not in bench.rig.faults, "it is opened again before that counts as a fault"


def test_a_reversed_shunt() -> None:
    bench = Bench(passed=(*WIRING, "fets"))
    mistakes.make(bench.rig.world, "shunt_reversed")
    told = bench.fails("shunt")
    assert "the shunt says -5" in told
    assert "swap its two sense wires" in told
    assert bench.rig.faults == [], "seen before any protection minded"
    mistakes.mend(bench.rig.world, "shunt_reversed")
    bench.passes("shunt")


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("chg_fet_stuck_on", "flow while the charge switch is open"),
        ("chg_fet_stuck_off", "no current came within 5 s"),
    ],
)
def test_a_stuck_charge_switch_shows_with_the_charger(fault: str, sentence: str) -> None:
    bench = Bench(passed=(*WIRING, "fets"))
    bench.rig.world.inject(fault)
    assert sentence in bench.fails("shunt")


def test_a_charger_that_never_comes() -> None:
    bench = Bench(passed=(*WIRING, "fets"))
    bench.charger = None
    assert "no charger was seen within 120 s" in bench.fails("shunt")


def test_a_cell_that_is_not_bled() -> None:
    bench = Bench(passed=WIRING)
    mistakes.make(bench.rig.world, "bleed_missing", 3)
    assert "cell 3 is not bled although it was told" in bench.fails("bleed")
    mistakes.mend(bench.rig.world, "bleed_missing", 3)
    bench.passes("bleed")
    bench.rig.run(3)
    assert bench.rig.world.chip.balancing == 0


def test_a_sense_wire_that_conducts_badly_shows_when_its_cell_is_bled() -> None:
    bench = Bench(passed=WIRING)
    bench.rig.world.inject("tap_resistance", tap=2, ohm=10_000.0)
    assert "one of its sense wires conducts badly" in bench.fails("bleed")


def test_a_pack_without_balancing_needs_no_proof_of_it() -> None:
    bench = Bench(parameters={"balance_max_cells": 0})
    found = bench.ask()
    assert "bleed" not in found["missing"]
    assert "bleed" not in [row["step"] for row in found["steps"]]


def test_voltages_against_a_meter() -> None:
    bench = Bench(passed=WIRING)
    assert "mV on your meter" in bench.fails("volts", "13.5")
    assert "is not a figure" in bench.ask("volts", "13,5")["message"]
    assert "say what the meter shows" in bench.ask("volts")["message"]
    assert "the cell must be 1 to 4" in bench.ask("volts", "3.3", "5")["message"]
    bench.passes("volts", f"{bench.rig.cells_mv[1] / 1000:.3f}", "2")


def test_a_current_that_is_too_far_off_is_not_calibrated_away() -> None:
    bench = Bench(passed=(*WIRING, "fets", "shunt"))
    bench.begin("amps")
    bench.rig.run(1)
    bench.rig.world.charger = CHARGER
    bench.rig.run(5)
    assert "mA flow here" in bench.arming.told
    bench.ask("amps", "4.0")
    bench.rig.run(2)
    assert "no shunt is off by so much" in bench.arming.told
    assert bench.rig.session.parts.settings.values["shunt_uohm"] == 1000


def test_the_label_of_a_shunt_may_stand_for_a_meter() -> None:
    bench = Bench(passed=(*WIRING, "thermistors", "fets", "shunt", "bleed", "volts"))
    bench.passes("amps", "label")
    assert bench.ask()["steps"][-1]["seen"] == "taken as its label says, without a meter"
    bench.rig.closed(5)


def test_a_fault_that_stands_is_named_where_a_switch_would_close() -> None:
    bench = Bench(passed=WIRING)
    bench.rig.warm(70)
    bench.rig.run(10)
    assert "a fault stands in the way: OTC" in bench.ask("fets")["message"]


def test_a_fault_that_comes_ends_the_step_and_opens() -> None:
    bench = Bench(passed=(*WIRING, "fets", "shunt"))
    bench.begin("amps")
    bench.rig.run(1)
    bench.rig.world.charger = CHARGER
    bench.rig.run(4)
    assert bench.rig.world.chip.chg_on
    bench.rig.warm(70)
    bench.rig.run(6)
    assert "a fault stands in the way" in bench.arming.told
    assert bench.rig.fets == (False, False)


def test_abort_loses_nothing_and_leaves_nothing_closed() -> None:
    bench = Bench(passed=(*WIRING, "fets"))
    bench.begin("shunt")
    bench.rig.world.charger = CHARGER
    bench.rig.until(lambda: bench.rig.world.chip.chg_on, 5)
    assert bench.ask("bleed")["message"] == "'shunt' is under way: 'commission abort' ends it"
    bench.ask("abort")
    bench.rig.run(0.3)
    assert bench.rig.fets == (False, False)
    found = bench.ask()
    assert (found["running"], found["says"]) == ("", "broken off; what was passed stays")
    assert found["missing"] == ["thermistors", "shunt", "bleed", "volts", "amps"]
    bench.begin("bleed")
    bench.rig.until(lambda: bench.rig.world.chip.balancing, 5)
    bench.ask("abort")
    bench.rig.run(2)
    assert bench.rig.world.chip.balancing == 0


@pytest.mark.parametrize("step", commission.NAMES)
def test_a_power_cut_in_the_middle_of_any_step_resumes(step: str) -> None:
    number = commission.NAMES.index(step)
    before = tuple(name for name in commission.NAMES if commission.NAMES.index(name) != number)
    bench = Bench(passed=before, parameters={"thermistors": 2})
    words = (step, "13.144") if step == "volts" else (step,)
    bench.begin(*words)
    if step in ("shunt", "amps"):
        bench.rig.world.charger = CHARGER
        bench.rig.run(1.0)
    else:
        bench.rig.run(0.6)
    bench.cut()
    found = bench.ask()
    assert found["missing"] == [step], "what was passed is on flash, what was not is to be done again"
    assert bench.rig.fets == (False, False)
    bench.step(*((step, f"{sum(bench.rig.cells_mv) / 1000:.3f}") if step == "volts" else (step,)))
    bench.rig.run(12)
    assert bench.rig.mode == "active"


def test_which_thermistors_are_done_outlives_a_power_cut() -> None:
    bench = Bench(parameters={"thermistors": 3})
    bench.begin("thermistors")
    bench.rig.world.touch(1)
    bench.rig.until(lambda: "thermistor 2" in bench.arming.told, 20)
    bench.rig.world.touch(0)
    bench.cut()
    bench.begin("thermistors")
    bench.rig.run(1)
    assert bench.arming.told.startswith("warm thermistor 2")


@pytest.mark.parametrize(
    ("changed", "again"),
    [
        ({"cell_count": 4, "thermistors": 2}, ["thermistors"]),
        ({"shunt_uohm": 500}, ["shunt", "amps"]),
        ({"fet_thermistor": 1}, ["thermistors"]),
        ({"capacity_mah": 19000}, []),
    ],
)
def test_changed_wiring_asks_for_what_it_bears_on(changed: dict[str, int], again: list[str]) -> None:
    """PW-150."""
    rig = Rig()
    rig.session.parts.access.grant("a test")
    for name, value in changed.items():
        rig.rpc("set", name, value)
    rig.rpc("save")
    rig.run(8)
    assert rig.rpc("commission")["missing"] == again
    assert (rig.mode == "active") is not again


def test_another_number_of_cells_asks_for_all_of_them_again() -> None:
    kept = commission.vouched({"cell_count": 4, "thermistors": 1, "fet_thermistor": 0, "shunt_uohm": 1000})
    values = {"cell_count": 5, "thermistors": 1, "fet_thermistor": 0, "shunt_uohm": 1000}
    missing = commission.required(values) & ~commission.passed(kept, values)
    assert commission.names(missing) == ["cells", "order", "taps", "bleed", "volts"]


def test_a_factory_reset_asks_for_all_of_it_again() -> None:
    """PW-150."""
    rig = Rig()
    rig.session.parts.access.grant("a test")
    rig.rpc("reset", "factory", "ERASE")
    rig.run(10)
    rig.session.parts.access.grant("a test")
    for name, value in (("cell_count", 4), ("capacity_mah", 20000), ("shunt_uohm", 1000)):
        rig.rpc("set", name, value)
    rig.rpc("save")
    rig.run(8)
    assert rig.mode == "standby"
    assert rig.rpc("commission")["missing"] == list(commission.NAMES)
    for slot in "ab":
        assert decode(rig.files.files[f"commission.{slot}"])[1]["passed"] == 0, "no copy remembers otherwise"


def test_a_pack_in_service_from_before_is_not_stranded() -> None:
    """Its flash has parameters and hours of operation, and no record of commissioning."""
    from bms.services.storage import encode  # noqa: PLC0415

    files = Rig(boot=False).files
    del files.files["commission.a"]
    files.write("state.a", encode(1, {"operating_s": 9000, "soc": [500, 50]}))
    rig = Rig(files=files, commissioned=False)
    assert rig.mode == "active"
    assert any("taken as commissioned" in each for each in rig.events("commission"))
    assert decode(
        files.files["commission.b"] if "commission.b" in files.files else files.files["commission.a"]
    )


def test_a_new_board_does_not_pass_for_an_old_one_by_waiting() -> None:
    bench = Bench()
    parts = bench.rig.session.parts
    parts.remembered.base_s += 8000
    parts.reporter.operating_s = parts.remembered.base_s
    parts.remembered.urgent = True
    bench.rig.run(2)
    bench.cut()
    assert bench.rig.session.parts.remembered.base_s >= 8000
    assert bench.rig.mode == "standby"


def test_a_lost_record_asks_for_it_again_and_says_so() -> None:
    files = MemoryFiles({"commission.a": b"PWR rubbish"})
    files.files |= {
        name: content for name, content in Rig(boot=False).files.files.items() if "params" in name
    }
    rig = Rig(boot=False, files=files)
    rig.run(4)
    assert rig.mode == "standby"
    assert any("'commission' is lost" in each for each in rig.events("storage"))


def test_no_balancing_before_the_wiring_is_known() -> None:
    bench = Bench("", chemistry="nmc", soc=0.95, spread={"soc": 0.05})
    bench.rig.run(30)
    assert bench.rig.world.chip.balancing == 0


def test_an_armed_pack_is_not_taken_out_of_use_by_a_step() -> None:
    rig = Rig()
    rig.session.parts.access.grant("a test")
    assert "send 'standby' first" in rig.rpc("commission", "fets")["message"]
    assert rig.rpc("commission", "cells")["running"] == "cells"
    rig.run(3)
    assert rig.mode == "active"


def test_with_a_precharge_the_discharge_switch_closes_beside_the_charge_switch() -> None:
    bench = Bench(passed=WIRING, parameters={"precharge_fitted": 1})
    bench.passes("fets")
    bench.rig.world.inject("dsg_fet_stuck_off")
    bench.rig.run(2)
    bench.step("fets")
    assert bench.arming.failed
    bench.rig.run(0.2)  # the cycle after the verdict opens
    assert bench.rig.fets == (False, False)


@pytest.mark.parametrize("contactors", [False, True])
def test_without_a_pin_that_sees_the_outside(contactors: bool) -> None:
    """A BQ769x0 measures no terminals, and with contactors they are others: current alone tells."""
    afe = "bq76952" if contactors else "bq76920"
    bench = Bench(passed=WIRING, cells=4, afe=afe, contactors=contactors)
    for step in ("fets", "shunt", "bleed"):
        bench.passes(step)
    bench.charger = None
    assert "no current came within 30 s" in bench.step("shunt")


def test_with_contactors_each_is_seen_by_its_sense_contact() -> None:
    bench = Bench(passed=WIRING, contactors=True)
    bench.passes("fets")


def test_at_the_console() -> None:
    bench = Bench()
    text = bench.rig.type("commission")
    assert "[ ] cells" in text
    assert "Next: 'commission cells'" in text
    bench.rig.type("commission cells", 3)
    assert "[x] cells        the stack reads" in bench.rig.type("commission")
    assert "calibrate volts" in bench.rig.type("calibrate x")
    assert all(len(line) < 81 for line in text.split("\r\n"))


def test_a_person_who_begins_anew_time_and_again_is_never_held_up_and_a_program_is() -> None:
    bench = Bench(passed=WIRING)
    for _ in range(90):
        assert bench.step("cells").startswith("the stack reads")
    for _ in range(6):
        bench.step("cells")
    assert "the next one in" in bench.ask("cells")["message"]
    writes = bench.arming._record.sequence
    assert writes <= 100
    bench.rig.session.parts.reporter.operating_s += 900
    bench.unlock()
    assert bench.step("cells").startswith("the stack reads"), "each quarter of an hour"


def test_a_step_may_follow_at_once_on_one_that_made_everything_look_afresh() -> None:
    bench = Bench()
    for name in (*WIRING, "thermistors"):
        bench.step(name)
    for _ in range(3):  # a program is quicker than the checks that follow on a proven wiring
        bench.rig.session.parts.protect.restart(bench.rig.session.parts.snap)
        bench.rig.session.parts.path.mode = path.BOOT
        assert bench.step("fets").startswith("each closed and opened alone")


def test_once_all_is_passed_a_step_does_not_begin_while_the_pack_comes_into_use() -> None:
    bench = Bench(passed=commission.NAMES[:-1])
    bench.begin("amps", "label")
    bench.follow()
    assert not bench.arming.missing
    assert "the path is in use" in bench.ask("amps", "label")["message"]
    bench.rig.run(5)
    assert bench.rig.mode == "active"
