# pyright: basic, reportMissingImports=false, reportAttributeAccessIssue=false, reportArgumentType=false
# ruff: noqa: PTH123
"""On the emulated chip, gives each turn of the rota its longest moments, and prints how long each turn took.

Nobody can wait for hours of a pack's life there: so the cycle stands still, and the pictures that estimators
see are made up, a second after the other, as fast as they are looked at. What is learned from them is
nonsense; what it takes is not. The story has calm, a step of the current, both knees, a full pack, a long
rest at the bottom, balancing, and the hours at which cells are compared.

This file is beside `on_chip`, not in it: what it calls by name would keep its name in every firmware.
"""

import gc
import json
import time

TURNS = 7
SECOND_MS = 1000
HALF_A_DAY_S, HOUR_S = 43200, 3600
FLOW_S = 400
USUAL = 60
STORIES = {  # of each chemistry: half full, nearly empty, nearly full, and held full, in mV
    "lfp": (3290, 3080, 3345, 3560),
    "nmc": (3700, 3300, 4050, 4190),
}


class Story:
    """Makes up pictures and keeps the longest time of each turn."""

    def __init__(self, loop):
        self.p = loop.p
        self.told = 0
        self.longest = [[0, ""] for _ in range(TURNS)]  # in us, and when
        self.usual = [[] for _ in range(TURNS)]

    def play(self, when, seconds, mv, ma):
        """So many seconds at a voltage and a current."""
        p = self.p
        snap = p.snap
        ticks_us, ticks_diff = time.ticks_us, time.ticks_diff
        for _ in range(seconds):
            self.told += 1
            for cell in range(len(snap.cells_mv)):
                odd = 12 if cell % 7 == 3 else 0
                snap.cells_mv[cell] = mv + (cell * 7 + self.told * 3) % 5 + ma // 4000 + odd
            snap.current_ma = ma
            snap.fresh = snap.valid = True
            snap.derive()
            p.soc.count(ma, SECOND_MS)
            if self.told % 2 == 0:
                gc.collect()
                p.hal.feed()
            for turn in range(TURNS):
                begun = ticks_us()
                p.rota.step(turn == 0)
                self._keep(turn, ticks_diff(ticks_us(), begun), when)

    def flow(self, mah):
        """So much charge in a few minutes, which nobody times."""
        p = self.p
        for second in range(FLOW_S):
            p.soc.count(mah * 3600 // FLOW_S, SECOND_MS)
            p.soc.second(p.snap)
            p.health.second(p.snap, 0)
            if second % 10 == 0:
                gc.collect()
                p.hal.feed()
        gc.collect()  # as the loop does once a second

    def rest(self, seconds):
        """The same picture for so long, and only the charge looks at it."""
        p = self.p
        for second in range(seconds):
            p.soc.second(p.snap)
            if second % 20 == 0:
                gc.collect()
                p.hal.feed()

    def _keep(self, turn, took_us, when):
        if took_us > self.longest[turn][0]:
            self.longest[turn] = [took_us, when]
        if len(self.usual[turn]) < USUAL:
            self.usual[turn].append(took_us)


def run(loop):
    """Called by main.py with everything built."""
    p = loop.p
    while not loop.closed_once or loop.uptime_s < 3:
        p.hal.sleep_ms(loop.step(p.hal.ticks_ms()))
    with open("turns.json") as file:
        task = json.load(file)
    half, low, high, full = STORIES[task["chemistry"]]
    amount_ma, tail_ma = task["capacity_mah"], task["tail_ma"]
    for _ in range(TURNS):  # what is left of the second that was under way
        p.rota.step(False)
    story = Story(loop)
    story.play("calm", USUAL, half, 0)
    for _ in range(8):  # in whichever second of its round a first look falls
        p.soc.set(600, 100)
        story.play("a first look", 6, half, -amount_ma // 5)
    story.play("a step of the current", 30, half, -amount_ma // 2)
    story.play("nearly full", 100, high, amount_ma // 50)
    story.play("full", 70, full, tail_ma)
    story.flow(-amount_ma * 9 // 10)
    story.play("nearly empty", 40, low + 100, -amount_ma // 2)
    story.play("at the bottom", 10, low, 0)
    story.rest(585)
    story.play("rested", 30, low, 0)
    for _ in range(8):  # most of half a day passes, up to the hour
        p.health.age_s += HALF_A_DAY_S - 2
        p.health.age_s -= p.health.age_s % HOUR_S + 2
        story.play("the hour at which cells are compared", 20, low, 0)
    story.flow(amount_ma * 9 // 10)
    story.play("nearly full again", 20, high, amount_ma // 50)
    story.play("full, and capacity learned", 70, full, tail_ma)
    usual = [sorted(each)[len(each) // 2] for each in story.usual]
    print(json.dumps({"turns": story.longest, "usual": usual}))
    loop.run()
