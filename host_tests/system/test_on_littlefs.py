"""Power cuts and wear on littlefs itself, which the simulated flash only describes."""

from typing import Any

import pytest
from bms.services.frames import Frames
from bms.services.journal import Journal
from bms.services.storage import Record
from packwarden.sim.flash import SimulatedFlash
from packwarden.sim.flash_blocks import Blocks
from packwarden.sim.power_cuts import Trial
from system.littlefs_flash import ESP32, PICO, LittleFlash


def journal(files: Any, most_files: int, file_bytes: int) -> Journal:
    return Journal(files, "log", most_files, file_bytes)


@pytest.mark.parametrize(("shape", "steps"), [(PICO, 60), (ESP32, 12)], ids=["Pico", "ESP32"])
def test_every_boot_after_a_torn_program_or_erase_finds_the_old_or_the_new(
    shape: dict[str, int], steps: int
) -> None:
    flash: Any = LittleFlash(shape, 64)
    trial = Trial(flash, Record, journal, Frames, rot=False)
    for _ in range(steps):
        trial.step()
    assert trial.wrong == []
    assert trial.cuts + trial.cuts_again > 300
    assert trial.told == 0


@pytest.mark.parametrize(
    ("shape", "inline", "size"), [(PICO, 512, 300), (PICO, 512, 470), (PICO, 512, 900), (ESP32, 128, 300)]
)
def test_the_model_counts_the_erases_that_littlefs_makes(
    shape: dict[str, int], inline: int, size: int
) -> None:
    counted: list[int] = []
    modelled_flash = SimulatedFlash(blocks=Blocks(352, shape["prog_size"], inline, 0))
    for flash in (LittleFlash(shape, 352), modelled_flash):
        for i in range(8):
            flash.write(f"other.{i}", bytes(300))
        before = flash.operations["erase"]
        for i in range(600):
            flash.write(f"state.{'ab'[i % 2]}", bytes(size))
        for _ in range(100):
            flash.append("log.1", bytes(100))
        counted.append(flash.operations["erase"] - before)
    real, modelled = counted
    assert modelled == pytest.approx(real, rel=0.15)
