"""`packwarden cuts`: a slice of the power cuts, and ten years of writing, within the time of a test."""

import re

import pytest
from bms.services import wear
from packwarden import cuts
from packwarden.sim.flash import SimulatedFlash
from packwarden.sim.flash_blocks import Blocks
from packwarden.sim.flash_fat import FatFlash

# Somebody who rides or works with the pack for two hours a day.
COMMUTER = {
    "charge": 0.1,
    "state": 0.05,
    "history": 1.0,
    "codes": 0.02,
    "frames": 0.04,
    "care": 0.05,
    "params": 0.0,
    "trial": 0.0,
    "pin": 0.0,
    "commission": 0.0,
    "journal": 0.1,
}


def test_every_boot_after_a_power_cut_finds_the_old_or_the_new_of_everything() -> None:
    trial = cuts.trial(SimulatedFlash(), 1000)
    assert trial.wrong == []
    assert trial.cuts > 3000
    assert trial.cuts_again > 3000
    assert trial.told == 0, "littlefs leaves nothing damaged"


def test_a_flipped_bit_besides_is_told() -> None:
    trial = cuts.trial(SimulatedFlash(), 600, rot=True)
    assert trial.wrong == []
    assert trial.told > 1200


def test_a_file_system_that_does_not_commit_loses_nothing_but_the_end_of_the_journal() -> None:
    trial = cuts.trial(FatFlash(), 100)
    assert trial.wrong == []
    assert trial.cuts > 1200
    assert trial.told > 500


def test_ten_years_of_a_commuter_are_within_the_budget() -> None:
    days = 3653
    flash = cuts.age(days, cuts.day(lambda name: COMMUTER[name]))
    a_day = flash.operations["erase"] / days
    assert 75 < a_day < 130
    hottest = max(flash.blocks.erases)
    assert hottest < wear.ENDURANCE // 20
    assert hottest < 2 * sum(flash.blocks.erases) / wear.SECTORS


@pytest.mark.parametrize("row", wear.ROWS, ids=lambda row: str(row[wear.NAME]))
def test_no_save_costs_more_than_its_row_says(row: tuple[str, int, int, int]) -> None:
    name, _, _, millierases = row
    begun = cuts.age(2, cuts.day(lambda _: 1.0))
    before = begun.operations["erase"]
    for i in range(1000):
        if name == "journal":
            begun.append("log.99", bytes(500))
        elif name == "frames":
            cuts.frame(begun, i)
        else:
            begun.write(f"{name}.{'ab'[i % 2]}", begun.files[f"{name}.a"])
    assert begun.operations["erase"] - before <= millierases


def test_the_whole_budget_keeps_within_its_sum() -> None:
    flash = cuts.age(60, cuts.day(lambda _: 1.0))
    assert flash.operations["erase"] / 60 < wear.millierases_a_day() / 1000


def test_an_esp32_takes_more_erases_and_has_more_sectors_for_them() -> None:
    days = 30
    flash = cuts.age(days, cuts.day(lambda _: 1.0), Blocks(512, 32, 128))
    assert 1500 < flash.operations["erase"] / days < 2300
    in_twenty_years = 7305 / days * sum(flash.blocks.erases) / (512 - 150)
    assert in_twenty_years * wear.UNEVEN < wear.ENDURANCE


def test_the_figures_are_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert cuts.run(20, 1)
    printed = capsys.readouterr().out
    assert "every boot found the old or the new of everything" in printed
    assert "erases a day of the 1,272 promised" in printed


def test_what_is_wrong_is_printed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    class Forgets(cuts.Record):
        def load(self) -> None:
            return None

    monkeypatch.setattr(cuts, "Record", Forgets)
    monkeypatch.setattr(cuts, "day", lambda _: ["charge"])
    assert not cuts.run(20, 1)
    assert "NOT every boot" in capsys.readouterr().out


def test_the_sum_that_is_shown_is_the_one_that_counts() -> None:
    """The table in the module that people read, against the rows that the firmware goes by."""
    text = wear.__doc__ or ""
    for name, a_day, _, millierases in wear.ROWS:
        line = re.search(rf"^ +{name} +([\d,]+) +([\d,]+) +([\d,]+)$", text, re.MULTILINE)
        assert line, f"{name} is not in the table"
        assert [int(each.replace(",", "")) for each in line.groups()] == [
            a_day,
            millierases,
            a_day * millierases,
        ]
    total = wear.millierases_a_day()
    erases = round(total / 1000)
    assert f"{total:,}, that is {erases} erases" in text
    assert f"7305 days x {erases} = {7305 * erases / 1e6:.1f} million erases" in text
    assert f"{round(7305 * erases / wear.SECTORS, -3):,.0f} a sector on average" in text
    assert f"worn out after {wear.years()} years" in text
