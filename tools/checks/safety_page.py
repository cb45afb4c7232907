"""Writes firmware/SAFETY.md from the code's tables and the tests' marks: what is promised, and who proves it.

A page that people kept by hand would be wrong within a month; this one cannot be.
"""

import sys
from collections.abc import Iterable, Mapping
from itertools import groupby
from typing import Any

from bms.core import faults as f
from bms.core import path
from bms.core import snapshot as s
from bms.services import texts
from checks.safety_rules import Rule
from checks.safety_tables import ROOT, Fault, Proof, Tables, file_of, marks, of_firmware

PAGE = ROOT / "firmware" / "SAFETY.md"
Claims = Mapping[str, list[Proof]]

_OPENING = """\
# Safety table

Every rule that keeps a pack safe: against which hazard, which layer holds it, where it is in the code, and
which tests prove it. `make safety` writes this page from the code and the tests; `make trace` fails while a
rule lacks one of these, or the page is not what would be written.

**This is not a certification.** The hazards below are those that standards for such batteries test; no pack
with Packwarden has been tested to any of them. A standard also tests cells, wiring, enclosure and fuses, of
which firmware knows nothing. What is known not to be protected: [README.md](README.md#not-protected-yet).

## Hazards

The standards meant are IEC 62619 (industrial batteries), UL 1973 (stationary batteries), UL 2271 (light
electric vehicles) and ISO 6469-1 (road vehicles), by the subjects of their tests.
"""

_LAYERS = """\
## Layers

1. The AFE by itself, within microseconds to seconds, even while the firmware hangs. Named are its limits, as
   [`derive`](bms/core/silicon.py) asks for them.
2. The firmware, ten times a second and at once when the AFE has acted.
3. The controller's own hardware: gates that fall open without an active signal, and the watchdog.
"""

_FAULTS = """\
## Faults

One row for each row of [`ROWS`](bms/core/faults.py), in its order. Names in small letters are parameters, in
capitals what [the snapshot](bms/core/snapshot.py) measures.
"""

_RULES = """\
## Rules that are code
"""

_PATH = """\
## Power path

The rows of [`TRANSITIONS`](bms/core/path.py): in each cycle the first that fits is taken. Whatever a mode may
close, a direction that a standing fault opens stays open.
"""

_DIRECTIONS = ((s.CHG, "charging"), (s.DSG, "discharging"))
_TAKES = (("LIMP", "reduces the current"), ("RESCUE", "lets it be charged gently or not at all"))
_CLASSES = tuple(name.capitalize() for name in f.CLASS_NAMES)
_RELEASES = {
    f.CHARGER_GONE: "the charger is gone",
    f.LOAD_GONE: "the load is gone",
    f.CHARGING: "it is being charged",
}


def page(tables: Tables, claims: Claims) -> str:
    """The whole page."""
    hazards = [(f"**{each.name}**", each.harm, each.tests) for each in tables.hazards]
    rows = [_fault_cells(tables, fault, claims) for fault in tables.faults]
    rules = [_rule_cells(tables, rule, claims) for rule in tables.rules]
    columns = ("id", "hazard", "rule", "layer", "code", "tests")
    parts = (
        _OPENING,
        _table(("hazard", "what happens", "tested as"), hazards),
        _LAYERS,
        _FAULTS,
        _table(columns, rows),
        _RULES,
        _table(columns, rules),
        _PATH,
        _table(("from", "if", "unless", "to", "may close", "id"), _transitions(tables)),
    )
    return "\n".join(parts)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def _fault_cells(tables: Tables, fault: Fault, claims: Claims) -> tuple[str, ...]:
    row = fault.row
    limits = " ".join(f"`{name}`" for name in tables.limits_of(fault.requirement))
    layer = (f"1 {limits}".strip() + "<br>2") if row[f.HARDWARE] or limits else "2"
    hazard = ", ".join(tables.against(fault.requirement))
    return (fault.requirement, hazard, _sentence(row), layer, f"`{fault.mnemonic}`", _tests(fault, claims))


def _rule_cells(tables: Tables, rule: Rule, claims: Claims) -> tuple[str, ...]:
    limits = " ".join(f"`{name}`" for name in tables.limits_of(rule.requirement))
    symbol = rule.place.partition(":")[2]
    code = f"[`{symbol}`]({file_of(rule.place)})"
    layer = f"{rule.layers} {limits}".strip()
    return (rule.requirement, rule.hazard, rule.text, layer, code, _tests(rule, claims))


def _tests(of: Fault | Rule, claims: Claims) -> str:
    """Tests by file, each file once."""
    tests = sorted(claims.get(of.requirement, ()))
    return "<br>".join(
        f"[{file}](../host_tests/{file}): " + ", ".join(test.name for test in group)
        for file, group in groupby(tests, key=lambda test: test.file)
    )


def _sentence(row: tuple[Any, ...]) -> str:
    """When a row trips, what it does then, and how it ends."""
    text = texts.field("faults", row[f.MNEMONIC])
    return f"{text[0].upper()}{text[1:]}: {_trips(row)}. {_does(row)}; {_ends(row)}."


def _trips(row: tuple[Any, ...]) -> str:
    if row[f.TRIP] == f.NEVER:
        return "when the AFE says so"
    compare = "≤" if row[f.LOW_SIDE] else "≥"
    delay = _level(row[f.SET_MS])
    lasts = "" if delay == "0" else f" for {delay} ms" if delay.isdigit() else f" for {delay}"
    own = ", or when the AFE has tripped" if row[f.HARDWARE] else ""
    return f"`{_source(row[f.SOURCE])}` {compare} {_level(row[f.TRIP])}{lasts}{own}"


def _does(row: tuple[Any, ...]) -> str:
    opens = row[f.OPENS]
    what = [name for bit, name in _DIRECTIONS if opens & bit]
    done = [f"opens {' and '.join(what)}"] if what else []
    done += [words for name, words in _TAKES if opens & getattr(s, name, 0)]
    return f"{_CLASSES[row[f.CLASS]]}: {', '.join(done) or 'told only'}"


def _ends(row: tuple[Any, ...]) -> str:
    kind = row[f.CLASS]
    if kind == f.PERMANENT:
        return "ends by service only"
    compare = "≥" if row[f.LOW_SIDE] else "≤"
    over = "the AFE says no more" if row[f.CLEAR] == f.NEVER else f"it is {compare} {_level(row[f.CLEAR])}"
    if kind == f.LOCKOUT:
        return f"ends by a reset, once {over}"
    also = f" and {_RELEASES[row[f.RELEASE]]}" if row[f.RELEASE] in _RELEASES else ""
    wait = _level(row[f.CLEAR_MS])
    ends = f"ends {wait} {'ms ' if wait.isdigit() else ''}after {over}{also}"
    if row[f.RETRIES] >= 0:
        ends += f"; locks out after {row[f.RETRIES]} in {row[f.WINDOW_S]} s"
    return ends


def _level(level: str | int | tuple[str, int]) -> str:
    """A parameter, a parameter and an offset, or a figure."""
    if isinstance(level, tuple):
        name, offset = level
        return f"`{name}` {'-' if offset < 0 else '+'} {abs(offset)}"
    return f"`{level}`" if isinstance(level, str) else str(level)


def _source(index: int) -> str:
    """The name under which the snapshot keeps a quantity."""
    names = list(vars(s))
    quantities = names[names.index("CELL_MAX_MV") : names.index("COUNT")]
    return next(name for name in quantities if getattr(s, name) == index and name != "MEASURED")


def _transitions(tables: Tables) -> Iterable[tuple[str, ...]]:
    names = list(vars(path))
    facts = names[names.index("DEAD") : names.index("_NEITHER")]

    def words(bits: int) -> str:
        return " ".join(f"`{name}`" for name in facts if getattr(path, name) & bits)

    for sources, needs, forbids, target in path.TRANSITIONS:
        mode = path.NAMES[target]
        closes = " and ".join(name for bit, name in _DIRECTIONS if path.MAY_CLOSE[target] & bit)
        left = ", ".join(path.NAMES[each] for each in sources)
        yield (left, words(needs), words(forbids), f"**{mode}**", closes or "nothing", tables.modes[mode])


def main() -> int:
    tables = of_firmware()
    PAGE.write_text(page(tables, marks(ROOT / "host_tests")))
    print(f"{PAGE.relative_to(ROOT)}: {len(tables.faults)} faults, {len(tables.rules)} rules")
    return 0


if __name__ == "__main__":
    sys.exit(main())
