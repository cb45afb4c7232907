"""What runs after power-up: this board in, the running firmware out.

However the loop ends, the path is opened on the way out. Ctrl-C can end it until the watchdog starts (see
`Common.feed`); from then on a byte 3 on the port is nothing but a byte.
"""

import board
from bms.app.compose import build
from bms.hal import make
from micropython import alloc_emergency_exception_buf, kbd_intr

alloc_emergency_exception_buf(100)
hal = make(board)
loop = build(hal)
try:
    loop.run()
finally:
    kbd_intr(-1)  # a second Ctrl-C must not interrupt what follows
    loop.p.keeper.open_path()
    print(hal.last_words())
