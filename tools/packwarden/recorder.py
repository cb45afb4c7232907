"""What happened, as a table: one row a second of what the firmware believes, beside what was true.

Expectations look at the same columns, so that a scenario can ask about anything that a record shows. A column
is empty (None) where nothing is known: a controller without power believes nothing.
"""

import csv
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from bms.app.report import faults_standing
from bms.core import path
from bms.core import snapshot as s

from packwarden.errors import InputError
from packwarden.session import Session

if TYPE_CHECKING:
    from bms.app.parts import Parts

Value = int | float | str | None
OFF = "off"  # the mode of a controller that has no power or has not started yet
MODES = (*path.NAMES, OFF)


def _fet(bit: int, gate: Callable[[Session], bool]) -> "Callable[[Session, Parts | None], Value]":
    """Read back by the firmware; while none runs, what the front end really drives."""
    return lambda session, p: int(gate(session) if p is None else p.snap.fets & bit != 0)


def _known(read: "Callable[[Parts], Value]") -> "Callable[[Session, Parts | None], Value]":
    return lambda _, p: None if p is None else read(p)


def _measured(read: "Callable[[Parts], Value]") -> "Callable[[Session, Parts | None], Value]":
    return lambda _, p: read(p) if p is not None and p.snap.valid else None


def _charge(read: "Callable[[Parts], Value]") -> "Callable[[Session, Parts | None], Value]":
    return lambda _, p: read(p) if p is not None and p.soc.known else None


def _true_soc(session: Session) -> Value:
    soc = session.world.true_soc()
    return None if soc is None else round(1000 * soc)


COLUMNS: "dict[str, Callable[[Session, Parts | None], Value]]" = {
    "t_s": lambda session, _: round(session.world.clock.now_us / 1e6, 1),
    "mode": lambda _, p: OFF if p is None else path.NAMES[p.loop.mode],
    "chg_fet": _fet(s.CHG, lambda session: session.world.chip.chg_on),
    "dsg_fet": _fet(s.DSG, lambda session: session.world.chip.dsg_on),
    "current_ma": _measured(lambda p: p.snap.current_ma),
    "pack_mv": _measured(lambda p: p.snap.sum_mv),
    "cell_min_mv": _measured(lambda p: p.snap.values[s.CELL_MIN_MV]),
    "cell_max_mv": _measured(lambda p: p.snap.values[s.CELL_MAX_MV]),
    "temp_min_ddegc": _measured(lambda p: p.snap.values[s.TEMP_MIN_DDEGC]),
    "temp_max_ddegc": _measured(lambda p: p.snap.values[s.TEMP_MAX_DDEGC]),
    "soc_permille": _charge(lambda p: p.soc.permille),
    "soc_sigma_permille": _charge(lambda p: p.soc.sigma_permille),
    "shown_permille": _charge(lambda p: p.shown.permille),
    "soh_permille": _known(lambda p: p.health.soh_permille),
    "true_soc_permille": lambda session, _: _true_soc(session),
    "faults": _known(lambda p: "+".join(faults_standing(p.protect))),
    "balance_mask": _known(lambda p: p.balancer.mask),
    "charge_limit_ma": _known(lambda p: p.limits.charge_ma),
    "discharge_limit_ma": _known(lambda p: p.limits.discharge_ma),
    "resets": _known(lambda p: p.remembered.resets),
    "refusals": _known(lambda p: p.remembered.refusals),
    "led": lambda session, _: int(session.world.led_on),
}
WORDS = ("mode", "faults")  # the columns that are not numbers


def read(session: Session, column: str) -> Value:
    """One column, now."""
    return COLUMNS[column](session, None if session.loop is None else session.loop.p)


class Recorder:
    """Writes rows to a CSV file; InputError where the file cannot be written."""

    def __init__(self, file_name: Path, live: bool) -> None:
        self._name = file_name
        self._live = live  # somebody may be following the file
        try:
            self._file = file_name.open("w", encoding="utf-8", newline="")
        except (OSError, ValueError) as error:
            raise self._refusal(error) from None
        self._rows = csv.writer(self._file, lineterminator="\n")
        self._rows.writerow(COLUMNS)

    def add(self, session: Session) -> None:
        """One row."""
        p = None if session.loop is None else session.loop.p
        try:
            self._rows.writerow([column(session, p) for column in COLUMNS.values()])
            if self._live:
                self._file.flush()
        except OSError as error:
            raise self._refusal(error) from None

    def close(self) -> None:
        """Write what is still in memory."""
        try:
            self._file.close()
        except OSError as error:
            raise self._refusal(error) from None

    def _refusal(self, error: Exception) -> InputError:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        return InputError(f"--record {self._name} cannot be written: {reason}.")
