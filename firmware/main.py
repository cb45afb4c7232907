"""What runs after power-up: this board in, the running firmware out.

However the loop ends, the path is opened on the way out. Ctrl-C can end it until the watchdog starts (see
`Common.feed`); from then on a byte 3 on the port is nothing but a byte.

What lives for ever is loaded above a hole in the heap, which is given back before the loop starts.
MicroPython takes the frame of a larger function from the heap, searching from its lower end, and would else
search past everything at every call; the hole makes a protection cycle a quarter shorter on an RP2040.
Collecting while loading keeps that memory in one piece.
"""

import gc

_HOLE = 32768
hole = bytearray(_HOLE)
gc.threshold(_HOLE)

import board
from bms.app.compose import build, open_first
from bms.app.overlay import BUILD, forget
from bms.hal import make
from micropython import alloc_emergency_exception_buf, kbd_intr

alloc_emergency_exception_buf(100)
hal = make(board)
if hal.prompt_asked:  # by `repl`: no watchdog runs yet, and none is started
    open_first(hal)
    print(hal.prompt_words())
else:
    loop = build(hal)
    del hole, build, open_first
    forget(BUILD)
    gc.threshold(-1)
    gc.collect()
    try:
        loop.run()
    finally:
        kbd_intr(-1)  # a second Ctrl-C must not interrupt what follows
        loop.p.switch.open_path()
        print(hal.last_words())
