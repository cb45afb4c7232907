"""What hangs on the pins, each drawn on one side of the controller: a symbol, its values and where it goes.

What a part is, and where it may draw, stands in `place`.
"""

from collections.abc import Callable

from packwarden.wiring.parts_monitor import of_monitor
from packwarden.wiring.place import WIDTH, Part, Place, aux, label
from packwarden.wiring.roles import COILS, MONITOR, Board
from packwarden.wiring.sheet import FAINT

# What else a front end is wired to; its README and the overview show how.
_BEYOND = {
    "bq76952": ("VC0 to VC16: cells", "TS1 to TS3: thermistors", "SRP, SRN: shunt"),
    MONITOR: ("AIN0 to AIN3: taps, divided", "INA226: shunt, P+"),
}


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
        label(place, 104, text, hint)

    return draw


def _led(text: str) -> Callable[[Place], None]:
    def draw(place: Place) -> None:
        sheet, row = place.sheet, place.rows[0]
        place.lead(30)
        sheet.line((place.at(30), row), (place.at(108), row))
        sheet.resistor(place.at(30), row, "330R")
        sheet.diode(place.at(80), row, place.out, light=True)
        sheet.ground(place.at(108), row)
        label(place, 126, text, "where it is seen")

    return draw


def _buzzer(place: Place) -> None:
    sheet, row = place.sheet, place.rows[0]
    place.lead(30)
    sheet.line((place.at(30), row), (place.at(84), row))
    sheet.resistor(place.at(30), row, "1k")
    sheet.ring(place.at(92), row, 9)
    label(place, 110, "buzzer", "active, behind an NPN transistor")


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
        label(place, 112, f"{which}: gate of Q1", "its Q2 hangs on the front end")

    return draw


def _supply(advice: str, diode: bool) -> Callable[[Place], None]:
    def draw(place: Place) -> None:
        sheet, row = place.sheet, place.rows[0]
        end = place.at(86)
        place.lead(86)
        if diode:
            sheet.diode(place.at(42), row, -place.out)
        sheet.dot(end, row, 4.5)
        label(place, 100, "5 V in", advice)

    return draw


def _front_end(board: Board, roles: tuple[str, ...]) -> Callable[[Place], None]:
    lines = {"I2C_SDA": "SDA", "I2C_SCL": "SCL", "ALERT": "ALERT", "GND": "VSS"}
    gates = "CHG, DSG: coils (Q2)" if board.contactors else "CHG, DSG: FETs"
    gates = "protects nothing" if board.constants["AFE"] == MONITOR else gates
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
    colours = ("green", "red") if "LED_RED" in pins else ("LED",)
    found += [
        Part((role,), _led(name), above=34) for role, name in zip(("LED", "LED_RED"), colours, strict=False)
    ]
    if "BUZZER" in pins:
        found.append(Part(("BUZZER",), _buzzer))
    found += of_monitor(board)
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
            Part(("AUX_SENSE",), aux(board.constants["AUX_FULL_MV"], module.chip.adc_full_mv), 34, 66)
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
