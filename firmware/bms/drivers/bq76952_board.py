"""What is soldered around the BQ76952, in the words of its registers: shunt, cells, thermistors, FETs.

Rules like those of `bq76952_config`, for what differs from board to board.

A FET for predischarge goes on before DSG and carries the load's inrush through a resistor. The chip leaves
it for DSG when LD has come within the delta of the stack, looked at every 250 ms; its Predischarge Timeout
would close DSG even onto a short, so it is 0, which is "no timeout" (TRM 5.2.3.2.2, 13.3.6.5). With that the
resistor itself is at risk, and bounding the time is the firmware's duty; the host watchdog does it without.
"""

import struct

from micropython import const

from bms.drivers.afe import ConfigError
from bms.drivers.bq76952_config import take

_CC_GAIN_UOHM = 7568.4  # CC Gain is 7.5684 / milliohm (TRM 4.12: 1.24 V reference), and ...
_CAPACITY_GAIN = 298261.6178  # ... Capacity Gain this much more
_RAW_MAX = const(32000)  # of a current reading, leaving room to read past the limit
_TOP_INPUT = const(15)
_STACK_MIN = const(470)  # in 10 mV
_STACK_DEFAULT = const(600)
_CELL_FLOOR = const(150)  # no cell may be charged below this
_CELL_THERMISTOR = const(0x07)  # 18k pull-up and polynomial, for cell temperature (TRM table 6-6) ...
_FET_THERMISTOR = const(0x0F)  # ... and for FET temperature
_TS2 = const(2)
_TS3 = const(4)
_DELTA_STEP_MV = const(10)
_DELTA_MAX = const(255)
_MV_MAX = const(32767)


def shunt_gain(limits: dict[str, int], name: str) -> tuple[int, int]:
    return _float_bits(_CC_GAIN_UOHM / limits[name]), limits[name]


def capacity_gain(limits: dict[str, int], name: str) -> tuple[int, int]:
    return _float_bits(_CC_GAIN_UOHM / limits[name] * _CAPACITY_GAIN), limits[name]


def shutdown_stack(limits: dict[str, int], name: str) -> tuple[int, int]:
    """In 10 mV: as low as the chip works (4.7 V, DS952 7.3), or a pack of few cells could not be rescued."""
    raw = max(_STACK_MIN, min(_STACK_DEFAULT, limits[name] * _CELL_FLOOR))
    return raw, raw * 10


def _float_bits(value: float) -> int:
    bits: int = struct.unpack("<I", struct.pack("<f", value))[0]
    return bits


def current_unit_ma(limits: dict[str, int]) -> int:
    """Resolution of current readings: the finest that reads a quarter past what may flow for long.

    OCD2 and SCD do not count: their comparators look at the shunt, and charge is counted with the readings.
    """
    most = max(limits["occ_ma"], limits["ocd1_ma"])
    unit = 1
    while most * 5 // 4 >= _RAW_MAX * unit and unit < 100:
        unit *= 10
    return unit


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


def power(limits: dict[str, int], _unused: str) -> tuple[int, int]:
    """Power Config: SLEEP, WK_SPD off; SHUT_TS2 if a thermistor would wake the chip from SHUTDOWN (7.5)."""
    raw = 0x2880 | (0x1000 if limits["thermistors"] & _TS2 else 0)
    return raw, raw


def cell_thermistor(limits: dict[str, int], bit: int) -> tuple[int, int]:
    fitted = take(limits, "thermistors", 0, 7) & bit
    return (_CELL_THERMISTOR if fitted else 0), fitted


def last_thermistor(limits: dict[str, int], name: str) -> tuple[int, int]:
    """TS3: on a cell, on the FETs, or not at all."""
    on_fets = take(limits, name, 0, 1)
    if not on_fets:
        return cell_thermistor(limits, _TS3)[0], 0
    if limits["thermistors"] & _TS3:
        raise ConfigError(name, 1, "TS3 is taken by a thermistor on a cell")
    return _FET_THERMISTOR, 1


def slow_bits(limits: dict[str, int], _unused: str) -> tuple[int, int]:
    """Enabled Protections B: all but UTINT; OTF only if anything measures the FETs."""
    raw = 0x73 | (0x80 if limits["fet_thermistor"] else 0)
    return raw, raw


def fet_options(limits: dict[str, int], name: str) -> tuple[int, int]:
    """FET_INIT_OFF, FET_CTRL_EN, HOST_FET_EN, SLEEPCHG; SFET guards body diodes; PDSG_EN for such a FET."""
    series = take(limits, name, 0, 1)
    return 0x2E | series | (0x10 if limits["precharge_delta_mv"] else 0), series


def stop_delta(limits: dict[str, int], name: str) -> tuple[int, int]:
    """Rounded down: DSG closes onto a load that is nearer. 0 would be "no check", so only without the FET."""
    if limits[name]:
        take(limits, name, _DELTA_STEP_MV, (_DELTA_MAX + 1) * _DELTA_STEP_MV - 1)
    raw = limits[name] // _DELTA_STEP_MV
    return raw, raw * _DELTA_STEP_MV


def precharge_start(limits: dict[str, int], name: str) -> tuple[int, int]:
    """Below this the chip charges through PCHG instead of CHG (TRM 5.2.3.2.1); 0: never."""
    raw = take(limits, name, 0, _MV_MAX)
    return raw, raw


def precharge_stop(limits: dict[str, int], name: str) -> tuple[int, int]:
    raw = take(limits, name, limits["pchg_start_mv"], _MV_MAX)
    return raw, raw
