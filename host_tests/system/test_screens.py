"""What a person is shown, of every command and in many a state: it fits a screen, and speaks no Python."""

import re
from typing import Any

import pytest
from bms.services.command import NAME
from packwarden.sim.board import MemoryFiles
from system.rig import Rig

WIDEST = 79
# What data looks like that nobody has laid out; JSON for programs is data by intent.
RAW = re.compile(r"\bNone\b|\bTrue\b|\bFalse\b|\[\]|\['|\{'")
FOR_PROGRAMS = ("params.schema", "rpc.discover", "log export", "watch 1 json")
ACTS = ("reboot", "repl", "ship", "save", "reset", "revert")
MORE = (
    "dtc show 1",
    "history life",
    "params cell",
    "params cell_ov_mv",
    "params pack_name",
    "params zzz",
    "help help",
)
MORE += (
    "get",
    "get chemistry",
    "get otc_ddegc",
    "get zzz",
    "set",
    "set cell_ov_mv 1",
    "set cell_ov_mv x",
    "calibrate volts",
)
MORE += (
    "unlock 1",
    "pin x",
    "pin set 1",
    "reset x",
    "reset factory",
    "dtc x",
    "dtc show 99",
    "history x",
    "log x",
    "log tail 5",
)
MORE += (
    "watch x",
    "color x",
    "statsu",
    "status now",
    "commission x",
    "commission volts",
    "relearn x",
    "relearn abort",
    "taps x",
)


def calm() -> Rig:
    return Rig()


def new() -> Rig:
    rig = Rig(boot=False, commissioned=False, files=MemoryFiles())
    rig.run(3)
    return rig


def not_commissioned() -> Rig:
    rig = Rig(boot=False, commissioned=False)
    rig.run(3)
    rig.session.parts.access.grant("a test")
    rig.type("commission volts 9.00")
    return rig


def in_trouble() -> Rig:
    rig = Rig(cells=16, parameters={"thermistors": 3})
    rig.world.load_a = 10.0
    rig.run(40)
    rig.world.inject("thermistor_open", sensor=2)
    rig.world.inject("dsg_fet_stuck_off")
    rig.run(30)
    return rig


def balancing() -> Rig:
    rig = Rig(cells=16, soc=0.97, spread={"soc": 0.02}, parameters={"balance_min_mv": 3000})
    rig.world.charger = (58.0, 5.0)
    rig.run(300)
    return rig


def relearning() -> Rig:
    rig = Rig()
    rig.session.parts.access.grant("a test")
    rig.type("reset relearn")
    rig.run(5)
    return rig


@pytest.mark.parametrize("state", [calm, new, not_commissioned, in_trouble, balancing, relearning])
def test_every_answer_fits_the_screen_and_is_for_people(state: Any) -> None:
    rig = state()
    names = [row[NAME] for row in rig.session.parts.api.rows]
    for line in [each for each in names if each not in (*FOR_PROGRAMS, *ACTS)] + list(MORE):
        said = [each.rpartition("\r")[2] for each in rig.type(line, 4.0).split("\r\n")[1:]]
        assert said, line
        assert [each for each in said if len(each) > WIDEST] == [], line
        assert [each for each in said if RAW.search(each)] == [], line


def test_units_stand_beside_figures() -> None:
    rig = balancing()
    assert re.search(r"believed +\d+\.\d %\r", rig.type("soc"))
    assert re.search(r"remaining +\d+ mAh\r", rig.type("soc"))
    assert re.search(r"\r\n   1 +[+-]\d+\.\d % \+/- \d\.\d % +\d+\.\d %", rig.type("health"))
    assert re.search(r"otc_ddegc +50\.0 +53\.0 +50\.0 C\r", rig.type("limits"))
    assert re.search(r"fet_ot_ddegc +90\.0 +- +- C\r", rig.type("limits")), (
        "nobody watches what is not fitted"
    )
    assert "otc_ddegc  500 ddegC (50.0 C)" in rig.type("get otc_ddegc")
    assert "unlocked  0 s" in rig.type("pin")
    assert "bleeding" in rig.type("cells")


def test_one_parameter_tells_everything_about_itself() -> None:
    rig = calm()
    screen = rig.type("params cell_ov_mv")
    for each in ("cell_ov_mv  3700 mV", "cell over-voltage: charging stops", "3000 to 4350 mV; default 3700"):
        assert each in screen
    assert len(rig.rpc("params", "cell_ov_mv")) == 1
    assert len(rig.rpc("params", "cell_ov")) == 8
    assert rig.rpc("params", "zzz") == []
    assert "'params' lists them all" in rig.type("params zzz")


def test_the_one_screen_answers_what_a_person_asks() -> None:
    """Is it wired right, is it safe, how full, why did it cut out, what to do, is it getting old."""
    screen = not_commissioned().type("status")
    assert "not commissioned" in screen
    rig = in_trouble()
    screen = " ".join(rig.type("status").split())
    for each in ("Mode fault: ", "Safe AFE armed", "+/-", "Check ", "Health not known yet", "Faults "):
        assert each in screen
