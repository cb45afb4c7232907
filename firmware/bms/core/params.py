"""The one table of everything an owner may set: name, unit, bounds, defaults, access, help.

Validation, storage, the console, the host tool and the reference page all read these rows; a value that is
not a row cannot be set. A set of parameters is checked whole and refused whole: `check` returns every reason
at once. Limits that the AFE enforces by itself are derived from the same rows in `silicon.py`.
"""

from micropython import const

from bms.core import chemistry

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Row, Values

NAME, UNIT, LOW, HIGH, NMC, LFP, ACCESS, HELP = range(8)

UNSET = const(-1)  # no sensible default: the owner must say it before the pack may be armed
_OWNER = "owner"

# Current defaults are per capacity: 1000 means 1 C. Everything else is in the row's unit.
PER_CAPACITY = ("occ_ma", "ocd1_ma", "ocd2_ma", "scd_ma", "full_ma")

# fmt: off
ROWS: "tuple[Row, ...]" = (
    # name                  unit     low     high      NMC    LFP    access  help
    ("cell_count",          "",      3,      16,       UNSET, UNSET, _OWNER, "cells in series"),
    ("capacity_mah",        "mAh",   500,    1000000,  UNSET, UNSET, _OWNER, "capacity when new"),
    ("shunt_uohm",          "uohm",  20,     20000,    UNSET, UNSET, _OWNER, "current shunt"),
    ("thermistors",         "",      1,      3,        1,     1,     _OWNER, "cell thermistors fitted, on TS1, TS2, TS3 in this order"),
    ("cell_ov_mv",          "mV",    3000,   4350,     4250,  3700,  _OWNER, "cell over-voltage: charging stops"),
    ("cell_ov_clear_mv",    "mV",    2800,   4300,     4150,  3500,  _OWNER, "cell over-voltage ends below this"),
    ("cell_ov_ms",          "ms",    0,      10000,    1000,  1000,  _OWNER, "cell over-voltage delay"),
    ("cell_uv_mv",          "mV",    2000,   3400,     2800,  2500,  _OWNER, "cell under-voltage: discharging stops"),
    ("cell_uv_clear_mv",    "mV",    2100,   3700,     3100,  2900,  _OWNER, "cell under-voltage ends above this, once charging"),
    ("cell_uv_ms",          "ms",    0,      10000,    2000,  2000,  _OWNER, "cell under-voltage delay"),
    ("occ_ma",              "mA",    100,    1000000,  1000,  700,   _OWNER, "charge over-current"),
    ("occ_ms",              "ms",    0,      30000,    2000,  2000,  _OWNER, "charge over-current delay"),
    ("ocd1_ma",             "mA",    100,    2000000,  2000,  1200,  _OWNER, "discharge over-current, sustained"),
    ("ocd1_ms",             "ms",    0,      60000,    5000,  5000,  _OWNER, "sustained discharge over-current delay"),
    ("ocd2_ma",             "mA",    200,    3000000,  3000,  2000,  _OWNER, "discharge over-current, fast"),
    ("ocd2_ms",             "ms",    0,      5000,     500,   500,   _OWNER, "fast discharge over-current delay"),
    ("scd_ma",              "mA",    1000,   8000000,  8000,  6000,  _OWNER, "short circuit, enforced by the AFE"),
    ("scd_us",              "us",    15,     450,      150,   150,   _OWNER, "short circuit delay"),
    ("otc_ddegc",           "ddegC", 200,    700,      450,   500,   _OWNER, "too hot to charge"),
    ("otc_clear_ddegc",     "ddegC", 150,    650,      400,   450,   _OWNER, "cool enough to charge again"),
    ("utc_ddegc",           "ddegC", -200,   150,      0,     0,     _OWNER, "too cold to charge"),
    ("utc_clear_ddegc",     "ddegC", -150,   200,      30,    30,    _OWNER, "warm enough to charge again"),
    ("otd_ddegc",           "ddegC", 300,    800,      600,   600,   _OWNER, "too hot to discharge"),
    ("otd_clear_ddegc",     "ddegC", 250,    750,      550,   550,   _OWNER, "cool enough to discharge again"),
    ("utd_ddegc",           "ddegC", -400,   100,      -200,  -200,  _OWNER, "too cold to discharge"),
    ("utd_clear_ddegc",     "ddegC", -350,   150,      -150,  -150,  _OWNER, "warm enough to discharge again"),
    ("temp_ms",             "ms",    1000,   60000,    3000,  3000,  _OWNER, "temperature delay"),
    ("imbalance_mv",        "mV",    100,    2000,     800,   800,   _OWNER, "highest cell minus lowest: something is wrong with one"),
    ("imbalance_clear_mv",  "mV",    50,     1900,     500,   500,   _OWNER, "imbalance ends below this"),
    ("imbalance_ms",        "ms",    1000,   60000,    10000, 10000, _OWNER, "imbalance delay"),
    ("stack_error_mv",      "mV",    10,     500,      50,    50,    _OWNER, "stack reading against sum of cells, per cell"),
    ("stack_error_ms",      "ms",    500,    60000,    2000,  2000,  _OWNER, "stack against sum delay"),
    ("stale_ms",            "ms",    300,    2000,     500,   500,   _OWNER, "oldest reading that is still believed"),
    ("silent_ms",           "ms",    1000,   10000,    3000,  3000,  _OWNER, "AFE silent for this long: comms lost"),
    ("hwd_s",               "s",     3,      10,       5,     5,     _OWNER, "AFE opens the FETs when the firmware is silent this long"),
    ("balance_min_mv",      "mV",    2500,   4300,     3900,  3400,  _OWNER, "no cell below this is bled"),
    ("balance_start_mv",    "mV",    2,      200,      10,    10,    _OWNER, "cell above the lowest by this: bleed it"),
    ("balance_max_cells",   "",      0,      16,       8,     8,     _OWNER, "cells bled at once; 0 switches balancing off"),
    ("full_mv",             "mV",    3000,   4300,     4150,  3450,  _OWNER, "full: every cell above this with the current tapered off"),
    ("full_ma",             "mA",    10,     100000,   50,    50,    _OWNER, "full: charge current below this"),
)
# fmt: on

CHEMISTRY = "chemistry"  # the one value that is a word; it chooses the column of defaults


def find(name: str) -> "Row | None":
    """The row called `name`, or None."""
    for row in ROWS:
        if row[NAME] == name:
            return row
    return None


def default(row: "Row", chemistry_index: int, capacity_mah: int) -> int:
    """A row's default for a chemistry; currents scale with the capacity (1000 = 1 C) within their bounds."""
    value: int = row[NMC + chemistry_index]
    if row[NAME] in PER_CAPACITY:
        value = max(row[LOW], min(row[HIGH], capacity_mah * value // 1000))
    return value


def resolve(given: "Values") -> "Values":
    """All parameters, by name: what was given, and defaults for the rest. `given` must have passed `check`."""
    kind = chemistry.index(given[CHEMISTRY])
    capacity_mah = given["capacity_mah"]
    values = {CHEMISTRY: given[CHEMISTRY]}
    for row in ROWS:
        name = row[NAME]
        values[name] = given[name] if name in given else default(row, kind, capacity_mah)
    return values
