# pyright: basic, reportMissingImports=false, reportAttributeAccessIssue=false, reportArgumentType=false
# ruff: noqa: SLF001, PTH123
"""On the emulated chip, runs what main.py has built, with a pin raised while a part of it works.

The emulator records every edge, so a part's time is the length of its pulses, less what raising the pin
costs. One part is marked at a time, because marks within marks would lengthen what is around them.
`measure.json` says what: {"settle_s": seconds, "cycles": for each part, "parts": [[pin, path from the loop],
...]}. The rest of the result is a line of JSON.
"""

import gc
import json
import time

from machine import Pin

PRECISE = 64  # bytes
BARE = 8  # its pulses are as long as raising and lowering a pin takes
GUARDED = (
    23  # goes up at the end of the first cycle on fresh data of a front end that is set up: its fast half
)


def follow(loop, hal, until):
    """What `Loop.run` does, up to a point."""
    while not until():
        hal.sleep_ms(loop.step(hal.ticks_ms()))


def wake(start):
    """Called by main.py with what protects: runs the start, and tells of its first complete cycle."""
    loop = start.loop
    guard = loop.guard
    guarded = Pin(GUARDED, Pin.OUT, value=0)

    def watched(now, elapsed):
        guard(now, elapsed)
        if loop.p.keeper.ready and loop.p.snap.fresh:
            guarded.on()
            loop.guard = guard

    loop.guard = watched
    start.run()


def marked(call, pin):
    """The same call with its pin up meanwhile, whatever its arguments."""
    on = pin.on
    off = pin.off

    def wrapper(a=pin, b=pin, c=pin, d=pin):  # a pin stands for an argument that was not given
        on()
        if a is pin:
            result = call()
        elif b is pin:
            result = call(a)
        elif c is pin:
            result = call(a, b)
        elif d is pin:
            result = call(a, b, c)
        else:
            result = call(a, b, c, d)
        off()
        return result

    return wrapper


def measure(loop, hal, pin, path, cycles):
    *way, name = path.split(".")
    owner = loop
    for step in way:
        owner = getattr(owner, step, None)
    call = getattr(owner, name, None)
    if call is None:
        return  # this firmware has no such part
    setattr(owner, name, marked(call, Pin(pin, Pin.OUT, value=0)))
    end = loop.cycles + cycles
    follow(loop, hal, lambda: loop.cycles >= end)
    setattr(owner, name, call)


def allocated(loop, hal):
    """Most bytes that one run of the fast half took from the heap."""
    protect = loop._protect
    most = [0, 0]  # the second: what asking takes

    def watched(now, elapsed):
        asked = gc.mem_alloc()
        before = gc.mem_alloc()
        protect(now, elapsed)
        after = gc.mem_alloc()
        most[0] = max(most[0], after - before)
        most[1] = max(most[1], before - asked)

    loop._protect = watched
    end = loop.cycles + 5
    follow(loop, hal, lambda: loop.cycles >= end)
    loop._protect = protect
    return most[0] - most[1]


def largest():
    """Bytes of the largest piece of heap that can be had at once."""
    fits, too_much = 0, gc.mem_free()
    while too_much - fits > PRECISE:
        size = (fits + too_much) // 2
        try:
            bytearray(size)
            fits = size
        except MemoryError:
            too_much = size
    return fits


def restarted(loop, hal, task):
    """The heap some time after a restart, which is what a pack lives with."""
    follow(loop, hal, lambda: loop.closed_once and loop.uptime_s >= task["settle_s"] + 3)
    gc.collect()
    print(json.dumps({"free_restarted": gc.mem_free(), "largest": largest()}))
    loop.run()


def run(loop):
    """Called by main.py with everything built."""
    hal = loop.p.hal
    loop._due = loop._last = hal.ticks_ms()  # as Loop.run begins
    with open("measure.json") as file:
        task = json.load(file)
    if "again" in task:
        restarted(loop, hal, task)
    follow(loop, hal, lambda: loop.closed_once)
    settled = time.ticks_add(time.ticks_ms(), task["settle_s"] * 1000)
    follow(loop, hal, lambda: time.ticks_diff(time.ticks_ms(), settled) >= 0)
    bare = Pin(BARE, Pin.OUT, value=0)
    for _ in range(5):
        bare.on()
        bare.off()
    for pin, path in task["parts"]:
        measure(loop, hal, pin, path, task["cycles"])
    taken = allocated(loop, hal)
    gc.collect()
    found = {"allocated": taken, "free": gc.mem_free(), "used": gc.mem_alloc()}
    for _ in loop.p.desk.load():
        pass
    gc.collect()
    found["free_asked"] = gc.mem_free()
    print(json.dumps(found))
    task["again"] = True
    with open("measure.json", "w") as file:
        json.dump(task, file)
    loop.restart_asked = True
    loop.run()
