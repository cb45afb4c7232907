"""What one boot of the firmware has kept on a flash, and what the boot after it must therefore find.

The judge of power cuts: it knows what was given to be kept and what had got there, in its own words. The
firmware's classes come from the caller, which keeps this independent of the code that it judges.
"""

from packwarden.sim.flash import SimulatedFlash
from packwarden.sim.flash_fat import SECTOR

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any, Protocol

    Fields = dict[str, Any]
    Frozen = tuple[str, bytes, bytes]  # a text in the head, the fault rows, the ring

    class Record(Protocol):
        """A record of the firmware."""

        damage: list[str]

        def load(self) -> "Fields | None": ...
        def save(self, payload: "Fields") -> None: ...

    class Reader(Protocol):
        """All that a journal holds."""

        lost: list[str]

        def __iter__(self) -> "Iterator[tuple[int, Fields] | None]": ...

    class Journal(Protocol):
        """The firmware's journal."""

        kept: int

        @property
        def ready(self) -> bool: ...
        @property
        def idle(self) -> bool: ...
        def add(self, now_s: int, fields: "Fields", urgent: bool) -> None: ...
        def step(self, now_s: int) -> bool: ...
        def records(self) -> "Reader": ...

    class Frames(Protocol):
        """The firmware's freeze frames."""

        numbers: list[int]  # in each file; 0: none
        rows: list[bytes]  # what each is about
        lost: list[str]

        @property
        def ready(self) -> bool: ...
        @property
        def busy(self) -> bool: ...
        def put(
            self, head: "Fields", rows: bytes, ring: bytearray, stored: "Callable[[int], bool]"
        ) -> None: ...
        def step(self) -> bool: ...
        def head(self, slot: int) -> "Fields": ...
        def records(self, slot: int, first: int, used: int, slots: int, width: int) -> "Iterator[bytes]": ...

    MakeRecord = Callable[[SimulatedFlash, str], Record]
    MakeJournal = Callable[[SimulatedFlash, int, int], Journal]
    MakeFrames = Callable[[SimulatedFlash], Frames]


_FILES, _FILE_BYTES, _LONGEST = 4, 1500, 300  # of the journal
_STEP_S = 400  # more than the journal's budget asks for between two writes


class WrongError(Exception):
    """A boot found something that it must not find."""


class Firmware:
    """What one boot of the firmware keeps on a flash, and what the boot after it must therefore find."""

    def __init__(
        self,
        flash: SimulatedFlash,
        names: "tuple[str, ...]",
        record: "MakeRecord",
        journal: "MakeJournal",
        frames: "MakeFrames",
        before: "Firmware | None" = None,
    ) -> None:
        self.flash = flash
        self._make = (names, record, journal, frames)
        self._records = {name: record(flash, name) for name in names}
        self.now_s: int = 0 if before is None else before.now_s
        self.settled: "dict[str, Fields | None]" = {}
        self.coming: "dict[str, Fields | None]" = {}
        for name in self._records:
            self.settled[name] = self.coming[name] = self._records[name].load()
        self._journal = journal(flash, _FILES, _FILE_BYTES)
        while not self._journal.ready:
            self._journal.step(self.now_s)
        reader = self._journal.records()
        self.entries: "dict[int, Fields]" = dict([each for each in reader if each is not None])
        self._noted: "list[Fields]" = []  # and not known to be on flash
        self._frames = frames(flash)
        while not self._frames.ready:
            self._frames.step()
        self.torn = list(self._frames.lost)
        self.frozen: "dict[int, Frozen]" = {}  # freeze frames by their number
        self._freezing: "Frozen | None" = None
        for slot in range(len(self._frames.numbers)):
            if self._frames.numbers[slot]:
                self.frozen[self._frames.numbers[slot]] = self._thaw(slot)
        self.told = list(reader.lost)
        for name in self._records:
            self.told += self._records[name].damage

    def damage(self, name: str) -> "list[str]":
        """What the boot had to say of a record."""
        return self._records[name].damage

    def save(self, name: str, payload: "Fields") -> None:
        """Save a record; until that is done a boot may find either."""
        self.coming[name] = payload
        self._records[name].save(payload)
        self.settled[name] = payload

    def note(self, fields: "Fields", urgent: bool) -> None:
        """Add to the journal, which writes when it finds it right."""
        self.now_s += _STEP_S
        self._noted.append(fields)
        self._journal.add(self.now_s, fields, urgent)

    def run(self) -> None:
        """Let the journal do what is due."""
        for _ in range(50):
            kept = self._journal.kept
            if self._journal.idle:
                break
            self._journal.step(self.now_s)
            for sequence in range(kept + 1, self._journal.kept + 1):
                self.entries[sequence] = self._noted.pop(0)

    def freeze(self, fields: "Fields", row: int, ring: bytearray) -> None:
        """Write a freeze frame; until that is done a boot may find it or not."""
        self._freezing = (fields["text"], bytes([row]), bytes(ring))
        fields["size"] = len(ring)
        self._frames.put(fields, bytes([row]), ring, lambda _row: False)
        while self._frames.busy:
            self._frames.step()
        self.frozen[max(self._frames.numbers)] = self._freezing
        self._freezing = None

    def _thaw(self, slot: int) -> "Frozen":
        head = self._frames.head(slot)
        ring = self._frames.records(slot, 0, 1, 1, head["size"])
        return head["text"], self._frames.rows[slot], b"".join(list(ring))

    def _judge_frames(self, found: "Firmware", most_lost: int) -> None:
        """Every frame is one of ours, and the newest about each code is there, but for one that made room."""
        for number in found.frozen:
            frame = found.frozen[number]
            if frame != self.frozen.get(number) and frame != self._freezing:
                raise WrongError(f"freeze frame {number} is not what it was")
        newest: "list[int]" = []
        about: "list[bytes]" = []
        for number in sorted(self.frozen, reverse=True):
            if self.frozen[number][1] not in about and len(about) < len(self._frames.numbers) - 1:
                about.append(self.frozen[number][1])
                newest.append(number)
        lost = [number for number in newest if number not in found.frozen]
        if len(lost) > most_lost or (lost and not found.torn):
            raise WrongError(f"freeze frames {lost} are lost, told is {found.torn}")

    def reborn(self, flash: SimulatedFlash) -> "Firmware":
        """The boot after a power cut, if all that it finds is right."""
        found = Firmware(flash, *self._make, before=self)
        for name in found.settled:
            value = found.settled[name]
            if value != self.settled[name] and value != self.coming[name]:
                raise WrongError(f"{name} is {value}, not {self.settled[name]} or {self.coming[name]}")
        missing = self.missing(found)
        if [each for each in missing if each not in self._at_risk()]:
            raise WrongError(f"journal entries {missing} are lost")
        if missing and not found.told:
            raise WrongError(f"journal entries {missing} are lost and nobody says so")
        self._judge_frames(found, 0)
        if self._freezing is None and [each for each in found.torn if each not in self.torn]:
            raise WrongError(f"no freeze frame was written, but it says {found.torn}")
        if not self.flash.unsettled() and [each for each in found.told if each not in self.told]:
            raise WrongError(f"nothing more is lost, but it says {found.told}")
        return found

    def reborn_with_rot(self, flash: SimulatedFlash, older: "dict[str, list[Fields | None]]") -> "Firmware":
        """The boot after a power cut and a flipped bit: what is lost must be said."""
        found = Firmware(flash, *self._make, before=self)
        for name in found.settled:
            value = found.settled[name]
            right = value == self.settled[name] or value == self.coming[name]
            if not right and value is not None and value not in older[name]:
                raise WrongError(f"{name} is {value}, which it never was")
            if not right and not found.damage(name):
                raise WrongError(f"{name} is not as it was and nobody says so")
        missing = self.missing(found)
        if len([each for each in missing if each not in self._at_risk()]) > 1 or (missing and not found.told):
            raise WrongError(f"journal entries {missing} are lost, told is {found.told}")
        self._judge_frames(found, 1)
        return found

    def missing(self, found: "Firmware") -> "list[int]":
        """Numbers that had reached the flash and are not found, but for those that had to make room."""
        last = max(self.entries) if self.entries else 0
        for sequence in found.entries:
            fields = found.entries[sequence]
            behind = sequence - last - 1
            on_its_way = 0 <= behind < len(self._noted)
            right = self._noted[behind] if on_its_way else self.entries.get(sequence)
            if fields != right:
                raise WrongError(f"journal entry {sequence} is {fields}, not {right}")
        room = (_FILES - 1) * (_FILE_BYTES - 2 * _LONGEST)
        return [each for each in self._newest(room) if each not in found.entries]

    def _at_risk(self) -> "list[int]":
        """What FAT rewrites in place while an entry is added: the sector that holds the last ones."""
        adding = [name for name in self.flash.unsettled() if name.startswith("log.")]
        return self._newest(SECTOR + _LONGEST) if adding else []

    def _newest(self, most_bytes: int) -> "list[int]":
        """The newest entries that together take at most so many bytes."""
        chosen: "list[int]" = []
        for sequence in sorted(self.entries, reverse=True):
            most_bytes -= 40 + len(str(self.entries[sequence]))
            if most_bytes < 0:
                break
            chosen.append(sequence)
        return chosen
