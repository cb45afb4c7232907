"""CRC-8 with x^8 + x^2 + x + 1, start 0, as a table: one look-up a byte where a bit loop costs 0.1 ms."""

from micropython import const

_POLYNOMIAL = const(0x07)


def _of_byte(value: int) -> int:
    for _ in range(8):
        value = (value << 1) ^ (_POLYNOMIAL if value & 0x80 else 0)
    return value & 0xFF


TABLE = bytes([_of_byte(_value) for _value in range(256)])
