# pyright: basic, reportMissingImports=false
"""On the emulated chip, once the path is closed: machine code against its plain twin, on the same bytes."""

import random
from array import array

from bms.core import calm, calm_fast
from bms.drivers import crc8, crc8_fast

ROUNDS = 300
SIZES = (1, 2, 18, 24, 32, 40)


def differences():
    """How often the two do not agree on data with and without an error in it, and how many were sound."""
    found = sound = 0
    random.seed(7)
    for number in range(ROUNDS):
        size = SIZES[number % len(SIZES)]
        start = random.getrandbits(8)
        raw = bytearray(2 * size)
        crc = start
        for index in range(size):
            raw[2 * index] = random.getrandbits(8)
            raw[2 * index + 1] = crc8.TABLE[crc ^ raw[2 * index]]
            crc = 0
        if number % 3 == 0:
            raw[random.randrange(2 * size)] ^= 1 << random.randrange(8)
        plain = bytearray(size)
        fast = bytearray(size)
        said = crc8.unpack(raw, plain, crc8.TABLE, size << 8 | start)
        told = crc8_fast.unpack(raw, fast, crc8.TABLE, size << 8 | start)
        found += said != told or plain != fast
        sound += told
    return found, sound


def calm_differences():
    """The same of looking for rows that are not calm, and how many of these tables were calm throughout."""
    found = quiet = 0
    for number in range(ROUNDS):
        count = 1 + number % 60
        values = array("i", [random.randrange(-(1 << 28), 1 << 28) for _ in range(40)])
        trips = array(
            "i", [1 << 28 if random.getrandbits(4) else random.randrange(-(1 << 20), 1 << 20)] * count
        )
        states = bytearray(count)
        if number % 3 == 0:
            states[random.randrange(count)] = random.randrange(5)
        look = bytearray(3 + count)
        for i in range(count):
            look[3 + i] = random.randrange(80)
        look[0] = random.randrange(count + 1)
        look[1] = 20 * random.getrandbits(1)
        look[2] = count
        told = calm_fast.first(values, trips, states, look)
        found += told != calm.plain(values, trips, states, look)
        quiet += told == count
    return found, quiet


def run(loop):
    hal = loop.p.hal
    while not loop.closed_once:
        hal.sleep_ms(loop.step(hal.ticks_ms()))
    found, sound = differences()
    print(f"twins differ {found} times, sound {sound}")
    found, quiet = calm_differences()
    print(f"rows differ {found} times, calm {quiet}, machine code {calm.first is not calm.plain}")
    loop.run()
