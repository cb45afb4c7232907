"""What hangs on the pins of a board whose front end protects nothing: gates, thermistors, a watchdog."""

from collections.abc import Callable

from packwarden.wiring.place import Part, Place, aux, label
from packwarden.wiring.roles import GATES, Board


def of_monitor(board: Board) -> list[Part]:
    """What a front end without protection leaves to the controller."""
    pins, chip = board.pins, board.module.chip
    found = (
        [Part(("ALIVE",), _arrow("external watchdog", "takes both gates away"))] if "ALIVE" in pins else []
    )
    for role, which in zip(GATES, ("charge FET", "discharge FET"), strict=True):
        if role in pins:
            found.append(Part((role,), _gate(which, chip.pull_down), below=66))
    if "STACK_SENSE" in pins:
        full_mv = board.constants["STACK_FULL_MV"]
        found.append(Part(("STACK_SENSE",), aux(full_mv, chip.adc_full_mv, "B+"), 34, 66))
    thermistors = [role for role in ("THERMISTOR_1", "THERMISTOR_2") if role in pins]
    return found + [Part((role,), _thermistor(role[-1]), 48) for role in thermistors]


def _arrow(text: str, hint: str) -> Callable[[Place], None]:
    def draw(place: Place) -> None:
        place.lead(62)
        place.sheet.dot(place.at(62), place.rows[0], 4.5)
        label(place, 74, text, hint)

    return draw


def _gate(which: str, pull_down: str) -> Callable[[Place], None]:
    def draw(place: Place) -> None:
        sheet, row = place.sheet, place.rows[0]
        place.lead(32)
        sheet.dot(place.at(32), row)
        sheet.line((place.at(32), row), (place.at(32), row + 46))
        sheet.resistor(place.at(32), row + 25, pull_down, upright=True)
        sheet.ground(place.at(32), row + 42)
        sheet.line((place.at(32), row), (place.at(104), row))
        sheet.resistor(place.at(70), row, "330R")
        label(place, 112, f"gate driver, {which}", "isolated, off without current")

    return draw


def _thermistor(number: str) -> Callable[[Place], None]:
    def draw(place: Place) -> None:
        sheet, row = place.sheet, place.rows[0]
        knee, end = place.at(30), place.at(96)
        place.lead(30)
        sheet.dot(knee, row)
        sheet.line((knee, row), (knee, row - 34))
        sheet.resistor(knee, row - 21, "10k", upright=True)
        sheet.flag(knee, row - 34, "3V3")
        sheet.line((knee, row), (end, row))
        sheet.resistor(place.at(62), row, "NTC")
        sheet.ground(end, row)
        label(place, 110, f"thermistor {number}", "10k, on a cell; 100n beside it")

    return draw
