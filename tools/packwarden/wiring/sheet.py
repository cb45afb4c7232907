"""A sheet of paper for a wiring drawing: lines, boxes, words and the few symbols of a circuit, as SVG.

Coordinates are whole pixels from the upper left. The sheet is white whatever the page around it is, and needs
no font but the viewer's own.
"""

from html import escape

INK = "#1f2933"
FAINT = "#7b8794"
_FONT = "Helvetica, Arial, sans-serif"


def _number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


class Sheet:
    """Collects what is drawn; `svg` is the file."""

    def __init__(self) -> None:
        self._parts: list[str] = []

    def line(self, *points: tuple[float, float], color: str = INK, width: float = 2) -> None:
        """A line through these points."""
        path = " ".join(f"{_number(x)},{_number(y)}" for x, y in points)
        self._parts.append(
            f'<polyline points="{path}" fill="none" stroke="{color}" stroke-width="{_number(width)}" '
            'stroke-linejoin="round" stroke-linecap="round"/>'
        )

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        fill: str = "#ffffff",
        stroke: str = INK,
        corner: float = 6,
    ) -> None:
        self._parts.append(
            f'<rect x="{_number(x)}" y="{_number(y)}" width="{_number(width)}" height="{_number(height)}" '
            f'rx="{_number(corner)}" fill="{fill}" stroke="{stroke}" stroke-width="1.5"/>'
        )

    def dot(self, x: float, y: float, radius: float = 3.5, fill: str = INK) -> None:
        self._parts.append(
            f'<circle cx="{_number(x)}" cy="{_number(y)}" r="{_number(radius)}" fill="{fill}"/>'
        )

    def ring(self, x: float, y: float, radius: float) -> None:
        self._parts.append(
            f'<circle cx="{_number(x)}" cy="{_number(y)}" r="{_number(radius)}" fill="#ffffff" '
            f'stroke="{INK}" stroke-width="2"/>'
        )

    def area(self, *points: tuple[float, float], fill: str = INK) -> None:
        """A filled shape."""
        path = " ".join(f"{_number(x)},{_number(y)}" for x, y in points)
        self._parts.append(f'<polygon points="{path}" fill="{fill}"/>')

    def words(
        self,
        x: float,
        y: float,
        text: str,
        anchor: str = "start",
        size: float = 13,
        color: str = INK,
        bold: bool = False,
    ) -> None:
        """A line of text whose middle is at this height."""
        weight = ' font-weight="bold"' if bold else ""
        self._parts.append(
            f'<text x="{_number(x)}" y="{_number(y + size * 0.35)}" font-size="{_number(size)}" '
            f'text-anchor="{anchor}" fill="{color}"{weight}>{escape(text)}</text>'
        )

    def ground(self, x: float, y: float) -> None:
        """The symbol, hanging from this point."""
        self.line((x, y), (x, y + 8))
        for half, down in ((9, 8), (6, 12), (3, 16)):
            self.line((x - half, y + down), (x + half, y + down))

    def flag(self, x: float, y: float, text: str) -> None:
        """A supply: a bar on top of a wire that comes from below, and its name."""
        self.line((x, y), (x, y - 6))
        self.line((x - 9, y - 6), (x + 9, y - 6))
        self.words(x, y - 14, text, "middle", 11)

    def resistor(self, x: float, y: float, text: str, upright: bool = False) -> None:
        """Its middle is here; 30 long, with the wires to it drawn by whoever asks for it."""
        if upright:
            self.box(x - 5, y - 15, 10, 30, corner=1)
            self.words(x + 10, y, text, size=11)
        else:
            self.box(x - 15, y - 5, 30, 10, corner=1)
            self.words(x, y - 13, text, "middle", 11)

    def contact(self, x: float, y: float, toward: int) -> None:
        """An open switch in a wire that runs along; 30 long, and opens upwards."""
        self.line((x - 15 * toward, y), (x + 13 * toward, y - 12))
        self.dot(x - 15 * toward, y)
        self.dot(x + 15 * toward, y)

    def button(self, x: float, y: float) -> None:
        """A push-button in a wire that runs along, 30 long."""
        self.line((x - 15, y - 7), (x + 15, y - 7))
        self.line((x, y - 7), (x, y - 17))
        self.line((x - 6, y - 17), (x + 6, y - 17))
        self.dot(x - 15, y)
        self.dot(x + 15, y)

    def diode(self, x: float, y: float, toward: int, light: bool = False) -> None:
        """A diode in a wire that runs along, conducting to the right (toward 1) or left (-1)."""
        self.area((x - 9 * toward, y - 9), (x - 9 * toward, y + 9), (x + 9 * toward, y))
        self.line((x + 9 * toward, y - 9), (x + 9 * toward, y + 9), width=2.5)
        if light:
            for shift in (0, 8):
                start = (x - 4 + shift, y - 13)
                tip = (x + 4 + shift, y - 22)
                self.line(start, tip, width=1.5)
                self.area(tip, (tip[0] - 5, tip[1] + 1.5), (tip[0] - 1, tip[1] + 5))

    def capacitor(self, x: float, y: float) -> None:
        """Upright: two plates with their middle here."""
        self.line((x - 8, y - 3), (x + 8, y - 3), width=2.5)
        self.line((x - 8, y + 3), (x + 8, y + 3), width=2.5)

    def svg(self, width: float, height: float, title: str) -> str:
        """The whole file."""
        inside = "\n".join(self._parts)
        size = f"{_number(width)} {_number(height)}"
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size}" role="img" '
            f'font-family="{_FONT}">\n<title>{escape(title)}</title>\n'
            f'<rect width="{_number(width)}" height="{_number(height)}" fill="#ffffff"/>\n{inside}\n</svg>\n'
        )
