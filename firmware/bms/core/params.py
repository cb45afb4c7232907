"""The one table of everything an owner may set: name, unit, bounds, defaults, access.

Validation, storage, the console, the host tool and the reference page (PARAMETERS.md) all read these rows; a
value that is not a row cannot be set. What each is for stands in bms/texts/params.txt, its unit in its name.
A set is checked whole and refused whole (`params_check`); limits that the AFE enforces by itself are derived
from the same rows (`silicon`).

A row's default is a value, or so much more than the row that it follows, or so many permille of that: 1000 of
the capacity is 1 C.
"""

from micropython import const

from bms.core import chemistry
from bms.core.rows import Rows

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Values

# The values that are words. The chemistry chooses the column of defaults; the pack's name is for people.
CHEMISTRY = "chemistry"
PACK_NAME = "pack_name"
WORDS = (CHEMISTRY, PACK_NAME)

UNSET = const(-1)  # no sensible default: the owner must say it before the pack may be armed
_UNITS = ("mV", "mA", "mAh", "uohm", "us", "ms", "s", "min", "ddegC", "permille")

_SHARE = const(1)  # it is so many permille of the row that it follows, not so much more
_FREE = const(2)  # guards nothing: may be changed without `unlock`

# fmt: off
ROWS = Rows((
    # name                   lowest highest   nmc     lfp     follows             marks
    ("cell_count",           3,     16,       UNSET,  UNSET,  "",                     0),
    ("capacity_mah",         500,   1000000,  UNSET,  UNSET,  "",                     0),
    ("shunt_uohm",           20,    20000,    UNSET,  UNSET,  "",                     0),
    ("thermistors",          1,     3,        1,      1,      "",                     0),
    ("fet_thermistor",       0,     1,        0,      0,      "",                     0),
    ("precharge_fitted",     0,     1,        0,      0,      "",                     0),
    ("pchg_fitted",          0,     1,        0,      0,      "",                     0),
    ("cell_ov_mv",           3000,  4350,     4250,   3700,   "",                     0),
    ("cell_ov_clear_mv",     2800,  4300,     4150,   3500,   "",                     0),
    ("cell_ov_ms",           0,     10000,    1000,   1000,   "",                     0),
    ("cell_ov_clear_ms",     100,   60000,    3000,   3000,   "",                     0),
    ("cell_ov_warn_mv",      2800,  4340,     -35,    -40,    "cell_ov_mv",           0),
    ("cell_ov_warn_ms",      0,     60000,    2000,   2000,   "",                     0),
    ("cell_ov_perm_mv",      3100,  4350,     4350,   3800,   "",                     0),
    ("cell_ov_perm_ms",      1000,  30000,    5000,   5000,   "",                     0),
    ("cell_uv_mv",           2000,  3400,     2800,   2500,   "",                     0),
    ("cell_uv_clear_mv",     2100,  3700,     3100,   2900,   "",                     0),
    ("cell_uv_ms",           0,     10000,    2000,   2000,   "",                     0),
    ("cell_uv_clear_ms",     100,   60000,    2000,   2000,   "",                     0),
    ("cell_uv_warn_mv",      2050,  3600,     150,    150,    "cell_uv_mv",           0),
    ("cell_uv_warn_ms",      0,     60000,    5000,   5000,   "",                     0),
    ("deep_mv",              1600,  3000,     2500,   2000,   "",                     0),
    ("deep_clear_mv",        1700,  3200,     100,    100,    "deep_mv",              0),
    ("deep_ms",              500,   10000,    2000,   2000,   "",                     0),
    ("deep_clear_ms",        1000,  60000,    5000,   5000,   "",                     0),
    ("no_return_mv",         500,   2000,     1500,   1500,   "",                     0),
    ("no_return_ms",         5000,  60000,    30000,  30000,  "",                     0),
    ("pack_ov_mv",           3000,  4400,     20,     20,     "cell_ov_mv",           0),
    ("pack_ov_clear_mv",     2800,  4300,     0,      0,      "cell_ov_clear_mv",     0),
    ("pack_ov_ms",           0,     10000,    2000,   2000,   "",                     0),
    ("pack_uv_mv",           1900,  3500,     -20,    -20,    "cell_uv_mv",           0),
    ("pack_uv_clear_mv",     2100,  3700,     0,      0,      "cell_uv_clear_mv",     0),
    ("pack_uv_ms",           0,     30000,    5000,   5000,   "",                     0),
    ("charger_ov_mv",        3100,  5500,     150,    200,    "cell_ov_mv",           0),
    ("charger_ov_clear_mv",  3050,  5450,     -50,    -50,    "charger_ov_mv",        0),
    ("charger_ov_ms",        0,     10000,    1000,   1000,   "",                     0),
    ("occ_ma",               100,   1000000,  1000,   700,    "capacity_mah",         _SHARE),
    ("occ_ms",               0,     30000,    2000,   2000,   "",                     0),
    ("occ_warn_ma",          90,    1000000,  950,    950,    "occ_ma",               _SHARE),
    ("occ_warn_ms",          0,     60000,    2000,   2000,   "",                     0),
    ("rescue_ma",            50,    100000,   50,     70,     "occ_ma",               _SHARE),
    ("rescue_ms",            0,     10000,    2000,   2000,   "",                     0),
    ("rescue_min",           10,    2880,     480,    480,    "",                     0),
    ("ocd1_ma",              100,   2000000,  2000,   1200,   "capacity_mah",         _SHARE),
    ("ocd1_ms",              0,     60000,    5000,   5000,   "",                     0),
    ("ocd_warn_ma",          90,    2000000,  950,    950,    "ocd1_ma",              _SHARE),
    ("ocd_warn_ms",          0,     60000,    2000,   2000,   "",                     0),
    ("ocd2_ma",              200,   3000000,  3000,   2000,   "capacity_mah",         _SHARE),
    ("ocd2_ms",              0,     5000,     500,    500,    "",                     0),
    ("scd_ma",               1000,  8000000,  8000,   6000,   "capacity_mah",         _SHARE),
    ("scd_us",               15,    450,      150,    150,    "",                     0),
    ("oc_clear_ms",          1000,  60000,    3000,   3000,   "",                     0),
    ("scd_clear_ms",         1000,  60000,    5000,   5000,   "",                     0),
    ("weld_ma",              300,   9000000,  30,     30,     "capacity_mah",         _SHARE),
    ("weld_ms",              500,   10000,    3000,   3000,   "",                     0),
    ("leak_ma",              250,   9000000,  10,     10,     "capacity_mah",         _SHARE),
    ("leak_ms",              500,   10000,    2000,   2000,   "",                     0),
    ("fet_drop_mv",          100,   5000,     500,    500,    "",                     0),
    ("fet_drop_ms",          500,   10000,    3000,   3000,   "",                     0),
    ("precharge_ms",         50,    20000,    2000,   2000,   "",                     0),
    ("precharge_delta_mv",   100,   2500,     500,    500,    "",                     0),
    ("otc_ddegc",            200,   700,      450,    500,    "",                     0),
    ("otc_clear_ddegc",      150,   650,      400,    450,    "",                     0),
    ("utc_ddegc",            -200,  150,      0,      0,      "",                     0),
    ("utc_clear_ddegc",      -150,  200,      30,     30,     "",                     0),
    ("otd_ddegc",            300,   800,      600,    600,    "",                     0),
    ("otd_clear_ddegc",      250,   750,      550,    550,    "",                     0),
    ("utd_ddegc",            -400,  100,      -200,   -200,   "",                     0),
    ("utd_clear_ddegc",      -350,  150,      -150,   -150,   "",                     0),
    ("otc_warn_ddegc",       150,   690,      -30,    -30,    "otc_ddegc",            0),
    ("otd_warn_ddegc",       250,   790,      -30,    -30,    "otd_ddegc",            0),
    ("temp_warn_ms",         1000,  60000,    3000,   3000,   "",                     0),
    ("ot_perm_ddegc",        700,   1000,     850,    850,    "",                     0),
    ("ot_perm_ms",           1000,  30000,    5000,   5000,   "",                     0),
    ("temp_spread_ddegc",    50,    400,      150,    150,    "",                     0),
    ("temp_spread_ms",       1000,  60000,    10000,  10000,  "",                     0),
    ("temp_rise_ddegc",      30,    600,      200,    200,    "",                     0),
    ("temp_rise_ms",         1000,  30000,    5000,   5000,   "",                     0),
    ("fet_ot_ddegc",         600,   1100,     900,    900,    "",                     0),
    ("fet_ot_clear_ddegc",   450,   1050,     -150,   -150,   "fet_ot_ddegc",         0),
    ("fet_ot_ms",            500,   10000,    2000,   2000,   "",                     0),
    ("board_ot_ddegc",       500,   820,      800,    800,    "",                     0),
    ("board_ot_clear_ddegc", 400,   810,      -100,   -100,   "board_ot_ddegc",       0),
    ("board_ot_ms",          500,   10000,    2000,   2000,   "",                     0),
    ("temp_ms",              1000,  60000,    3000,   3000,   "",                     0),
    ("temp_clear_ms",        1000,  60000,    3000,   3000,   "",                     0),
    ("thermistor_ms",        200,   10000,    1000,   1000,   "",                     0),
    ("imbalance_mv",         100,   2000,     600,    500,    "",                     0),
    ("imbalance_clear_mv",   50,    1900,     400,    300,    "",                     0),
    ("imbalance_ms",         1000,  60000,    10000,  10000,  "",                     0),
    ("imbalance_clear_ms",   1000,  60000,    5000,   5000,   "",                     0),
    ("imbalance_warn_mv",    60,    1900,     650,    900,    "imbalance_mv",         _SHARE),
    ("imbalance_warn_ms",    1000,  60000,    10000,  10000,  "",                     0),
    ("jump_mv",              100,   2000,     500,    500,    "",                     0),
    ("stack_error_mv",       10,    500,      50,     50,     "",                     0),
    ("stack_error_ms",       500,   60000,    2000,   2000,   "",                     0),
    ("stale_ms",             300,   2000,     500,    500,    "",                     0),
    ("silent_ms",            1000,  10000,    3000,   3000,   "",                     0),
    ("hwd_s",                3,     10,       5,      5,      "",                     0),
    ("balance_min_mv",       2500,  4300,     3900,   3400,   "",                     0),
    ("balance_start_mv",     2,     200,      10,     10,     "",                     0),
    ("balance_max_cells",    0,     16,       8,      8,      "",                     0),
    ("full_mv",              3000,  4300,     4150,   3450,   "",                     0),
    ("full_ma",              10,    100000,   50,     50,     "capacity_mah",         _SHARE),
    ("limp_permille",        50,    1000,     300,    300,    "",                     0),
    ("aux_min_mv",           3000,  60000,    12400,  12400,  "",                     0),
    ("aux_clear_mv",         3010,  60400,    200,    200,    "aux_min_mv",           0),
    ("aux_ms",               1000,  60000,    10000,  10000,  "",                     0),
    ("coil_pull_ms",         20,    1000,     100,    100,    "",                     0),
    ("coil_hold_permille",   50,    1000,     300,    300,    "",                     0),
    ("coil_rest_ms",         0,     10000,    500,    500,    "",                     0),
    ("sleep_after_s",        0,     86400,    0,      0,      "",                     0),
    ("afe_sleep",            0,     1,        0,      0,      "",                     0),
    ("watch_s",              0,     3600,     0,      0,      "",                     _FREE),
    ("watch_json",           0,     1,        0,      0,      "",                     _FREE),
))
# fmt: on

# The columns.
_WORDS = str(ROWS.text, "ascii").replace("\n", "").split("|")  # of each row: its name, and what it follows
NAMES: "list[str]" = _WORDS[0:-1:2]
_FOLLOWS: "list[str]" = _WORDS[1::2]
LOW = ROWS.numbers(1)
HIGH = ROWS.numbers(2)
_NMC = ROWS.numbers(3)
_LFP = ROWS.numbers(4)
_MARKS = ROWS.numbers(6)


def index(name: str) -> int:
    """Number of the row called `name`, -1 if there is none; a word has no row."""
    return NAMES.index(name) if name in NAMES else -1


def known(name: str) -> bool:
    """Whether there is a parameter of this name."""
    return name in WORDS or name in NAMES


def unit(row: int) -> str:
    """A row's unit; empty for a count or a yes (1) or no (0)."""
    ending = NAMES[row].split("_")[-1]
    for each in _UNITS:
        if each.lower() == ending:
            return each
    return ""


def free(name: str) -> bool:
    """Whether it may be changed by whoever can reach the console; all else needs `unlock`."""
    return name == PACK_NAME or (name in NAMES and _MARKS[NAMES.index(name)] & _FREE != 0)


def rule(row: int, kind: int) -> "tuple[str, int, bool]":
    """How a row's default comes about for a chemistry: the row that it follows, or "", with a number, and
    whether that is permille of it, or else so much more."""
    return _FOLLOWS[row], (_NMC, _LFP)[kind][row], _MARKS[row] & _SHARE != 0


def has_default(row: int) -> bool:
    """Whether the pack may be armed before the owner has said anything about it."""
    return _FOLLOWS[row] != "" or _NMC[row] != UNSET


def default(row: int, kind: int, values: "Values") -> "int | None":
    """A row's default, within its bounds; None while `values` does not hold what it follows."""
    follows, level, share = rule(row, kind)
    if not follows:
        return None if level == UNSET else level
    base = values.get(follows)
    if not isinstance(base, int):
        return None
    wanted: int = base * level // 1000 if share else base + level
    return max(LOW[row], min(HIGH[row], wanted))


def resolve(given: "Values") -> "Values":
    """All parameters, by name: what was given, and defaults for the rest; None for what cannot be known yet."""
    kind = chemistry.index(given[CHEMISTRY])
    values = {CHEMISTRY: given[CHEMISTRY], PACK_NAME: given.get(PACK_NAME, "")}
    levels = (_NMC, _LFP)[kind]
    for row in range(len(NAMES)):
        name = NAMES[row]
        if name in given:
            values[name] = given[name]
        elif _FOLLOWS[row] or levels[row] == UNSET:
            values[name] = default(row, kind, values)
        else:
            values[name] = levels[row]
    return values
