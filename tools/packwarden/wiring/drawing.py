"""The wiring of a board as a drawing: its module with every pin of the header, and what hangs around it.

Parts lie beside the side of the header that their pins are on, in the order of these pins, so that no two
wires cross: of neighbours that lead down, the upper one turns further out; of those that lead up, further in.
"""

from dataclasses import dataclass

from packwarden.wiring import parts
from packwarden.wiring.modules import GROUND, LOGIC, Pin
from packwarden.wiring.place import WIDTH, Part, Place
from packwarden.wiring.roles import Board
from packwarden.wiring.sheet import FAINT, INK, Sheet

_PITCH = 26  # from pin to pin
_BODY = 280  # width of the module
LANES = 100  # between module and parts
_MARGIN = 24
_HEAD = 112  # above the first pin: title, socket
_LANE = 11  # from one to the next, where there is room
_FIRST_LANE, _LAST_LANE = 34, 92
_TOP = 50  # nothing is higher but the title
_CAP = 46  # of the module, above its first pin
_COLORS = {
    "I2C_SDA": "#1d5fbf", "I2C_SCL": "#1287a8", "ALERT": "#d9730d", "BUTTON": "#2f8f46", "LED": "#b8860b",
    "LED_RED": "#c0392b", "BUZZER": "#6b7a1f", "ALIVE": "#a0522d",
    "GATE_CHG": "#7a3fc2", "GATE_DSG": "#9a5fd6",
    "STACK_SENSE": "#b0326e", "THERMISTOR_1": "#0f766e", "THERMISTOR_2": "#3a9d92",
    "IMPACT": "#8a4b2a", "ENABLE": "#5b8c1f", "AUX_SENSE": "#b0326e", "COIL_CHG": "#7a3fc2",
    "COIL_DSG": "#9a5fd6", "COIL_PRECHARGE": "#b98be6", "SENSE_CHG": "#0f766e", "SENSE_DSG": "#3a9d92",
}  # fmt: skip
_SUPPLY = "#c62828"
_POWER = {GROUND: "#c3cad2", LOGIC: "#f5c6c6"}  # of pins that no wire is drawn to


@dataclass(frozen=True)
class _Wire:
    pin_y: float
    part_y: float
    color: str


class Drawing:
    """One board. Places parts first, then draws; `svg` is the result."""

    def __init__(self, board: Board) -> None:
        self._board = board
        self._module = board.module
        self._sheet = Sheet()
        self._pins = self._of_roles()
        self._parts = self._on_sides()
        strips = [WIDTH + LANES if each else 0 for each in self._parts]
        self._left = _MARGIN + strips[0]
        self._right = self._left + _BODY
        self._width = self._right + strips[1] + _MARGIN
        rows = max(len(self._module.left), len(self._module.right))
        self._bottom = _HEAD + (rows - 1) * _PITCH + _CAP

    def svg(self) -> str:
        """The file's content."""
        self._body()
        depth = max(self._side(0, -1), self._side(1, 1), self._bottom)
        title = f"{self._module.title} with {str(self._board.constants['AFE']).upper()}"
        title += " and contactors" if self._board.contactors else ""
        self._sheet.words(_MARGIN, 28, title, size=18, bold=True)
        note = "Pins by number and by the name printed there. Every ground is B-; any grey pin will do."
        self._sheet.words(_MARGIN, depth + 26, note, size=12, color=FAINT)
        return self._sheet.svg(self._width, depth + 46, title)

    def _of_roles(self) -> dict[str, Pin]:
        """The header pin of each role, and of the supply, by their names."""
        header = self._module.header
        found = {role: header[pin] for role, pin in self._board.pins.items()}
        found[self._module.supply] = self._module.called(self._module.supply)[0]
        ground = self._ground(found)
        return found if ground is None else {**found, GROUND: ground}

    def _ground(self, found: dict[str, Pin]) -> Pin | None:
        """The ground pin beside those of the front end; None if there is none without others in between."""
        column = self._column(found["I2C_SDA"])
        used = {column.index(pin): role for role, pin in found.items() if pin in column}
        bus = [place for place, role in used.items() if role in ("I2C_SDA", "I2C_SCL", "ALERT")]
        fit: dict[int, Pin] = {}
        for place, pin in enumerate(column):
            span = range(min(place, *bus), max(place, *bus) + 1)
            if pin.name == GROUND and all(each in bus for each in used if each in span):
                fit[len(span)] = pin
        return fit[min(fit)] if fit else None

    def _column(self, pin: Pin) -> tuple[Pin, ...]:
        return self._module.left if pin in self._module.left else self._module.right

    def _height(self, pin: Pin) -> float:
        return _HEAD + self._column(pin).index(pin) * _PITCH

    def _body(self) -> None:
        """The module, its socket, and each pin with number and name."""
        sheet, module = self._sheet, self._module
        sheet.box(self._left, _HEAD - _CAP, _BODY, self._bottom - _HEAD + _CAP, "#dff0e3", corner=10)
        middle = (self._left + self._right) / 2
        socket = self._bottom - 14 if module.usb_below else _HEAD - _CAP - 12
        sheet.box(middle - 26, socket, 52, 26, "#c9d1d9", corner=4)
        sheet.words(middle, socket + 13, "USB", "middle", 12, bold=True)
        name = _HEAD - _CAP / 2 - 8 if module.usb_below else self._bottom - 18
        sheet.words(middle, name, module.title, "middle", 14, bold=True)
        roles = {pin: role for role, pin in self._pins.items()}
        for column, edge, out in ((module.left, self._left, -1), (module.right, self._right, 1)):
            for pin in column:
                self._pin(pin, edge, out, roles.get(pin))

    def _pin(self, pin: Pin, edge: float, out: int, role: str | None) -> None:
        sheet, row = self._sheet, self._height(pin)
        anchor = "end" if out > 0 else "start"
        color = self._color(role) if role else _POWER.get(pin.name, "#ffffff")
        used = role is not None
        sheet.box(edge - 9, row - 9, 18, 18, color, INK if used else FAINT, 3)
        number = pin.number.rpartition("-")[2]
        sheet.words(edge, row, number, "middle", 10, "#ffffff" if used else FAINT, used)
        sheet.words(edge - out * 16, row, pin.name, anchor, 12, INK if used else FAINT, used)
        if role in self._board.pins:
            name = str(role).removeprefix("I2C_").replace("PRECHARGE", "PRE")
            sheet.words(edge - out * 60, row, name, anchor, 11, color, bold=True)

    def _color(self, role: str) -> str:
        return _SUPPLY if role == self._module.supply else _COLORS.get(role, INK)

    def _on_sides(self) -> tuple[list[Part], list[Part]]:
        """What belongs on the left and on the right, each from top to bottom."""
        heights = {role: (pin in self._module.left, self._height(pin)) for role, pin in self._pins.items()}
        both = sorted(parts.of_board(self._board, heights), key=self._middle)
        left = [part for part in both if self._pins[part.roles[0]] in self._module.left]
        return left, [part for part in both if part not in left]

    def _side(self, side: int, out: int) -> float:
        """Draw all parts of one side with their wires; how far down they reach."""
        mine = self._parts[side]
        edge = self._left if out < 0 else self._right
        inner = edge + out * LANES
        wires: list[_Wire] = []
        tops = self._stack(mine)
        for part, top in zip(mine, tops, strict=True):
            rows = part.rows(top)
            colors = [self._color(role) for role in part.roles]
            part.draw(Place(self._sheet, inner, out, rows, colors))
            wires += [
                _Wire(self._height(self._pins[role]), row, color)
                for role, row, color in zip(part.roles, rows, colors, strict=True)
            ]
        for wire, far in zip(wires, _lanes(wires), strict=True):
            turn = edge + out * far
            start, end = (edge + out * 9, wire.pin_y), (inner, wire.part_y)
            self._sheet.line(start, (turn, wire.pin_y), (turn, wire.part_y), end, color=wire.color, width=2.5)
        return max((top + part.height for part, top in zip(mine, tops, strict=True)), default=0)

    def _middle(self, part: Part) -> float:
        heights = [self._height(self._pins[role]) for role in part.roles]
        return sum(heights) / len(heights)

    def _stack(self, mine: list[Part]) -> list[float]:
        """The top of each part: beside its pins as far as the others leave room, and below the title."""
        first = float(_TOP)
        tops: list[float] = []
        for part in mine:
            wish = self._middle(part) - sum(part.rows(0)) / len(part.roles)
            tops.append(max(wish, first))
            first = tops[-1] + part.height
        limit = max(self._bottom, _TOP + sum(part.height for part in mine))
        for place in range(len(mine) - 1, -1, -1):
            tops[place] = min(tops[place], limit - mine[place].height)
            limit = tops[place]
        return tops


def _lanes(wires: list[_Wire]) -> list[float]:
    """How far out each wire turns, for wires from top to bottom. Straight ones never turn."""
    lanes = [float(LANES)] * len(wires)
    run: list[int] = []

    def close(down: bool) -> None:
        step = min(_LANE, (_LAST_LANE - _FIRST_LANE) / max(1, len(run) - 1))
        for rank, index in enumerate(reversed(run) if down else run):
            lanes[index] = _FIRST_LANE + step * rank
        run.clear()

    direction = 0
    for index, wire in enumerate(wires):
        lead = (wire.part_y > wire.pin_y) - (wire.part_y < wire.pin_y)
        if lead != direction:
            close(direction > 0)
            direction = lead
        if lead:
            run.append(index)
    close(direction > 0)
    return lanes


def svg(board: Board) -> str:
    """The drawing of a board."""
    return Drawing(board).svg()
