"""Answers about charge and health: each figure with how sure it is, and the weak cell with the evidence.

Plain data, as in `answers`.
"""

from micropython import const

from bms.core import checkup

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.app.parts import Parts
    from bms.ports import Fields


def charge(p: "Parts") -> "Fields":
    """How full, how sure, and for how long."""
    soc = p.soc
    to_full_min, to_empty_min = checkup.left_min(p.health)
    return {
        "soc_permille": p.shown.permille,
        "soc_sigma_permille": p.shown.sigma_permille,
        "settling": p.shown.settling,
        "settling_left_min": p.shown.left_min(),
        "believed_permille": soc.permille,
        "believed_sigma_permille": soc.sigma_permille,
        "remaining_mah": int(
            soc.capacity_c * 0.001 * soc.permille / 3.6 * p.health.spread.width(soc.middle())
        ),
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
    weakest, evidence = checkup.weakest(body)
    spread = body.spread
    leak = body.leakage
    known = leak.sigma < 100.0
    width = spread.width(p.soc.middle())
    fade = checkup.fade(body)
    order = sorted(range(len(spread.off)), key=lambda k: spread.off[k])
    return {
        "soh_permille": body.soh_permille,
        "soh_power_permille": body.power_permille,
        "capacity_mah": int(p.soc.capacity_c / 3.6 * width + 0.5),
        "capacity_sigma_permille": int(capacity.sigma * 1000 + 0.5),
        "swings_measured": capacity.swings,
        "fade_permille_per_year": fade[0] if fade else None,
        "fade_sigma_permille_per_year": fade[1] if fade else None,
        "resistance": "known" if row.late_steps else "learning: from the next steps of the current",
        "ohmic_uohm": [int(each) for each in row.ohmic] if row.steps else None,
        "ten_s_uohm": [int(each) for each in row.ten_s] if row.late_steps else None,
        "weakest_cell": weakest + 1 if weakest >= 0 else None,
        "weakest_because": evidence,
        "cell_charge_permille": [round(each, 1) for each in spread.off],
        "cell_charge_sigma_permille": [int(each**0.5 + 0.5) for each in spread.var],
        "cells_emptiest_first": [k + 1 for k in order],
        "cell_size_permille": [int(1000.0 / (1.0 + each) + 0.5) for each in spread.steeper],
        "cell_size_sigma_permille": [int(1000.0 * each**0.5 + 0.5) for each in spread.steeper_var],
        "loses_permille_per_month": [round(each, 1) for each in leak.rate] if known else None,
        "loses_sigma_permille_per_month": round(leak.sigma, 1) if known else None,
        "bled_mah": [int(each) for each in spread.bled_mah],
    }
