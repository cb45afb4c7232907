"""Bars and curves out of characters, for any width: an eighth of a character is the finest step."""

from collections.abc import Sequence

_EIGHTHS = " ▏▎▍▌▋▊▉"
_LEVELS = "▁▂▃▄▅▆▇█"


def bar(share: float, width: int) -> str:
    """A bar from the left, for a share of 0 to 1."""
    eighths = round(max(0.0, min(1.0, share)) * max(0, width) * 8)
    full, part = divmod(eighths, 8)
    return ("█" * full + (_EIGHTHS[part] if part else "")).ljust(width)


def uncertain(share: float, sigma: float, width: int) -> tuple[str, str, str]:
    """A bar in three parts: what is surely there, what may be, what is not."""
    low, high = (round(max(0.0, min(1.0, each)) * width) for each in (share - sigma, share + sigma))
    return "█" * low, "▒" * (high - low), "·" * (width - high)


def centred(share: float, width: int) -> tuple[str, str]:
    """A bar that grows from the middle, -1 to 1: its left and its right half."""
    half = max(1, (width - 1) // 2)
    left = "█" * round(max(0.0, min(1.0, -share)) * half)
    right = "█" * round(max(0.0, min(1.0, share)) * half)
    return left.rjust(half), right.ljust(half)


def spark(values: Sequence[float | None], width: int) -> str:
    """The latest of a series as a curve, the newest at the right; a gap where nothing was known."""
    shown = list(values)[-width:]
    known = [value for value in shown if value is not None]
    if not known:
        return " " * width
    low, high = min(known), max(known)
    scale = (len(_LEVELS) - 1) / (high - low) if high > low else 0.0
    base = 0 if scale else len(_LEVELS) // 2
    curve = "".join(" " if each is None else _LEVELS[base + round((each - low) * scale)] for each in shown)
    return curve.rjust(width)
