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

# These defaults are per capacity: 1000 means 1 C. A default (name, permille, offset) follows another row, which
# stands above it. Everything else is in the row's unit.
PER_CAPACITY = ("occ_ma", "ocd1_ma", "ocd2_ma", "scd_ma", "full_ma", "weld_ma", "leak_ma")

# fmt: off
ROWS: "tuple[Row, ...]" = (
    # name                  unit     low    high     NMC                             LFP                             access  help
    ("cell_count",          "",      3,     16,      UNSET,                          UNSET,                          _OWNER, "cells in series"),
    ("capacity_mah",        "mAh",   500,   1000000, UNSET,                          UNSET,                          _OWNER, "capacity when new"),
    ("shunt_uohm",          "uohm",  20,    20000,   UNSET,                          UNSET,                          _OWNER, "current shunt"),
    ("thermistors",         "",      1,     3,       1,                              1,                              _OWNER, "cell thermistors fitted, on TS1, TS2, TS3 in this order"),
    ("fet_thermistor",      "",      0,     1,       0,                              0,                              _OWNER, "1: the thermistor on TS3 sits on the FETs"),
    ("precharge_fitted",    "",      0,     1,       0,                              0,                              _OWNER, "1: a precharge FET or relay is fitted"),
    ("pchg_fitted",         "",      0,     1,       0,                              0,                              _OWNER, "1: a FET with a resistor for gentle charging is fitted"),
    ("cell_ov_mv",          "mV",    3000,  4350,    4250,                           3700,                           _OWNER, "cell over-voltage: charging stops"),
    ("cell_ov_clear_mv",    "mV",    2800,  4300,    4150,                           3500,                           _OWNER, "cell over-voltage ends below this"),
    ("cell_ov_ms",          "ms",    0,     10000,   1000,                           1000,                           _OWNER, "cell over-voltage delay"),
    ("cell_ov_warn_mv",     "mV",    2800,  4340,    ("cell_ov_mv", 1000, -35),      ("cell_ov_mv", 1000, -40),      _OWNER, "cell voltage that warns"),
    ("cell_ov_perm_mv",     "mV",    3100,  4350,    4350,                           3800,                           _OWNER, "cell voltage that ends the use of the pack"),
    ("cell_uv_mv",          "mV",    2000,  3400,    2800,                           2500,                           _OWNER, "cell under-voltage: discharging stops"),
    ("cell_uv_clear_mv",    "mV",    2100,  3700,    3100,                           2900,                           _OWNER, "cell under-voltage ends above this, once charging"),
    ("cell_uv_ms",          "ms",    0,     10000,   2000,                           2000,                           _OWNER, "cell under-voltage delay"),
    ("cell_uv_warn_mv",     "mV",    2050,  3600,    ("cell_uv_mv", 1000, 150),      ("cell_uv_mv", 1000, 150),      _OWNER, "low cell voltage that warns"),
    ("deep_mv",             "mV",    1600,  3000,    2500,                           2000,                           _OWNER, "deep discharge: from here on rescue charging only"),
    ("deep_clear_mv",       "mV",    1700,  3200,    ("deep_mv", 1000, 100),         ("deep_mv", 1000, 100),         _OWNER, "a rescue charge is over above this"),
    ("no_return_mv",        "mV",    500,   2000,    1500,                           1500,                           _OWNER, "a cell below this must not be charged any more"),
    ("pack_ov_mv",          "mV",    3000,  4400,    ("cell_ov_mv", 1000, 20),       ("cell_ov_mv", 1000, 20),       _OWNER, "pack over-voltage by the stack reading, per cell"),
    ("pack_ov_clear_mv",    "mV",    2800,  4300,    ("cell_ov_clear_mv", 1000, 0),  ("cell_ov_clear_mv", 1000, 0),  _OWNER, "pack over-voltage ends below this"),
    ("pack_uv_mv",          "mV",    1900,  3500,    ("cell_uv_mv", 1000, -20),      ("cell_uv_mv", 1000, -20),      _OWNER, "pack under-voltage by the stack reading, per cell"),
    ("pack_uv_clear_mv",    "mV",    2100,  3700,    ("cell_uv_clear_mv", 1000, 0),  ("cell_uv_clear_mv", 1000, 0),  _OWNER, "pack under-voltage ends above this"),
    ("charger_ov_mv",       "mV",    3100,  5500,    ("cell_ov_mv", 1000, 150),      ("cell_ov_mv", 1000, 200),      _OWNER, "charger voltage, per cell, that is refused"),
    ("occ_ma",              "mA",    100,   1000000, 1000,                           700,                            _OWNER, "charge over-current"),
    ("occ_ms",              "ms",    0,     30000,   2000,                           2000,                           _OWNER, "charge over-current delay"),
    ("occ_warn_ma",         "mA",    90,    1000000, ("occ_ma", 950, 0),             ("occ_ma", 950, 0),             _OWNER, "charge current that warns"),
    ("rescue_ma",           "mA",    50,    100000,  ("occ_ma", 50, 0),              ("occ_ma", 70, 0),              _OWNER, "most charge current for a deeply discharged pack"),
    ("rescue_min",          "min",   10,    2880,    480,                            480,                            _OWNER, "longest rescue charge"),
    ("ocd1_ma",             "mA",    100,   2000000, 2000,                           1200,                           _OWNER, "discharge over-current, sustained"),
    ("ocd1_ms",             "ms",    0,     60000,   5000,                           5000,                           _OWNER, "sustained discharge over-current delay"),
    ("ocd_warn_ma",         "mA",    90,    2000000, ("ocd1_ma", 950, 0),            ("ocd1_ma", 950, 0),            _OWNER, "discharge current that warns"),
    ("ocd2_ma",             "mA",    200,   3000000, 3000,                           2000,                           _OWNER, "discharge over-current, fast"),
    ("ocd2_ms",             "ms",    0,     5000,    500,                            500,                            _OWNER, "fast discharge over-current delay"),
    ("scd_ma",              "mA",    1000,  8000000, 8000,                           6000,                           _OWNER, "short circuit, enforced by the AFE"),
    ("scd_us",              "us",    15,    450,     150,                            150,                            _OWNER, "short circuit delay"),
    ("weld_ma",             "mA",    300,   9000000, 30,                             30,                             _OWNER, "current through a direction that is off: its switch is welded"),
    ("leak_ma",             "mA",    250,   9000000, 10,                             10,                             _OWNER, "current that may seem to flow with everything off"),
    ("fet_drop_mv",         "mV",    100,   5000,    500,                            500,                            _OWNER, "most voltage that the closed path may drop"),
    ("precharge_ms",        "ms",    50,    20000,   2000,                           2000,                           _OWNER, "longest precharge"),
    ("precharge_delta_mv",  "mV",    100,   2500,    500,                            500,                            _OWNER, "precharge is over this close to the stack"),
    ("otc_ddegc",           "ddegC", 200,   700,     450,                            500,                            _OWNER, "too hot to charge"),
    ("otc_clear_ddegc",     "ddegC", 150,   650,     400,                            450,                            _OWNER, "cool enough to charge again"),
    ("utc_ddegc",           "ddegC", -200,  150,     0,                              0,                              _OWNER, "too cold to charge"),
    ("utc_clear_ddegc",     "ddegC", -150,  200,     30,                             30,                             _OWNER, "warm enough to charge again"),
    ("otd_ddegc",           "ddegC", 300,   800,     600,                            600,                            _OWNER, "too hot to discharge"),
    ("otd_clear_ddegc",     "ddegC", 250,   750,     550,                            550,                            _OWNER, "cool enough to discharge again"),
    ("utd_ddegc",           "ddegC", -400,  100,     -200,                           -200,                           _OWNER, "too cold to discharge"),
    ("utd_clear_ddegc",     "ddegC", -350,  150,     -150,                           -150,                           _OWNER, "warm enough to discharge again"),
    ("otc_warn_ddegc",      "ddegC", 150,   690,     ("otc_ddegc", 1000, -30),       ("otc_ddegc", 1000, -30),       _OWNER, "warm enough while charging to warn"),
    ("otd_warn_ddegc",      "ddegC", 250,   790,     ("otd_ddegc", 1000, -30),       ("otd_ddegc", 1000, -30),       _OWNER, "warm enough to warn"),
    ("ot_perm_ddegc",       "ddegC", 700,   1000,    850,                            850,                            _OWNER, "temperature that ends the use of the pack"),
    ("temp_spread_ddegc",   "ddegC", 50,    400,     150,                            150,                            _OWNER, "hottest minus coldest thermistor that warns"),
    ("temp_rise_ddegc",     "ddegC", 30,    600,     200,                            200,                            _OWNER, "most warming within a minute"),
    ("fet_ot_ddegc",        "ddegC", 600,   1100,    900,                            900,                            _OWNER, "FETs too hot"),
    ("temp_ms",             "ms",    1000,  60000,   3000,                           3000,                           _OWNER, "temperature delay"),
    ("imbalance_mv",        "mV",    100,   2000,    600,                            500,                            _OWNER, "highest cell minus lowest: something is wrong with one"),
    ("imbalance_clear_mv",  "mV",    50,    1900,    400,                            300,                            _OWNER, "imbalance ends below this"),
    ("imbalance_ms",        "ms",    1000,  60000,   10000,                          10000,                          _OWNER, "imbalance delay"),
    ("imbalance_warn_mv",   "mV",    60,    1900,    ("imbalance_mv", 650, 0),       ("imbalance_mv", 900, 0),       _OWNER, "spread that warns and limits the current"),
    ("jump_mv",             "mV",    100,   2000,    500,                            500,                            _OWNER, "most that a cell may jump against the others"),
    ("stack_error_mv",      "mV",    10,    500,     50,                             50,                             _OWNER, "stack reading against sum of cells, per cell"),
    ("stack_error_ms",      "ms",    500,   60000,   2000,                           2000,                           _OWNER, "stack against sum delay"),
    ("stale_ms",            "ms",    300,   2000,    500,                            500,                            _OWNER, "oldest reading that is still believed"),
    ("silent_ms",           "ms",    1000,  10000,   3000,                           3000,                           _OWNER, "AFE silent for this long: comms lost"),
    ("hwd_s",               "s",     3,     10,      5,                              5,                              _OWNER, "AFE opens the FETs when the firmware is silent this long"),
    ("balance_min_mv",      "mV",    2500,  4300,    3900,                           3400,                           _OWNER, "no cell below this is bled"),
    ("balance_start_mv",    "mV",    2,     200,     10,                             10,                             _OWNER, "cell above the lowest by this: bleed it"),
    ("balance_max_cells",   "",      0,     16,      8,                              8,                              _OWNER, "cells bled at once; 0 switches balancing off"),
    ("full_mv",             "mV",    3000,  4300,    4150,                           3450,                           _OWNER, "full: every cell above this with the current tapered off"),
    ("full_ma",             "mA",    10,    100000,  50,                             50,                             _OWNER, "full: charge current below this"),
    ("limp_permille",       "",      50,    1000,    300,                            300,                            _OWNER, "share of the current limits that limp mode leaves"),
    ("aux_min_mv",          "mV",    3000,  60000,   12400,                          12400,                          _OWNER, "auxiliary supply that warns when lower"),
    ("coil_pull_ms",        "ms",    20,    1000,    100,                            100,                            _OWNER, "contactor coil: full drive for this long"),
    ("coil_hold_permille",  "",      50,    1000,    300,                            300,                            _OWNER, "contactor coil: drive that holds it"),
    ("coil_rest_ms",        "ms",    0,     10000,   500,                            500,                            _OWNER, "contactor: shortest time open"),
)
# fmt: on

CHEMISTRY = "chemistry"  # the one value that is a word; it chooses the column of defaults


def find(name: str) -> "Row | None":
    """The row called `name`, or None."""
    for row in ROWS:
        if row[NAME] == name:
            return row
    return None


def default(row: "Row", chemistry_index: int, values: "Values") -> int | None:
    """A row's default, within its bounds; None while `values` does not hold what it follows."""
    level = row[NMC + chemistry_index]
    if isinstance(level, tuple):
        name, permille, offset = level
    elif row[NAME] in PER_CAPACITY:
        name, permille, offset = "capacity_mah", level, 0
    else:
        return None if level == UNSET else level
    base = values.get(name)
    if not isinstance(base, int):
        return None
    follows: int = max(row[LOW], min(row[HIGH], base * permille // 1000 + offset))
    return follows


def resolve(given: "Values") -> "Values":
    """All parameters, by name: what was given, and defaults for the rest. `given` must have passed `check`."""
    kind = chemistry.index(given[CHEMISTRY])
    values = {CHEMISTRY: given[CHEMISTRY]}
    for row in ROWS:
        name = row[NAME]
        values[name] = given[name] if name in given else default(row, kind, values)
    return values
