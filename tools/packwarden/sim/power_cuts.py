"""Cuts the power in every single operation of a long workload, and sees what the next boot makes of it.

A workload of records, freeze frames and a journal runs on a simulated flash. At each erase, program, commit
and sync, and in each way in which that may end, the flash that would be left is given to a fresh boot. It
must find the old or the new value of every record, and every journal entry and freeze frame that had reached
the flash, and be able to go on; at every sixteenth cut the power fails again at each operation of that. With
`rot`, a bit flips besides: then an older value, one lost entry or one lost frame is right, if the boot says
so.
"""

from packwarden.sim.flash import SimulatedFlash
from packwarden.sim.kept import Firmware
from packwarden.sim.prng import Prng

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packwarden.sim.kept import Fields, MakeFrames, MakeJournal, MakeRecord

# Records, how much each holds in bytes, and in how many of a hundred steps it is saved.
_RECORDS = (
    ("charge", 120, 40),
    ("state", 600, 8),
    ("codes", 1500, 8),
    ("history", 3000, 2),
    ("params", 900, 2),
)
_NOTE = 60  # a journal entry in all other steps
_FREEZE = 92  # a freeze frame from here on, ...
_HEAD, _RING = 500, 1800  # bytes of one
_REBOOT = 97  # ... and a reboot from here on
_URGENT = 10  # of the rest, less this much, does not wait
_EXAMPLES = 5
_AGAIN = 16  # at every so many cuts, cut again while the boot goes on


class Trial:
    """One workload on one flash, and what became of every cut in it."""

    def __init__(
        self,
        flash: SimulatedFlash,
        record: "MakeRecord",
        journal: "MakeJournal",
        frames: "MakeFrames",
        rot: bool,
    ) -> None:
        self.cuts = 0
        self.cuts_again = 0  # in the boot after a cut
        self.told = 0  # boots that had something to tell
        self.wrong: "list[str]" = []
        self._draw = Prng(1)
        self._rot = rot
        self._older: "dict[str, list[Fields | None]]" = {name: [None] for name, _, _ in _RECORDS}
        self._serial = 0
        self._firmware = Firmware(flash, tuple(self._older), record, journal, frames)
        flash.watch = self._cut

    def step(self) -> None:
        """Do one thing that a firmware does."""
        try:
            self._act()
        except Exception as error:  # noqa: BLE001 - whatever the firmware lets out is wrong
            self._note_wrong(f"cut by nothing: {error!r}")

    def _act(self) -> None:
        chosen = self._draw.uniform() * 100
        if chosen >= _REBOOT:
            self._firmware = self._firmware.reborn(self._firmware.flash)
            return
        if chosen >= _FREEZE:
            self._freeze(self._firmware)
            return
        for name, size, share in _RECORDS:
            chosen -= share
            if chosen < 0:
                self._older[name] = self._older[name][-2:] + [self._firmware.settled[name]]
                self._firmware.save(name, self._fields(size))
                return
        self._firmware.note(self._fields(_NOTE), chosen > _URGENT)
        self._firmware.run()

    def _cut(self, flash: SimulatedFlash, kind: str) -> None:
        """The power fails here, in each way."""
        for way in range(flash.ways()):
            self.cuts += 1
            survivor = flash.survivor(2 * self.cuts + way)
            try:
                if self._rot:
                    self._rot_something(survivor)
                    found = self._firmware.reborn_with_rot(survivor, self._older)
                else:
                    found = self._firmware.reborn(survivor)
                    self._go_on(found)
                self.told += bool(found.told)
            except Exception as error:  # noqa: BLE001
                self._note_wrong(f"cut {self.cuts}, at a {kind}: {error!r}")

    def _go_on(self, found: "Firmware") -> None:
        """A boot after a cut must be able to save everything anew, through another cut too."""
        if self.cuts % _AGAIN == 0:

            def again(flash: SimulatedFlash, _kind: str) -> None:
                self.cuts_again += 1
                found.reborn(flash.survivor(self.cuts_again))

            found.flash.watch = again
        for name, size, _ in _RECORDS:
            found.save(name, self._fields(size))
        found.note(self._fields(_NOTE), True)
        found.run()
        self._freeze(found)
        found.flash.watch = None
        found.reborn(found.flash)

    def _freeze(self, firmware: "Firmware") -> None:
        fields = self._fields(_HEAD)
        firmware.freeze(fields, self._serial % 30, bytearray(bytes([self._serial & 255]) * _RING))

    def _note_wrong(self, sentence: str) -> None:
        if len(self.wrong) < _EXAMPLES:
            self.wrong.append(sentence)

    def _rot_something(self, flash: SimulatedFlash) -> None:
        names = sorted([name for name in flash.names() if flash.size(name)])
        if names:
            name = names[int(self._draw.uniform() * len(names))]
            flash.rot(name, int(self._draw.uniform() * 8 * flash.size(name)))

    def _fields(self, size: int) -> "Fields":
        """Something to keep, never twice the same."""
        self._serial += 1
        return {"n": self._serial, "text": chr(97 + self._serial % 26) * (size + self._serial % 50)}
