# pyright: basic, reportMissingImports=false
"""On the emulated chip, once the path is closed: machine code against its plain twin, on the same bytes."""

import random
from array import array

from bms.core import calm, calm_fast, cells, cells_fast, plausible
from bms.drivers import bq76952_watch, bq76952_window, bq76952_window_fast, crc8, crc8_fast

ROUNDS = 300
SIZES = (1, 2, 18, 24, 35, 58)
# Where numbers stand, as in bms/core/cells and bms/drivers/bq76952_window: on a chip they have no names.
COUNT = 0
EXTREMES, HELD_RUNS, LOOK = 6, 4, 16
MIDDLE, STILL, CEILING, STILL_MS, STUCK, STRUCK, TAP, FROZEN = 1, 5, 6, 7, 8, 9, 12, 14
WINDOW = 32
ROW, AT, ROWS, KEPT, PLACE = 0, 1, 2, 3, 6


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


def cell_differences():
    """The same of passes over cells, and how often one of them was stuck, pulled apart or frozen."""
    found = odd = 0
    for number in range(ROUNDS):
        count = 3 + number % 14
        told = numbers(EXTREMES, 0, 1)
        told[COUNT] = count
        seen = numbers(count, 3000, 3000 + (number % 5) * 40 + 1)
        if number % 7 == 0:
            seen[random.randrange(count)] = -40
        told_fast = array("i", told)
        cells.extremes(seen, told)
        cells_fast.extremes(seen, told_fast)
        found += told != told_fast
        older = numbers(count, -60, 60)
        held = numbers(count * HELD_RUNS, -200, 200)
        for i in range(count):
            if random.getrandbits(2):
                held[i] = seen[i]
            held[3 * count + i] = 60 * random.getrandbits(1)
        look = numbers(LOOK, -100, 100)
        look[COUNT] = count
        look[MIDDLE] = 3000 + random.randrange(200)
        look[STILL] = random.randrange(-1, 12)
        look[CEILING] = random.randrange(30, 2000)
        look[STILL_MS] = 60
        look[STUCK] = random.randrange(-1, count)
        look[STRUCK] = 0
        held_fast = array("i", held)
        look_fast = array("i", look)
        cells.compare(seen, older, held, look)
        cells_fast.compare(seen, older, held_fast, look_fast)
        found += look != look_fast or held != held_fast
        odd += look[STRUCK] or look[TAP] > 0 or look[FROZEN] > 0
    return found, odd


def numbers(count, low, high):
    return array("i", [random.randrange(low, high) for _ in range(count)])


def window_differences():
    """The same of windows and words, and how many windows held what they must."""
    found = alike = 0
    for number in range(ROUNDS):
        sizes = array("b", [random.choice((1, 2, -4, -16, 32)) for _ in range(9)])
        image = bytearray(random.getrandbits(8) for _ in range(sum([abs(size) for size in sizes])))
        addresses = array("H", [0x9180] * len(sizes))
        for row in range(1, len(sizes)):
            addresses[row] = addresses[row - 1] + abs(sizes[row - 1]) + random.getrandbits(1)
        place = array("i", [0] * PLACE)
        place[ROWS] = len(sizes)
        place[KEPT] = number % 3
        for row in range(random.randrange(len(sizes))):
            place[ROW] = row + 1
            place[AT] += abs(sizes[row])
        data = bytearray(WINDOW)
        row, at = place[ROW], place[AT]
        while row < len(sizes):
            for index in range(abs(sizes[row])):
                offset = addresses[row] - addresses[place[ROW]] + index
                if offset < WINDOW:
                    data[offset] = image[at + index]
            at += abs(sizes[row])
            row += 1
        if number & 1:
            data[random.randrange(WINDOW)] ^= 1
        image_fast, place_fast = bytearray(image), array("i", place)
        said = bq76952_window.compare(data, image, addresses, sizes, place)
        told = bq76952_window_fast.compare(memoryview(data), image_fast, addresses, sizes, place_fast)
        found += said != told or image != image_fast or place != place_fast
        alike += told < 0
        plain, fast = numbers(16, 0, 9), numbers(16, 0, 9)
        crc8.words(data, plain, 2 << 8 | 15)
        crc8_fast.words(data, fast, 2 << 8 | 15)
        found += plain[:15] != fast[:15]
    return found, alike


def run(loop):
    hal = loop.p.hal
    while not loop.closed_once:
        hal.sleep_ms(loop.step(hal.ticks_ms()))
    found, sound = differences()
    print(f"twins differ {found} times, sound {sound}")
    found, quiet = calm_differences()
    print(f"rows differ {found} times, calm {quiet}, machine code {calm.first is not calm.plain}")
    found, odd = cell_differences()
    print(f"cells differ {found} times, odd {odd}, machine code {plausible.compare is not cells.compare}")
    found, alike = window_differences()
    used = bq76952_watch.compare is not bq76952_window.compare
    print(f"windows differ {found} times, alike {alike}, machine code {used}")
    loop.run()
