"""On the emulated chip, runs what main.py has built, and hangs for as long as a spare pin is low.

It hangs asleep, which the emulator runs through quickly, and where a real one would be stuck in a loop.
"""

import time

from machine import Pin

SPARE = 22


def run(loop):
    hang = Pin(SPARE, Pin.IN, Pin.PULL_UP)
    step = loop.step

    def hanging(now):
        while not hang.value():
            time.sleep_ms(100)
        return step(now)

    loop.step = hanging
    loop.run()
