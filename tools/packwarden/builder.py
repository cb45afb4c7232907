"""Plays the builder of the pack: solders in a shunt that suits it, writes the first parameters to the flash.

Real firmware refuses to close a path before somebody has told it what it guards. What an owner does for a
real pack is done here for a simulated one, through the same table, the same checks and the same records.
"""

from typing import Any

from bms.app.fronts import TAPS, unreachable
from bms.core import commission, params, params_check, silicon
from bms.services.storage import Record

from packwarden.errors import InputError
from packwarden.packfile import Pack
from packwarden.sim.board import MemoryFiles
from packwarden.sim.monitor_front import MonitorFrontEnd
from packwarden.sim.world import World

# Shunts that can be bought, in microohm, and what one should drop at the sustained discharge limit: as shunts
# are rated, and the AFE's comparators (up to 500 mV for a short) have room above it.
SHUNTS_UOHM = (50, 75, 100, 150, 200, 250, 500, 1000, 2000, 2500, 5000, 10_000, 20_000)
_RATED_UV = 50_000

# A pack nearly empty, and nearly full.
_CALIBRATED_AT_V = (3.0, 3.6)
_LEVELS = 256

# A belief that has been on flash for a while is worth this much: one sigma, in permille.
_BELIEF_SIGMA_PERMILLE = 100

# Current that would be blamed on a welded switch, and more than any pack has.
_OUT_OF_REACH = {"leak_ma": 8_000_000, "weld_ma": 8_000_001}


def parameters(pack: Pack, where: str, recorded: bool = False) -> dict[str, Any]:
    """What the controller is told: the pack's figures, overruled by [parameters]; InputError if unusable.

    `recorded`: the current of a recording flows whatever the switches do, which must accuse none of them.
    """
    given: dict[str, Any] = {
        "chemistry": pack.chemistry,
        "cell_count": pack.cells,
        "capacity_mah": round(pack.capacity_ah * 1000),
        **(_OUT_OF_REACH if recorded else {}),
        **pack.parameters,
    }
    if "shunt_uohm" in given:
        found = _against(given, pack.front_end)
    else:
        given, found = _with_shunt(given, pack.front_end)
    if found:
        raise InputError("\n".join(f"{where}, parameters: {sentence}." for sentence in found))
    return given


def suitable_shunt(given: dict[str, Any], front_end: str) -> int:
    """The shunt, in microohm, that a builder would solder in for these parameters."""
    return int(_with_shunt(given, front_end)[0]["shunt_uohm"])


def _with_shunt(given: dict[str, Any], front_end: str) -> tuple[dict[str, Any], list[str]]:
    """The largest suitable shunt: near what it is rated for, else whichever the AFE can work with."""
    found: list[str] = []
    best = {**given, "shunt_uohm": SHUNTS_UOHM[0]}
    if params_check.check(best):
        return best, params_check.check(best)
    sustained_ma = params.resolve(best)["ocd1_ma"]
    for shunt_uohm in sorted(SHUNTS_UOHM, key=lambda each: _unfitness(each * sustained_ma // 1000)):
        candidate = {**given, "shunt_uohm": shunt_uohm}
        reasons = _against(candidate, front_end)
        if not reasons:
            return candidate, []
        found = found or reasons
    lower = f"no shunt from {SHUNTS_UOHM[0]} microohm up suits these limits; choose lower ocd2_ma and scd_ma"
    return best, [f"{sentence}; {lower}" for sentence in found]


def _unfitness(drop_uv: int) -> tuple[bool, int]:
    """Sorts shunts by their drop at the sustained limit: below the rating first, the nearest to it first."""
    return drop_uv > _RATED_UV, abs(drop_uv - _RATED_UV)


def _against(given: dict[str, Any], front_end: str) -> list[str]:
    """The firmware's own verdict on a set of parameters."""
    return params_check.check(given) or unreachable(silicon.derive(params.resolve(given)), front_end)


def calibrate(files: MemoryFiles, world: World) -> None:
    """Measure the taps of a monitor class front end at two voltages, with a meter that is right."""
    front = world.chip
    if not isinstance(front, MonitorFrontEnd):
        return
    stored = Record(files, TAPS)
    if stored.load() is None and not stored.damage:
        stored.save({"points": [_point(front, volts) for volts in _CALIBRATED_AT_V]})


def _point(front: MonitorFrontEnd, cell_v: float) -> list[list[int]]:
    """What `taps` notes with this voltage in each cell: sixteen readings a tap, and what the meter says."""
    taps_v = [cell_v * (tap + 1) for tap in range(len(front.cells_v))]
    counts = [round(volts / ratio * 8000 * 16) for volts, ratio in zip(taps_v, front.ratio, strict=True)]
    levels = [front.adc.sample(taps_v[-1] / front.stack_ratio) for _ in range(_LEVELS)]
    return [
        [*counts, round(sum(levels) / _LEVELS * 8 * 16)],
        [round(volts * 1000) for volts in (*taps_v, taps_v[-1])],
    ]


def prepare_flash(files: MemoryFiles, pack: Pack, given: dict[str, Any], bare: bool = False) -> list[str]:
    """Write what a new controller must know; what is there already stays. Returns notes for the user.

    It has commissioned the pack, too. `bare`: it has not even described it.
    """
    if bare:
        return []
    stored = Record(files, "params")
    known = stored.load()
    if known is None and not stored.damage:
        stored.save(given)
        known_now = given
    else:
        known_now = known or {}
    proven = Record(files, commission.RECORD)
    if proven.load() is None and not proven.damage and not params_check.check(known_now):
        proven.save(commission.vouched(params.resolve(known_now)))
    believed = pack.firmware.believed_soc
    state = Record(files, "state")
    if believed is not None and state.load() is None and not state.damage:
        state.save({"operating_s": 0, "soc": [round(believed * 1000), _BELIEF_SIGMA_PERMILLE]})
    if known is None or known == given:
        return []
    names = sorted(name for name in {*known, *given} if known.get(name) != given.get(name))
    return [
        f"The controller keeps the parameters on its flash; the pack file differs in: {', '.join(names)}."
    ]
