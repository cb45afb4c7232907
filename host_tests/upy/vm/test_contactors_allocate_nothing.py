"""Contactors live in the fast half of a cycle: whatever they go through, nothing is allocated."""

from bms.app.switch import Switch
from bms.core import ticks
from bms.core.snapshot import BOTH, CHG
from upy.alloc import no_alloc


class Afe:
    stack_mv = 48000
    ld_mv = 0
    current_ma = -5000


class Board:
    """A board, and the keeper of its AFE."""

    contactors = True

    def __init__(self):
        self.now = (1 << 30) - 1000
        self.made = 0
        self.full = self.held = 0
        self.afe = Afe()

    def ticks_ms(self):
        return self.now

    def coil(self, which, permille):
        if permille == 1000:
            self.full += 1
        elif permille:
            self.held += 1
        self.made = self.made | which if permille else self.made & ~which

    def contacts(self):
        return self.made & BOTH

    def command(self, _fets):
        return True


def run(board, switch, for_ms):
    for _ in range(for_ms // 10):
        board.now = ticks.add(board.now, 10)
        no_alloc(switch.poll, board.now)
        no_alloc(switch.reads, BOTH)


def test_contactors_allocate_nothing():
    board = Board()
    switch = Switch(board, board)
    switch.configure(
        {
            "precharge_fitted": 1,
            "precharge_delta_mv": 500,
            "coil_pull_ms": 100,
            "coil_hold_permille": 300,
            "coil_rest_ms": 500,
        }
    )
    run(board, switch, 600)
    no_alloc(switch.command, BOTH)
    run(board, switch, 500)
    board.afe.ld_mv = 47900
    run(board, switch, 500)
    assert (board.full, board.held) == (3, 3)
    assert switch.reads(BOTH) == BOTH
    board.made = CHG  # one has lost its supply
    run(board, switch, 500)
    assert switch.failed
    no_alloc(switch.command, 0)
    board.made = BOTH  # and now both are welded
    run(board, switch, 500)
    assert switch.welded == BOTH
