"""`calm.plain` as machine code: sixty rows take an RP2040 1.7 ms as bytecode.

Where there is no such code (a computer, another build of MicroPython), importing this fails, and the plain
one stands in. `host_tests/emulated/test_machine_code.py` holds one against the other.
"""
# mypy: ignore-errors
# pyright: basic, reportUndefinedVariable=false, reportMissingModuleSource=false
# ruff: noqa: F821 - viper's own types

import micropython


@micropython.viper
def first(values: ptr32, trips: ptr32, states: ptr8, look: ptr8) -> int:
    i = look[0]
    count = look[2]
    lowest = look[1] * 2
    while i < count:
        if states[i]:
            return i
        source = look[3 + i]
        if source >= lowest:
            value = values[source >> 1]
            if source & 1:
                value = 0 - value
            if value >= trips[i]:
                return i
        i += 1
    return count
