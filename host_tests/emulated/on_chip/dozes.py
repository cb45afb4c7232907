"""On the emulated chip, with the hardware layer alone: dozes, tells how long each took, and goes on dozing.

What is printed while no computer is there is heard by nobody, so it is printed again and again.
"""

import time
from binascii import hexlify

import board
from bms.hal import make

DOZES = 50
TEN_MS, LEAST, NONE = 10, 2, 0


def main():
    hal = make(board)
    took = []
    for ms in (TEN_MS, LEAST, NONE):
        start = time.ticks_us()
        for _ in range(DOZES):
            hal.doze_ms(ms)
        took.append(time.ticks_diff(time.ticks_us(), start) // DOZES)
    registers = bytearray(4)
    while True:
        hal.doze_ms(TEN_MS)
        hal.bus.readfrom_mem_into(0x08, 0x10, registers)
        print(took, hexlify(registers).decode())


main()
