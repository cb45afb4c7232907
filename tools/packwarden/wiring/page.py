"""The table of pins in a board's README, made from the board file: page and firmware cannot differ."""

import re

from packwarden.wiring.modules import GROUND, LOGIC
from packwarden.wiring.roles import Board

BEGIN = "<!-- made from board.py by `make wiring` -->"
END = "<!-- end -->"
_BETWEEN = re.compile(f"{re.escape(BEGIN)}.*?{re.escape(END)}", re.DOTALL)

_GOES = {
    "I2C_SDA": "SDA of the front end, 2.2 to 10 kohm to 3.3 V",
    "I2C_SCL": "SCL of the front end, likewise",
    "ALERT": "ALERT of the front end",
    "ALIVE": "external watchdog (a retriggerable monostable), an edge with every cycle",
    "BUTTON": "push-button, other side to ground",
    "LED": "330 ohm, LED, ground",
    "LED_RED": "330 ohm, red half of the LED, ground; LED is then its green half",
    "BUZZER": "1 kohm to the base of an NPN transistor that switches an active buzzer from 5 V to ground",
    "IMPACT": "impact sensor that closes to ground",
    "ENABLE": "enable (ignition) switch, other side to ground; a wire to ground if there is none",
    "COIL_CHG": "100 ohm to the gate of Q1 of the charge contactor, {down} from that gate to ground",
    "COIL_DSG": "likewise for the discharge contactor",
    "COIL_PRECHARGE": "likewise for the precharge relay",
    "SENSE_CHG": "auxiliary contact of the charge contactor, other side to ground",
    "SENSE_DSG": "auxiliary contact of the discharge contactor, other side to ground",
    "GATE_CHG": "330 ohm to the gate driver of the charge FET, {down} from the pin to ground",
    "GATE_DSG": "likewise for the discharge FET",
    "STACK_SENSE": "B+ through {stack} kohm; from the pin 10 kohm and 100 nF to ground",
    "THERMISTOR_1": "10 kohm to 3.3 V, thermistor and 100 nF to ground",
    "THERMISTOR_2": "likewise",
    "AUX_SENSE": "auxiliary supply through {upper} kohm; from the pin 10 kohm and 100 nF to ground",
}


def table(board: Board) -> str:
    """The table, its drawing above it."""
    header = board.module.header
    upper = f"{(board.constants['AUX_FULL_MV'] / 3300 - 1) * 10:.3g}"
    stack = f"{(board.constants.get('STACK_FULL_MV', 0) / 3300 - 1) * 10:.3g}"
    down = board.module.chip.pull_down.replace("10k", "10 kohm").replace("4k7", "4.7 kohm")
    lines = [
        "![Wiring of this board](wiring.svg)",
        "",
        f"| role | {board.module.chip.name} | pin | goes to |",
    ]
    lines.append("| --- " * 4 + "|")
    for role, gpio in board.pins.items():
        lines.append(
            f"| {role} | GPIO {gpio} | {header[gpio].number} | "
            f"{_GOES[role].format(upper=upper, stack=stack, down=down)} |"
        )
    module = board.module
    lines += [
        f"| supply | {module.supply} | {_all(board, module.supply)} | 5 V, {module.advice} |",
        f"| 3.3 V | {LOGIC} | {_all(board, LOGIC)} | the pull-ups, nothing else |",
        f"| ground | {GROUND} | {_all(board, GROUND)} | B-, the cells' side of the shunt |",
    ]
    return "\n".join(lines)


def with_table(text: str, board: Board) -> str:
    """A README with its table made anew; one without the marks stays as it is."""
    made = f"{BEGIN}\n{table(board)}\n{END}"
    return _BETWEEN.sub(lambda _: made, text)


def _all(board: Board, name: str) -> str:
    return ", ".join(pin.number for pin in board.module.called(name))
