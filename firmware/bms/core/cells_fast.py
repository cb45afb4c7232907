"""`cells` as machine code: sixteen cells take an RP2040 1 ms as bytecode.

Where there is no such code (a computer, another build of MicroPython), importing this fails, and the plain
ones stand in. `host_tests/emulated/test_machine_code.py` holds one against the other. Which number stands
where in `found`, `look` and `held` is said in `cells`.
"""
# mypy: ignore-errors
# pyright: basic, reportUndefinedVariable=false, reportMissingModuleSource=false
# ruff: noqa: F821, C901, PLR0912, PLR0915, SIM102, SIM114 - viper's own types; a call would cost more than it does

import micropython


@micropython.viper
def extremes(cells: ptr32, found: ptr32):
    count = found[0]
    low = high = cells[0]
    low_at = high_at = total = i = 0
    while i < count:
        cell = cells[i]
        total += cell
        if cell > high:
            high = cell
            high_at = i
        elif cell < low:
            low = cell
            low_at = i
        i += 1
    found[1] = total
    found[2] = high
    found[3] = high_at
    found[4] = low
    found[5] = low_at


@micropython.viper
def compare(cells: ptr32, older: ptr32, held: ptr32, look: ptr32):
    count = look[0]
    middle = look[1]
    jump = tap = frozen = before = i = 0
    while i < count:
        cell = cells[i]
        away = cell - middle
        step = away - older[i]
        gap = step + look[4]
        if gap < 0:
            gap = 0 - gap
        if gap <= look[5]:
            if look[8] != i:
                look[8] = i
                look[9] = 1
        if step < 0:
            step = 0 - step
        if step > jump:
            jump = step
            look[11] = i
        # Of two that are pulled apart: how far up, and how far down.
        up = down = 0
        if away > 0:
            if before < 0:
                up = away
                down = 0 - before
        elif away < 0:
            if before > 0:
                up = before
                down = 0 - away
        if up:
            pulled = up
            apart = down - up
            if down < up:
                pulled = down
                apart = up - down
            if pulled > tap:
                if apart * 2 <= pulled:
                    tap = pulled
                    look[13] = i
                elif up >= look[6]:
                    tap = pulled
                    look[13] = i
        before = away
        at = count + i
        if cell != held[i]:
            held[i] = cell
            held[at] = middle
            held[at + count] = look[2]
            held[at + 2 * count] = 0
        elif held[at + 2 * count] < look[7]:
            held[at + 2 * count] += look[3]
        else:
            gap = middle - held[at]
            drift = look[2] - held[at + count]
            if gap < 0:  # then the drift counts if it is below zero, too
                gap = 0 - gap
                drift = 0 - drift
                if drift <= 0:
                    drift = -1
            elif drift < 0:
                drift = -1
            if gap > frozen:
                if drift * 2 >= gap:
                    frozen = gap
                    look[15] = i
        i += 1
    look[10] = jump
    look[12] = tap
    look[14] = frozen
