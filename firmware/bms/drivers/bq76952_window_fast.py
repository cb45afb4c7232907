"""`bq76952_window` as machine code: a window takes an RP2040 up to 1.5 ms as bytecode.

Where there is no such code (a computer, another build of MicroPython), importing this fails, and the plain
one stands in. `host_tests/emulated/test_machine_code.py` holds one against the other.
"""
# mypy: ignore-errors
# pyright: basic, reportUndefinedVariable=false, reportMissingModuleSource=false
# ruff: noqa: F821, SIM102 - viper's own types

import micropython


@micropython.viper
def compare(data: ptr8, image: ptr8, addresses: ptr16, sizes: ptr8, place: ptr32) -> int:
    row = place[0]
    at = place[1]
    start = addresses[row]
    while row < place[2]:
        size = sizes[row]
        kept = 2  # compared, as what is decided always is
        if size > 127:  # a negative one
            size = 256 - size
            kept = place[3]
        offset = addresses[row] - start
        if offset + size > 32:
            break
        index = 0
        while index < size:
            if kept == 1:
                image[at + index] = data[offset + index]
            elif kept == 2:
                if data[offset + index] != image[at + index]:
                    place[4] = row
                    place[5] = at
                    return index
            index += 1
        at += size
        row += 1
    place[0] = row
    place[1] = at
    return -1
