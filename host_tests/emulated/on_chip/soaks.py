"""On the emulated chip, runs what main.py has built, and tells now and then how much heap is in use."""

import gc

TOLD_S = 10


def run(loop):
    hal = loop.p.hal
    collect = hal.collect

    def telling():
        collect()
        if loop.uptime_s % TOLD_S == 0:
            print("in use:", gc.mem_alloc())

    hal.collect = telling
    loop.run()
