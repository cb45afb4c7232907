"""Temperatures from the BQ769x0's ADC counts: a thermistor behind 10 kohm at 3.3 V, or the die itself.

Thermistor: Semitec 103AT (10 kohm, B = 3435), from the manufacturer's table of resistances every 5 degC,
turned into counts of 382 uV (8.3.1.1.4). Between its figures a line is off by less than 0.1 degC; integers
only, because this runs in the protection cycle.
"""

from array import array

from micropython import const

_OHM = (
    329500, 247700, 188500, 144100, 111300, 86430, 67770, 53410, 42470, 33900, 27280, 22050, 17960, 14690,
    12090, 10000, 8313, 6940, 5827, 4911, 4160, 3536, 3020, 2588, 2228, 1924, 1668, 1451, 1266, 1108, 973,
    857, 758,
)  # fmt: skip
_COLDEST_DDEGC = const(-500)
_STEP_DDEGC = const(50)
_FULL = const(8639)  # 3.3 V

_COUNTS = array("h", [_FULL * ohm // (ohm + 10_000) for ohm in _OHM])
_LAST = const(32)

# Beyond the table: so near to either rail that no thermistor of this kind does it between -60 and 150 degC.
_OPEN = const(8520)
_SHORT = const(240)
_OPEN_DDEGC = const(-1100)
_SHORT_DDEGC = const(2500)

_DIE_25 = const(1_200_000)  # uV; it falls by 4.2 mV/degC (8.3.1.1.5)
_LSB_UV = const(382)


def thermistor_ddegc(counts: int) -> int:
    """Temperature of a thermistor; -110 degC for one that is open, 250 degC for one that is shorted."""
    if counts > _OPEN:
        return _OPEN_DDEGC
    if counts < _SHORT:
        return _SHORT_DDEGC
    low = 0
    high = _LAST
    while high - low > 1:
        middle = (low + high) >> 1
        if counts > _COUNTS[middle]:
            high = middle
        else:
            low = middle
    span = _COUNTS[low] - _COUNTS[high]
    return _COLDEST_DDEGC + low * _STEP_DDEGC + (_COUNTS[low] - counts) * _STEP_DDEGC // span


def die_ddegc(counts: int) -> int:
    """Temperature of the die."""
    return 250 - (counts * _LSB_UV - _DIE_25) // 420
