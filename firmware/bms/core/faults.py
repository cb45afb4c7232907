"""The fault table: one row per way in which the pack can be wrong, and everything that follows from it.

A row says what is looked at, when it trips and clears, which direction opens, and how it ends; what the owner
is told stands in bms/texts/faults.txt. `protection.py` walks the rows; it knows no fault by name. Requirement
ids (PW-nnn) stand on the row and on the tests that prove it. DTC numbers follow SAE J2012: the generic code
where there is one (P0...), else the manufacturer's range (P1...).
"""

from micropython import const

from bms.core import snapshot as s
from bms.core.rows import Rows

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from array import array

# Columns of a row.
MNEMONIC, DTC, REQUIREMENT, SOURCE, LOW_SIDE, TRIP, CLEAR, SET_MS, CLEAR_MS = range(9)
OPENS, CLASS, RELEASE, RETRIES, WINDOW_S, HARDWARE = range(9, 15)

# Fault classes (design, section 2).
WARNING = const(0)
TRIP_CLASS = const(1)
LOCKOUT = const(2)
PERMANENT = const(3)
CLASS_NAMES = ("warning", "trip", "lockout", "permanent")

# What must be seen, besides the clear level, before a trip may end.
ALWAYS = const(0)
CHARGER_GONE = const(1)
LOAD_GONE = const(2)
CHARGING = const(3)

NO_LIMIT = const(-1)  # as often as it takes; within WINDOW_S each trip waits twice as long to clear

_ON = const(1)  # trip and clear level of a yes/no source
_OFF = const(0)
_NONE = const(0)
NEVER = const(1 << 28)  # a level that no source reaches: the row trips on the AFE's own bit only

# fmt: off
# A trip, clear or delay that is a string is a parameter, a pair is a parameter plus an offset, an int is fixed: it
# follows from how something is found (scans, flicker, the AFE's own timing), and no pack needs another.
ROWS = Rows((
    # mnemonic           DTC      req       source               low    trip                 clear                        set ms               clear ms              opens             class       release       retries   win s hardware
    # What the cells stand: warning, trip, permanent.
    ("CELL_OV_WARN",     "P1A11", "PW-028", s.CELL_MAX_MV,       False, "cell_ov_warn_mv",    ("cell_ov_warn_mv", -20),    "cell_ov_warn_ms",   5000,                 0,                WARNING,    ALWAYS,       NO_LIMIT, 0,    _NONE),
    ("CELL_OV",          "P0AFB", "PW-001", s.CELL_MAX_MV,       False, "cell_ov_mv",         "cell_ov_clear_mv",          "cell_ov_ms",        "cell_ov_clear_ms",   s.CHG,            TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  s.HW_OV),
    ("CELL_OV_PERM",     "P1A12", "PW-029", s.SOUND_MAX_MV,      False, "cell_ov_perm_mv",    "cell_ov_clear_mv",          "cell_ov_perm_ms",   0,                    s.BOTH,           PERMANENT,  ALWAYS,       NO_LIMIT, 0,    _NONE),
    ("CELL_UV_WARN",     "P1A13", "PW-030", s.CELL_MIN_MV,       True,  "cell_uv_warn_mv",    ("cell_uv_warn_mv", 50),     "cell_uv_warn_ms",   5000,                 0,                WARNING,    ALWAYS,       NO_LIMIT, 0,    _NONE),
    ("CELL_UV",          "P0AFA", "PW-002", s.CELL_MIN_MV,       True,  "cell_uv_mv",         "cell_uv_clear_mv",          "cell_uv_ms",        "cell_uv_clear_ms",   s.DSG,            TRIP_CLASS, CHARGING,     NO_LIMIT, 0,    s.HW_UV),
    ("CELL_DEEP",        "P1A14", "PW-031", s.CELL_MIN_MV,       True,  "deep_mv",            "deep_clear_mv",             "deep_ms",           "deep_clear_ms",      s.DSG | s.RESCUE, TRIP_CLASS, CHARGING,     NO_LIMIT, 0,    _NONE),
    ("CELL_DEAD",        "P1A15", "PW-032", s.SOUND_MIN_MV,      True,  "no_return_mv",       "deep_mv",                   "no_return_ms",      0,                    s.BOTH,           PERMANENT,  ALWAYS,       NO_LIMIT, 0,    _NONE),
    ("RESCUE_OCC",       "P1A16", "PW-033", s.RESCUE_MA,         False, "rescue_ma",          s.IDLE_MA,                   "rescue_ms",         "oc_clear_ms",        s.CHG,            TRIP_CLASS, CHARGER_GONE, 3,        3600, _NONE),
    ("RESCUE_LONG",      "P1A17", "PW-034", s.RESCUE_MIN,        False, "rescue_min",         _NONE,                       0,                   0,                    s.BOTH,           LOCKOUT,    ALWAYS,       NO_LIMIT, 0,    _NONE),
    ("PACK_OV",          "P1A18", "PW-035", s.STACK_CELL_MV,     False, "pack_ov_mv",         "pack_ov_clear_mv",          "pack_ov_ms",        "cell_ov_clear_ms",   s.CHG,            TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  _NONE),
    ("PACK_UV",          "P1A19", "PW-036", s.STACK_CELL_MV,     True,  "pack_uv_mv",         "pack_uv_clear_mv",          "pack_uv_ms",        "cell_uv_clear_ms",   s.DSG,            TRIP_CLASS, CHARGING,     NO_LIMIT, 0,    _NONE),
    ("IMBALANCE_WARN",   "P1A1A", "PW-045", s.SPREAD_MV,         False, "imbalance_warn_mv",  ("imbalance_warn_mv", -50),  "imbalance_warn_ms", 5000,                 s.LIMP,           WARNING,    ALWAYS,       NO_LIMIT, 0,    _NONE),
    ("IMBALANCE",        "P0BBD", "PW-012", s.SPREAD_MV,         False, "imbalance_mv",       "imbalance_clear_mv",        "imbalance_ms",      "imbalance_clear_ms", s.BOTH,           TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  _NONE),
    # Current.
    ("OCC_WARN",         "P1A1B", "PW-037", s.CHARGE_MA,         False, "occ_warn_ma",        ("occ_warn_ma", -s.IDLE_MA), "occ_warn_ms",       3000,                 0,                WARNING,    ALWAYS,       NO_LIMIT, 0,    _NONE),
    ("OCC",              "P1A01", "PW-003", s.CHARGE_MA,         False, "occ_ma",             s.IDLE_MA,                   "occ_ms",            "oc_clear_ms",        s.CHG,            TRIP_CLASS, CHARGER_GONE, 3,        3600, s.HW_OCC),
    ("OCD_WARN",         "P1A1C", "PW-038", s.DISCHARGE_MA,      False, "ocd_warn_ma",        ("ocd_warn_ma", -s.IDLE_MA), "ocd_warn_ms",       3000,                 0,                WARNING,    ALWAYS,       NO_LIMIT, 0,    _NONE),
    ("OCD1",             "P1A02", "PW-004", s.DISCHARGE_MA,      False, "ocd1_ma",            s.IDLE_MA,                   "ocd1_ms",           "oc_clear_ms",        s.DSG,            TRIP_CLASS, LOAD_GONE,    5,        3600, _NONE),
    ("OCD2",             "P1A03", "PW-005", s.DISCHARGE_MA,      False, "ocd2_ma",            s.IDLE_MA,                   "ocd2_ms",           "oc_clear_ms",        s.DSG,            TRIP_CLASS, LOAD_GONE,    3,        3600, s.HW_OCD1 | s.HW_OCD2),
    ("SCD",              "P1A04", "PW-006", s.HARDWARE,          False, NEVER,                NEVER,                       0,                   "scd_clear_ms",       s.BOTH,           TRIP_CLASS, LOAD_GONE,    2,        3600, s.HW_SCD),
    # Temperature.
    ("OTC_WARN",         "P1A1D", "PW-039", s.TEMP_MAX_DDEGC,    False, "otc_warn_ddegc",     ("otc_warn_ddegc", -20),     "temp_warn_ms",      3000,                 0,                WARNING,    ALWAYS,       NO_LIMIT, 0,    _NONE),
    ("OTC",              "P0A7E", "PW-007", s.TEMP_MAX_DDEGC,    False, "otc_ddegc",          "otc_clear_ddegc",           "temp_ms",           "temp_clear_ms",      s.CHG,            TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  s.HW_OTC),
    ("UTC",              "P1A05", "PW-008", s.TEMP_MIN_DDEGC,    True,  "utc_ddegc",          "utc_clear_ddegc",           "temp_ms",           "temp_clear_ms",      s.CHG,            TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  s.HW_UTC),
    ("OTD_WARN",         "P1A1E", "PW-040", s.TEMP_MAX_DDEGC,    False, "otd_warn_ddegc",     ("otd_warn_ddegc", -20),     "temp_warn_ms",      3000,                 0,                WARNING,    ALWAYS,       NO_LIMIT, 0,    _NONE),
    ("OTD",              "P1A06", "PW-009", s.TEMP_MAX_DDEGC,    False, "otd_ddegc",          "otd_clear_ddegc",           "temp_ms",           "temp_clear_ms",      s.BOTH,           TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  s.HW_OTD),
    ("UTD",              "P1A07", "PW-010", s.TEMP_MIN_DDEGC,    True,  "utd_ddegc",          "utd_clear_ddegc",           "temp_ms",           "temp_clear_ms",      s.DSG,            TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  s.HW_UTD),
    ("OT_PERM",          "P1A1F", "PW-041", s.TEMP_MAX_DDEGC,    False, "ot_perm_ddegc",      "otd_clear_ddegc",           "ot_perm_ms",        0,                    s.BOTH,           PERMANENT,  ALWAYS,       NO_LIMIT, 0,    _NONE),
    ("TEMP_RISE",        "P1A20", "PW-044", s.TEMP_RISE_DDEGC,   False, "temp_rise_ddegc",    ("temp_rise_ddegc", -30),    "temp_rise_ms",      5000,                 s.BOTH,           TRIP_CLASS, ALWAYS,       3,        3600, _NONE),
    ("TEMP_SPREAD",      "P1A21", "PW-043", s.TEMP_SPREAD_DDEGC, False, "temp_spread_ddegc",  ("temp_spread_ddegc", -30),  "temp_spread_ms",    5000,                 s.LIMP,           WARNING,    ALWAYS,       NO_LIMIT, 0,    _NONE),
    ("FET_OT",           "P1A22", "PW-042", s.FET_DDEGC,         False, "fet_ot_ddegc",       "fet_ot_clear_ddegc",        "fet_ot_ms",         "temp_clear_ms",      s.BOTH,           TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  s.HW_OT_FET),
    ("BOARD_OT",         "P1A08", "PW-011", s.DIE_DDEGC,         False, "board_ot_ddegc",     "board_ot_clear_ddegc",      "board_ot_ms",       "temp_clear_ms",      s.BOTH,           TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  s.HW_OT_DIE),
    # Readings that cannot be right.
    ("THERMISTOR_OPEN",  "P0A9D", "PW-014", s.THERMISTORS_OPEN,  False, _ON,                  _OFF,                        "thermistor_ms",     3000,                 s.BOTH,           TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  _NONE),
    ("THERMISTOR_SHORT", "P0A9C", "PW-027", s.THERMISTORS_SHORT, False, _ON,                  _OFF,                        "thermistor_ms",     3000,                 s.BOTH,           TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  _NONE),
    ("STACK_SUM",        "P1A09", "PW-013", s.STACK_ERROR_MV,    False, "stack_error_mv",     "stack_error_mv",            "stack_error_ms",    2000,                 s.BOTH,           TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  _NONE),
    ("OPEN_TAP",         "P1A23", "PW-047", s.TAP_MV,            False, 300,                  150,                         200,                 5000,                 s.BOTH,           TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  _NONE),
    ("TAPS_SWAPPED",     "P1A24", "PW-048", s.CELL_MIN_MV,       True,  -200,                 _OFF,                        300,                 5000,                 s.BOTH,           TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  _NONE),
    ("CELL_JUMP",        "P1A25", "PW-046", s.JUMP_MV,           False, "jump_mv",            ("jump_mv", -100),           200,                 5000,                 s.BOTH,           TRIP_CLASS, ALWAYS,       3,        3600, _NONE),
    ("FROZEN_CELL",      "P1A26", "PW-049", s.FROZEN_MV,         False, 30,                   15,                          500,                 5000,                 s.BOTH,           TRIP_CLASS, ALWAYS,       3,        3600, _NONE),
    ("FROZEN_AFE",       "P1A27", "PW-050", s.STILL,             False, 5,                    _NONE,                       0,                   5000,                 s.BOTH,           TRIP_CLASS, ALWAYS,       3,        3600, _NONE),
    ("STALE",            "P1A0A", "PW-015", s.AGE_MS,            False, "stale_ms",           100,                         0,                   1000,                 s.BOTH,           TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  _NONE),
    # The front end and the path.
    ("AFE_COMMS",        "U0111", "PW-016", s.SILENT_MS,         False, "silent_ms",          100,                         0,                   1000,                 s.BOTH,           LOCKOUT,    ALWAYS,       NO_LIMIT, 0,    _NONE),
    ("BUS_NOISY",        "P1A28", "PW-058", s.BUS_ERRORS,        False, 100,                  20,                          0,                   5000,                 0,                WARNING,    ALWAYS,       NO_LIMIT, 0,    _NONE),
    ("AFE_CONFIG",       "P1A0B", "PW-017", s.CONFIG_LOST,       False, _ON,                  _OFF,                        0,                   1000,                 s.BOTH,           TRIP_CLASS, ALWAYS,       3,        3600, _NONE),
    ("AFE_FAULT",        "P0A1F", "PW-018", s.HARDWARE,          False, NEVER,                NEVER,                       0,                   1000,                 s.BOTH,           LOCKOUT,    ALWAYS,       NO_LIMIT, 0,    s.HW_FAULT),
    ("HOST_SILENT",      "P1A0C", "PW-019", s.HARDWARE,          False, NEVER,                NEVER,                       0,                   1000,                 s.BOTH,           TRIP_CLASS, ALWAYS,       3,        3600, s.HW_HOST_SILENT),
    ("FET_MISMATCH",     "P1A0D", "PW-020", s.FET_MISMATCH_MS,   False, 1500,                 0,                           0,                   1000,                 s.BOTH,           LOCKOUT,    ALWAYS,       NO_LIMIT, 0,    _NONE),
    ("FET_STUCK_OPEN",   "P1A29", "PW-051", s.DROP_MV,           False, "fet_drop_mv",        ("fet_drop_mv", -100),       "fet_drop_ms",       1000,                 s.BOTH,           LOCKOUT,    ALWAYS,       NO_LIMIT, 0,    _NONE),
    ("CHG_WELDED",       "P1A2A", "PW-052", s.CHG_WELD_MA,       False, "weld_ma",            "leak_ma",                   "weld_ms",           0,                    s.BOTH,           PERMANENT,  ALWAYS,       NO_LIMIT, 0,    _NONE),
    ("DSG_WELDED",       "P1A2B", "PW-053", s.DSG_WELD_MA,       False, "weld_ma",            "leak_ma",                   "weld_ms",           0,                    s.BOTH,           PERMANENT,  ALWAYS,       NO_LIMIT, 0,    _NONE),
    ("OPEN_CURRENT",     "P1A2C", "PW-054", s.OFF_MA,            False, "leak_ma",            s.IDLE_MA,                   "leak_ms",           5000,                 s.BOTH,           LOCKOUT,    ALWAYS,       NO_LIMIT, 0,    _NONE),
    ("WRONG_PORT",       "P1A30", "PW-060", s.WRONG_PORT_MA,     False, "leak_ma",            s.IDLE_MA,                   500,                 3000,                 s.BOTH,           TRIP_CLASS, ALWAYS,       3,        3600, _NONE),
    ("PRECHARGE",        "P1A2D", "PW-055", s.PRECHARGE_MS,      False, "precharge_ms",       _NONE,                       0,                   5000,                 s.DSG,            TRIP_CLASS, LOAD_GONE,    3,        3600, _NONE),
    ("CHARGER_OV",       "P1A2E", "PW-056", s.PACK_CELL_MV,      False, "charger_ov_mv",      "charger_ov_clear_mv",       "charger_ov_ms",     3000,                 s.CHG,            TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  _NONE),
    ("AUX_LOW",          "P0562", "PW-057", s.AUX_MV,            True,  "aux_min_mv",         "aux_clear_mv",              "aux_ms",            5000,                 0,                WARNING,    ALWAYS,       NO_LIMIT, 0,    _NONE),
    # The firmware itself, and its user.
    ("PARAMS_INVALID",   "P062F", "PW-021", s.PARAMS_INVALID,    False, _ON,                  _OFF,                        0,                   0,                    s.BOTH,           TRIP_CLASS, ALWAYS,       NO_LIMIT, 0,    _NONE),
    ("STATE_LOST",       "P0601", "PW-026", s.STATE_LOST,        False, _ON,                  _OFF,                        0,                   0,                    s.BOTH,           LOCKOUT,    ALWAYS,       NO_LIMIT, 0,    _NONE),
    ("EXCEPTION",        "P0606", "PW-022", s.EXCEPTIONS,        False, _ON,                  _OFF,                        0,                   1000,                 s.BOTH,           LOCKOUT,    ALWAYS,       NO_LIMIT, 0,    _NONE),
    ("IMPACT",           "P1A0E", "PW-023", s.IMPACT,            False, _ON,                  _OFF,                        0,                   0,                    s.BOTH,           PERMANENT,  ALWAYS,       NO_LIMIT, 0,    _NONE),
    ("CYCLE_OVERRUN",    "P1A2F", "PW-059", s.LATE_MS,           False, 500,                  200,                         0,                   10000,                0,                WARNING,    ALWAYS,       NO_LIMIT, 0,    _NONE),
    ("WATCHDOG_RESET",   "P1A0F", "PW-024", s.WATCHDOG_RESET,    False, _ON,                  _OFF,                        0,                   0,                    0,                WARNING,    ALWAYS,       NO_LIMIT, 0,    _NONE),
    ("BUTTON_STUCK",     "P1A10", "PW-025", s.BUTTON_STUCK,      False, _ON,                  _OFF,                        0,                   1000,                 0,                WARNING,    ALWAYS,       NO_LIMIT, 0,    _NONE),
))
# fmt: on


def index(mnemonic: str) -> int:
    """Row number of a mnemonic; ValueError if there is none."""
    for i in range(len(ROWS)):
        if ROWS[i][MNEMONIC] == mnemonic:
            return i
    raise ValueError(f"no fault is called {mnemonic}")


def is_kept(i: int) -> bool:
    """A trip of this row outlives a power cut: it ends by more than its cause, or is counted."""
    if ROWS.numbers(CLASS)[i] >= LOCKOUT or ROWS.numbers(RELEASE)[i] != ALWAYS:
        return True
    return ROWS.numbers(RETRIES)[i] >= 0  # no shorter: a method that is given a name is an object


def resolve(column: int, known: "list[int | None]", low: "array[int] | bytes", levels: "array[int]") -> None:
    """Work out a column of levels, with what is `known` of each name; negative for rows that are `low`."""
    which, added = ROWS.levels(column)
    for i in range(len(levels)):
        base = known[which[i] - 1] if which[i] else 0
        level = NEVER if base is None else base + added[i]
        levels[i] = -level if low and low[i] and base is not None else level
