"""`crc8.unpack` and `crc8.words` as machine code: a cycle's 88 bytes take an RP2040 3 ms as bytecode.

Where there is no such code (a computer, another build of MicroPython), importing this fails, and the plain
ones stand in. `host_tests/emulated/test_machine_code.py` holds one against the other.
"""
# mypy: ignore-errors
# pyright: basic, reportUndefinedVariable=false, reportMissingModuleSource=false
# ruff: noqa: F821 - viper's own types

import micropython


@micropython.viper
def unpack(raw: ptr8, data: ptr8, table: ptr8, size_crc: int) -> int:
    crc = size_crc & 0xFF
    size = size_crc >> 8
    index = 0
    while index < size:
        value = raw[2 * index]
        if table[crc ^ value] != raw[2 * index + 1]:
            return 0
        data[index] = value
        crc = 0
        index += 1
    return 1


@micropython.viper
def words(data: ptr8, into: ptr32, at_count: int):
    at = at_count >> 8
    count = at_count & 0xFF
    index = 0
    while index < count:
        into[index] = ((data[at] | data[at + 1] << 8) ^ 0x8000) - 0x8000
        at += 2
        index += 1
