"""The AFE's own limits, derived from the owner's: layer 1 stands just outside layer 2.

The firmware acts first, with hysteresis and reasons; the comparators act when it does not. So every limit
asked of the silicon lies outside the firmware's by a margin that is larger than the AFE's step (50.6 mV, 1
degC, 2 mV on the shunt): rounded to the safe side, it still never undercuts the firmware. `params_check`
proves that it stays inside what the cells stand.
"""

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Values

OV_MARGIN_MV = const(60)
UV_MARGIN_MV = const(100)
TEMP_MARGIN_DDEGC = const(30)
PCHG_MARGIN_MV = const(100)  # the AFE charges gently until the firmware's rescue is surely over
_OVER_MS = const(1000)  # OV and UV in silicon
_SLOW_MS = const(400)  # over-current stage 1 and charge: near the longest the BQ769x2 has (426 ms, TRM 5.2.6)
_FAST_MS = const(20)  # over-current stage 2
_TEMP_S = const(5)


def derive(values: "Values", contactors: bool = False) -> dict[str, int]:
    """What to ask of the AFE, by name, in the units of the driver's `commission`.

    `contactors`: no body diode lies in the path, and the precharge relay is not the AFE's.
    """
    gentle = values["pchg_fitted"]
    return {
        "cell_count": values["cell_count"],
        "shunt_uohm": values["shunt_uohm"],
        "thermistors": (1 << values["thermistors"]) - 1,
        "cell_ov_mv": values["cell_ov_mv"] + OV_MARGIN_MV,
        "cell_ov_ms": _OVER_MS,
        "cell_uv_mv": values["cell_uv_mv"] - UV_MARGIN_MV,
        "cell_uv_ms": _OVER_MS,
        "occ_ma": values["occ_ma"] + values["occ_ma"] // 4,
        "occ_ms": _SLOW_MS,
        "ocd1_ma": values["ocd2_ma"] + values["ocd2_ma"] // 4,
        "ocd1_ms": _SLOW_MS,
        "ocd2_ma": (values["ocd2_ma"] + values["scd_ma"]) // 2,
        "ocd2_ms": _FAST_MS,
        "scd_ma": values["scd_ma"],
        "scd_us": values["scd_us"],
        "otc_ddegc": values["otc_ddegc"] + TEMP_MARGIN_DDEGC,
        "utc_ddegc": values["utc_ddegc"] - TEMP_MARGIN_DDEGC,
        "otd_ddegc": values["otd_ddegc"] + TEMP_MARGIN_DDEGC,
        "utd_ddegc": values["utd_ddegc"] - TEMP_MARGIN_DDEGC,
        "temp_s": _TEMP_S,
        "hwd_s": values["hwd_s"],
        "fet_thermistor": values["fet_thermistor"],
        "otf_ddegc": values["fet_ot_ddegc"] + TEMP_MARGIN_DDEGC,
        "precharge_delta_mv": values["precharge_delta_mv"]
        if values["precharge_fitted"] and not contactors
        else 0,
        "pchg_start_mv": values["deep_clear_mv"] + PCHG_MARGIN_MV // 2 if gentle else 0,
        "pchg_stop_mv": values["deep_clear_mv"] + PCHG_MARGIN_MV if gentle else 0,
        "series_fets": 0 if contactors else 1,
    }
