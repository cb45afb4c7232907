"""How answers look to a person: aligned lines within 80 columns, units everywhere, plain ASCII.

Each view is a generator of lines, so that a long table goes out between protection cycles.
"""

import json

from micropython import const

from bms.services import jsonstream

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bms.ports import Fields, Json

_BAR = 30
_SHORT_BAR = 18
_SIDE = 8
_HELP_AT = 26


def volts(mv: int) -> str:
    """3312 -> 3.312 V."""
    return f"{mv // 1000}.{mv % 1000:03d} V"


def amps(ma: int) -> str:
    """-1234 -> -1.23 A."""
    sign = "-" if ma < 0 else ""
    return f"{sign}{abs(ma) // 1000}.{abs(ma) % 1000 // 10:02d} A"


def degrees(ddegc: int) -> str:
    """-55 -> -5.5 C."""
    sign = "-" if ddegc < 0 else ""
    return f"{sign}{abs(ddegc) // 10}.{abs(ddegc) % 10} C"


def percent(permille: int) -> str:
    """612 -> 61.2 %."""
    return f"{permille // 10}.{permille % 10} %"


def duration(seconds: int) -> str:
    """93784 -> 1d 02:03:04."""
    return f"{seconds // 86400}d {seconds // 3600 % 24:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def bar(value: int, low: int, high: int, width: int = _BAR) -> str:
    """A bar of `width` for a value between two ends."""
    filled = 0 if high <= low else max(0, min(width, (value - low) * width // (high - low)))
    return "#" * filled + "." * (width - filled)


def wrap(head: str, text: str, width: int = 79) -> "Iterator[str]":
    """Yield a head and the text behind it, in lines of at most `width` that stay right of the head."""
    line = head
    empty = True
    for word in text.split():
        if not empty and len(line) + 1 + len(word) > width:
            yield line
            line = " " * len(head)
            empty = True
        line = line + word if empty else line + " " + word
        empty = False
    yield line


def table_of_help(result: "list[Fields]") -> "Iterator[str]":
    """Usage and meaning."""
    for row in result:
        head = f"  {row['command']:<23} "
        if len(head) > _HELP_AT:
            yield head
            head = " " * _HELP_AT
        for line in wrap(head, row["help"]):
            yield line
        if "more" in row:
            for line in wrap("    ", row["more"]):
                yield line
            yield f"    Example: {row['example']}"


def status(r: "Fields") -> "Iterator[str]":
    """The one screen."""
    left_min = r["soc_settling_left_min"]
    unsure = f"  settling, about {left_min} min of use left" if r["soc_settling"] else ""
    layer = "AFE armed and verified" if r["silicon"] else "NO SILICON PROTECTION, firmware only"
    layer = layer if r["protected"] else "NOT PROTECTED"
    for line in wrap("Mode      ", f"{r['mode']}: {r['why']}"):
        yield line
    yield f"Safe      {layer}; FETs: charge {_on(r['chg_fet'])}, discharge {_on(r['dsg_fet'])}"
    yield f"Charge    {percent(r['soc_permille'])} +/- {percent(r['soc_sigma_permille'])}{unsure}"
    cells = r["cells_mv"]
    if cells:
        yield f"Pack      {volts(r['pack_mv'])}   {amps(r['current_ma'])}"
        low = min(cells)
        high = max(cells)
        yield (
            f"Cells     {volts(low)} (cell {cells.index(low) + 1}) to {volts(high)} "
            f"(cell {cells.index(high) + 1}), spread {high - low} mV"
        )
        yield f"Warmth    {', '.join([degrees(each) for each in r['temps_ddegc']])}"
    health = r["soh_permille"]
    known = (
        "not known yet: it shows between full and empty" if health is None else f"{percent(health)} of new"
    )
    yield f"Health    {known}"
    yield f"Limits    charge {amps(r['charge_limit_ma'])}   discharge {amps(r['discharge_limit_ma'])}"
    yield f"Faults    {', '.join(r['faults']) or 'none'}{'   SERVICE NEEDED' if r['service_needed'] else ''}"
    yield f"Up        {duration(r['uptime_ms'] // 1000)}"


def watch_line(r: "Fields") -> str:
    """A status in one line."""
    return (
        f"{duration(r['uptime_ms'] // 1000)}  {r['mode']:<14} {percent(r['soc_permille']):>7}  "
        f"{volts(r['pack_mv']):>9}  {amps(r['current_ma']):>10}  {'+'.join(r['faults']) or 'no faults'}"
    )


def cells(rows: "list[Fields]") -> "Iterator[str]":
    """A cell a line: its voltage between the lowest and the highest, and its charge against the others."""
    if not rows:
        yield "no readings yet"
        return
    low = min([row["mv"] for row in rows])
    high = max([row["mv"] for row in rows])
    yield f"{'cell':<6}voltage{'above the lowest':>33}   charge against the others"
    for row in rows:
        line = bar(row["mv"], low - 10, high, _SHORT_BAR)
        above = f"+{row['above_lowest_mv']} mV"
        charge = _balance(row["charge_permille"]) + ("  bleeding" if row["bleeding"] else "")
        yield f"{row['cell']:>3}  {volts(row['mv'])}  {line} {above:>8}  {charge}"


def _balance(permille: "float | None") -> str:
    """More charge than the others to the right, less to the left; a mark is 0.5 %."""
    if permille is None:
        return "not known yet"
    marks = max(-_SIDE, min(_SIDE, round(permille / 5)))
    left = "." * (_SIDE + min(0, marks)) + "#" * -min(0, marks)
    right = "#" * max(0, marks) + "." * (_SIDE - max(0, marks))
    return f"{left}|{right} {permille / 10:+.1f} %"


def faults(rows: "list[Fields]") -> "Iterator[str]":
    """Each fault with its meaning and what to do."""
    if not rows:
        yield "none, and none since power-up"
    for row in rows:
        yield f"{row['mnemonic']:<15} {row['code']}  {row['state']}, {row['class']}, seen {row['count']}x"
        yield f"    {row['text']}"
        yield f"    {row['advice']}"


def history(rows: "list[Fields]") -> "Iterator[str]":
    """When, what, detail."""
    if not rows:
        yield "nothing yet"
    for row in rows:
        for line in wrap(f"{row['t_s']:>8} s  ", f"{row['event']}: {row['detail']}"):
            yield line


def log(rows: "Iterator[Fields | None]") -> "Iterator[str | None]":
    """As the history, across boots, or a JSON object a line; None while the next event is looked for."""
    empty = True
    plain = getattr(rows, "plain", False)
    for row in rows:
        if row is None:
            yield None
            continue
        empty = False
        if plain:
            yield json.dumps(row)
            continue
        t_s = "" if row["t_s"] is None else row["t_s"]
        for line in wrap(f"{t_s:>8} s  ", f"{row['event']}: {row['detail']}"):
            yield line
    if empty:
        yield "nothing yet"


def json_text(result: "Json") -> "Iterator[str]":
    """As a program would get it, a piece a line."""
    for piece in jsonstream.pieces(result):
        yield piece


def reset(r: "Fields") -> "Iterator[str]":
    """The verdict."""
    yield r["reason"]


def _on(value: int) -> str:
    return "on" if value else "off"
