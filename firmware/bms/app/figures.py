"""How a person sees figures that have no page of their own: names in plain words, with units.

Loaded when one of them is asked for. A program gets the same data, with the unit in each name.
"""

from micropython import const

from bms.app.views import degrees, duration, wrap

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bms.ports import Fields, Json

# What a name ends with, what a person reads instead, and how many of the one make one of the other.
_UNITS = (
    ("_permille_per_month", "% a month", 10),
    ("_permille_per_year", "% a year", 10),
    ("_permille", "%", 10),
    ("_ddegc", "C", 10),
    ("_mah", "mAh", 1),
    ("_uohm", "uohm", 1),
    ("_mv", "mV", 1),
    ("_ma", "mA", 1),
    ("_min", "min", 1),
    ("_ms", "ms", 1),
    ("_s", "s", 1),
)
_AS_TYPED = {"mv": "mV", "ma": "mA", "mah": "mAh", "ddegc": "ddegC"}  # other units are what the name says
_COUNTS = ("uohm", "us", "ms", "s", "min", "permille")
_LONG_S = const(3600)
_MEANING = const(28)  # characters of it that fit beside the bounds
# Of the answer to `health`: what has a value for each cell, how it is written, and the head of its column.
_OF_CELLS = (
    ("cell_charge_permille", "{:+8.1f} %", "charge", 0.1),
    ("cell_charge_sigma_permille", " +/-{:4.1f} %", "", 0.1),
    ("cell_size_permille", "{:8.1f} %", "size", 0.1),
    ("ohmic_uohm", "{:7.2f} mohm", "ohmic", 0.001),
    ("ten_s_uohm", "{:7.2f} mohm", "in 10 s", 0.001),
    ("loses_permille_per_month", "{:6.1f} %/mo", "loses", 0.1),
    ("bled_mah", "{:8.0f} mAh", "bled", 1),
)


def lines(result: "Fields") -> "Iterator[str]":
    """Name and value, one a line."""
    rows = [told(name, result[name]) for name in sorted(result)]
    wide = max([len(label) for label, _ in rows])
    for label, text in rows:
        for line in wrap(f"{label:<{wide}}  ", text):
            yield line


def told(name: str, value: "Json") -> "tuple[str, str]":
    """A name in plain words, and its value with a unit."""
    unit, parts = "", 1
    for ending, shown, many in _UNITS:
        if name.endswith(ending):
            name = name[: -len(ending)]
            unit, parts = shown, many
            break
    label = name.replace("_", " ")
    if isinstance(value, list):
        if not value:
            return label, "none"
        text = ("; " if isinstance(value[0], str) else ", ").join([_number(each, parts) for each in value])
    elif unit == "s" and isinstance(value, int) and value >= _LONG_S:
        return label, duration(value)
    else:
        text = _number(value, parts)
    return label, text if not unit or value is None else f"{text} {unit}"


def _number(value: "Json", parts: int) -> str:
    if value is None:
        return "not known yet"
    if value is True or value is False:
        return "yes" if value else "no"
    if value == "":
        return "none"
    return str(value) if parts == 1 or isinstance(value, str) else f"{value / parts:.1f}"


def health(result: "Fields") -> "Iterator[str]":
    """A table of the cells, and the rest."""
    shown = [row for row in _OF_CELLS if result[row[0]] is not None]
    yield "cell" + "".join([f"{row[2]:>{len(row[1].format(0))}}" for row in shown])
    for cell in range(len(result["cell_charge_permille"])):
        yield f"{cell + 1:>4}" + "".join([row[1].format(result[row[0]][cell] * row[3]) for row in shown])
    rest = {name: result[name] for name in result if name not in [row[0] for row in shown]}
    del rest["cell_size_sigma_permille"]
    for line in lines(rest):
        yield line


def limits(rows: "list[Fields]") -> "Iterator[str]":
    """The three columns."""
    yield f"{'limit':<15} {'asked':>10} {'AFE':>10} {'firmware':>10}"
    for row in rows:
        line = f"{row['limit']:<15}"
        warm = row["unit"] == "ddegC"
        for value in (row["asked"], row["afe"], row["firmware"]):
            text = "-" if value is None else f"{value / 10:.1f}" if warm else str(value)
            line += f" {text:>10}"
        yield f"{line} {'C' if warm else row['unit']}"


def named(result: "Fields") -> "Iterator[str]":
    """Parameters as they are typed, in the unit that they are typed in."""
    for name in sorted(result):
        ending = name[name.rfind("_") + 1 :]
        unit = _AS_TYPED.get(ending) or (ending if ending in _COUNTS else "")
        value = result[name]
        if value is None or value == "":
            yield f"{name}  not set"
        elif unit == "ddegC":
            yield f"{name}  {value} {unit} ({degrees(value)})"
        else:
            yield f"{name}  {value} {unit}" if unit else f"{name}  {value}"


def params(rows: "Iterator[Fields]") -> "Iterator[str]":
    """Name, value, bounds, meaning: of many a line each, of one all there is to say."""
    held: "Fields | None" = None
    several = False
    for row in rows:
        if held is not None:
            if not several:
                yield f"{'parameter':<19} {'value':>8} {'unit':<5} {'bounds':>14}  'params NAME' tells more"
            several = True
            yield _in_a_row(held)
        held = row
    if held is None:
        yield "no parameter has that in its name: 'params' lists them all"
    elif several:
        yield _in_a_row(held)
    else:
        for line in _in_full(held):
            yield line


def _bounds(row: "Fields", between: str) -> str:
    return "" if row["min"] is None else f"{row['min']}{between}{row['max']}"


def _in_a_row(row: "Fields") -> str:
    value = "not set" if row["value"] is None else str(row["value"])
    text = row["help"]
    if len(text) > _MEANING:
        text = text[: text.rfind(" ", 0, _MEANING - 2)] + " .."
    return f"{row['name']:<19} {value:>8} {row['unit']:<5} {_bounds(row, '..'):>14}  {text}"


def _in_full(row: "Fields") -> "Iterator[str]":
    for line in named({row["name"]: row["value"]}):
        yield line
    for line in wrap("    ", row["help"]):
        yield line
    if row["min"] is not None:
        usual = "none: you must say it" if row["default"] is None else row["default"]
        yield f"    bounds {_bounds(row, ' to ')} {row['unit']}; default {usual}"
    yield "    " + ("your own" if row["given"] else "not set by you") + f"; may be set by: {row['access']}"
