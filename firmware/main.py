"""What runs after power-up: this board in, the running firmware out.

However the loop ends, the path is opened on the way out. Ctrl-C can end it until the watchdog starts (see
`Common.feed`); from then on a byte 3 on the port is nothing but a byte.

What lives for ever is loaded above a hole in the heap, which is given back before the loop starts.
MicroPython takes the frame of a larger function from the heap, searching from its lower end, and would else
search past everything at every call; the hole makes a protection cycle a quarter shorter on an RP2040.
Collecting while loading keeps that memory in one piece.

While the firmware is loaded, nothing is looked for in the folders of `sys.path`: what is built into
MicroPython would be looked for there first, in vain, with every module that needs it.
"""

import gc
import sys

hole = bytearray(32768)

import bms.app  # noqa: F401  # pyright: ignore[reportUnusedImport] - its folder shows where the rest is
import board

folders = sys.path[:]
sys.path[:] = [".frozen"]

from bms.app.compose import begin, open_first
from bms.app.overlay import BUILD, forget
from bms.app.waking import Waking
from bms.hal import make
from micropython import alloc_emergency_exception_buf, kbd_intr

alloc_emergency_exception_buf(100)
hal = make(board)
if hal.prompt_asked:  # by `repl`: no watchdog runs yet, and none is started
    sys.path[:] = folders
    open_first(hal)
    print(hal.prompt_words())
else:
    loop = begin(hal)
    try:
        start = Waking(loop, hal.ticks_ms())
        start.run()
        sys.path[:] = folders
        del hole, start, begin, open_first, Waking
        forget(BUILD)
        gc.collect()
        loop.run()
    finally:
        kbd_intr(-1)  # a second Ctrl-C must not interrupt what follows
        loop.p.switch.open_path()
        print(hal.last_words())
