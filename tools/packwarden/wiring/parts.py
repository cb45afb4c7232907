"""What hangs on the pins, each drawn on one side of the controller: a symbol, its values and where it goes.

A part has a terminal for each of its pins. `Place` is where it may draw: x runs away from the controller.
"""

from collections.abc import Callable
from dataclasses import dataclass

from packwarden.wiring.roles import COILS, Board
from packwarden.wiring.sheet import FAINT, Sheet

WIDTH = 300  # of the strip that parts are drawn in
_ROW = 58
# What else a front end is wired to; its README and the overview show how.
_BEYOND = {"bq76952": ("VC0 to VC16: cells", "TS1 to TS3: thermistors", "SRP, SRN: shunt")}


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


def _switch(text: str, hint: str, push: bool = False) -> Callable[[Place], None]:
    def draw(place: Place) -> None:
        sheet, row = place.sheet, place.rows[0]
        middle, end = place.at(45), place.at(86)
        place.lead(30)
        sheet.line((place.at(60), row), (end, row))
        if push:
            sheet.button(middle, row)
        else:
            sheet.contact(middle, row, place.out)
        sheet.ground(end, row)
        _label(place, 104, text, hint)

    return draw


def _label(place: Place, far: float, text: str, *hints: str) -> None:
    row = place.rows[0]
    place.sheet.words(place.at(far), row - 6, text, place.anchor, bold=True)
    for line, hint in enumerate(hints):
        place.sheet.words(place.at(far), row + 10 + 14 * line, hint, place.anchor, 11, FAINT)


def _led(place: Place) -> None:
    sheet, row = place.sheet, place.rows[0]
    place.lead(30)
    sheet.line((place.at(30), row), (place.at(108), row))
    sheet.resistor(place.at(30), row, "330R")
    sheet.diode(place.at(80), row, place.out, light=True)
    sheet.ground(place.at(108), row)
    _label(place, 126, "LED", "where it is seen")


def _coil(role: str, pull_down: str) -> Callable[[Place], None]:
    which = {"COIL_CHG": "K1 charge", "COIL_DSG": "K2 discharge", "COIL_PRECHARGE": "K3 precharge"}[role]

    def draw(place: Place) -> None:
        sheet, row = place.sheet, place.rows[0]
        knee = place.at(70)
        place.lead(32)
        sheet.line((place.at(32), row), (place.at(104), row))
        sheet.resistor(place.at(32), row, "100R")
        sheet.dot(knee, row)
        sheet.line((knee, row), (knee, row + 46))
        sheet.resistor(knee, row + 25, pull_down, upright=True)
        sheet.ground(knee, row + 42)
        _label(place, 112, f"{which}: gate of Q1", "its Q2 hangs on the front end")

    return draw


def _aux(full_mv: int, adc_full_mv: int) -> Callable[[Place], None]:
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
        _label(place, 168, "aux. supply", f"up to {adc_full_mv * full_mv / 3.3e6:.1f} V")

    return draw


def _supply(advice: str, diode: bool) -> Callable[[Place], None]:
    def draw(place: Place) -> None:
        sheet, row = place.sheet, place.rows[0]
        end = place.at(86)
        place.lead(86)
        if diode:
            sheet.diode(place.at(42), row, -place.out)
        sheet.dot(end, row, 4.5)
        _label(place, 100, "5 V in", advice)

    return draw


def _front_end(board: Board, roles: tuple[str, ...]) -> Callable[[Place], None]:
    lines = {"I2C_SDA": "SDA", "I2C_SCL": "SCL", "ALERT": "ALERT", "GND": "VSS"}
    gates = "CHG, DSG: coils (Q2)" if board.contactors else "CHG, DSG: FETs"
    beyond = (*_BEYOND.get(board.constants["AFE"], ("cells, thermistors, shunt",)), gates)

    def draw(place: Place) -> None:
        sheet, rows = place.sheet, place.rows
        near, wide = place.at(62), WIDTH - 62
        top, bottom = rows[0] - 30, rows[-1] + 30
        grounded = "GND" not in roles
        bottom += 40 if grounded else 0
        sheet.box(min(near, near + place.out * wide), top, wide, bottom - top, "#eef2f7", corner=8)
        if grounded:
            row = rows[-1] + 42
            sheet.line((near, row), (place.at(30), row))
            sheet.ground(place.at(30), row)
            sheet.dot(near, row, 4.5)
            sheet.words(near + place.out * 12, row, "VSS", place.anchor, bold=True)
        for which, (role, row) in enumerate(zip(roles, rows, strict=True)):
            place.lead(62, which)
            sheet.dot(near, row, 4.5)
            sheet.words(near + place.out * 12, row, lines[role], place.anchor, bold=True)
            if role in ("I2C_SDA", "I2C_SCL"):
                x = place.at(26)
                sheet.dot(x, row)
                sheet.line((x, row), (x, row - 34))
                sheet.resistor(x, row - 21, "4k7", upright=True)
                sheet.flag(x, row - 34, "3V3")
        edge = near + place.out * (wide - 12)
        end = "end" if place.out > 0 else "start"
        middle = (top + bottom) / 2
        sheet.words(edge, middle - 44, str(board.constants["AFE"]).upper(), end, 16, bold=True)
        for line, text in enumerate(beyond):
            sheet.words(edge, middle - 20 + 18 * line, text, end, 11, FAINT)

    return draw


def of_board(board: Board, heights: dict[str, tuple[bool, float]]) -> list[Part]:
    """All parts of a board. `heights` says whether each role's pin is on the left, and how far down."""
    pins, module = board.pins, board.module
    wires = _beside_sda(heights)
    found = [Part(tuple(wires), _front_end(board, tuple(wires)), 64, 40 if "GND" in wires else 80)]
    for role in ("I2C_SCL", "ALERT"):
        if role not in wires:
            name = role.removeprefix("I2C_")
            found.append(Part((role,), _tag(f"{name} of the front end")))
    found.append(Part(("BUTTON",), _switch("button", "10 s: reset", push=True)))
    found.append(Part(("LED",), _led, above=34))
    if "ENABLE" in pins:
        found.append(Part(("ENABLE",), _switch("enable", "ignition switch, or a wire")))
    if "IMPACT" in pins:
        found.append(Part(("IMPACT",), _switch("impact sensor", "closes on impact")))
    found += [Part((role,), _coil(role, module.chip.pull_down), below=66) for role in COILS if role in pins]
    for role, which in (("SENSE_CHG", "K1"), ("SENSE_DSG", "K2")):
        if role in pins:
            found.append(Part((role,), _switch(f"contact of {which}", "auxiliary, follows by force")))
    if "AUX_SENSE" in pins:
        found.append(
            Part(("AUX_SENSE",), _aux(board.constants["AUX_FULL_MV"], module.chip.adc_full_mv), 34, 66)
        )
    found.append(Part((module.supply,), _supply(module.advice, "diode" in module.advice), below=38))
    return found


def _beside_sda(heights: dict[str, tuple[bool, float]]) -> list[str]:
    """The pins of the front end that lie together with SDA, nobody else's between them, from the top.

    To others no wire could be drawn that crosses none.
    """
    home = heights["I2C_SDA"][0]
    column = sorted((role for role in heights if heights[role][0] == home), key=lambda role: heights[role][1])
    run: list[str] = []
    for role in (*column, ""):
        if role in ("I2C_SDA", "I2C_SCL", "ALERT", "GND"):
            run.append(role)
        elif "I2C_SDA" in run:
            break
        else:
            run.clear()
    return run


def _tag(text: str) -> Callable[[Place], None]:
    def draw(place: Place) -> None:
        place.lead(20)
        place.sheet.words(place.at(28), place.rows[0], text, place.anchor, bold=True)

    return draw
