"""The pack that `make run` shows: sixteen unequal LFP cells, a drive schedule, and a controller.

Everything is real except the pack: the production firmware boots from the two flash records that a
commissioned pack would have, and its only way to the cells is the simulated front end's bus.
"""

from typing import TYPE_CHECKING, Any

from bms.core import commission, params
from bms.services.storage import encode

from packwarden.session import Session
from packwarden.sim.board import MemoryFiles, VirtualBoard
from packwarden.sim.profile import LoadProfile
from packwarden.sim.world import World
from packwarden.traces import DRIVE_PROFILE, load_current

if TYPE_CHECKING:
    from packwarden.sim.board import Files

CELLS = 16
CAPACITY_AH = 100.0
SHUNT_OHM = 0.00025
CHARGER = (58.4, 30.0)  # 3.65 V a cell; added to the strongest recuperation it is still below the trip
PEAK_A = 105.0  # hardest second of the drive: the firmware offers 108 A, and trips above 120 A
_REMEMBERED_SIGMA_PERMILLE = 20


class Demo:
    """What the screen and the tour both need: the running pack, and the drive that loads it."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.world: World = session.world
        self.board: VirtualBoard = session.board
        self._drive, self._scale = _drive()
        self.world.load_profile = self._drive
        self.driving = True

    @property
    def driving(self) -> bool:
        """Whether the motor hangs on the pack; unplugged, the schedule goes on without it."""
        return self._drive.scale > 0.0

    @driving.setter
    def driving(self, attached: bool) -> None:
        self._drive.scale = self._scale if attached else 0.0

    def ask(self, command: str) -> Any:
        """What the firmware's own command answers, as plain data; None while no firmware runs."""
        if self.session.loop is None:
            return None
        return next(method() for name, _, _, method, _ in self.session.parts.api.rows if name == command)

    @property
    def cell_limits_mv(self) -> tuple[int, int]:
        """Under- and over-voltage of a cell, for a bar between the two."""
        return self.parameter("cell_uv_mv", 0), self.parameter("cell_ov_mv", 1)

    def parameter(self, name: str, otherwise: int = 0) -> int:
        """A parameter in force; something else while no firmware runs."""
        if self.session.loop is None:
            return otherwise
        value = self.session.parts.settings.value(name)
        return value if isinstance(value, int) else otherwise


def build(soc: float = 0.6, seed: int = 1) -> Demo:
    """A parked pack with this true charge; its controller gets power when time first moves."""
    world = World(
        {
            "chemistry": "lfp",
            "cells": CELLS,
            "capacity_ah": CAPACITY_AH,
            "soc": soc,
            "seed": seed,
            "shunt_ohm": SHUNT_OHM,
            "spread": {"capacity": 0.01, "soc": 0.006, "resistance": 0.05},
            "sensors": {"voltage_noise_mv": 1.0, "current_offset_a": 0.02},
        }
    )
    return Demo(Session(world, VirtualBoard(world, MemoryFiles(_flash(soc)))))


def make_new(files: "Files") -> None:
    """Leave on a controller's flash what the pack is, and nothing that it has lived through."""
    for name in files.names():
        if not name.startswith("params."):
            files.remove(name)


def _flash(soc: float) -> dict[str, bytes]:
    """What a controller that was commissioned and used before has on its flash."""
    parameters = {
        "chemistry": "lfp",
        "cell_count": CELLS,
        "capacity_mah": int(CAPACITY_AH * 1000),
        "shunt_uohm": round(SHUNT_OHM * 1e6),
        "thermistors": 3,
    }
    state = {"operating_s": 90_000, "soc": [round(soc * 1000), _REMEMBERED_SIGMA_PERMILLE]}
    proven = commission.vouched(params.resolve(parameters))
    return {
        "params.a": encode(1, parameters),
        "state.a": encode(1, state),
        "commission.a": encode(1, proven),
    }


def _drive() -> tuple[LoadProfile, float]:
    """The drive schedule without the rest before and after it, and the scale that fits it to this pack."""
    t_s, current_a = load_current(DRIVE_PROFILE)
    moving = [k for k, amps in enumerate(current_a) if amps]
    span = slice(moving[0], moving[-1] + 2)
    return LoadProfile(t_s[span], current_a[span], repeat=True), PEAK_A / -min(current_a)
