"""The same flash with FAT on it, which promises nothing about a power cut: the worst that one may leave.

Sectors are rewritten in place. Until the sync that ends each change, sectors, lengths and names reach the
flash in any order or not at all; the sector under way is torn: the beginning of the new, then what was there
before or erased flash. A file cut down to nothing keeps its sectors, so a length that arrives without them
brings back what they held. Wear is not counted.

Not modelled: damage to the table of clusters, which may take other files with it. FAT is not what the boards
of this project come with, so a record must survive it, and a journal at least say what it lost.
"""

from packwarden.sim.flash import PROGRAM, SYNC, SimulatedFlash
from packwarden.sim.prng import Prng

SECTOR = 512
_WAYS = 4
_ERASED = b"\xff" * SECTOR


class FatFlash(SimulatedFlash):
    """Files on FAT."""

    def __init__(self, files: "dict[str, bytes] | None" = None) -> None:
        super().__init__(files)
        self._settled = dict(self.files)  # by the last sync
        self._lengths: "list[tuple[str, int]]" = []  # unsettled since then; -1 removes the file
        self._sectors: "list[tuple[str, int, bytes]]" = []
        self._torn = False  # the last of the sectors is under way

    def ways(self) -> int:
        """Nearly every subset of what is not settled may have arrived."""
        return _WAYS

    def unsettled(self) -> "list[str]":
        """Files that a cut in the operation under way may damage."""
        return [name for name, _ in self._lengths]

    def survivor(self, seed: int = 0) -> "FatFlash":
        """What the next boot finds if the power fails in the operation under way; the seed picks a way."""
        draw = Prng(seed)
        lengths: "dict[str, int]" = {}
        media: "dict[str, bytes]" = {}
        for name, _ in self._lengths:
            media[name] = self._settled.get(name, b"")
            lengths[name] = len(media[name]) if name in self._settled else -1
        last = len(self._sectors) - 1
        for i, (name, sector, content) in enumerate(self._sectors):
            if draw.uniform() < 0.5:
                continue
            arrived = self._tear(draw, media[name], sector, content) if self._torn and i == last else content
            media[name] = _placed(media[name], sector, arrived)
        for name, length in self._lengths:
            if draw.uniform() < 0.5:
                lengths[name] = length
        found = dict(self._settled)
        for name in lengths:
            found.pop(name, None)
            if lengths[name] >= 0:
                found[name] = _placed(media[name], lengths[name] // SECTOR, b"")[: lengths[name]]
        return FatFlash(found)

    def rot(self, name: str, bit: int) -> None:
        """Flip one bit of a file."""
        super().rot(name, bit)
        self._settled[name] = self.files[name]

    def _put(self, name: str, start: int, whole: bytes) -> None:
        self.files[name] = whole
        if not start:
            self._lengths.append((name, 0))
            self._operate(PROGRAM)
        else:
            self._lengths.append((name, start))
        for sector in range(start // SECTOR, (len(whole) + SECTOR - 1) // SECTOR):
            self._sectors.append((name, sector, whole[sector * SECTOR : (sector + 1) * SECTOR]))
            self._torn = True
            self._operate(PROGRAM)
            self._torn = False
        self._lengths.append((name, len(whole)))
        self._operate(PROGRAM)
        self._sync()

    def _drop(self, name: str) -> None:
        del self.files[name]
        self._lengths.append((name, -1))
        self._operate(PROGRAM)
        self._sync()

    def _sync(self) -> None:
        self._operate(SYNC)
        self._settled = dict(self.files)
        self._lengths = []
        self._sectors = []

    @staticmethod
    def _tear(draw: Prng, media: bytes, sector: int, content: bytes) -> bytes:
        """The beginning of a sector as it should be, the rest as it was or erased."""
        arrived = int(draw.uniform() * len(content))
        old = media[sector * SECTOR : (sector + 1) * SECTOR] + _ERASED
        rest = _ERASED if draw.uniform() < 0.5 else old
        return content[:arrived] + rest[arrived:SECTOR]


def _placed(media: bytes, sector: int, content: bytes) -> bytes:
    """The file's sectors with one of them replaced; what was never written reads as erased flash."""
    start = sector * SECTOR
    media = media + _ERASED * ((start + SECTOR - len(media) + SECTOR - 1) // SECTOR)
    return media[:start] + content + media[start + len(content) :]
