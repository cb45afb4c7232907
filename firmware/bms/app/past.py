"""What can be asked of the pack's past: trouble codes, freeze frames, and its whole life, as plain data.

Shapes, for programs:

    dtc.list  -> [{n, code, mnemonic, status, state, failing, count, ever, first_s, last_s, clean_cycles,
                 frame, text}]: `status` is the ISO 14229 byte, `state` "pending" or "confirmed", `ever`
                 counts since the pack was new, times are operating seconds
    dtc.show  -> the same of one code, and `flags` (the bits of the status in words), `advice`, `frame` (null,
                 or an object: t, codes, seen, mode, cells_mv, ...), `columns`, and `samples`: a list a
                 record, in the order of the columns, of which t_ms counts from the trip
    lifetime  -> an object; see `Past.lifetime`
"""

from micropython import const

from bms.app.report import words
from bms.core import dtc, lifetime, path, ring
from bms.core import faults as f
from bms.services.command import INVALID_PARAMS, CommandError

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bms.app.parts import Parts
    from bms.ports import Fields

COLUMNS = (
    "t_ms", "cell_min_mv", "cell_max_mv", "current_ma", "pack_mv", "temp_max_ddegc", "fets", "commanded",
    "fresh", "mode", "charger",
)  # fmt: skip
FLAGS = (
    "test failed",
    "failed in this cycle",
    "pending",
    "confirmed",
    "not tested since the last clear",
    "failed since the last clear",
    "not tested in this cycle",
    "warning requested",
)
# In the order of bms/core/lifetime.
COUNTS = (
    "warnings", "trips", "lockouts", "permanent_faults", "deep_discharges", "cells_emptied",
    "boots_power", "boots_watchdog", "boots_request", "soft_resets", "refused_not_isolated",
    "refused_cause_present", "refused_permanent", "refused_impact", "refused_three_a_day",
    "refused_ten_a_month",
)  # fmt: skip
EXTREMES = (
    "cell_max_mv", "cell_min_mv", "spread_mv", "pack_max_mv", "pack_min_mv", "charge_ma", "discharge_ma",
    "temp_max_ddegc", "temp_min_ddegc", "temp_spread_ddegc", "die_max_ddegc", "die_min_ddegc",
    "fet_max_ddegc", "aux_max_mv", "aux_min_mv",
)  # fmt: skip
_LISTED = const(13)  # dtc.FAILED | dtc.PENDING | dtc.CONFIRMED
_C_PER_AH = const(3600)
_ALL = "99999"


class Export:
    """Events that a person wants as they are, to keep them in a file."""

    plain = True

    def __init__(self, rows: "Iterator[Fields | None]") -> None:
        self._rows = rows

    def __iter__(self) -> "Export":
        return self

    def __next__(self) -> "Fields | None":
        return next(self._rows)


class Past:
    """Reads archive, history and journal."""

    def __init__(self, parts: "Parts") -> None:
        self.p = parts

    def dtc(self, what: str = "", code: str = "") -> "Iterator[Fields] | Fields":
        """All codes, or one of them explained."""
        if what in ("", "list") and not code:
            return self.codes()
        if what != "show" or not code:
            raise CommandError("say 'dtc', or 'dtc show' and a number, code or name", INVALID_PARAMS)
        return self.show(code)

    def codes(self) -> "Iterator[Fields]":
        """Yields a row a code that is pending, confirmed or failing now."""
        number = 0
        for i in range(len(f.ROWS)):
            if self.p.archive.codes.status[i] & _LISTED:
                number += 1
                row = self._row(i, number)
                row["text"] = words(f.ROWS[i])[0]
                yield row

    def show(self, code: str = "") -> "Fields":
        """One code: its number in the list, its DTC or its mnemonic; also one that is stored no more."""
        i = self._find(code.upper())
        status = self.p.archive.codes.status[i]
        row = self._row(i, None)
        row["text"], row["advice"] = words(f.ROWS[i])
        row["flags"] = [FLAGS[bit] for bit in range(8) if status & (1 << bit)]
        row["frame"] = None
        row["columns"] = COLUMNS
        row["samples"] = []
        frames = self.p.archive.frames
        slot = frames.of(i)
        if slot >= 0:
            try:
                row["frame"] = frame = frames.head(slot)
                row["samples"] = self._samples(slot, frame.pop("ring"))
            except (OSError, ValueError, KeyError):
                row["frame"] = None
        return row

    def history(self, what: str = "") -> "list[Fields] | Fields":
        """The events kept in memory, or the figures of the pack's life."""
        if what == "life":
            return self.lifetime()
        if what:
            raise CommandError(f"say 'history' or 'history life', not '{what[:12]}'", INVALID_PARAMS)
        return self.p.api.answers.history()

    def log(self, count: str = "20", number: str = "") -> "Iterator[Fields | None]":
        """The last events, oldest first, whichever boot they belong to; or all of them, a line each."""
        export = count == "export"
        if number and count != "tail":
            raise CommandError("say 'log tail 50' or 'log export'", INVALID_PARAMS)
        if export:
            count = _ALL
        elif count == "tail":
            count = number or "20"
        if not is_count(count) or not int(count):
            raise CommandError(f"count must be 1 to 99999, not '{count[:12]}'", INVALID_PARAMS)
        if not self.p.journal.ready:
            raise CommandError("the journal is still being looked through; try again in a second")
        rows = self.p.api.answers.log(int(count))
        return Export(rows) if export else rows

    def lifetime(self) -> "Fields":
        """The pack's whole life. Bands lie between their edges; extremes have a value, a time, a cell."""
        archive = self.p.archive
        life = archive.life
        in_mah, out_mah = [life.ah[k] * 1000 + life.ah[k + 1] * 1000 // _C_PER_AH for k in (0, 2)]
        capacity = self.p.settings.values.get("capacity_mah")
        return {
            "operating_s": self.p.reporter.operating_s,
            "operation_cycles": archive.codes.cycle,
            "charged_mah": in_mah,
            "discharged_mah": out_mah,
            "full_cycles_permille": out_mah * 1000 // capacity if capacity else None,
            "temp_edges_ddegc": lifetime.TEMPERATURES_DDEGC,
            "temp_s": list(life.temps_s),
            "charge_edges_permille": lifetime.CHARGES_PERMILLE,
            "charge_s": list(life.charges_s),
            "counts": {name: life.counts[k] for k, name in enumerate(COUNTS)},
            "codes": {
                f.ROWS[i][f.MNEMONIC]: archive.codes.ever[i]
                for i in range(len(f.ROWS))
                if archive.codes.ever[i]
            },
            "bled_mah": [each * 1000 // _C_PER_AH for each in life.bled_c],
            "extremes": {
                name: {
                    "value": life.extremes[k],
                    "t_s": life.extremes_s[k],
                    "cell": life.extremes_at[k] or None,
                }
                for k, name in enumerate(EXTREMES)
                if life.extremes[k] != lifetime.NEVER
            },
        }

    def _row(self, i: int, number: "int | None") -> "Fields":
        codes = self.p.archive.codes
        status = codes.status[i]
        state = "confirmed" if status & dtc.CONFIRMED else "pending" if status & dtc.PENDING else "not stored"
        return {
            "n": number,
            "code": f.ROWS[i][f.DTC],
            "mnemonic": f.ROWS[i][f.MNEMONIC],
            "status": status,
            "state": state,
            "failing": bool(status & dtc.FAILED),
            "count": codes.count[i],
            "ever": codes.ever[i],
            "first_s": codes.first_s[i],
            "last_s": codes.last_s[i],
            "clean_cycles": codes.clean[i],
            "frame": self.p.archive.frames.of(i) >= 0,
        }

    def _find(self, code: str) -> int:
        number = 0
        for i in range(len(f.ROWS)):
            if self.p.archive.codes.status[i] & _LISTED:
                number += 1
                if code == str(number):
                    return i
            if code in (f.ROWS[i][f.MNEMONIC], f.ROWS[i][f.DTC]):
                return i
        raise CommandError(
            f"'{code[:20]}' is no trouble code; 'dtc' lists those that are stored", INVALID_PARAMS
        )

    def _samples(self, slot: int, layout: "Fields") -> "Iterator[list[object]]":
        """Yields the records around the trip, oldest first."""
        at_ms = -layout["before_ms"]
        step_ma = layout["step_ma"]
        first = True
        records = self.p.archive.frames.records(slot, layout["first"], layout["used"], ring.SLOTS, ring.WIDTH)
        for data in records:
            if not first:
                at_ms += ring.number(data, 0)
            first = False
            bits = ring.number(data, 12)
            yield [
                at_ms,
                ring.number(data, 2),
                ring.number(data, 4),
                ring.number(data, 6) * step_ma,
                ring.number(data, 8) * ring.PACK_STEP_MV,
                ring.number(data, 10),
                bits & 15,
                bits >> 4 & 3,
                bits >> 6 & 1,
                path.NAMES[bits >> 7 & 15],
                bits >> 11 & 1,
            ]


def is_count(text: str) -> bool:
    """A short plain number: `str.isdigit` takes more than `int` does."""
    return 0 < len(text) < 6 and all(c in "0123456789" for c in text)
