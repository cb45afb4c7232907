"""What the pack is doing when the fault strikes: every operating mode, and the edges of each.

Some bring a cell to its limit all by themselves while the fault is there, so that protections have to work
with something broken; the oracle needs not be told which.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from packwarden.campaign.scene import Scene

_TOPPING_C = 0.5
_EMPTYING_C = 0.7


@dataclass(frozen=True)
class Situation:
    """Arranged before power-on (`prepare`), under way `starts_s` later, done with at `finish`."""

    column: str
    title: str
    prepare: Callable[[Scene], None]
    start: Callable[[Scene], None]
    reached: Callable[[Scene], bool] = lambda scene: scene.world.chip.chg_on or scene.world.chip.dsg_on
    starts_s: float = 2.5
    strikes_s: tuple[float, float] = (3.5, 9.0)
    spec: dict[str, Any] = field(default_factory=dict[str, Any])  # what must be fitted
    parameters: dict[str, int] = field(default_factory=dict[str, int])


def _half(scene: Scene) -> None:
    scene.world.pack.set_soc([scene.rng.uniform(0.35, 0.65)] * scene.pack.cells)


def _top(scene: Scene) -> None:
    """One cell is ahead and will reach its limit under the charger; half of the times it is an old one."""
    if scene.rng.random() < 0.5:
        scene.world.pack.scale_cell(scene.cell, 1.0, 3.0, 1.0)
    asked = scene.pack.asked
    past_v = {"nmc": 0.012, "lfp": -0.010}[scene.pack.chemistry]  # NMC relaxes more slowly
    scene.rest_at(asked("cell_ov_clear_mv") - 0.1, asked("cell_ov_mv") + past_v, _TOPPING_C)


def _bottom(scene: Scene) -> None:
    """One cell is behind and will reach its limit under the load."""
    asked = scene.pack.asked
    scene.rest_at(asked("cell_uv_clear_mv") + 0.15, asked("cell_uv_mv") + 0.005, -_EMPTYING_C)


def _cruise(scene: Scene) -> None:
    scene.draw(0.2)


def _haul(scene: Scene) -> None:
    scene.draw(0.85 * scene.pack.asked("ocd1_ma") / scene.pack.capacity_ah)


def _overload(scene: Scene) -> None:
    """Just beyond what the owner allows for long, or for a moment."""
    asked = scene.pack.asked
    amperes = scene.rng.choice((1.1 * asked("ocd1_ma"), 1.1 * asked("ocd2_ma")))
    scene.draw(amperes / scene.pack.capacity_ah)


def _rush(scene: Scene) -> None:
    """A charger that gives more than was asked for."""
    scene.charge(scene.rng.choice((1.1, 1.35)) * scene.pack.asked("occ_ma") / scene.pack.capacity_ah)


def _uneven(scene: Scene) -> None:
    low_v = {"nmc": 4.00, "lfp": 3.44}[scene.pack.chemistry]
    scene.rest_at(low_v, low_v + 0.05)


def _deep(scene: Scene) -> None:
    deep_v = scene.pack.asked("deep_mv")
    scene.rest_at(deep_v - 0.10, deep_v - scene.rng.uniform(0.15, 0.30))


def _hot(scene: Scene) -> None:
    _half(scene)
    scene.warm(scene.pack.asked("otc_ddegc") - 1.5)


def _scorching(scene: Scene) -> None:
    _half(scene)
    scene.warm(scene.pack.asked("otd_ddegc") - 1.5)


def _cold(scene: Scene) -> None:
    _half(scene)
    scene.warm(scene.pack.asked("utc_ddegc") + 1.5)


def _freezing(scene: Scene) -> None:
    _half(scene)
    scene.warm(scene.pack.asked("utd_ddegc") + 1.5)


def _step(kelvin: float, act: Callable[[Scene], None]) -> Callable[[Scene], None]:
    """The weather passes the limit by as much as it was inside, and the pack is used."""

    def start(scene: Scene) -> None:
        act(scene)
        scene.warm(scene.world.ambient_c + kelvin)

    return start


def _lopsided(scene: Scene) -> None:
    """One end of the pack is warmed by something: limp mode."""
    _half(scene)
    scene.warm(20.0)
    scene.world.pack.temp_c[scene.sensed] = 38.0


def _nothing(_scene: Scene) -> None:
    return


def _stand_by(scene: Scene) -> None:
    _half(scene)
    scene.session.board.enable = False


def _bled(scene: Scene) -> bool:
    return bool(scene.world.chip.balancing)


def _open(scene: Scene) -> bool:
    return not (scene.world.chip.chg_on or scene.world.chip.dsg_on)


def _limping(scene: Scene) -> bool:
    return bool(scene.session.parts.api.answers.status()["mode"] == "limp")


def _exposed(scene: Scene) -> bool:
    """The path is closed, or the weather has opened it."""
    asked = scene.pack.asked
    limits = ("utd_ddegc", "utc_ddegc", "otc_ddegc", "otd_ddegc")
    return scene.world.chip.dsg_on or any(abs(scene.world.ambient_c - asked(name)) < 2.0 for name in limits)


# After a start of some seconds, because trips that are due by then come first.
_WEATHER: dict[str, Any] = {"reached": _exposed, "starts_s": 8.0, "strikes_s": (6.0, 14.0)}

# 47 ohm bring this up to within half a volt of a long stack in a second and a half.
_CAPACITOR: dict[str, Any] = {"load": {"capacitance_f": 0.006}}

# fmt: off
SITUATIONS: dict[str, Situation] = {
    "starting": Situation(
        "boot", "power-on and self-test", _half, _nothing, lambda _: True, 0.0, (0.05, 2.0)),
    "precharge": Situation(
        "pre", "precharging the load", _half, _cruise, lambda _: True, 5.0, (1.6, 3.0), _CAPACITOR,
        {"precharge_fitted": 1}),
    "standby": Situation("stby", "standby", _stand_by, _cruise, _open),
    "resting": Situation("rest", "at rest", _half, _nothing),
    "charging": Situation("chg", "charging", _half, lambda scene: scene.charge(0.35)),
    "rushing": Situation("rush", "charged too hard", _half, _rush, starts_s=6.0),
    "topping": Situation("top", "charging near full", _top, lambda scene: scene.charge(_TOPPING_C)),
    "balancing": Situation(
        "bal", "balancing", _uneven, lambda scene: scene.charge(0.1), _bled, strikes_s=(6.5, 9.0)),
    "cruising": Situation("light", "discharging light", _half, _cruise),
    "hauling": Situation("hard", "discharging hard", _half, _haul),
    "overload": Situation("over", "overloaded", _half, _overload, starts_s=6.0, strikes_s=(3.5, 12.0)),
    "emptying": Situation("low", "discharging near empty", _bottom, lambda scene: scene.draw(_EMPTYING_C)),
    "rescue": Situation(
        "deep", "deeply discharged", _deep, lambda scene: scene.charge(0.03), starts_s=1.0,
        strikes_s=(8.0, 12.0)),
    "cold": Situation(
        "cold", "charging in the cold", _cold, _step(-3.0, lambda scene: scene.charge(0.2)), **_WEATHER),
    "freezing": Situation("frost", "discharging in the frost", _freezing, _step(-3.0, _cruise), **_WEATHER),
    "hot": Situation(
        "hot", "charging in the heat", _hot, _step(3.0, lambda scene: scene.charge(0.35)), **_WEATHER),
    "scorching": Situation(
        "heat", "discharging in great heat", _scorching, _step(3.0, lambda scene: scene.draw(0.5)),
        **_WEATHER),
    "limp": Situation("limp", "limp mode", _lopsided, _cruise, _limping, strikes_s=(14.0, 17.0)),
}
# fmt: on
