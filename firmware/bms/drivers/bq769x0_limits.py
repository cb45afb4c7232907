"""From what is asked, in mA, mV, ms, to what the BQ769x0's registers can say.

This chip has four limits of its own, in coarse steps: over- and under-voltage of a cell, one over-current of
discharge, and short circuit. Each is rounded so that what is enforced is never looser than what was asked,
and refused with a sentence where no step reaches. For all else that may be asked (charge current, the fast
stage of discharge, every temperature, a silent host) it has no comparator: there `applied` stays silent, and
the firmware alone protects. Used while commissioning only.

Section and table numbers are those of the datasheet (SLUSBK2, revision I).
"""

from micropython import const

from bms.drivers.afe import ConfigError

_FEWEST = const(3)  # cells in a group of five inputs
_MOST = const(5)

# Tables 8-9 to 8-11: in mV for RSNS = 0 and for RSNS = 1; SCD delays in us, the others in ms.
_SCD_MV = ((22, 33, 44, 56, 67, 78, 89, 100), (44, 67, 89, 111, 133, 155, 178, 200))
_OCD_MV = (
    (8, 11, 14, 17, 19, 22, 25, 28, 31, 33, 36, 39, 42, 44, 47, 50),
    (17, 22, 28, 33, 39, 44, 50, 56, 61, 67, 72, 78, 83, 89, 94, 100),
)
_SCD_US = (70, 100, 200, 400)
_OCD_MS = (8, 20, 40, 80, 160, 320, 640, 1280)
_UV_MS = (1000, 4000, 8000, 16000)
_OV_MS = (1000, 2000, 4000, 8000)

_OV_FROM = const(0x2008)  # of the ADC's 14 bits, 10xxxxxxxx1000 and 01xxxxxxxx0000 (8.3.1.2.1)
_UV_FROM = const(0x1000)
_STEP = const(16)
_SENSE_MAX_MV = const(200)  # what the coulomb counter is good for (8.3.1.1.3)
_CC_CFG = const(0x19)

# A gain is one of these (table 8-21): until the chip in hand is known, a limit must suit both ends.
_GAINS_UV = (365, 396)


def check(limits: dict[str, int], groups: int) -> dict[str, int]:
    """Refuse what no chip of this family takes; the very chip's gain may refuse a little more.

    Returns what is enforced, by currents; cell voltages are known when the chip is.
    """
    applied = {}
    for gain_uv in _GAINS_UV:
        applied = plan(limits, groups, gain_uv, 0)[1]
    return applied


def plan(
    limits: dict[str, int], groups: int, gain_uv: int, offset_mv: int
) -> tuple[bytearray, dict[str, int]]:
    """PROTECT1 to CC_CFG (0x06 to 0x0B), and what they make the chip enforce, by limit."""
    _check_board(limits, groups)
    shunt = limits["shunt_uohm"]
    asked_uv = _get(limits, "ocd1_ma") * shunt // 1000
    short_uv = _get(limits, "scd_ma") * shunt // 1000
    # The finer range if it reaches both, or if the coarse one cannot go down far enough.
    fine = asked_uv < 17_000 or (asked_uv <= 50_000 and short_uv <= 100_000)
    rsns = 0 if fine else 1
    if asked_uv > 105_000:
        most = 100_000_000 // shunt
        reason = f"with {shunt} microohm this AFE acts up to {most} mA: the shunt is too large"
        raise ConfigError("ocd1_ma", limits["ocd1_ma"], reason)
    ocd = _step_below("ocd1_ma", limits, _OCD_MV[rsns], asked_uv, shunt)
    scd = _step_below("scd_ma", limits, _SCD_MV[rsns], short_uv, shunt)
    ocd_delay = _delay("ocd1_ms", limits, _OCD_MS)
    scd_delay = _delay("scd_us", limits, _SCD_US)
    ov_delay = _delay("cell_ov_ms", limits, _OV_MS)
    uv_delay = _delay("cell_uv_ms", limits, _UV_MS)
    over = ((_get(limits, "cell_ov_mv") - offset_mv) * 1000 // gain_uv - _OV_FROM) // _STEP
    under = -(-(-(-(_get(limits, "cell_uv_mv") - offset_mv) * 1000 // gain_uv) - _UV_FROM) // _STEP)
    over_mv = _cell_mv("cell_ov_mv", limits, over, _OV_FROM, gain_uv, offset_mv)
    under_mv = _cell_mv("cell_uv_mv", limits, under, _UV_FROM, gain_uv, offset_mv)
    image = bytearray((rsns << 7 | scd_delay << 3 | scd, ocd_delay << 4 | ocd, uv_delay << 6 | ov_delay << 4))
    image.extend(bytes((over, under, _CC_CFG)))
    return image, {
        "cell_count": limits["cell_count"],
        "shunt_uohm": shunt,
        "cell_ov_mv": over_mv,
        "cell_ov_ms": _OV_MS[ov_delay],
        "cell_uv_mv": under_mv,
        "cell_uv_ms": _UV_MS[uv_delay],
        "ocd1_ma": _OCD_MV[rsns][ocd] * 1_000_000 // shunt,
        "ocd1_ms": _OCD_MS[ocd_delay],
        "scd_ma": _SCD_MV[rsns][scd] * 1_000_000 // shunt,
        "scd_us": _SCD_US[scd_delay],
        "fet_thermistor": limits["fet_thermistor"],
    }


def _check_board(limits: dict[str, int], groups: int) -> None:
    """What is soldered around the chip must be something that it can serve."""
    cells = _get(limits, "cell_count")
    if not groups * _FEWEST <= cells <= groups * _MOST:
        reason = f"this AFE takes {groups * _FEWEST} to {groups * _MOST} cells"
        raise ConfigError("cell_count", cells, reason)
    shunt = _get(limits, "shunt_uohm")
    if shunt <= 0 or _get(limits, "occ_ma") * shunt > _SENSE_MAX_MV * 1_000_000:
        reason = f"this AFE reads up to {_SENSE_MAX_MV} mV, which occ_ma exceeds: the shunt is too large"
        raise ConfigError("shunt_uohm", shunt, reason)
    fitted = _get(limits, "thermistors")
    if fitted >> groups:
        raise ConfigError("thermistors", fitted, f"this AFE has {groups} thermistor input(s)")
    on_fets = _get(limits, "fet_thermistor")
    if on_fets and (groups < 3 or fitted & 4):
        raise ConfigError("fet_thermistor", on_fets, "a thermistor on the FETs needs a free input TS3")
    if _get(limits, "precharge_delta_mv") or _get(limits, "pchg_start_mv"):
        name = "precharge_delta_mv" if limits["precharge_delta_mv"] else "pchg_start_mv"
        raise ConfigError(name, limits[name], "this AFE drives no FET for precharging; it must be 0")
    if not _get(limits, "series_fets"):
        raise ConfigError("series_fets", 0, "this AFE is supported with FETs only, not with contactors")


def _get(limits: dict[str, int], name: str) -> int:
    asked = limits.get(name)
    if asked is None:
        raise ConfigError(name, None, "this limit is missing")
    return asked


def _step_below(name: str, limits: dict[str, int], steps: tuple[int, ...], asked_uv: int, shunt: int) -> int:
    """The largest step not above what was asked, across the shunt."""
    raw = len(steps) - 1
    while raw >= 0 and steps[raw] * 1000 > asked_uv:
        raw -= 1
    if raw < 0:
        low = -(-steps[0] * 1_000_000 // shunt)
        reason = f"with {shunt} microohm this AFE acts from {low} mA up: the shunt is too small"
        raise ConfigError(name, limits[name], reason)
    return raw


def _delay(name: str, limits: dict[str, int], steps: tuple[int, ...]) -> int:
    """The longest delay that is not longer than asked."""
    asked = _get(limits, name)
    raw = len(steps) - 1
    while raw >= 0 and steps[raw] > asked:
        raw -= 1
    if raw < 0:
        raise ConfigError(name, asked, f"this AFE waits for {steps[0]} at least")
    return raw


def _cell_mv(name: str, limits: dict[str, int], raw: int, start: int, gain_uv: int, offset_mv: int) -> int:
    """What a trip register means for the chip in hand. Beyond its 8 bits it would wrap to nonsense."""
    if raw < 0 or raw > 255:
        low = start * gain_uv // 1000 + offset_mv
        high = (start + 255 * _STEP) * gain_uv // 1000 + offset_mv
        raise ConfigError(name, limits[name], f"this AFE acts between {low} and {high} mV here")
    return (start + raw * _STEP) * gain_uv // 1000 + offset_mv
