"""What the simulated BQ769x0 does by itself: four faults that it latches and opens a FET for, and no more.

OCD and SCD are comparators on the shunt, timed here to the microsecond. OV and UV compare what the ADC has
just converted, so they are as late as it is, and blind when it stands still. Nothing recovers by itself, and
there is no limit for charge current and none for temperature (8.3.1.2.1).
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packwarden.sim.bq769x0 import Bq769x0

_OCD, _SCD, _OV, _UV = 0x01, 0x02, 0x04, 0x08

# Tables 8-9 to 8-11: for RSNS = 0, and for RSNS = 1.
SCD_MV = ((22, 33, 44, 56, 67, 78, 89, 100), (44, 67, 89, 111, 133, 155, 178, 200))
OCD_MV = (
    (8, 11, 14, 17, 19, 22, 25, 28, 31, 33, 36, 39, 42, 44, 47, 50),
    (17, 22, 28, 33, 39, 44, 50, 56, 61, 67, 72, 78, 83, 89, 94, 100),
)
SCD_US = (70, 100, 200, 400)
OCD_MS = (8, 20, 40, 80, 160, 320, 640, 1280)
UV_S = (1, 4, 8, 16)
OV_S = (1, 2, 4, 8)

UV_MINQUAL = 0x0518  # a cell below is taken for one that is not there
_NEVER_US = 1 << 62
_DELAY_DIS = 0x80


class Protection:
    """The comparators and their timers."""

    def __init__(self, chip: "Bq769x0") -> None:
        self.chip = chip
        self.next_us = _NEVER_US
        self._since = {_OCD: -1, _SCD: -1, _OV: -1, _UV: -1}

    def restart(self) -> None:
        for bit in self._since:
            self._since[bit] = -1
        self.next_us = _NEVER_US

    def look(self, now_us: int) -> None:
        """The shunt, now."""
        self.next_us = _NEVER_US
        chip = self.chip
        if not chip.awake:
            return
        image = chip.image
        drop_mv = -chip.current_a * chip.shunt_ohm * 1000.0
        high = image[0x06] >> 7
        self._compare(_SCD, drop_mv > SCD_MV[high][image[0x06] & 7], SCD_US[image[0x06] >> 3 & 3], now_us)
        self._compare(
            _OCD, drop_mv > OCD_MV[high][image[0x07] & 15], OCD_MS[image[0x07] >> 4 & 7] * 1000, now_us
        )

    def scanned(self, now_us: int) -> None:
        """New readings of all cells."""
        chip = self.chip
        image = chip.image
        if not image[0x04] & 0x10:
            self._since[_OV] = self._since[_UV] = -1
            return
        over = 0x2008 | image[0x09] << 4
        under = 0x1000 | image[0x0A] << 4
        raws = chip.meter.raws
        low = [raw for raw in raws if raw >= UV_MINQUAL]
        self._compare(_OV, max(raws) > over, OV_S[image[0x08] >> 4 & 3] * 1_000_000, now_us)
        self._compare(_UV, bool(low) and min(low) < under, UV_S[image[0x08] >> 6] * 1_000_000, now_us)

    def _compare(self, bit: int, beyond: bool, delay_us: int, now_us: int) -> None:
        since = self._since
        if not beyond:
            since[bit] = -1
            return
        if since[bit] < 0:
            since[bit] = now_us
        if self.chip.image[0x00] & bit:
            return
        due_us = since[bit] if self.chip.image[0x05] & _DELAY_DIS else since[bit] + delay_us
        if now_us >= due_us:
            self.chip.raise_status(bit)
        elif bit in (_OCD, _SCD):
            self.next_us = min(self.next_us, due_us)
