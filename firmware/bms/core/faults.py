"""The fault table: one row per way in which the pack can be wrong, and everything that follows from it.

A row says what is looked at, when it trips and clears, which direction opens, how it ends, and what to tell
the owner. `protection.py` walks the rows; it knows no fault by name. Requirement ids (PW-nnn) stand on the
row and on the tests that prove it. DTC numbers follow SAE J2012: the generic code where there is one (P0...),
else the manufacturer's range (P1...).
"""

from micropython import const

from bms.core import snapshot as s

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Row

# Columns of a row.
MNEMONIC, DTC, REQUIREMENT, SOURCE, LOW_SIDE, TRIP, CLEAR, SET_MS, CLEAR_MS = range(9)
OPENS, CLASS, RELEASE, RETRIES, WINDOW_S, HARDWARE, TEXT, ADVICE = range(9, 17)

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
# A trip, clear or delay that is a string is a parameter; an int is fixed.
ROWS: "tuple[Row, ...]" = (
    # mnemonic          DTC      req       source              low    trip              clear                 set ms            clear  opens    class       release       retries   win s hardware          text / advice
    ("CELL_OV",         "P0AFB", "PW-001", s.CELL_MAX_MV,      False, "cell_ov_mv",     "cell_ov_clear_mv",   "cell_ov_ms",     3000,  s.CHG,   TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  s.HW_OV,          "a cell is charged too high", "Lower the charger's voltage; let balancing finish."),
    ("CELL_UV",         "P0AFA", "PW-002", s.CELL_MIN_MV,      True,  "cell_uv_mv",     "cell_uv_clear_mv",   "cell_uv_ms",     2000,  s.DSG,   TRIP_CLASS, CHARGING,     NO_LIMIT, 0,    s.HW_UV,          "a cell is empty", "Connect the charger."),
    ("OCC",             "P1A01", "PW-003", s.CHARGE_MA,        False, "occ_ma",         s.IDLE_MA,            "occ_ms",         3000,  s.CHG,   TRIP_CLASS, CHARGER_GONE, 3,        3600, s.HW_OCC,         "charge current too high", "Unplug the charger; use a smaller one."),
    ("OCD1",            "P1A02", "PW-004", s.DISCHARGE_MA,     False, "ocd1_ma",        s.IDLE_MA,            "ocd1_ms",        3000,  s.DSG,   TRIP_CLASS, LOAD_GONE,    5,        3600, _NONE,            "discharge current too high for too long", "Switch the load off; draw less."),
    ("OCD2",            "P1A03", "PW-005", s.DISCHARGE_MA,     False, "ocd2_ma",        s.IDLE_MA,            "ocd2_ms",        3000,  s.DSG,   TRIP_CLASS, LOAD_GONE,    3,        3600, s.HW_OCD1 | s.HW_OCD2, "discharge current far too high", "Switch the load off; look for what drew it."),
    ("SCD",             "P1A04", "PW-006", s.HARDWARE,         False, NEVER,            NEVER,                0,                5000,  s.BOTH,  TRIP_CLASS, LOAD_GONE,    2,        3600, s.HW_SCD,         "short circuit", "Disconnect the load and find the short before anything else."),
    ("OTC",             "P0A7E", "PW-007", s.TEMP_MAX_DDEGC,   False, "otc_ddegc",      "otc_clear_ddegc",    "temp_ms",        3000,  s.CHG,   TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  s.HW_OTC,         "too hot to charge", "Let the pack cool."),
    ("UTC",             "P1A05", "PW-008", s.TEMP_MIN_DDEGC,   True,  "utc_ddegc",      "utc_clear_ddegc",    "temp_ms",        3000,  s.CHG,   TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  s.HW_UTC,         "too cold to charge", "Warm the pack before charging; cold charging plates lithium."),
    ("OTD",             "P1A06", "PW-009", s.TEMP_MAX_DDEGC,   False, "otd_ddegc",      "otd_clear_ddegc",    "temp_ms",        3000,  s.BOTH,  TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  s.HW_OTD,         "too hot to use", "Let the pack cool; check for a hot cell or joint."),
    ("UTD",             "P1A07", "PW-010", s.TEMP_MIN_DDEGC,   True,  "utd_ddegc",      "utd_clear_ddegc",    "temp_ms",        3000,  s.DSG,   TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  s.HW_UTD,         "too cold to discharge", "Warm the pack."),
    ("BOARD_OT",        "P1A08", "PW-011", s.DIE_DDEGC,        False, 800,              700,                  2000,             3000,  s.BOTH,  TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  s.HW_OT_DIE,      "the AFE is too hot", "Check FETs and airflow; reduce balancing."),
    ("IMBALANCE",       "P0BBD", "PW-012", s.SPREAD_MV,        False, "imbalance_mv",   "imbalance_clear_mv", "imbalance_ms",   5000,  s.BOTH,  TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  _NONE,            "cells are far apart", "Compare the cells; one is weak, or a joint is loose."),
    ("STACK_SUM",       "P1A09", "PW-013", s.STACK_ERROR_MV,   False, "stack_error_mv", "stack_error_mv",     "stack_error_ms", 2000,  s.BOTH,  TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  _NONE,            "stack voltage and sum of cells disagree", "Check the cell taps and the top wire."),
    ("THERMISTOR",      "P0A9B", "PW-014", s.THERMISTORS_BAD,  False, _ON,              _OFF,                 1000,             3000,  s.BOTH,  TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  _NONE,            "a thermistor is open or shorted", "Check its plug and wire."),
    ("STALE",           "P1A0A", "PW-015", s.AGE_MS,           False, "stale_ms",       100,                  0,                1000,  s.BOTH,  TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  _NONE,            "no new readings from the AFE", "If it stays: check the AFE's supply and bus wires."),
    ("AFE_COMMS",       "U0111", "PW-016", s.SILENT_MS,        False, "silent_ms",      100,                  0,                1000,  s.BOTH,  LOCKOUT,    ALWAYS,       NO_LIMIT, 0,    _NONE,            "the AFE does not answer", "Check its supply, SDA, SCL and pull-ups, then reset."),
    ("AFE_CONFIG",      "P1A0B", "PW-017", s.CONFIG_LOST,      False, _ON,              _OFF,                 0,                1000,  s.BOTH,  TRIP_CLASS, ALWAYS,       3,        3600, _NONE,            "the AFE lost or changed its configuration", "It is being set up again; if it returns, check its supply."),
    ("AFE_FAULT",       "P0A1F", "PW-018", s.HARDWARE,         False, NEVER,            NEVER,                0,                1000,  s.BOTH,  LOCKOUT,    ALWAYS,       NO_LIMIT, 0,    s.HW_FAULT,   "the AFE reports a failure of its own", "Reset once; if it returns, replace the AFE."),
    ("HOST_SILENT",     "P1A0C", "PW-019", s.HARDWARE,         False, NEVER,            NEVER,                0,                1000,  s.BOTH,  TRIP_CLASS, ALWAYS,       3,        3600, s.HW_HOST_SILENT, "the AFE heard nothing from the firmware and opened", "If it returns: report it, with 'history'."),
    ("FET_MISMATCH",    "P1A0D", "PW-020", s.FET_MISMATCH_MS,  False, 1500,             0,                    0,                1000,  s.BOTH,  LOCKOUT,    ALWAYS,       NO_LIMIT, 0,    _NONE,            "a FET does not do what it is told", "Check the FETs and their drive, then reset."),
    ("PARAMS_INVALID",  "P062F", "PW-021", s.PARAMS_INVALID,   False, _ON,              _OFF,                 0,                0,     s.BOTH,  TRIP_CLASS, ALWAYS,       NO_LIMIT, 0,    _NONE,            "the parameters are not usable", "'params' says what is missing; set it and 'save'."),
    ("STATE_LOST",      "P0601", "PW-026", s.STATE_LOST,       False, _ON,              _OFF,                 0,                0,     s.BOTH,  LOCKOUT,    ALWAYS,       NO_LIMIT, 0,    _NONE,            "what the pack remembered is damaged", "Lockouts may have been forgotten: find out why it was taken out of use, then reset."),
    ("EXCEPTION",       "P0606", "PW-022", s.EXCEPTIONS,       False, _ON,              _OFF,                 0,                1000,  s.BOTH,  LOCKOUT,    ALWAYS,       NO_LIMIT, 0,    _NONE,            "the firmware met an error it did not expect", "Report it, with 'history'; then reset."),
    ("IMPACT",          "P1A0E", "PW-023", s.IMPACT,           False, _ON,              _OFF,                 0,                0,     s.BOTH,  PERMANENT,  ALWAYS,       NO_LIMIT, 0,    _NONE,            "an impact was sensed", "Have the pack inspected before anything else."),
    ("WATCHDOG_RESET",  "P1A0F", "PW-024", s.WATCHDOG_RESET,   False, _ON,              _OFF,                 0,                0,     0,       WARNING,    ALWAYS,       NO_LIMIT, 0,    _NONE,            "the watchdog restarted the firmware", "Once may be noise; report it if it returns."),
    ("BUTTON_STUCK",    "P1A10", "PW-025", s.BUTTON_STUCK,     False, _ON,              _OFF,                 0,                1000,  0,       WARNING,    ALWAYS,       NO_LIMIT, 0,    _NONE,            "the button has been held for over 30 s", "It is wet, shorted or jammed: dry it or mend it."),
)
# fmt: on


def index(mnemonic: str) -> int:
    """Row number of a mnemonic; ValueError if there is none."""
    for i in range(len(ROWS)):
        if ROWS[i][MNEMONIC] == mnemonic:
            return i
    raise ValueError(f"no fault is called {mnemonic}")
