"""From what is asked, in mA, mV, ms and 0.1 degC, to what the BQ76952's registers can say.

The chip moves in coarse steps. Each rule here turns one limit into (register value, what the chip then really
enforces), rounded so that what is enforced is never looser than what was asked, and refuses with a sentence
what no step reaches. Used while commissioning only: allocation is allowed. What depends on how the board is
built is in `bq76952_board`.
"""

from micropython import const

from bms.drivers.afe import ConfigError

_CELL_STEP_10UV = const(5060)  # CUV and COV thresholds, in 10 uV
_CUV_RANGE = (20, 80)  # TRM 5.2.5 and 13.6.1; the summary in 13.9 says 90
_COV_RANGE = (20, 110)
_SHUNT_STEP_NV = const(2_000_000)
_OCC_RANGE = (2, 62)  # TRM 5.2.7
_OCD_RANGE = (2, 100)  # TRM 5.2.8
_SCD_MV = (10, 20, 40, 60, 80, 100, 125, 150, 175, 200, 250, 300, 350, 400, 450, 500)  # TRM 5.2.6
_SCD_STEP_US = const(15)
_SCD_DELAY_MAX = const(31)
_DELAY_STEP_10US = const(330)  # delays are 3.3 ms x (2 + setting); setting 0 would switch the protection off
_DELAY_MIN_MS = const(10)
_CELL_DELAY_MAX = const(2047)
_CURRENT_DELAY_MAX = const(127)
_TEMP_RANGE = (-40, 120)
_TEMP_HYSTERESIS_C = const(5)
_FET_TEMP_MAX_C = const(150)  # from 0 up: TRM 5.2.11
_FET_TEMP_HYSTERESIS_C = const(15)
_BALANCE_MAX_C = const(60)
_ANY = const(1_000_000_000)

_LIMITS = (
    "cell_count cell_ov_mv cell_ov_ms cell_uv_mv cell_uv_ms occ_ma occ_ms ocd1_ma ocd1_ms ocd2_ma ocd2_ms "
    "scd_ma scd_us otc_ddegc utc_ddegc otd_ddegc utd_ddegc temp_s hwd_s shunt_uohm thermistors "
    "fet_thermistor otf_ddegc series_fets precharge_delta_mv pchg_start_mv pchg_stop_mv"
)


def check(limits: dict[str, int]) -> None:
    """All limits are there, and the shunt is one that CC Gain can express (0.01 to 1000)."""
    for name in _LIMITS.split():
        take(limits, name, -_ANY, _ANY)
    take(limits, "shunt_uohm", 8, 756_000)


def take(limits: dict[str, int], name: str, low: int, high: int) -> int:
    """A limit by name, within bounds that the register can hold."""
    asked = limits.get(name)
    if asked is None:
        raise ConfigError(name, None, "this limit is missing")
    if asked < low or asked > high:
        raise ConfigError(name, asked, f"this AFE takes {low} to {high}")
    return asked


def cell_over(limits: dict[str, int], name: str) -> tuple[int, int]:
    return _cell_threshold(name, limits[name], limits[name] * 100 // _CELL_STEP_10UV, _COV_RANGE)


def cell_under(limits: dict[str, int], name: str) -> tuple[int, int]:
    return _cell_threshold(name, limits[name], -(-limits[name] * 100 // _CELL_STEP_10UV), _CUV_RANGE)


def _cell_threshold(name: str, asked: int, raw: int, reach: tuple[int, int]) -> tuple[int, int]:
    if raw < reach[0] or raw > reach[1]:
        low = reach[0] * _CELL_STEP_10UV // 100
        high = reach[1] * _CELL_STEP_10UV // 100
        raise ConfigError(name, asked, f"this AFE watches cells between {low} and {high} mV")
    return raw, (raw * _CELL_STEP_10UV + 50) // 100


def cell_delay(limits: dict[str, int], name: str) -> tuple[int, int]:
    return _delay(limits, name, _CELL_DELAY_MAX)


def current_delay(limits: dict[str, int], name: str) -> tuple[int, int]:
    return _delay(limits, name, _CURRENT_DELAY_MAX)


def _delay(limits: dict[str, int], name: str, most: int) -> tuple[int, int]:
    asked = take(limits, name, _DELAY_MIN_MS, ((most + 3) * _DELAY_STEP_10US - 1) // 100)
    raw = min(most, asked * 100 // _DELAY_STEP_10US - 2)
    return raw, ((raw + 2) * _DELAY_STEP_10US + 50) // 100


def charge_current(limits: dict[str, int], name: str) -> tuple[int, int]:
    return _current(limits, name, _OCC_RANGE)


def discharge_current(limits: dict[str, int], name: str) -> tuple[int, int]:
    return _current(limits, name, _OCD_RANGE)


def _current(limits: dict[str, int], name: str, reach: tuple[int, int]) -> tuple[int, int]:
    shunt = limits["shunt_uohm"]
    raw = limits[name] * shunt // _SHUNT_STEP_NV
    if raw < reach[0] or raw > reach[1]:
        low = -(-reach[0] * _SHUNT_STEP_NV // shunt)
        high = reach[1] * _SHUNT_STEP_NV // shunt
        wrong = "small" if raw < reach[0] else "large"
        reason = f"with {shunt} microohm this AFE acts between {low} and {high} mA: the shunt is too {wrong}"
        raise ConfigError(name, limits[name], reason)
    return raw, raw * _SHUNT_STEP_NV // shunt


def short_current(limits: dict[str, int], name: str) -> tuple[int, int]:
    """The largest step not above what was asked; asking for more than 500 mV gets 500 mV."""
    shunt = limits["shunt_uohm"]
    asked_nv = limits[name] * shunt
    raw = len(_SCD_MV) - 1
    while raw >= 0 and _SCD_MV[raw] * 1_000_000 > asked_nv:
        raw -= 1
    if raw < 0:
        low = -(-_SCD_MV[0] * 1_000_000 // shunt)
        reason = f"with {shunt} microohm this AFE sees a short from {low} mA up: the shunt is too small"
        raise ConfigError(name, limits[name], reason)
    return raw, _SCD_MV[raw] * 1_000_000 // shunt


def short_delay(limits: dict[str, int], name: str) -> tuple[int, int]:
    asked = take(limits, name, 0, _SCD_DELAY_MAX * _SCD_STEP_US - 1)
    raw = asked // _SCD_STEP_US + 1
    return raw, (raw - 1) * _SCD_STEP_US


def over_temp(limits: dict[str, int], name: str) -> tuple[int, int]:
    return _temp(name, limits[name], limits[name] // 10)


def under_temp(limits: dict[str, int], name: str) -> tuple[int, int]:
    return _temp(name, limits[name], -(-limits[name] // 10))


def _temp(name: str, asked: int, raw: int) -> tuple[int, int]:
    low, high = _TEMP_RANGE
    if raw < low or raw > high:
        raise ConfigError(name, asked, f"this AFE watches temperatures between {low} and {high} degC")
    return raw, raw * 10


def hot_recovery(limits: dict[str, int], name: str) -> tuple[int, int]:
    raw = max(_TEMP_RANGE[0], over_temp(limits, name)[0] - _TEMP_HYSTERESIS_C)
    return raw, raw * 10


def cold_recovery(limits: dict[str, int], name: str) -> tuple[int, int]:
    raw = min(_TEMP_RANGE[1], under_temp(limits, name)[0] + _TEMP_HYSTERESIS_C)
    return raw, raw * 10


def fet_over_temp(limits: dict[str, int], name: str) -> tuple[int, int]:
    """Enforced is 0 if nothing measures the FETs: then OTF is not enabled."""
    raw = limits[name] // 10
    if raw < 0 or raw > _FET_TEMP_MAX_C:
        reason = f"this AFE watches FETs between 0 and {_FET_TEMP_MAX_C} degC"
        raise ConfigError(name, limits[name], reason)
    return raw, raw * 10 if limits["fet_thermistor"] else 0


def fet_recovery(limits: dict[str, int], name: str) -> tuple[int, int]:
    raw = max(0, fet_over_temp(limits, name)[0] - _FET_TEMP_HYSTERESIS_C)
    return raw, raw * 10


def balance_max_temp(limits: dict[str, int], _unused: str) -> tuple[int, int]:
    """Bleeding heats: never above what the cells themselves may have."""
    raw = min(_BALANCE_MAX_C, over_temp(limits, "otc_ddegc")[0], over_temp(limits, "otd_ddegc")[0])
    return raw, raw * 10


def seconds(limits: dict[str, int], name: str) -> tuple[int, int]:
    raw = take(limits, name, 1, 254)
    return raw, raw


def after_watchdog(limits: dict[str, int], _unused: str) -> tuple[int, int]:
    """Longer than the host watchdog, so that the chip never closes again on its own for a dead host."""
    raw = seconds(limits, "hwd_s")[0] + 1
    return raw, raw
