"""`crc8.unpack` as machine code: a cycle unpacks 84 bytes, which as bytecode takes an RP2040 2 ms of 8.

Where there is no such code (a computer, another build of MicroPython), importing this fails, and the plain
one stands in. `host_tests/emulated/test_machine_code.py` holds one against the other.
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
