"""Whatever an earlier firmware stored is read by this one: one file of every version, kept for ever."""

from pathlib import Path
from typing import Any

import pytest
from bms.services import storage
from bms.services.journal_reader import Reader
from packwarden.sim.flash import SimulatedFlash

FIXTURES = Path(__file__).parent.parent / "services" / "fixtures"

# The steps of each kind that has any; from its owner once there is one.
MIGRATIONS: dict[str, tuple[Any, ...]] = {}
STATE = {
    "operating_s": 123456,
    "soc": [640, 25],
    "resets_s": [100000, 120000],
    "resets": 3,
    "refusals": 2,
    "standing": {"SCD": [4, 2], "IMPACT": [5, 1]},
}
PARAMS = {"chemistry": "lfp", "cell_count": 16, "capacity_mah": 100000, "shunt_uohm": 500, "cell_ov_mv": 3650}
# What each file means to today's firmware.
TODAY = {"state.1": STATE, "params.1": PARAMS}
LOG = [
    (17, {"t": 3600, "event": "mode", "detail": "boot -> selftest"}),
    (18, {"t": 3601, "event": "fault", "detail": "CELL_OV P0AFB: a cell is charged too high"}),
    (19, {"t": 3700, "event": "reset", "detail": "soft: refused, a charger is present"}),
]


def test_every_version_is_there_and_none_is_left_out() -> None:
    assert sorted(file.stem for file in FIXTURES.glob("*.bin")) == sorted([*TODAY, "log.1"])
    for kind, steps in MIGRATIONS.items():
        assert {f"{kind}.{version}" for version in range(1, len(steps) + 2)} <= set(TODAY)


@pytest.mark.parametrize("stored", TODAY)
@pytest.mark.parametrize("slot", ["a", "b"])
def test_a_record_of_any_version_is_brought_up_to_date(stored: str, slot: str) -> None:
    kind, version = stored.split(".")
    content = (FIXTURES / f"{stored}.bin").read_bytes()
    assert storage.decode(content)[2] == int(version)
    flash = SimulatedFlash({f"{kind}.{slot}": content})
    record = storage.Record(flash, kind, MIGRATIONS.get(kind, ()))
    assert record.load() == TODAY[stored]
    assert record.found == storage.WHOLE
    record.save(TODAY[stored])
    again = storage.Record(flash, kind, MIGRATIONS.get(kind, ()))
    assert again.load() == TODAY[stored]
    assert again.found == storage.WHOLE


def test_a_journal_of_any_version_is_read() -> None:
    flash = SimulatedFlash({"log.1": (FIXTURES / "log.1.bin").read_bytes()})
    reader = Reader(flash, "log", [1])
    assert [record for record in reader if record is not None] == LOG
    assert reader.lost == []
