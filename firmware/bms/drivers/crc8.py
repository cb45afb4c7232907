"""What arrives on the bus, checked and put together: CRC-8 with x^8 + x^2 + x + 1, start 0, and words.

The CRC is a table: one look-up a byte where a bit loop costs 0.1 ms. The machine code of `crc8_fast` does the
same as the two functions.
"""

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from array import array

_POLYNOMIAL = const(0x07)


def _table() -> bytes:
    """Of each byte, from those of single bits: what two of them differ in is the difference of theirs."""
    table = bytearray(256)
    of_bit = _POLYNOMIAL
    for bit in range(8):
        for low in range(1 << bit):
            table[1 << bit | low] = of_bit ^ table[low]
        of_bit = (of_bit << 1 ^ (_POLYNOMIAL if of_bit & 0x80 else 0)) & 0xFF
    return bytes(table)


TABLE = _table()


def unpack(raw: bytearray, data: bytearray, table: bytes, size_crc: int) -> int:
    """Take `size` bytes out of pairs of byte and CRC, the first CRC begun with `crc`; 0 if one is wrong.

    `size_crc` is size << 8 | crc.
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


def words(data: bytearray, into: "array[int]", at_count: int) -> None:
    """Fill the first `count` places with the signed words, low byte first, that begin at `at`.

    `at_count` is at << 8 | count.
    """
    at = at_count >> 8
    for index in range(at_count & 0xFF):
        into[index] = ((data[at] | data[at + 1] << 8) ^ 0x8000) - 0x8000
        at += 2
