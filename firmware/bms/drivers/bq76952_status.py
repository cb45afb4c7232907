"""What the BQ76952's status bits mean in the words that every front end shares (`afe`).

The chip spreads them over four groups of registers in four different orders; FET Status in particular is not
in the order of any command. One table per register, so that each bit can be checked against TRM 12.2 by eye.
"""

from micropython import const

from bms.drivers import afe

# The block 0x02..0x13, as offsets.
_SAFETY_A = const(1)
_SAFETY_B = const(3)
_SAFETY_C = const(5)
_PF_A = const(9)
_PF_B = const(11)
_PF_C = const(13)
_PF_D = const(15)
_BATTERY_LOW = const(16)
_BATTERY_HIGH = const(17)

_POR = const(0x08)  # low byte: the RAM settings are gone
_CFGUPDATE = const(0x01)
_PF = const(0x10)  # high byte

# What may latch an alarm and pull the ALERT pin: the chip's default, and ADSCAN, which latches only if asked
# for (TRM 6.6) and is the sole proof that readings are new. So the pin falls after every scan too.
ALARM_MASK = const(0xF802)

_A_BITS = (
    (0x04, afe.UV),
    (0x08, afe.OV),
    (0x10, afe.OCC),
    (0x20, afe.OCD1),
    (0x40, afe.OCD2),
    (0x80, afe.SCD),
)
_B_BITS = (
    (0x01, afe.UTC),
    (0x02, afe.UTD),
    (0x04, afe.OTHER),  # UTINT
    (0x10, afe.OTC),
    (0x20, afe.OTD),
    (0x40, afe.OTINT),
    (0x80, afe.OTF),
)
_C_BITS = (
    (0x02, afe.HWD),
    (0xFC, afe.OTHER),  # PTO, COVL, OCDL, SCDL, OCD3: not enabled, so not expected
)
_FET_BITS = (
    (0x01, afe.CHG),
    (0x02, afe.PCHG),
    (0x04, afe.DSG),
    (0x08, afe.PDSG),
)


def safety(status: bytearray) -> int:
    """All that the chip holds against the pack or itself right now. Usually nothing, and that is quick."""
    result = 0
    if status[_SAFETY_A]:
        result |= _translate(status[_SAFETY_A], _A_BITS)
    if status[_SAFETY_B]:
        result |= _translate(status[_SAFETY_B], _B_BITS)
    if status[_SAFETY_C]:
        result |= _translate(status[_SAFETY_C], _C_BITS)
    if status[_PF_A] | status[_PF_B] | status[_PF_C] | status[_PF_D] | (status[_BATTERY_HIGH] & _PF):
        result |= afe.PF
    return result


def lost(status: bytearray) -> bool:
    """The chip has been reset, or is in CONFIG_UPDATE, where it protects nothing."""
    return status[_BATTERY_LOW] & (_POR | _CFGUPDATE) != 0


def fets(bits: int) -> int:
    return _translate(bits, _FET_BITS)


def _translate(bits: int, table: tuple[tuple[int, int], ...]) -> int:
    result = 0
    for mask, meaning in table:
        if bits & mask:
            result |= meaning
    return result
