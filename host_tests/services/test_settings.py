"""The owner's settings on flash: every bound, every refusal, and a power cut at every step of a save.

`Settings` belongs to the app, but is made of nothing but records and the table, so that this runs on
MicroPython too.
"""

import json

from bms.app import overlay
from bms.app.parameters import Parameters
from bms.app.settings import Settings
from bms.core import params, params_check
from bms.services.command import CommandError
from bms.services.jsonstream import pieces
from bms.services.storage import Record
from packwarden.sim.flash import SimulatedFlash
from portable import raises

GOOD = {"chemistry": "lfp", "cell_count": 4, "capacity_mah": 20000, "shunt_uohm": 1000}
NEW = dict(GOOD, cell_ov_mv=3650, pack_name="van")


def reachable(_asked: dict) -> list:
    return []


def stored(given: dict = GOOD) -> SimulatedFlash:
    flash = SimulatedFlash()
    Record(flash, "params").save(given)
    return flash


def staged(flash: SimulatedFlash, given: dict = NEW) -> Settings:
    settings = Settings(flash, reachable)
    for name in given:
        settings.stage(name, str(given[name]))
    return settings


def test_every_bound_is_staged_and_one_beyond_is_not() -> None:
    settings = Settings(stored(), reachable)
    for row in range(len(params.NAMES)):
        name = params.NAMES[row]
        for value in (params.LOW[row], params.HIGH[row]):
            assert settings.stage(name, str(value)) == value
            assert settings.staged[name] == value
        for value in (params.LOW[row] - 1, params.HIGH[row] + 1):
            assert "is outside" in str(raises(CommandError, settings.stage, name, str(value)))
        for text in ("", "x", "1.5", "0x10", "true", "None"):
            assert "whole number" in str(raises(CommandError, settings.stage, name, text))
        assert settings.staged[name] == params.HIGH[row]


def test_every_order_rule_refuses_a_save_and_names_both() -> None:
    for lesser, greater in params_check.ORDER:
        flash = stored()
        settings = Settings(flash, reachable)
        low, high = params.index(lesser), params.index(greater)
        meet = max(settings.values[greater], params.LOW[low], params.LOW[high])
        meet = min(meet, params.HIGH[low], params.HIGH[high])
        for name in (lesser, greater):
            settings.stage(name, str(meet))
        told = str(raises(CommandError, settings.save))
        assert f"{lesser} = {meet} must be below {greater} = {meet}" in told, told
        assert Settings(flash, reachable).given == GOOD


def test_a_save_goes_through_its_trial() -> None:
    flash = stored()
    staged(flash).save(running=True)
    assert Record(flash, "params").load() == GOOD
    tried = Settings(flash, reachable)
    assert tried.on_trial
    assert tried.standing == "on trial"
    assert tried.values["cell_ov_mv"] == 3650
    assert tried.second(False) == ""
    assert "kept" in tried.second(True)
    assert tried.standing == "in force"
    assert tried.second(True) == ""
    assert Record(flash, "params").load() == NEW
    after = Settings(flash, reachable)
    assert not after.on_trial
    assert after.given == NEW
    assert after.reason == ""


def test_a_table_that_was_let_go_is_fetched_again_when_it_is_asked_for() -> None:
    settings = Settings(stored(), reachable)
    for names in (overlay.SET_UP, overlay.DESK):
        overlay.forget(names)
        assert settings.stage("cell_ov_mv", "3650") == 3650
        assert settings.guarded
        settings.revert()
        assert not settings.guarded
    settings.stage("cell_ov_mv", "3400")
    assert "full_mv" in str(raises(CommandError, settings.save))


def boot(flash: SimulatedFlash) -> Settings:
    """A boot to its end: if there is a trial, the AFE verifies it."""
    settings = Settings(flash, reachable)
    settings.second(True)
    return settings


def test_power_that_fails_at_any_step_of_a_save_leaves_the_old_set_or_the_new() -> None:
    """PW-111, PW-112."""
    seen = []

    def cut(flash: SimulatedFlash, _kind: str) -> None:
        for way in range(flash.ways()):
            survivor = flash.survivor(len(seen) + way)
            first = boot(survivor)
            assert first.given in (GOOD, NEW), "neither half of one nor nothing"
            assert first.values
            again = boot(survivor)
            assert again.given == first.given, "and it stays so"
            assert "trial.a" not in survivor.files or again.on_trial is False
            seen.append(first.given == NEW)

    flash = stored()
    settings = staged(flash)
    flash.watch = cut
    settings.save(running=True)
    boot(flash)
    flash.watch = None
    assert len(seen) > 10
    assert not seen[0]
    assert seen[-1]
    assert Record(flash, "params").load() == NEW


class Parts:
    """As much of a running firmware as the parameters' commands look at."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.access = None


def test_the_schema_is_whole_json_made_of_small_pieces() -> None:
    tuned = Parameters(Parts(Settings(stored(), reachable)))
    longest = 0
    text = ""
    for piece in pieces(tuned.schema()):
        longest = max(longest, len(piece))
        text += piece
    schema = json.loads(text)
    assert len(schema["properties"]) == len(params.NAMES) + len(params.WORDS)
    assert longest < 512, "a piece must fit where the console has room"
    assert schema["properties"]["cell_ov_mv"]["maximum"] == 4350


def test_rows_are_whole_json_made_of_small_pieces() -> None:
    tuned = Parameters(Parts(Settings(stored(NEW), reachable)))
    rows = json.loads("".join(list(pieces(tuned.rows()))))
    assert [row["name"] for row in rows] == list(params.WORDS) + params.NAMES
    assert [row["name"] for row in rows if row["given"]] == [
        "chemistry",
        "pack_name",
        "cell_count",
        "capacity_mah",
        "shunt_uohm",
        "cell_ov_mv",
    ]
    assert max([len(piece) for piece in pieces(tuned.rows())]) < 512
