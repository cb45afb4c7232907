"""The pack file: what the simulated pack truly is, what its sensors get wrong, what its controller is told.

A key that is not known is refused, not ignored: a misspelt `resistence` would silently be a perfect cell.
"""

from pathlib import Path
from typing import Annotated, Any

from bms.core import chemistry, params
from pydantic import Field, model_validator

from packwarden import tomlfile
from packwarden.errors import Flag, InputError, Table, number, one_of, whole
from packwarden.sim import cells as cell_models
from packwarden.sim.assembly import DEFAULT_AFE, DEFAULT_CURRENT_NOISE_UV
from packwarden.sim.thermometry import FET_PIN

FEWEST_CELLS, MOST_CELLS = 3, 16
# Front ends, and how many cells they take.
AFES = {"bq76952": (3, 16), "bq76920": (3, 5), "bq76930": (6, 10), "bq76940": (9, 15), "ads1115": (3, 8)}
MODELS = {"nmc": ("nmc",), "lfp": ("ael", "aelh")}

Factor = Annotated[float, number(0.01, 100.0)]


class Spread(Table):
    """How cells differ: one sigma, clipped at three."""

    capacity: Annotated[float, number(0.0, 0.3)] = 0.0
    soc: Annotated[float, number(0.0, 0.3)] = 0.0
    resistance: Annotated[float, number(0.0, 0.3)] = 0.0
    self_discharge_per_month: Annotated[float, number(0.0, 1.0)] = 0.0


class Weak(Table):
    """One cell that is worse than the rest: factors on what it would have been."""

    cell: Annotated[int, whole(1, MOST_CELLS)]
    capacity: Annotated[float, number(0.05, 2.0)] = 1.0
    resistance: Factor = 1.0
    self_discharge: Annotated[float, number(0.0, 10_000.0)] = 1.0


class Environment(Table):
    """Around the pack at the start."""

    ambient_c: Annotated[float, number(-60.0, 120.0)] = 25.0
    auxiliary_v: Annotated[float, number(0.0, 60.0)] = 12.8


class Sensors(Table):
    """What the front end gets wrong."""

    current_gain_error: Annotated[float, number(-0.5, 0.5)] = 0.0
    current_offset_a: Annotated[float, number(-100.0, 100.0)] = 0.0
    current_noise_uv: Annotated[float, number(0.0, 10_000.0)] = DEFAULT_CURRENT_NOISE_UV
    voltage_noise_mv: Annotated[float, number(0.0, 1000.0)] = 0.0


class Load(Table):
    """What hangs on the pack besides the current that a scenario lets it draw."""

    capacitance_f: Annotated[float, number(0.0, 1.0)] = 0.0


class Memory(Table):
    """What the controller's flash holds at the first boot."""

    believed_soc: Annotated[float, number(0.0, 1.0)] | None = None


class Pack(Table):
    """A whole pack file."""

    chemistry: Annotated[str, one_of(chemistry.NAMES)]
    cells: Annotated[int, whole(FEWEST_CELLS, MOST_CELLS)]
    capacity_ah: Annotated[float, number(0.5, 1000.0)]
    soc: Annotated[float, number(0.0, 1.0)] = 0.5
    cell_model: Annotated[str, one_of(cell_models.MODELS)] | None = None
    afe: Annotated[str, one_of(tuple(AFES))] | None = None  # instead of the board's
    contactors: Flag = False
    spread: Spread = Spread()
    weak: list[Weak] = Field(default_factory=list[Weak])
    environment: Environment = Environment()
    load: Load = Load()
    sensors: Sensors = Sensors()
    firmware: Memory = Memory()
    parameters: dict[str, Any] = Field(default_factory=dict[str, Any])

    @property
    def front_end(self) -> str:
        """The name of the AFE."""
        return self.afe or DEFAULT_AFE

    @model_validator(mode="after")
    def _agrees(self) -> "Pack":
        for place, weak in enumerate(self.weak, start=1):
            if weak.cell > self.cells:
                raise ValueError(f"weak {place}: cell = {weak.cell} is not in a pack of {self.cells} cells")
        fewest, most = AFES[self.front_end]
        if self.afe and not fewest <= self.cells <= most:
            raise ValueError(f"afe = '{self.afe}' takes {fewest} to {most} cells, not {self.cells}")
        if self.cell_model and self.cell_model not in MODELS[self.chemistry]:
            known = ", ".join(MODELS[self.chemistry])
            raise ValueError(f"cell_model = '{self.cell_model}' is not {self.chemistry}; there is: {known}")
        return self


DEFAULT = Pack(chemistry="lfp", cells=16, capacity_ah=100.0, soc=0.6)


def load(path: Path | None) -> Pack:
    """The pack file, or a healthy 16S LFP pack of 100 Ah when there is none."""
    return DEFAULT if path is None else tomlfile.load(path, Pack)


def world_spec(pack: Pack, given: dict[str, Any], seed: int) -> dict[str, Any]:
    """What the simulated world is built from; shunt and thermistors are those the controller was told of."""
    if pack.chemistry not in MODELS:
        raise InputError(f"There is no simulated cell for chemistry '{pack.chemistry}' yet.")
    fet_thermistor = given.get("fet_thermistor", 0) == 1
    pins = [f"TS{1 + k}" for k in range(params.resolve(given)["thermistors"])]
    return {
        "chemistry": pack.chemistry,
        "cells": pack.cells,
        "capacity_ah": pack.capacity_ah,
        "soc": pack.soc,
        "cell_model": pack.cell_model,
        "spread": pack.spread.model_dump(),
        "weak": [weak.model_dump() for weak in pack.weak],
        "afe": pack.front_end,
        "contactors": pack.contactors,
        "environment": pack.environment.model_dump(),
        "load": pack.load.model_dump(),
        "sensors": pack.sensors.model_dump(),
        "shunt_ohm": given["shunt_uohm"] * 1e-6,
        "thermistors": [pin for pin in pins if not (fet_thermistor and pin == FET_PIN)],
        "fet_thermistor": fet_thermistor,
        "seed": seed,
    }
