"""One run: its pack in a world with the firmware on it, drawn from the seed, and what may be arranged."""

from random import Random
from typing import Any

from bms.core import commission, params
from bms.services.storage import encode

from packwarden.campaign.limits import HOST_WATCHDOG_S, LONGEST_WATCHDOG_S, parameters
from packwarden.campaign.mortal import MortalBoard
from packwarden.campaign.owner import Pack
from packwarden.campaign.truth import WatchedWorld
from packwarden.session import Session
from packwarden.sim.board import MemoryFiles
from packwarden.sim.cells import CellModel
from packwarden.sim.thermometry import sensed_cells

_CAPACITY_AH = 20.0
_SHUNT_OHM = 0.001
_THERMISTORS = 3
_LONG_STACKS = 0.15  # the share of packs with 16 cells; the others have 4
_CHARGER_V = {"nmc": 4.2, "lfp": 3.65}  # per cell


class Scene:
    """`fitted` and `given`: what the fault and the situation need of hardware and parameters."""

    def __init__(
        self,
        chemistry: str,
        last: bool,
        dead: bool,
        rng: Random,
        fitted: dict[str, Any],
        given: dict[str, int],
    ) -> None:
        self.rng = rng
        cells = 16 if rng.random() < _LONG_STACKS else 4
        # The longest watchdog leaves the other protections of layer 1 alone for as long as can be.
        watchdog_s = LONGEST_WATCHDOG_S if dead and rng.random() < 0.5 else HOST_WATCHDOG_S
        told = {
            "cell_count": cells,
            "capacity_mah": round(_CAPACITY_AH * 1000),
            "shunt_uohm": round(_SHUNT_OHM * 1e6),
            "thermistors": _THERMISTORS,
            "hwd_s": round(watchdog_s),
            **parameters(chemistry, _CAPACITY_AH),
            **given,
        }
        spec = {
            "chemistry": chemistry,
            "cells": cells,
            "capacity_ah": _CAPACITY_AH,
            "shunt_ohm": _SHUNT_OHM,
            "crc": rng.random() < 0.2,
            "seed": rng.randrange(1 << 30),
            "sensors": {
                "current_gain_error": rng.uniform(-0.01, 0.01),
                "current_offset_a": rng.uniform(-0.05, 0.05),
                "voltage_noise_mv": rng.choice((0.5, 1.0, 2.0)),
            },
            **fitted,
        }
        self.pack = Pack(
            chemistry,
            cells,
            _CAPACITY_AH,
            _SHUNT_OHM,
            watchdog_s,
            "fet_thermistor" in spec,
            "contactors" in spec,
        )
        self.world = WatchedWorld(spec)
        told_all = {params.CHEMISTRY: chemistry, **told}
        proven = commission.vouched(params.resolve(told_all))
        files = MemoryFiles({"params.a": encode(1, told_all), "commission.a": encode(1, proven)})
        self.board = MortalBoard(self.world, files)
        self.session = Session(self.world, self.board)
        self.sensors = sensed_cells(told["thermistors"], cells)
        end = -1 if last else 0
        self.cell = range(cells)[end]  # the first or the last, counted from 0
        self.sensed = self.sensors[end]  # the first or the last that carries a thermistor

    def charge(self, rate_c: float) -> None:
        """A charger of this rate."""
        volts = _CHARGER_V[self.pack.chemistry] * self.pack.cells
        self.world.charger = (volts, rate_c * self.pack.capacity_ah)

    def draw(self, rate_c: float) -> None:
        """A load of this rate."""
        self.world.load_a = rate_c * self.pack.capacity_ah

    def rest_at(self, all_v: float, odd_v: float, rate_c: float = 0.0) -> None:
        """Charge all cells to a voltage at rest, and the one in question so that it shows its own some five
        seconds after a current has begun to flow.
        """
        pack = self.world.pack
        current_a = rate_c * self.pack.capacity_ah
        socs = [_charge_at(pack.model, all_v, 0.0)] * self.pack.cells
        socs[self.cell] = _charge_at(pack.model, odd_v, current_a * pack.resistance_factor[self.cell])
        pack.set_soc(socs)

    def warm(self, celsius: float) -> None:
        """The room and all cells."""
        self.world.ambient_c = celsius
        self.world.pack.temp_c = [celsius] * self.pack.cells


def _charge_at(model: CellModel, volts: float, current_a: float) -> float:
    """The charge at which a cell shows this voltage, beyond full and empty too."""
    low, high = -0.15, 1.15
    for _ in range(30):
        middle = (low + high) / 2
        r0, r1, _ = model.resistances(middle, 25.0)
        # The faster of the two relaxations has come to a third by then.
        shows_v = model.ocv(middle) + current_a * (r0 + 0.3 * r1)
        low, high = (middle, high) if shows_v < volts else (low, middle)
    return low
