"""CRC-8 with x^8 + x^2 + x + 1, start 0, as a table: one look-up a byte where a bit loop costs 0.1 ms."""

from micropython import const

_POLYNOMIAL = const(0x07)


def _of_byte(value: int) -> int:
    for _ in range(8):
        value = (value << 1) ^ (_POLYNOMIAL if value & 0x80 else 0)
    return value & 0xFF


TABLE = bytes([_of_byte(_value) for _value in range(256)])


def unpack(raw: bytearray, data: bytearray, table: bytes, size_crc: int) -> int:
    """Take `size` bytes out of pairs of byte and CRC, the first CRC begun with `crc`; 0 if one is wrong.

    `size_crc` is size << 8 | crc. The machine code of `crc8_fast` does the same.
    """
    crc = size_crc & 0xFF
    at = 0
    for index in range(size_crc >> 8):
        value = raw[at]
        if table[crc ^ value] != raw[at + 1]:
            return 0
        data[index] = value
        crc = 0
        at += 2
    return 1
