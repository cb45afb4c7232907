"""Writes firmware/PARAMETERS.md from the parameter table, its texts and rules; `--check`: is it current?"""

import sys
from collections.abc import Iterable
from itertools import groupby

from bms.core import chemistry, params_check, silicon
from checks.safety_tables import ROOT
from packwarden.config import table

PAGE = ROOT / "firmware" / "PARAMETERS.md"

_OPENING = """\
# Parameters

Everything that a builder may set. `make params` writes this page from [the table](bms/core/params.py),
[what is told about it](bms/texts/params.txt) and [the rules](bms/core/params_check.py); `make trace` fails
while the page is not what would be written.

A unit is the end of the name; `ddegC` is a tenth of a degree Celsius. A default may follow another parameter;
1 C is the capacity in one hour. Without a default, the pack is not armed before it has been said. To change
what is the owner's takes `unlock`, by the pack's PIN, or while none is set by a finger on its button.

A set is taken whole or refused whole, with every reason. At the console: `params cell`, `get`, `set`, `save`,
`revert` (`set NAME default` takes a value back). For programs: `params` and `params.schema` over JSON-RPC. As
a file: [`packwarden config`](../tools/README.md#packwarden-config).

A running pack keeps the set that it runs on until the AFE has been set up with the new one and read back. If
that takes longer than a minute, or the power fails meanwhile, the old set comes back, and the log says so.
"""

_ORDER = """\
## Order

Each of these must be below the other, or the set is refused.
"""

_ABSOLUTE = """\
## What cells stand

The AFE acts outside these parameters, and what it does must still lie inside what the cells stand.
"""

_OTHER = f"""\
## Other rules

- `deep_mv` is at most `cell_uv_mv` - {silicon.UV_MARGIN_MV}, where the AFE stops a discharge.
- With `fet_thermistor` = 1 at most 2 `thermistors` sit on cells: TS3 is taken.
- `silent_ms` is at most `hwd_s`: the firmware gives the AFE up before the AFE gives up the firmware.
- With this shunt the AFE can be asked for every limit, and its steps of 2 mV do not bring it before the
  firmware at `occ_ma` and `ocd2_ma`. `packwarden config check` shows what it will enforce.
"""


def page() -> str:
    """The whole page."""
    parts = [_OPENING]
    head = ("parameter", "unit", "from", "to", *chemistry.NAMES, "access", "what")
    for group, entries in groupby(table.entries(), lambda each: each.group):
        parts += [f"## {group}\n", _table(head, (_row(entry) for entry in entries))]
    parts += [_ORDER, _table(("below", "above"), (_code(*pair) for pair in params_check.ORDER))]
    parts += [_ABSOLUTE, _table(("parameter", "the AFE acts", *chemistry.NAMES), _absolute()), _OTHER]
    return "\n".join(parts)


def _row(entry: table.Entry) -> tuple[str, ...]:
    low, high = (str(each) for each in entry.bounds) if entry.bounds else ("", "")
    defaults = (entry.default(kind) for kind in range(len(chemistry.NAMES)))
    what = entry.help if entry.bounds else f"{entry.help} ({entry.allowed()})"
    return (f"`{entry.name}`", entry.unit, low, high, *defaults, entry.access, what)


def _absolute() -> Iterable[tuple[str, ...]]:
    """The bounds that `params_check` holds limits to."""
    kinds = range(len(chemistry.NAMES))
    for name, margin, _, _ in params_check.bounds(0):
        acts = "" if margin is None else f"{abs(margin)} {'below' if margin < 0 else 'above'}"
        spans = [next(each for each in params_check.bounds(kind) if each[0] == name) for kind in kinds]
        yield (*_code(name), acts, *(f"{low} to {high}" for _, _, low, high in spans))


def _code(*names: str) -> tuple[str, ...]:
    return tuple(f"`{name}`" for name in names)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def main() -> int:
    name = PAGE.relative_to(ROOT)
    if "--check" not in sys.argv:
        PAGE.write_text(page())
        print(f"{name}: {len(table.entries())} parameters")
        return 0
    current = PAGE.is_file() and PAGE.read_text() == page()
    told = f"parameters: {len(table.entries())}, and {name} tells them"
    print(told if current else f"{name} does not tell what there is: 'make params' writes it anew")
    return int(not current)


if __name__ == "__main__":
    sys.exit(main())
