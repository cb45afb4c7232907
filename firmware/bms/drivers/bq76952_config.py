"""From what is asked, in mA, mV, ms and 0.1 degC, to what the BQ76952's registers can say.

The chip moves in coarse steps. Each rule here turns one limit into (register value, what the chip then really
enforces), rounded so that what is enforced is never looser than what was asked, and refuses with a sentence
what no step reaches. Used while commissioning only: floats and allocation are allowed.
"""

import struct

from micropython import const

from bms.drivers.afe import ConfigError

_CELL_STEP_10UV = const(5060)  # CUV and COV thresholds, in 10 uV
_CUV_RANGE = (20, 90)  # TRM 13.6.1
_COV_RANGE = (20, 110)
_SHUNT_STEP_NV = const(2_000_000)
_OCC_RANGE = (2, 62)  # TRM 5.2.7
_OCD_RANGE = (2, 100)  # TRM 5.2.8
_SCD_MV = (10, 20, 40, 60, 80, 100, 125, 150, 175, 200, 250, 300, 350, 400, 450, 500)  # TRM 5.2.6
_SCD_STEP_US = const(15)
_SCD_DELAY_MAX = const(31)
_DELAY_STEP_10US = const(330)  # delays are 3.3 ms x (2 + setting); setting 0 would switch the protection off
_CELL_DELAY_MAX = const(2047)
_CURRENT_DELAY_MAX = const(127)
_TEMP_RANGE = (-40, 120)
_TEMP_HYSTERESIS_C = const(5)
_BALANCE_MAX_C = const(60)
_CC_GAIN_UOHM = 7568.4  # CC Gain is 7.5684 / milliohm (TRM 4.12: 1.24 V reference), and ...
_CAPACITY_GAIN = 298261.6178  # ... Capacity Gain this much more
_ANY = const(1_000_000_000)
_RAW_MAX = const(32000)  # of a current reading, leaving room to read past the limit
_TOP_INPUT = const(15)
_THERMISTOR_18K = const(0x07)  # 18k pull-up and polynomial, for cell temperature (TRM table 6-6)

_LIMITS = (
    "cell_count cell_ov_mv cell_ov_ms cell_uv_mv cell_uv_ms occ_ma occ_ms ocd1_ma ocd1_ms ocd2_ma ocd2_ms "
    "scd_ma scd_us otc_ddegc utc_ddegc otd_ddegc utd_ddegc temp_s hwd_s shunt_uohm thermistors"
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


def current_unit_ma(limits: dict[str, int]) -> int:
    """Resolution of current readings: the finest that reads a quarter past what may flow for long.

    OCD2 and SCD do not count: their comparators look at the shunt, and charge is counted with the readings.
    """
    most = max(limits["occ_ma"], limits["ocd1_ma"])
    unit = 1
    while most * 5 // 4 >= _RAW_MAX * unit and unit < 100:
        unit *= 10
    return unit


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
    asked = take(limits, name, 1, (most + 3) * _DELAY_STEP_10US // 100)
    raw = min(most, max(1, asked * 100 // _DELAY_STEP_10US - 2))
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


def over_temp_recovery(limits: dict[str, int], name: str) -> tuple[int, int]:
    raw = max(_TEMP_RANGE[0], over_temp(limits, name)[0] - _TEMP_HYSTERESIS_C)
    return raw, raw * 10


def under_temp_recovery(limits: dict[str, int], name: str) -> tuple[int, int]:
    raw = min(_TEMP_RANGE[1], under_temp(limits, name)[0] + _TEMP_HYSTERESIS_C)
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


def in_user_amps(limits: dict[str, int], milliamps: int) -> tuple[int, int]:
    unit = current_unit_ma(limits)
    raw = max(1, milliamps // unit)
    return raw, raw * unit


def data_format(limits: dict[str, int], _unused: str) -> tuple[int, int]:
    """DA Configuration: stack, PACK and LD in 10 mV; the die stands in for cells that have no thermistor."""
    unit = current_unit_ma(limits)
    raw = 0x04 | {1: 1, 10: 2, 100: 3}[unit] | (0 if limits["thermistors"] else 0x08)
    return raw, unit


def cell_inputs(limits: dict[str, int], name: str) -> tuple[int, int]:
    """Vcell Mode: the lowest inputs in order, and the top cell always on input 16 (DS952 section 16)."""
    count = take(limits, name, 3, 16)
    return (1 << (count - 1)) - 1 | 1 << _TOP_INPUT, count


def thermistor_pin(limits: dict[str, int], bit: int) -> tuple[int, int]:
    fitted = take(limits, "thermistors", 0, 7) & bit
    return (_THERMISTOR_18K if fitted else 0), fitted


def cc_gain(limits: dict[str, int], name: str) -> tuple[int, int]:
    return _float_bits(_CC_GAIN_UOHM / limits[name]), limits[name]


def capacity_gain(limits: dict[str, int], name: str) -> tuple[int, int]:
    return _float_bits(_CC_GAIN_UOHM / limits[name] * _CAPACITY_GAIN), limits[name]


def _float_bits(value: float) -> int:
    bits: int = struct.unpack("<I", struct.pack("<f", value))[0]
    return bits
