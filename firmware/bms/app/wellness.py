"""Answers about charge and health: each figure with how sure it is, and the weak cell with the evidence.

Plain data, as in `answers`; a person sees the same names and values, a row of cells wrapped.
"""

from micropython import const

from bms.app import views

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bms.app.parts import Parts
    from bms.ports import Fields

_YEAR_S = 31557600.0
_FADE_AFTER_S = const(7776000)  # a fade per year is not told from less than 90 days of operation


def charge(p: "Parts") -> "Fields":
    """How full, how sure, and for how long."""
    soc = p.soc
    to_full_min, to_empty_min = p.health.left_min()
    return {
        "soc_permille": soc.permille,
        "soc_sigma_permille": soc.sigma_permille,
        "settling": soc.settling,
        "remaining_mah": int(soc.capacity_c * 0.001 * soc.permille / 3.6),
        "to_full_min": to_full_min,
        "to_empty_min": to_empty_min,
        "relaxed": soc.rest.relaxed,
        "current_offset_ma": round(soc.rest.offset_ma, 1),
        "times_seen_full": soc.anchors,
    }


def health(p: "Parts") -> "Fields":
    """Capacity, resistance and cells, each with its evidence; None is what has not been measured yet."""
    body = p.health
    capacity = body.capacity
    row = body.resistance
    weakest, evidence = body.weakest()
    years = p.reporter.operating_s / _YEAR_S
    told = capacity.swings and p.reporter.operating_s >= _FADE_AFTER_S
    return {
        "soh_permille": body.soh_permille,
        "soh_power_permille": body.power_permille,
        "capacity_mah": int(p.soc.capacity_c / 3.6 + 0.5),
        "capacity_sigma_permille": int(capacity.sigma * 1000 + 0.5),
        "swings_measured": capacity.swings,
        "fade_permille_per_year": int((1.0 - capacity.share) * 1000 / years) if told else None,
        "ohmic_uohm": [int(each) for each in row.ohmic] if row.steps else None,
        "ten_s_uohm": [int(each) for each in row.ten_s] if row.late_steps else None,
        "weakest_cell": weakest + 1 if weakest >= 0 else None,
        "weakest_because": evidence,
        "cell_charge_permille": [round(each, 1) for each in body.spread.off],
        "cell_charge_sigma_permille": [int(each**0.5 + 0.5) for each in body.spread.var],
        "bled_mah": [int(each) for each in body.spread.bled_mah],
    }


def lines(result: "Fields") -> "Iterator[str]":
    """Name and value; what is not known yet is said so."""
    for name in sorted(result):
        value = result[name]
        if value is None:
            value = "not known yet"
        elif isinstance(value, list):
            value = ", ".join([str(each) for each in value])
        for line in views.wrap(f"{name:<27} ", str(value)):
            yield line
