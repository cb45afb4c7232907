"""The scenario files, through the command's own code: each is met, and none without its protection.

A scenario that passes proves something only if it can fail. So each file that names the fault rows it proves
is run again with each of them disabled, and must then end with status 1.
"""

import re
from array import array
from pathlib import Path

import pytest
from bms.core import faults
from bms.core.protection import Protection
from packwarden import boards
from tools.sim_command import process, sim

SCENARIOS = Path(__file__).with_name("scenarios")
_RUN = re.compile(r"^# Run: packwarden sim --pack (\S+) --scenario (\S+)$", re.MULTILINE)
_PROVES = re.compile(r"^# Proves: (.+)$", re.MULTILINE)

FILES = sorted(SCENARIOS.glob("*.toml"))
NOT_A_STORY = {
    "PARAMS_INVALID": "a pack file with unusable parameters is refused",
    "EXCEPTION": "only an error in the firmware",
    "STATE_LOST": "only a flash that was damaged between two boots",
}


def pack_of(file: Path) -> Path:
    """The pack that the file itself says to run it with."""
    found = _RUN.search(file.read_text())
    assert found, f"{file.name} does not say how to run it"
    assert found[2] == file.name
    return SCENARIOS / found[1]


def proves(file: Path) -> list[str]:
    found = _PROVES.search(file.read_text())
    return found[1].split(", ") if found else []


CASES = [
    pytest.param(file, mnemonic, id=f"{file.stem}-{mnemonic}") for file in FILES for mnemonic in proves(file)
]


def run(file: Path, *options: object) -> tuple[int, str]:
    result = sim("--pack", pack_of(file), "--scenario", file, *options)
    return result.exit_code, result.stderr


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_a_scenario_is_met(file: Path) -> None:
    status, said = run(file)
    assert status == 0, said


@pytest.mark.parametrize(("file", "mnemonic"), CASES)
def test_a_scenario_fails_without_its_protection(
    file: Path, mnemonic: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = faults.index(mnemonic)
    configure = Protection.configure

    def without(self: Protection, values: dict[str, int]) -> None:
        configure(self, values)
        self._trip[row] = faults.NEVER
        self._hardware = array("h", self._hardware)
        self._hardware[row] = 0

    monkeypatch.setattr(Protection, "configure", without)
    status, said = run(file)
    assert status == 1, said
    assert "expectation failed" in said


@pytest.mark.parametrize("name", ["bus_held_once", "impact"])
def test_a_scenario_is_met_by_the_process(name: str) -> None:
    file = SCENARIOS / f"{name}.toml"
    done = process("sim", "--pack", pack_of(file), "--scenario", file)
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""


@pytest.mark.parametrize("name", ["solar_shed", "front_end_brown_out", "noisy_bus", "nack_storm"])
def test_a_scenario_is_met_on_a_bus_with_crc(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same stories on a board whose front end is ordered with CRC."""
    load = boards.load
    (tmp_path / "crc").mkdir()
    (tmp_path / "crc" / "board.py").write_text(
        "NAME = 'crc'\nAFE_ADDRESS = 0x10\nAFE_CRC = True\nCOIL_DSG = AUX_SENSE = LED_RED = BUZZER = None\n"
    )
    monkeypatch.setattr(boards, "load", lambda name: load(name, tmp_path))
    status, said = run(SCENARIOS / f"{name}.toml", "--board", "crc")
    assert status == 0, said


def test_every_protection_that_the_world_can_bring_about_has_its_scenario() -> None:
    proved = {mnemonic for file in FILES for mnemonic in proves(file)}
    rows = {row[faults.MNEMONIC] for row in faults.ROWS}
    assert proved | set(NOT_A_STORY) == rows
    assert not proved & set(NOT_A_STORY)


def test_every_pack_is_used() -> None:
    assert {pack_of(file) for file in FILES} == set((SCENARIOS / "packs").glob("*.toml"))
