# ruff: noqa: PTH123, PTH208
"""On the emulated chip, alone: machine.I2C with a device that answers, refuses, is absent, or holds the line.

Prints one JSON object and restarts itself once, which it finds written in a file.
"""

import json
import os
import time

from machine import I2C, Pin, reset

ADDRESS, ABSENT = 0x08, 0x20
TIMEOUT_US = 5000


def attempt(call, *arguments):
    """[what it returned or the error number, how many us it took]"""
    start = time.ticks_us()
    try:
        result = call(*arguments)
    except OSError as error:
        result = -error.errno
    return [result, time.ticks_diff(time.ticks_us(), start)]


def main():
    bus = I2C(0, sda=Pin(4), scl=Pin(5), freq=400_000, timeout=TIMEOUT_US)
    found = bytearray(32)
    seen = {"read": attempt(bus.readfrom_mem_into, ADDRESS, 0x10, found), "bytes": list(found)}
    seen["write"] = attempt(bus.writeto, ADDRESS, b"\x40\x01\x02\x03")
    seen["refused"] = attempt(bus.writeto, ADDRESS, b"\x40\x01\xee\x03")
    seen["absent"] = attempt(bus.writeto, ABSENT, b"\x40\x01")
    seen["absent read"] = attempt(bus.readfrom_mem_into, ABSENT, 0x10, found)
    seen["again"] = attempt(bus.writeto, ADDRESS, b"\x40\x01\x02\x03")
    Pin(22, Pin.OUT, value=1)  # asks for the line to be held
    time.sleep_ms(3)
    seen["held"] = attempt(bus.writeto, ADDRESS, b"\x40\x01")
    scl = Pin(5, Pin.OPEN_DRAIN, value=1)
    for _ in range(9):
        scl.value(0)
        scl.value(1)
    Pin(22, Pin.OUT, value=0)
    bus = I2C(0, sda=Pin(4), scl=Pin(5), freq=400_000, timeout=TIMEOUT_US)
    seen["freed"] = attempt(bus.writeto, ADDRESS, b"\x40\x01")
    print(json.dumps(seen))
    if "restarted" not in os.listdir():
        with open("restarted", "w") as file:
            file.write("x" * 5000)
        reset()


main()
