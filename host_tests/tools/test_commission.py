"""`packwarden commission`: led through it on the simulated pack, wired wrong, left and resumed."""

import re
from pathlib import Path
from typing import Any

import pytest
from bms.core import commission
from packwarden import ports
from packwarden.client import Client, LinkError
from packwarden.commands import app
from packwarden.commission.people import Row, Simulated
from packwarden.commission.wizard import Wizard
from packwarden.errors import InputError
from packwarden.ports import SimulatedPort
from rich.console import Console
from tools.sim_command import PACK, sim, write
from typer.testing import CliRunner, Result

TWO = PACK + "[parameters]\nthermistors = 2\n"
GIVEN = {
    "chemistry": "lfp",
    "cell_count": 4,
    "capacity_mah": 20000,
    "shunt_uohm": 2000,
    "thermistors": 2,
}


def led(folder: Path, *options: object) -> Result:
    pack = write(folder, "pack.toml", TWO)
    words = ["commission", "sim", "--pack", pack, *options]
    result = CliRunner().invoke(app, [str(each) for each in words])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def flat(result: Result) -> str:
    return re.sub(r"\s+", " ", result.output)


def test_from_a_bare_board_to_an_armed_pack_with_a_summary(tmp_path: Path) -> None:
    kept = tmp_path / "summary.txt"
    result = led(tmp_path, "--save", kept, "--state", tmp_path / "flash")
    assert result.exit_code == 0, result.output
    summary = kept.read_text()
    assert "Commissioning: commissioned" in summary
    for name in commission.NAMES:
        assert re.search(rf"^  {name} +passed +\S", summary, re.MULTILINE), summary
    assert "cell_count = 4" in summary
    again = led(tmp_path, "--state", tmp_path / "flash")
    assert again.exit_code == 0
    assert "passed" in again.output, "and there is nothing more to do"


def test_what_is_wired_wrong_is_named_and_mended(tmp_path: Path) -> None:
    wrong = ("taps_swapped:2", "thermistors_swapped", "shunt_reversed", "bleed_missing:3")
    result = led(tmp_path, *(word for each in wrong for word in ("--wrong", each)))
    said = flat(result)
    assert result.exit_code == 0, said
    assert "the sense wires 2 and 3 have changed places" in said
    assert "thermistor 2 got warm when 1 was asked for" in said
    assert "swap its two sense wires (SRP and SRN)" in said
    assert "bleed: cell 3 is not bled" in said
    assert "Commissioning: commissioned" in said


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (("--wrong", "shunt_revers"), "must be one of bleed_missing"),
        (("--wrong", "thermistor_loose:7"), "--wrong"),
        (("--save", "/nowhere/at/all.txt"), "cannot be written"),
    ],
)
def test_bad_options_end_in_a_sentence(tmp_path: Path, options: tuple[str, ...], sentence: str) -> None:
    result = led(tmp_path, *options)
    assert result.exit_code == 2
    assert sentence in flat(result)


def test_options_of_the_simulation_are_not_for_a_board(tmp_path: Path) -> None:
    result = CliRunner().invoke(app, ["commission", "/dev/null", "--state", str(tmp_path)])
    assert result.exit_code == 2
    assert "belong to the simulation" in flat(result)


class Leaves(Simulated):
    """Goes away before a step."""

    before = ""

    def ready(self, step: Row) -> bool:
        return step["step"] != self.before


class Interrupts(Simulated):
    """Presses Ctrl-C in the middle of one."""

    at = ""

    def asked(self, asks: str) -> str:
        if asks.startswith(self.at):
            raise KeyboardInterrupt
        return super().asked(asks)


def line_of(folder: Path) -> SimulatedPort:
    return ports.simulated(write(folder, "pack.toml", TWO), folder / "flash", bare=True)


def quiet() -> Console:
    return Console(quiet=True)


@pytest.mark.parametrize("step", ["order", "thermistors", "amps"])
def test_it_can_be_left_before_any_step_and_goes_on_there(tmp_path: Path, step: str) -> None:
    line = line_of(tmp_path)
    person = Leaves(line, GIVEN, [])
    person.before = step
    wizard = Wizard(lambda: line, person, quiet())
    assert wizard.run() is False
    assert wizard.standing()["next"] == step
    later = line_of(tmp_path)
    person = Leaves(later, GIVEN, [])
    person.before = "nothing"
    assert Wizard(lambda: later, person, quiet()).run() is True
    later.session.advance(5_000_000)
    assert later.session.world.chip.chg_on, "armed"


def test_ctrl_c_leaves_nothing_closed_and_loses_nothing(tmp_path: Path) -> None:
    line = line_of(tmp_path)
    person = Interrupts(line, GIVEN, [])
    person.at = "shunt"
    wizard = Wizard(lambda: line, person, quiet())
    assert wizard.run() is False
    line.session.advance(500_000)
    assert not line.session.world.chip.chg_on
    found = wizard.standing()
    assert (found["running"], found["missing"]) == ("", ["shunt", "bleed", "volts", "amps"])


def test_a_calibrated_shunt_restarts_the_pack_and_the_wizard_follows(tmp_path: Path) -> None:
    line = line_of(tmp_path)
    line.session.world.chip.current_gain_error = 0.02
    wizard = Wizard(lambda: line, Simulated(line, GIVEN, []), quiet())
    assert wizard.run() is True
    given: dict[str, Any] = {row["name"]: row["value"] for row in wizard._asked("params")}
    assert given["shunt_uohm"] == pytest.approx(2040, abs=4)


def test_a_pack_with_a_pin_takes_only_that(tmp_path: Path) -> None:
    line = line_of(tmp_path)
    client = Client(line)
    line.session.world.press(3.0)
    line.session.advance(1_000_000)
    client.call("pin", "set", "47114711")
    client.call("lock")
    with pytest.raises(InputError, match="not the PIN"):
        Wizard(lambda: line, Simulated(line, GIVEN, []), quiet(), "00000000").run()
    person = Leaves(line, GIVEN, [])
    person.before = "order"
    wizard = Wizard(lambda: line, person, quiet(), "47114711")
    assert wizard.run() is False
    assert wizard.standing()["next"] == "order"


def test_a_line_that_dies_ends_in_a_sentence(tmp_path: Path) -> None:
    line = line_of(tmp_path)
    line.session.world.powered = False
    wizard = Wizard(lambda: line, Simulated(line, GIVEN, []), quiet())
    with pytest.raises(LinkError):
        wizard.run()


def test_the_simulator_gives_a_bare_board_and_else_a_commissioned_one(tmp_path: Path) -> None:
    pack = write(tmp_path, "pack.toml", PACK)
    told = sim("--pack", pack, "--bare", typed="status\n").output
    assert "the parameters are not usable" in told
    told = sim("--pack", pack, typed="commission\n").output
    assert "Commissioned: the path may close." in told
    assert "answered for by who built it" in told


class Reads(Simulated):
    """Counts how often a meter is asked for its reading."""

    asked_for = 0

    def asked(self, asks: str) -> str:
        figure = super().asked(asks)
        self.asked_for += bool(figure)
        return figure


def test_a_meter_is_read_once(tmp_path: Path) -> None:
    line = line_of(tmp_path)
    person = Reads(line, GIVEN, [])
    assert Wizard(lambda: line, person, quiet()).run() is True
    assert person.asked_for == 1
