"""Every command explains itself, at the console and to programs, and its example is one that works."""

from pathlib import Path

import pytest
from bms.services import texts
from bms.services.command import ARGUMENTS, NAME
from packwarden.session import Session
from system.rig import Rig


@pytest.fixture(scope="module")
def rig() -> Rig:
    return Rig()


def rows(rig: Rig) -> list[tuple[str, tuple[str, ...]]]:
    session: Session = rig.session
    return [(row[NAME], row[ARGUMENTS]) for row in session.parts.api.rows]


def test_every_command_has_more_to_say_and_an_example_that_can_be_typed(rig: Rig) -> None:
    for name, arguments in rows(rig):
        more, example = texts.find("help", name)
        assert more.endswith("."), name
        words = example.split()
        assert words[0] in (name, "help"), example
        assert len(words) - 1 <= len(arguments), example


def test_no_text_is_left_of_a_command_that_is_gone(rig: Rig) -> None:
    lines = Path(texts._FOLDER, "help.txt").read_text().splitlines()
    told = [line.split("|")[0] for line in lines if "|" in line and not line.startswith("#")]
    assert sorted(told) == sorted(name for name, _ in rows(rig))


def test_help_with_a_command_fits_the_screen(rig: Rig) -> None:
    said = rig.type("help reset")
    assert "forgets the parameters" in " ".join(said.split())
    assert "Example: reset soft" in said
    assert all(len(line) < 80 for line in said.split("\r\n"))
    (row,) = rig.rpc("help", "reset")
    assert row["example"] == "reset soft"


def test_colours_come_when_asked_and_go_again(rig: Rig) -> None:
    assert "\x1b" not in rig.type("status")
    rig.type("color on")
    assert "\x1b[32mMode      active:" in rig.type("status")
    assert isinstance(rig.rpc("status"), dict), "programs get none"
    assert "say 'color on'" in rig.type("color blue")
    rig.type("color off")
    assert "\x1b" not in rig.type("status")


def test_a_self_test_of_a_sound_pack_passes_and_moves_nothing(rig: Rig) -> None:
    found = rig.rpc("selftest")
    assert [row["check"] for row in found if not row["passed"]] == []
    assert rig.fets == (True, True)
    assert "14 of 14 checks passed" in rig.type("selftest")


def test_a_self_test_names_what_is_wrong() -> None:
    rig = Rig()
    rig.world.inject("thermistor_open", sensor=1)
    rig.run(5)
    failed = {row["check"]: row["found"] for row in rig.rpc("selftest") if not row["passed"]}
    assert failed["thermistors"].startswith("thermistor 1 reads what none can be")
    assert "THERMISTOR_OPEN" in failed["faults"]
    assert "FAIL  thermistors" in rig.type("selftest")
