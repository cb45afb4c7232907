"""What an owner sets and asks: parameters saved whole, the lock, the panel, the soft reset and its record."""

from types import SimpleNamespace
from typing import Any

import pytest
from bms.app.panel import Panel
from bms.app.resetter import Resetter
from bms.app.settings import Settings
from bms.core import reset
from bms.core import snapshot as s
from bms.services.command import CommandError
from bms.services.storage import Record
from services.fixture import Flash
from system.bench import Bench

GOOD = {"chemistry": "lfp", "cell_count": 4, "capacity_mah": 20000, "shunt_uohm": 1000}


def all_reachable(_asked: dict[str, int]) -> list[str]:
    return []


def stored(values: dict[str, Any]) -> Flash:
    flash = Flash()
    Record(flash, "params").save(values)
    return flash


def test_a_staged_value_counts_only_once_saved_and_restarted() -> None:
    """PW-111."""
    flash = stored(GOOD)
    settings = Settings(flash, all_reachable)
    assert settings.stage("cell_ov_mv", "3650") == 3650
    assert settings.value("cell_ov_mv") == 3700
    assert settings.staged["cell_ov_mv"] == 3650
    assert Settings(flash, all_reachable).value("cell_ov_mv") == 3700
    settings.save()
    assert settings.values["cell_ov_mv"] == 3700, "a running pack never works with half a change"
    assert Settings(flash, all_reachable).value("cell_ov_mv") == 3650


def test_a_new_board_has_no_usable_set_and_says_what_is_missing() -> None:
    settings = Settings(Flash(), all_reachable)
    assert settings.values == settings.given == settings.staged == {}
    assert settings.damage == []
    assert any("cell_count is not set" in reason for reason in settings.reasons)


def test_damage_to_the_stored_set_is_told() -> None:
    flash = stored(GOOD)
    for name in list(flash.files):
        flash.files[name] = b"PWR"
    settings = Settings(flash, all_reachable)
    assert settings.values == {}
    assert "cut short" in settings.damage[0]


def test_what_was_staged_can_be_forgotten() -> None:
    settings = Settings(stored(GOOD), all_reachable)
    settings.stage("cell_ov_mv", "3650")
    settings.revert()
    assert settings.staged == GOOD
    settings.stage("cell_ov_mv", "3640")
    settings.save()
    settings.stage("cell_ov_mv", "3630")
    settings.revert()
    assert settings.staged["cell_ov_mv"] == 3640, "back to what was saved"


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("voltage", "3", "not a parameter"),
        ("cell_ov_mv", "high", "whole number of mV"),
        ("cell_count", "four", "whole number of units"),
        ("cell_count", "17", "outside 3..16"),
        ("cell_ov_mv", "36.5", "whole number"),
    ],
)
def test_what_cannot_be_a_value_is_not_staged(name: str, text: str, words: str) -> None:
    settings = Settings(stored(GOOD), all_reachable)
    with pytest.raises(CommandError, match=words):
        settings.stage(name, text)
    assert settings.staged == GOOD


def test_a_bad_set_is_refused_whole_with_every_reason() -> None:
    """PW-111."""
    flash = stored(GOOD)
    writes = flash.writes
    settings = Settings(flash, all_reachable)
    settings.stage("cell_ov_mv", "3400")
    with pytest.raises(CommandError, match="chemistry must be one of: nmc, lfp"):
        settings.stage("chemistry", "lead")
    with pytest.raises(CommandError, match=r"cell_ov_clear_mv.*; .*full_mv"):
        settings.save()
    assert flash.writes == writes


def test_a_flash_that_refuses_is_said_in_a_sentence() -> None:
    flash = stored(GOOD)
    settings = Settings(flash, all_reachable)
    settings.stage("cell_ov_mv", "3650")
    flash.fail = True
    with pytest.raises(CommandError, match="flash refused"):
        settings.save()
    assert settings.given == GOOD


def test_what_the_fitted_chip_cannot_do_makes_a_set_unusable() -> None:
    """PW-110."""
    asked: list[dict[str, int]] = []

    def not_reachable(limits: dict[str, int]) -> list[str]:
        asked.append(limits)
        return ["scd_ma: not with this shunt"]

    settings = Settings(stored(GOOD), not_reachable)
    assert settings.values == {}
    assert settings.reasons == ["scd_ma: not with this shunt"]
    assert settings.value("cell_count") == 4, "what was given can still be looked at"
    assert settings.value("cell_ov_mv") is None
    assert asked[0]["cell_count"] == 4


def test_a_name_from_another_firmware_makes_the_set_unusable_and_is_dropped_by_saving() -> None:
    flash = stored(GOOD | {"colour": 7})
    settings = Settings(flash, all_reachable)
    assert settings.values == {}
    assert "colour" in settings.reasons[0]
    settings.save()
    assert Settings(flash, all_reachable).given == GOOD


def with_record(bench: Bench) -> SimpleNamespace:
    """Give a bench the record of resets, and a reporter that tells."""
    bench.p.remembered = SimpleNamespace(
        urgent=False, resets=0, refusals=0, resets_s=[], pressing=lambda _now_s: False
    )
    bench.told = []
    bench.p.reporter = SimpleNamespace(
        operating_s=5000,
        watch_s=0,
        tell=lambda event, detail: bench.told.append((event, detail)),
        note=lambda event, detail: bench.told.append((event, detail)),
        step=lambda _uptime_s, _mode: None,
        remember=lambda: None,
    )
    bench.p.resetter = Resetter(bench.p)
    return bench.p.remembered


def test_a_reset_starts_everything_anew_and_is_written_down() -> None:
    bench = Bench()
    record = with_record(bench)
    bench.go(2000)
    assert bench.p.resetter.soft("console") == reset.ACCEPTED
    assert bench.told == [("reset soft", "console: reset done")]
    assert (record.resets, record.refusals, record.resets_s, record.urgent) == (1, 0, [5000], True)
    assert bench.p.snap.valid is False
    assert bench.p.soc.settling
    bench.front.fresh = False
    bench.cycle()
    assert bench.front.fets == 0, "open until new scans have come"
    bench.front.fresh = True
    for _ in range(4):
        bench.cycle()
    assert bench.mode == "active"
    assert 0 < bench.p.limits.charge_ma < 500, "and the limits rise from nothing"


def test_a_reset_frees_a_lockout_whose_cause_is_gone() -> None:
    bench = Bench()
    with_record(bench)
    bench.p.snap.values[s.EXCEPTIONS] = 1
    bench.cycle()
    bench.go(500)
    assert bench.mode == "fault"
    assert bench.p.resetter.soft("button") == reset.ACCEPTED
    bench.go(1000)
    assert bench.mode == "active"


def test_a_refused_reset_is_counted_and_changes_nothing_else() -> None:
    bench = Bench()
    record = with_record(bench)
    bench.go(2000)
    bench.front.current_ma = -5000
    bench.cycle()
    before = (bench.mode, bench.front.fets, bench.p.limits.charge_ma, bench.p.soc.settling)
    assert bench.p.resetter.soft("button") == reset.NOT_ISOLATED
    assert (bench.mode, bench.front.fets, bench.p.limits.charge_ma, bench.p.soc.settling) == before
    assert bench.p.snap.valid
    assert (record.resets, record.refusals, record.resets_s, record.urgent) == (0, 1, [], True)
    assert "not isolated" in bench.told[0][1]


class Face:
    """A bench with a finger and an eye."""

    def __init__(self) -> None:
        self.bench = Bench()
        with_record(self.bench)
        self.pressed = False
        self.lit = False
        self.bench.board.button = lambda: self.pressed
        self.bench.board.led = self._led
        self.bench.p.panel = Panel(self.bench.p, self.bench.board.now)

    def _led(self, on: bool) -> None:
        self.lit = on

    def hold(self, ms: int) -> None:
        self.pressed = True
        self.bench.go(ms)
        self.pressed = False
        self.bench.go(30)

    def flashes(self, ms: int) -> int:
        seen = 0
        was = self.lit
        for _ in range(ms // 10):
            self.bench.go(10)
            seen += self.lit and not was
            was = self.lit
        return seen


def test_a_short_press_blinks_the_charge_once() -> None:
    face = Face()
    face.bench.p.soc.set(700, 20)
    face.hold(300)
    assert face.flashes(800 + 4 * 600) == 4
    assert face.flashes(9000) in (3, 4), "then the heartbeat again, with the tick's wrap in it"


def test_a_refusal_blinks_its_reason_three_times() -> None:
    face = Face()
    face.bench.front.current_ma = -5000
    face.bench.front.alive = True
    face.hold(10500)
    assert face.bench.p.remembered.refusals == 1
    assert face.flashes(3 * (800 + 2 * 600 + 10)) == 6
    assert face.flashes(2600) <= 1, "and no more, but for a heartbeat"


def test_a_cancelled_hold_is_noted_and_a_stuck_button_warned_of_until_it_comes_loose() -> None:
    face = Face()
    face.pressed = True
    face.bench.go(15500)
    assert face.bench.told == [("button", "held over 15 s: reset cancelled")]
    assert face.bench.p.snap.values[s.BUTTON_STUCK] == 0
    face.bench.go(15000)
    assert face.bench.p.snap.values[s.BUTTON_STUCK] == 1
    face.pressed = False
    face.bench.go(100)
    assert face.bench.p.snap.values[s.BUTTON_STUCK] == 0
    assert face.bench.p.remembered.resets == 0
