"""`taps`: what the taps of a monitor class front end read, beside what a meter says, at two voltages.

The dividers decide what a cell seems to have, and nothing in the firmware can know them better than the meter
of whoever built them. Both points are kept with what was read and what was told; the driver draws its line
through them at each start (`bms/drivers/monitor_setup`).
"""

from micropython import const

from bms.app.fronts import TAPS, is_alone
from bms.core.snapshot import BOTH
from bms.drivers.afe import AfeError
from bms.services.command import INVALID_PARAMS, CommandError
from bms.services.storage import Record

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from typing import Any

    from bms.app.parts import Parts
    from bms.ports import Fields

_READINGS = const(16)
_APART_MV = const(
    100
)  # how far the first tap must have moved; the others by as much for each cell below them
_AGAIN = "at another voltage, each cell by {} mV higher or lower, once more: 'taps' with the new readings"


class Calibration:
    """The method, bound to the running parts."""

    def __init__(self, parts: "Parts") -> None:
        self.p = parts

    def taps(self, readings: str = "") -> "Fields":
        """The state of it; 'taps 3312,6630,9941' notes a point; 'taps forget' begins anew."""
        if not is_alone(self.p.hal.afe):
            raise CommandError(f"a {self.p.hal.afe} has been calibrated by its factory: it has no dividers")
        record = Record(self.p.hal.files, TAPS)
        points = (record.load() or {}).get("points", [])
        if not readings:
            return {"points": len(points), "needed": 2}
        self.p.access.require()
        if self.p.snap.commanded & BOTH or self.p.snap.fets & BOTH:
            raise CommandError("the path is closed: 'standby' first")
        if readings == "forget":
            record.save({"points": []})
            self.p.loop.restart_asked = True
            return {"points": 0, "needed": 2}
        if len(points) > 1:
            raise CommandError("both points are there: 'taps forget' begins anew, and opens the path")
        told_mv = self._parse(readings)
        for index in range(len(told_mv) if points else 0):
            apart_mv = abs(told_mv[index] - points[0][1][index])
            if apart_mv < _APART_MV * (index + 1):
                raise CommandError(
                    f"tap {index + 1} has moved by {apart_mv} mV only; {_AGAIN.format(_APART_MV)}"
                )
        points.append([self._measure(), told_mv + told_mv[-1:]])
        if len(points) == 1:
            record.save({"points": points})
            return {"points": 1, "needed": 2, "next": _AGAIN.format(_APART_MV)}
        self._check(points)
        record.save({"points": points})
        self.p.loop.restart_asked = True
        return {"points": 2, "needed": 2, "next": "it restarts now, and measures by them"}

    def _parse(self, readings: str) -> list[int]:
        """Millivolts of each tap against the bottom of the stack, the lowest tap first."""
        count = self.p.settings.value("cell_count")
        told = readings.split(",")
        if not count or len(told) != count:
            many = count or "no"
            reason = (
                f"{many} cells are set, and {len(told)} readings were told: one each, in mV, commas between"
            )
            raise CommandError(reason, INVALID_PARAMS)
        below = 0
        for each in told:
            if not (0 < len(each) < 6 and all(c in "0123456789" for c in each)) or int(each) <= below:
                reason = f"'{each[:12]}': each tap against B-, in mV, lies above the one before"
                raise CommandError(reason, INVALID_PARAMS)
            below = int(each)
        return [int(each) for each in told]

    def _measure(self) -> list[int]:
        """The sum of sixteen readings of each tap, and of the controller's own look at the stack."""
        afe: "Any" = self.p.keeper.afe
        sums = [0] * len(afe.gains)
        try:
            for _ in range(_READINGS):
                afe.taps.scan()
                for index in range(len(afe.taps.codes)):
                    sums[index] += afe.taps.codes[index]
                sums[-1] += afe.level(0)
        except AfeError as error:
            raise CommandError(str(error)) from None
        return sums

    def _check(self, points: "list[list[list[int]]]") -> None:
        """Refuse what the driver would refuse at the next start."""
        from bms.drivers import monitor_setup  # noqa: PLC0415 - needed for a moment only

        afe: "Any" = self.p.keeper.afe
        try:
            monitor_setup.calibrate(afe, {"cell_count": len(afe.cells_mv)}, points)
        except AfeError as error:
            raise CommandError(str(error)) from None
