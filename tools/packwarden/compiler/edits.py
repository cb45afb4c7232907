"""Changes a source text in places that its syntax tree names, and leaves the rest as it was."""

from collections.abc import Iterable


def edited(source: str, edits: Iterable[tuple[int, int, str]]) -> str:
    """The text with each stretch (from, to) replaced."""
    for start, end, instead in sorted(edits, reverse=True):
        source = source[:start] + instead + source[end:]
    return source


def starts(source: str) -> list[int]:
    """Where each line begins. The firmware is ASCII, so bytes are characters."""
    found = [0]
    for line in source.splitlines(keepends=True):
        found.append(found[-1] + len(line))
    return found
