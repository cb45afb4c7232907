"""What the pack has lived through: charge moved, time in bands, extremes with their time, counts.

Nothing here overflows in a pack's life: charge is whole ampere-hours and coulombs with a remainder in mA*ms,
as in `soc`; time is seconds, of which 2**30 are 34 years. Nothing here decides anything. No reset clears it.
"""

from array import array

from micropython import const

from bms.core import snapshot as s

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Fields

# What is counted.
WARNINGS, TRIPS, LOCKOUTS, PERMANENTS, DEEP, EMPTIED = range(6)
BOOT_POWER, BOOT_WATCHDOG, BOOT_REQUEST, RESETS = range(6, 10)  # after RESETS the refusals: reset.REASONS
KINDS = const(16)  # of them; their names stand in bms/app/past

TEMPERATURES_DDEGC = (0, 100, 250, 350, 450, 550)  # what lies between the bands, hottest cell
CHARGES_PERMILLE = (100, 200, 400, 600, 800, 900)

# Where each extreme comes from (see `_value`), and bits of those of which the lowest counts; names as above.
_CHARGE, _DISCHARGE, _PACK, _SPREAD = -1, -2, -3, -4
_SOURCES = (
    s.SOUND_MAX_MV, s.SOUND_MIN_MV, _SPREAD, _PACK, _PACK, _CHARGE, _DISCHARGE, s.TEMP_MAX_DDEGC,
    s.TEMP_MIN_DDEGC, s.TEMP_SPREAD_DDEGC, s.DIE_DDEGC, s.DIE_DDEGC, s.FET_DDEGC, s.AUX_MV, s.AUX_MV,
)  # fmt: skip
EXTREMES = const(15)
_LOWEST = const(1 << 1 | 1 << 4 | 1 << 8 | 1 << 11 | 1 << 14)

NEVER = const(1 << 28)  # an extreme that has not been seen
_DEEP_PERMILLE = const(200)  # design, section 3
_RECOVERED_PERMILLE = const(300)
_MA_MS_PER_C = const(1_000_000)
_C_PER_AH = const(3600)
_BLEED_OHM = const(40)  # 33 ohm of switch and filter, on 15 of 18 parts of the time (datasheet 7.21, TRM 10)
_C_MA = const(1000)


class Lifetime:
    """The counters. `moved`: an extreme has changed since the last `extremes_to_keep`."""

    def __init__(self, cells: int) -> None:
        self.ah = array("i", [0, 0, 0, 0])  # in: Ah and coulombs on top, out: the same
        self.temps_s = array("i", [0] * (len(TEMPERATURES_DDEGC) + 1))
        self.charges_s = array("i", [0] * (len(CHARGES_PERMILLE) + 1))
        self.counts = array("i", [0] * KINDS)
        self.bled_c = array("i", [0] * cells)
        self.extremes = array("i", [NEVER] * EXTREMES)
        self.extremes_s = array("i", [0] * EXTREMES)
        self.extremes_at = bytearray(EXTREMES)  # the cell, from 1
        self.moved = False
        self._rest = array("i", [0, 0])  # mA*ms in, out
        self._bled_mc = array("h", [0] * cells)
        self._highest_ma = self._lowest_ma = 0  # since the last second
        self.deep = False  # below, and not yet back above

    def count(self, current_ma: int, elapsed_ms: int) -> None:
        """Integrate one reading over the time it stands for (at most 1 s). Allocates nothing."""
        if current_ma > self._highest_ma:
            self._highest_ma = current_ma
        elif current_ma < self._lowest_ma:
            self._lowest_ma = current_ma
        way = 0 if current_ma >= 0 else 1
        total = self._rest[way] + abs(current_ma) * elapsed_ms
        if total >= _MA_MS_PER_C:
            self._whole(way, total // _MA_MS_PER_C)
            total %= _MA_MS_PER_C
        self._rest[way] = total

    def second(self, snap: s.Snapshot, now_s: int, permille: int, bled: int) -> None:
        """A second of good readings; `permille` -1: nobody knows the charge; `bled`: a mask of cells."""
        self.temps_s[_band(TEMPERATURES_DDEGC, snap.values[s.TEMP_MAX_DDEGC])] += 1
        if permille >= 0:
            self.charges_s[_band(CHARGES_PERMILLE, permille)] += 1
            if permille < _DEEP_PERMILLE and not self.deep:
                self.counts[DEEP] += 1
            self.deep = permille < (_RECOVERED_PERMILLE if self.deep else _DEEP_PERMILLE)
        if bled:
            for i in range(len(self.bled_c)):
                if bled & (1 << i):
                    mc = self._bled_mc[i] + max(0, snap.cells_mv[i]) // _BLEED_OHM
                    self.bled_c[i] += mc // _C_MA
                    self._bled_mc[i] = mc % _C_MA
        self.look(snap, now_s)

    def look(self, snap: s.Snapshot, now_s: int) -> None:
        """Note new extremes."""
        for k in range(EXTREMES):
            source = _SOURCES[k]
            value = self._value(source, snap)
            before = self.extremes[k]
            lower = _LOWEST >> k & 1
            if abs(value) < s.ABSENT and (before == NEVER or (value < before if lower else value > before)):
                self.extremes[k] = value
                self.extremes_s[k] = now_s
                if source == s.SOUND_MAX_MV:
                    self.extremes_at[k] = snap.cell_max_at + 1
                elif source == s.SOUND_MIN_MV:
                    self.extremes_at[k] = snap.cell_min_at + 1
                self.moved = True
        self._highest_ma = self._lowest_ma = 0

    def to_keep(self) -> "Fields":
        """All that counts up; `recall` puts it back."""
        return {
            "ah": list(self.ah),
            "temps_s": list(self.temps_s),
            "charges_s": list(self.charges_s),
            "counts": list(self.counts),
            "bled_c": list(self.bled_c),
            "deep": self.deep,
        }

    def extremes_to_keep(self) -> "Fields":
        """All that has a time."""
        self.moved = False
        return {
            "values": list(self.extremes),
            "times_s": list(self.extremes_s),
            "cells": list(self.extremes_at),
        }

    def _whole(self, way: int, coulombs: int) -> None:
        coulombs += self.ah[2 * way + 1]
        self.ah[2 * way] += coulombs // _C_PER_AH
        self.ah[2 * way + 1] = coulombs % _C_PER_AH

    def _value(self, source: int, snap: s.Snapshot) -> int:
        if source >= 0:
            value: int = snap.values[source]
            return value if value or source not in (s.SOUND_MAX_MV, s.FET_DDEGC) else s.ABSENT
        if source == _CHARGE:
            return self._highest_ma
        if source == _DISCHARGE:
            return -self._lowest_ma
        if snap.values[s.SOUND_MIN_MV] == s.ABSENT:
            return s.ABSENT
        if source == _SPREAD:
            return snap.values[s.CELL_MAX_MV] - snap.values[s.CELL_MIN_MV]
        return snap.sum_mv


def _band(edges: "tuple[int, ...]", value: int) -> int:
    at = 0
    for edge in edges:
        at += value >= edge
    return at
