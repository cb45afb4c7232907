"""The judge of power cuts itself: what is right passes, and every mistake that it exists for is found."""

import json

from bms.services.frames import Frames
from bms.services.journal import Journal
from bms.services.storage import Record
from packwarden.sim.flash import SimulatedFlash
from packwarden.sim.flash_fat import FatFlash
from packwarden.sim.power_cuts import Trial


def journal(flash: SimulatedFlash, files: int, file_bytes: int) -> Journal:
    return Journal(flash, "log", files, file_bytes)


def wrong(
    flash: SimulatedFlash,
    steps: int,
    record: object = Record,
    log: object = journal,
    rot: bool = False,
    freeze: object = Frames,
) -> list:
    """What the judge says of a workload."""
    trial = Trial(flash, record, log, freeze, rot)
    for _ in range(steps):
        trial.step()
    assert trial.cuts > steps
    return trial.wrong


def test_the_firmware_passes() -> None:
    trial = Trial(SimulatedFlash(), Record, journal, Frames, False)
    for _ in range(40):
        trial.step()
    assert trial.wrong == []
    assert trial.cuts > 100
    assert trial.cuts_again > 100
    assert wrong(SimulatedFlash(), 40, rot=True) == []
    assert wrong(FatFlash(), 10) == []


class OneFile:
    """A record without a second copy."""

    def __init__(self, files: SimulatedFlash, name: str) -> None:
        self.files = files
        self.name = name
        self.damage: list = []

    def load(self) -> object:
        data = self.files.read(self.name)
        if not data:
            return None
        try:
            return json.loads(data)
        except ValueError:
            self.damage.append("damaged")
            return None

    def save(self, payload: dict) -> None:
        self.files.write(self.name, json.dumps(payload).encode())


class Silent(Record):
    """A record that never says what was wrong."""

    def load(self) -> object:
        found = super().load()
        self.damage = []
        return found


class RemovesFirst(OneFile):
    """A record that makes room before it writes."""

    def save(self, payload: dict) -> None:
        self.files.remove(self.name)
        super().save(payload)


def test_a_record_in_one_file_is_found_out() -> None:
    assert "is None, not" in wrong(FatFlash(), 25, OneFile)[0]
    assert "is None, not" in wrong(SimulatedFlash(), 40, RemovesFirst)[0]


def test_a_silent_loss_is_found_out() -> None:
    assert "nobody says so" in wrong(SimulatedFlash(), 60, Silent, rot=True)[0]


class Forgetful(Journal):
    """A journal that begins its newest file anew instead of adding to it."""

    def _write(self, now_s: int) -> None:
        if self._numbers and self._size > 1000:
            self._files.write(self._file(self._numbers[-1]), b"")
            self._size = 0
        super()._write(now_s)


class Recounting(Journal):
    """A journal that starts at 1 after every boot."""

    def _start(self) -> object:
        for _ in super()._start():
            yield
        self._next = 1


def test_a_journal_that_loses_or_repeats_is_found_out() -> None:
    for broken in (Forgetful, Recounting):

        def make(flash: SimulatedFlash, files: int, file_bytes: int, kind: object = broken) -> Journal:
            return kind(flash, "log", files, file_bytes)

        assert wrong(SimulatedFlash(), 60, log=make), broken


class InPlace(Frames):
    """Freeze frames that all go to one file."""

    def _room(self, _stored: object) -> int:
        return 0


class Gullible(Frames):
    """Freeze frames that say nothing of one that is torn."""

    def _start(self) -> object:
        for _ in super()._start():
            yield
        self.lost = []


def test_freeze_frames_that_are_lost_are_found_out() -> None:
    assert "lost" in wrong(SimulatedFlash(), 60, freeze=InPlace)[0]
    assert "lost" in wrong(SimulatedFlash(), 150, rot=True, freeze=Gullible)[0]


def test_an_exception_out_of_the_firmware_is_wrong() -> None:
    class Raises(Record):
        def load(self) -> object:
            if super().load() is not None:
                raise KeyError("x")
            return None

    assert "KeyError" in wrong(SimulatedFlash(), 10, Raises)[0]
