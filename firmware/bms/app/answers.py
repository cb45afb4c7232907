"""What can be read of the pack: plain data for a program, which `views` lays out for a person.

Nothing here changes anything, and nothing here is locked: looking is free.
"""

from micropython import const

import bms
from bms.app import fronts, wellness
from bms.app.report import faults_standing, why, words
from bms.core import faults, path, protection
from bms.core import snapshot as s
from bms.services.command import CommandError

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bms.app.parts import Parts
    from bms.ports import Fields, Row, Values

# What both layers enforce: (the driver's name or None, unit, parameter, enforced by the firmware too).
_LIMITS: "tuple[Row, ...]" = (
    ("cell_ov_mv", "mV", "cell_ov_mv", True),
    (None, "mV", "cell_ov_perm_mv", True),
    ("cell_uv_mv", "mV", "cell_uv_mv", True),
    (None, "mV", "deep_mv", True),
    (None, "mV", "no_return_mv", True),
    (None, "mV", "pack_ov_mv", True),
    (None, "mV", "pack_uv_mv", True),
    (None, "mV", "charger_ov_mv", True),
    ("occ_ma", "mA", "occ_ma", True),
    (None, "mA", "rescue_ma", True),
    (None, "mA", "ocd1_ma", True),
    ("ocd1_ma", "mA", "ocd2_ma", True),
    ("scd_ma", "mA", "scd_ma", False),
    ("otc_ddegc", "ddegC", "otc_ddegc", True),
    ("utc_ddegc", "ddegC", "utc_ddegc", True),
    ("otd_ddegc", "ddegC", "otd_ddegc", True),
    ("utd_ddegc", "ddegC", "utd_ddegc", True),
    (None, "ddegC", "ot_perm_ddegc", True),
    (None, "ddegC", "temp_rise_ddegc", True),
    ("otf_ddegc", "ddegC", "fet_ot_ddegc", True),
    (None, "mV", "imbalance_mv", True),
    (None, "mV", "jump_mv", True),
    ("hwd_s", "s", "hwd_s", False),
)

_OF_FETS = "fet_ot_ddegc"  # nobody watches it where no thermistor sits on them
_SEEN_VAR = 400.0  # permille squared: a cell's charge is known to 2 % of the pack


def columns(values: "Values", applied: dict[str, int]) -> "list[Fields]":
    """A row for each limit of a set of parameters, of which an AFE has applied this."""
    found = []
    for name, unit, parameter, ours in _LIMITS:
        watched = parameter != _OF_FETS or bool(values["fet_thermistor"])
        found.append(
            {
                "limit": parameter,
                "unit": unit,
                "asked": values[parameter],
                "afe": applied.get(name) if watched else None,
                "firmware": values[parameter] if ours and watched else None,
            }
        )
    return found


class Answers:
    """Reads the running parts."""

    def __init__(self, parts: "Parts") -> None:
        self.p = parts

    def status(self) -> "Fields":
        """The interface that programs rely on; see the reference of JSON-RPC results."""
        p = self.p
        snap = p.snap
        return {
            "mode": path.NAMES[p.loop.mode],
            "why": why(p),
            "soc_permille": p.shown.permille,
            "soc_sigma_permille": p.shown.sigma_permille,
            "soc_settling": p.shown.settling,
            "soc_settling_left_min": p.shown.left_min(),
            "soh_permille": p.health.soh_permille,
            "pack_mv": snap.sum_mv,
            "current_ma": snap.current_ma,
            "cells_mv": list(snap.cells_mv) if snap.valid else [],
            "temps_ddegc": list(snap.temps_ddegc) if snap.valid else [],
            "chg_fet": snap.fets & s.CHG,
            "dsg_fet": (snap.fets & s.DSG) >> 1,
            "balance_mask": p.balancer.mask,
            "charge_limit_ma": p.limits.charge_ma,
            "discharge_limit_ma": p.limits.discharge_ma,
            "faults": faults_standing(p.protect),
            "service_needed": bool(p.doctor.service_reasons()),
            "uptime_ms": p.loop.uptime_s * 1000 + p.loop.uptime_ms,
            "protected": p.keeper.ready,
            "silicon": not fronts.is_alone(p.hal.afe),
            "afe_asleep": p.keeper.afe.nap is not None and p.keeper.afe.nap.asleep,
        }

    def cells(self) -> "list[Fields]":
        """A row a cell, lowest first; its charge against the others is None until it was seen."""
        snap = self.p.snap
        spread = self.p.health.spread
        if not snap.valid:
            return []
        return [
            {
                "cell": i + 1,
                "mv": snap.cells_mv[i],
                "above_lowest_mv": snap.cells_mv[i] - snap.values[s.CELL_MIN_MV],
                "charge_permille": round(spread.off[i], 1) if spread.var[i] < _SEEN_VAR else None,
                "bleeding": bool(self.p.balancer.mask & (1 << i)),
            }
            for i in range(len(snap.cells_mv))
        ]

    def faults(self) -> "list[Fields]":
        """A row for each fault that stands or has occurred since power-up."""
        return [
            self._fault(i, words(faults.ROWS[i]))
            for i in range(self.p.protect.count)
            if self.p.protect.state[i] != protection.OK or self.p.protect.occurrences[i]
        ]

    def _fault(self, i: int, told: tuple[str, str]) -> "Fields":
        row = faults.ROWS[i]
        return {
            "mnemonic": row[faults.MNEMONIC],
            "code": row[faults.DTC],
            "class": faults.CLASS_NAMES[row[faults.CLASS]],
            "state": protection.STATE_NAMES[self.p.protect.state[i]],
            "count": self.p.protect.occurrences[i],
            "text": told[0],
            "advice": told[1],
        }

    def limits(self) -> "list[Fields]":
        """Each limit in three columns: asked by the owner, enforced by the AFE, enforced by the firmware."""
        return columns(self._configured(), self.p.keeper.afe.applied)

    def balance(self) -> "Fields":
        """What the balancer is doing."""
        snap = self.p.snap
        bled = [i + 1 for i in range(len(snap.cells_mv)) if self.p.balancer.mask & (1 << i)]
        return {
            "bleeding": bled,
            "spread_mv": snap.values[s.CELL_MAX_MV] - snap.values[s.CELL_MIN_MV],
            "starts_above_mv": self.p.settings.value("balance_min_mv"),
            "starts_at_spread_mv": self.p.settings.value("balance_start_mv"),
        }

    def soc(self) -> "Fields":
        """How full, how sure, and for how long."""
        return wellness.charge(self.p)

    def health(self) -> "Fields":
        """What the pack has become."""
        return wellness.health(self.p)

    def history(self) -> "list[Fields]":
        """The events kept in memory."""
        return [
            {"t_s": t_s, "event": event, "detail": detail} for t_s, event, detail in self.p.history.events
        ]

    def log(self, count: int) -> "Iterator[Fields | None]":
        """Yields the last events of this boot and those before, and None after each piece that was read."""
        journal = self.p.journal
        after = journal.newest - count
        unwritten = journal.unwritten()
        last = 0
        for record in journal.records():
            if record is None:
                yield None
                continue
            last = record[0]
            if last > after:
                yield _logged(last, record[1])
        for sequence, fields in unwritten:
            if sequence > max(last, after):
                yield _logged(sequence, fields)

    def time(self) -> "Fields":
        """Clocks: there is no wall clock yet, and it says so."""
        return {
            "uptime_s": self.p.loop.uptime_s,
            "operating_s": self.p.reporter.operating_s,
            "idle_s": self.p.idle.total_s,
            "wall_clock": None,
        }

    def version(self) -> "Fields":
        """What runs here."""
        keeper = self.p.keeper
        return {
            "firmware": bms.__version__,
            "board": self.p.hal.board,
            "parameters": self.p.settings.standing,
            "pack_name": self.p.settings.value("pack_name") or "",
            "afe": "configured and verified" if keeper.ready else keeper.error or "being set up",
            "bus_errors": keeper.errors,
            "last_reset": self.p.hal.reset_cause(),
        }

    def _configured(self) -> "Values":
        values = self.p.settings.values
        if not values:
            raise CommandError("the parameters are not usable yet: " + "; ".join(self.p.settings.reasons[:3]))
        return values


def _logged(sequence: int, fields: "Fields") -> "Fields":
    """A record of the journal as an event; what is none says how many are not there."""
    t_s = fields.get("t")
    event = fields.get("event", "journal")
    rest = [f"{name} {fields[name]}" for name in fields if name not in ("t", "event", "detail")]
    return {
        "n": sequence,
        "t_s": t_s if isinstance(t_s, int) else None,
        "event": str(event),
        "detail": str(fields["detail"]) if "detail" in fields else ", ".join(rest),
    }
