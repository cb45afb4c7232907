"""Where a part may draw beside the controller, and what a part is: x runs away from the controller.

A part has a terminal for each of its pins.
"""

from collections.abc import Callable
from dataclasses import dataclass

from packwarden.wiring.sheet import FAINT, Sheet

WIDTH = 300  # of the strip that parts are drawn in
_ROW = 58


@dataclass(frozen=True)
class Place:
    """A strip beside the controller: inner edge, which way is outwards, heights and colors of terminals."""

    sheet: Sheet
    inner: float
    out: int  # 1 to the right, -1 to the left
    rows: list[float]
    colors: list[str]

    def at(self, far: float) -> float:
        """That far from the inner edge."""
        return self.inner + self.out * far

    def lead(self, far: float, which: int = 0) -> None:
        """The end of a terminal's wire, in its color, up to that far from the inner edge."""
        row = self.rows[which]
        self.sheet.line((self.at(0), row), (self.at(far), row), color=self.colors[which], width=2.5)

    @property
    def anchor(self) -> str:
        """How text has to be set to run outwards."""
        return "start" if self.out > 0 else "end"


@dataclass(frozen=True)
class Part:
    """Something to wire: the roles of its pins (or names of supply pins), its height, and how it is drawn."""

    roles: tuple[str, ...]
    draw: Callable[[Place], None]
    above: float = 26  # room over the first terminal
    below: float = 32

    @property
    def height(self) -> float:
        return self.above + _ROW * (len(self.roles) - 1) + self.below

    def rows(self, top: float) -> list[float]:
        return [top + self.above + _ROW * place for place in range(len(self.roles))]


def label(place: Place, far: float, text: str, *hints: str) -> None:
    """The name of a part, and what else to know of it."""
    row = place.rows[0]
    place.sheet.words(place.at(far), row - 6, text, place.anchor, bold=True)
    for line, hint in enumerate(hints):
        place.sheet.words(place.at(far), row + 10 + 14 * line, hint, place.anchor, 11, FAINT)


def aux(full_mv: int, adc_full_mv: int, text: str = "aux. supply") -> Callable[[Place], None]:
    """A voltage behind a divider."""
    upper = f"{(full_mv / 3300 - 1) * 10:.3g}k"

    def draw(place: Place) -> None:
        sheet, row = place.sheet, place.rows[0]
        knee, side, end = place.at(30), place.at(84), place.at(160)
        place.lead(30)
        sheet.line((knee, row), (end, row))
        sheet.resistor(place.at(124), row, upper)
        for x in (knee, side):
            sheet.dot(x, row)
            sheet.line((x, row), (x, row + 46))
            sheet.ground(x, row + 42)
        sheet.resistor(knee, row + 25, "10k", upright=True)
        sheet.box(side - 9, row + 22, 18, 6, stroke="none", corner=0)
        sheet.capacitor(side, row + 25)
        sheet.words(side + 13, row + 25, "100n", size=11)
        label(place, 168, text, f"up to {adc_full_mv * full_mv / 3.3e6:.1f} V")

    return draw
