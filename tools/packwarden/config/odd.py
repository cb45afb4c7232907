"""Combinations of parameters that are allowed, and still hardly what their owner means."""

from collections.abc import Iterator
from typing import Any

from bms.core import silicon

_RATED_MV = 50  # what shunts are rated for
_HOT_W = 5.0
_COARSE = 0.8  # the AFE's step gives less than this share of what it was asked for
_ONE_THERMISTOR_CELLS = 8
_HIGHEST_C = 5

# Parameters that do nothing unless another is set.
_IDLE_WITHOUT = (
    ("precharge_ms", "precharge_fitted"),
    ("precharge_delta_mv", "precharge_fitted"),
    ("fet_ot_ddegc", "fet_thermistor"),
    ("fet_ot_clear_ddegc", "fet_thermistor"),
    ("fet_ot_ms", "fet_thermistor"),
    ("balance_min_mv", "balance_max_cells"),
    ("balance_start_mv", "balance_max_cells"),
    ("watch_json", "watch_s"),
    ("afe_sleep", "sleep_after_s"),
)


_SINGLE_READINGS = (
    "cell_ov_ms", "cell_uv_ms", "pack_ov_ms", "pack_uv_ms", "charger_ov_ms", "occ_ms", "rescue_ms", "ocd1_ms",
    "ocd2_ms",
)  # fmt: skip


def found(given: dict[str, Any], values: dict[str, Any], applied: dict[str, int]) -> Iterator[str]:
    """Yields a sentence for each; it begins with the parameter that it is about."""
    yield from _charging(values)
    yield from _balancing(values)
    yield from _current(values, applied)
    yield from _surroundings(values)
    for name, needs in _IDLE_WITHOUT:
        if name in given and not values[needs]:
            yield f"{name} does nothing while {needs} is 0"
    for name in _SINGLE_READINGS:
        if values[name] == 0:
            yield f"{name} = 0: a single reading trips, a wrong one too"


def _charging(v: dict[str, Any]) -> Iterator[str]:
    if v["full_mv"] >= v["cell_ov_warn_mv"]:
        yield f"full_mv = {v['full_mv']}: every full charge warns, from cell_ov_warn_mv on"
    if v["charger_ov_clear_mv"] <= v["full_mv"]:
        yield (
            f"charger_ov_clear_mv = {v['charger_ov_clear_mv']} is not above full_mv: a charger that was "
            "refused once is refused until it is unplugged"
        )
    room_mv = v["cell_ov_perm_mv"] - v["cell_ov_mv"]
    if room_mv <= silicon.OV_MARGIN_MV:
        yield (
            f"cell_ov_perm_mv stands {room_mv} mV above cell_ov_mv: the pack would be out of use for good "
            f"before the AFE acts by itself, {silicon.OV_MARGIN_MV} mV above"
        )
    if v["occ_ma"] > v["capacity_mah"]:
        rate = v["occ_ma"] / v["capacity_mah"]
        yield f"occ_ma = {v['occ_ma']} is {rate:.1f} C: may these cells be charged so fast?"
    if v["full_ma"] * 5 > v["capacity_mah"]:
        yield f"full_ma = {v['full_ma']}: it counts as full while it still takes a fifth of its capacity"
    if v["utc_ddegc"] < 0:
        yield f"utc_ddegc = {v['utc_ddegc']}: charging below freezing plates lithium, which stays"


def _balancing(v: dict[str, Any]) -> Iterator[str]:
    if not v["balance_max_cells"]:
        yield "balance_max_cells = 0: cells drift apart, and nothing is done about it"
        return
    if v["balance_min_mv"] > v["full_mv"]:
        yield f"balance_min_mv = {v['balance_min_mv']} is above full_mv: hardly ever is a cell bled"
    if v["balance_start_mv"] >= v["imbalance_warn_mv"]:
        yield "balance_start_mv is not below imbalance_warn_mv: the pack limps before it is balanced"


def _current(v: dict[str, Any], applied: dict[str, int]) -> Iterator[str]:
    drop_mv = v["ocd1_ma"] * v["shunt_uohm"] / 1e6
    heat_w = (v["ocd1_ma"] / 1000) ** 2 * v["shunt_uohm"] / 1e6
    if drop_mv > _RATED_MV or heat_w > _HOT_W:
        yield (
            f"ocd1_ma = {v['ocd1_ma']}: until it trips, the shunt drops {drop_mv:.0f} mV and makes "
            f"{heat_w:.1f} W of heat; is it made for that?"
        )
    asked = silicon.derive(v)
    for name in ("occ_ma", "ocd1_ma", "ocd2_ma", "scd_ma"):
        if name in applied and applied[name] < asked[name] * _COARSE:
            yield (
                f"shunt_uohm = {v['shunt_uohm']}: the AFE's {name} acts at {applied[name]} mA where "
                f"{asked[name]} was asked for; its steps are coarse on so small a shunt"
            )
    if v["ocd1_ma"] > _HIGHEST_C * v["capacity_mah"]:
        rate = v["ocd1_ma"] / v["capacity_mah"]
        yield f"ocd1_ma = {v['ocd1_ma']} is {rate:.1f} C: do these cells give that for long?"
    unit_ma = applied.get("current_unit_ma", 0)
    if v["full_ma"] < 5 * unit_ma:
        yield f"full_ma = {v['full_ma']} is hardly more than the step of a reading, {unit_ma} mA"


def _surroundings(v: dict[str, Any]) -> Iterator[str]:
    if v["thermistors"] == 1 and v["cell_count"] > _ONE_THERMISTOR_CELLS:
        yield f"thermistors = 1 for {v['cell_count']} cells: a hot one at the other end is not felt"
    if v["limp_permille"] == 1000:
        yield "limp_permille = 1000: limping limits nothing"
