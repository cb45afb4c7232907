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
# A trip, clear or delay that is a string is a parameter, a pair is a parameter plus an offset, an int is fixed.
ROWS: "tuple[Row, ...]" = (
    # mnemonic           DTC      req       source               low    trip                 clear                        set ms            clear  opens             class       release       retries   win s hardware               text / advice
    # What the cells stand: warning, trip, permanent.
    ("CELL_OV_WARN",     "P1A11", "PW-028", s.CELL_MAX_MV,       False, "cell_ov_warn_mv",   ("cell_ov_warn_mv", -20),    2000,             5000,  0,                WARNING,    ALWAYS,       NO_LIMIT, 0,    _NONE,                 "a cell is nearly too high", "Let the charger taper; let balancing finish."),
    ("CELL_OV",          "P0AFB", "PW-001", s.CELL_MAX_MV,       False, "cell_ov_mv",        "cell_ov_clear_mv",          "cell_ov_ms",     3000,  s.CHG,            TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  s.HW_OV,               "a cell is charged too high", "Lower the charger's voltage; let balancing finish."),
    ("CELL_OV_PERM",     "P1A12", "PW-029", s.SOUND_MAX_MV,      False, "cell_ov_perm_mv",   "cell_ov_clear_mv",          5000,             0,     s.BOTH,           PERMANENT,  ALWAYS,       NO_LIMIT, 0,    _NONE,                 "a cell was charged beyond what it stands", "It may be damaged: take the pack out of use and have that cell examined."),
    ("CELL_UV_WARN",     "P1A13", "PW-030", s.CELL_MIN_MV,       True,  "cell_uv_warn_mv",   ("cell_uv_warn_mv", 50),     5000,             5000,  0,                WARNING,    ALWAYS,       NO_LIMIT, 0,    _NONE,                 "a cell is nearly empty", "Charge soon."),
    ("CELL_UV",          "P0AFA", "PW-002", s.CELL_MIN_MV,       True,  "cell_uv_mv",        "cell_uv_clear_mv",          "cell_uv_ms",     2000,  s.DSG,            TRIP_CLASS, CHARGING,     NO_LIMIT, 0,    s.HW_UV,               "a cell is empty", "Connect the charger."),
    ("CELL_DEEP",        "P1A14", "PW-031", s.CELL_MIN_MV,       True,  "deep_mv",           "deep_clear_mv",             2000,             5000,  s.DSG | s.RESCUE, TRIP_CLASS, CHARGING,     NO_LIMIT, 0,    _NONE,                 "a cell is deeply discharged", "Charge gently, below the charge limit shown, and watch that cell's temperature."),
    ("CELL_DEAD",        "P1A15", "PW-032", s.SOUND_MIN_MV,      True,  "no_return_mv",      "deep_mv",                   30000,            0,     s.BOTH,           PERMANENT,  ALWAYS,       NO_LIMIT, 0,    _NONE,                 "a cell is below the voltage of no return", "Charging it could start a fire: replace the cell."),
    ("RESCUE_OCC",       "P1A16", "PW-033", s.RESCUE_MA,         False, "rescue_ma",         s.IDLE_MA,                   2000,             3000,  s.CHG,            TRIP_CLASS, CHARGER_GONE, 3,        3600, _NONE,                 "too much current for a deeply discharged cell", "Unplug; use a charger that stays below the charge limit shown."),
    ("RESCUE_LONG",      "P1A17", "PW-034", s.RESCUE_MIN,        False, "rescue_min",        _NONE,                       0,                0,     s.BOTH,           LOCKOUT,    ALWAYS,       NO_LIMIT, 0,    _NONE,                 "the rescue charge does not bring the cell up", "Find the cell that stays low and replace it, then reset."),
    ("PACK_OV",          "P1A18", "PW-035", s.STACK_CELL_MV,     False, "pack_ov_mv",        "pack_ov_clear_mv",          2000,             3000,  s.CHG,            TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  _NONE,                 "the pack's voltage is too high", "Lower the charger's voltage."),
    ("PACK_UV",          "P1A19", "PW-036", s.STACK_CELL_MV,     True,  "pack_uv_mv",        "pack_uv_clear_mv",          5000,             2000,  s.DSG,            TRIP_CLASS, CHARGING,     NO_LIMIT, 0,    _NONE,                 "the pack is empty", "Connect the charger."),
    ("IMBALANCE_WARN",   "P1A1A", "PW-045", s.SPREAD_MV,         False, "imbalance_warn_mv", ("imbalance_warn_mv", -50),  10000,            5000,  s.LIMP,           WARNING,    ALWAYS,       NO_LIMIT, 0,    _NONE,                 "cells drift apart", "Charge to full and let balancing work; 'cells' shows which one differs."),
    ("IMBALANCE",        "P0BBD", "PW-012", s.SPREAD_MV,         False, "imbalance_mv",      "imbalance_clear_mv",        "imbalance_ms",   5000,  s.BOTH,           TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  _NONE,                 "cells are far apart", "Compare the cells; one is weak, or a joint is loose."),
    # Current.
    ("OCC_WARN",         "P1A1B", "PW-037", s.CHARGE_MA,         False, "occ_warn_ma",       ("occ_warn_ma", -s.IDLE_MA), 2000,             3000,  0,                WARNING,    ALWAYS,       NO_LIMIT, 0,    _NONE,                 "the charger gives more than it was allowed", "Set it to the charge limit shown."),
    ("OCC",              "P1A01", "PW-003", s.CHARGE_MA,         False, "occ_ma",            s.IDLE_MA,                   "occ_ms",         3000,  s.CHG,            TRIP_CLASS, CHARGER_GONE, 3,        3600, s.HW_OCC,              "charge current too high", "Unplug the charger; use a smaller one."),
    ("OCD_WARN",         "P1A1C", "PW-038", s.DISCHARGE_MA,      False, "ocd_warn_ma",       ("ocd_warn_ma", -s.IDLE_MA), 2000,             3000,  0,                WARNING,    ALWAYS,       NO_LIMIT, 0,    _NONE,                 "the load draws more than it was allowed", "Draw less: the discharge limit is shown."),
    ("OCD1",             "P1A02", "PW-004", s.DISCHARGE_MA,      False, "ocd1_ma",           s.IDLE_MA,                   "ocd1_ms",        3000,  s.DSG,            TRIP_CLASS, LOAD_GONE,    5,        3600, _NONE,                 "discharge current too high for too long", "Switch the load off; draw less."),
    ("OCD2",             "P1A03", "PW-005", s.DISCHARGE_MA,      False, "ocd2_ma",           s.IDLE_MA,                   "ocd2_ms",        3000,  s.DSG,            TRIP_CLASS, LOAD_GONE,    3,        3600, s.HW_OCD1 | s.HW_OCD2, "discharge current far too high", "Switch the load off; look for what drew it."),
    ("SCD",              "P1A04", "PW-006", s.HARDWARE,          False, NEVER,               NEVER,                       0,                5000,  s.BOTH,           TRIP_CLASS, LOAD_GONE,    2,        3600, s.HW_SCD,              "short circuit", "Disconnect the load and find the short before anything else."),
    # Temperature.
    ("OTC_WARN",         "P1A1D", "PW-039", s.TEMP_MAX_DDEGC,    False, "otc_warn_ddegc",    ("otc_warn_ddegc", -20),     3000,             3000,  0,                WARNING,    ALWAYS,       NO_LIMIT, 0,    _NONE,                 "nearly too hot to charge", "Charge slower, or let the pack cool."),
    ("OTC",              "P0A7E", "PW-007", s.TEMP_MAX_DDEGC,    False, "otc_ddegc",         "otc_clear_ddegc",           "temp_ms",        3000,  s.CHG,            TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  s.HW_OTC,              "too hot to charge", "Let the pack cool."),
    ("UTC",              "P1A05", "PW-008", s.TEMP_MIN_DDEGC,    True,  "utc_ddegc",         "utc_clear_ddegc",           "temp_ms",        3000,  s.CHG,            TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  s.HW_UTC,              "too cold to charge", "Warm the pack before charging; cold charging plates lithium."),
    ("OTD_WARN",         "P1A1E", "PW-040", s.TEMP_MAX_DDEGC,    False, "otd_warn_ddegc",    ("otd_warn_ddegc", -20),     3000,             3000,  0,                WARNING,    ALWAYS,       NO_LIMIT, 0,    _NONE,                 "nearly too hot to use", "Draw less, or let the pack cool."),
    ("OTD",              "P1A06", "PW-009", s.TEMP_MAX_DDEGC,    False, "otd_ddegc",         "otd_clear_ddegc",           "temp_ms",        3000,  s.BOTH,           TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  s.HW_OTD,              "too hot to use", "Let the pack cool; check for a hot cell or joint."),
    ("UTD",              "P1A07", "PW-010", s.TEMP_MIN_DDEGC,    True,  "utd_ddegc",         "utd_clear_ddegc",           "temp_ms",        3000,  s.DSG,            TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  s.HW_UTD,              "too cold to discharge", "Warm the pack."),
    ("OT_PERM",          "P1A1F", "PW-041", s.TEMP_MAX_DDEGC,    False, "ot_perm_ddegc",     "otd_clear_ddegc",           5000,             0,     s.BOTH,           PERMANENT,  ALWAYS,       NO_LIMIT, 0,    _NONE,                 "a cell was as hot as cells that burn", "Get away from it, let it cool in the open, and have it examined."),
    ("TEMP_RISE",        "P1A20", "PW-044", s.TEMP_RISE_DDEGC,   False, "temp_rise_ddegc",   ("temp_rise_ddegc", -30),    5000,             5000,  s.BOTH,           TRIP_CLASS, ALWAYS,       3,        3600, _NONE,                 "the pack heats up faster than use explains", "Watch it from a distance until it is cool; find the hot cell or joint."),
    ("TEMP_SPREAD",      "P1A21", "PW-043", s.TEMP_SPREAD_DDEGC, False, "temp_spread_ddegc", ("temp_spread_ddegc", -30),  10000,            5000,  s.LIMP,           WARNING,    ALWAYS,       NO_LIMIT, 0,    _NONE,                 "one part of the pack is much warmer than another", "Look for a hot cell, a hot joint, or a thermistor that came loose."),
    ("FET_OT",           "P1A22", "PW-042", s.FET_DDEGC,         False, "fet_ot_ddegc",      ("fet_ot_ddegc", -150),      2000,             3000,  s.BOTH,           TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  s.HW_OT_FET,           "the FETs are too hot", "Draw less; improve their cooling."),
    ("BOARD_OT",         "P1A08", "PW-011", s.DIE_DDEGC,         False, 800,                 700,                         2000,             3000,  s.BOTH,           TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  s.HW_OT_DIE,           "the AFE is too hot", "Check FETs and airflow; reduce balancing."),
    # Readings that cannot be right.
    ("THERMISTOR_OPEN",  "P0A9D", "PW-014", s.THERMISTORS_OPEN,  False, _ON,                 _OFF,                        1000,             3000,  s.BOTH,           TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  _NONE,                 "a thermistor reads open", "Check its plug and wire."),
    ("THERMISTOR_SHORT", "P0A9C", "PW-027", s.THERMISTORS_SHORT, False, _ON,                 _OFF,                        1000,             3000,  s.BOTH,           TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  _NONE,                 "a thermistor reads shorted", "Check its wire for damage."),
    ("STACK_SUM",        "P1A09", "PW-013", s.STACK_ERROR_MV,    False, "stack_error_mv",    "stack_error_mv",            "stack_error_ms", 2000,  s.BOTH,           TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  _NONE,                 "stack voltage and sum of cells disagree", "Check the cell taps and the top wire."),
    ("OPEN_TAP",         "P1A23", "PW-047", s.TAP_MV,            False, 300,                 150,                         200,              5000,  s.BOTH,           TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  _NONE,                 "two neighbours read apart as if the tap between them hung loose", "Check the sense wire between the lowest cell and the highest."),
    ("TAPS_SWAPPED",     "P1A24", "PW-048", s.CELL_MIN_MV,       True,  -200,                _OFF,                        300,              5000,  s.BOTH,           TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  _NONE,                 "a cell reads reversed", "Two sense wires are swapped, or that cell is in backwards: disconnect and check."),
    ("CELL_JUMP",        "P1A25", "PW-046", s.JUMP_MV,           False, "jump_mv",           ("jump_mv", -100),           200,              5000,  s.BOTH,           TRIP_CLASS, ALWAYS,       3,        3600, _NONE,                 "a cell's voltage jumped as no cell's can", "Check that cell's joints and its sense wire."),
    ("FROZEN_CELL",      "P1A26", "PW-049", s.FROZEN_MV,         False, 30,                  15,                          500,              5000,  s.BOTH,           TRIP_CLASS, ALWAYS,       3,        3600, _NONE,                 "a cell's reading stands still while the others move", "Check its sense wire; if it returns, replace the AFE."),
    ("FROZEN_AFE",       "P1A27", "PW-050", s.STILL,             False, 5,                   _NONE,                       0,                5000,  s.BOTH,           TRIP_CLASS, ALWAYS,       3,        3600, _NONE,                 "the AFE's converters stand still", "If it returns, replace the AFE."),
    ("STALE",            "P1A0A", "PW-015", s.AGE_MS,            False, "stale_ms",          100,                         0,                1000,  s.BOTH,           TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  _NONE,                 "no new readings from the AFE", "If it stays: check the AFE's supply and bus wires."),
    # The front end and the path.
    ("AFE_COMMS",        "U0111", "PW-016", s.SILENT_MS,         False, "silent_ms",         100,                         0,                1000,  s.BOTH,           LOCKOUT,    ALWAYS,       NO_LIMIT, 0,    _NONE,                 "the AFE does not answer", "Check its supply, SDA, SCL and pull-ups, then reset."),
    ("BUS_NOISY",        "P1A28", "PW-058", s.BUS_ERRORS,        False, 100,                 20,                          0,                5000,  0,                WARNING,    ALWAYS,       NO_LIMIT, 0,    _NONE,                 "the bus to the AFE is disturbed", "Shorten SDA and SCL, check their pull-ups, keep them from the power wires."),
    ("AFE_CONFIG",       "P1A0B", "PW-017", s.CONFIG_LOST,       False, _ON,                 _OFF,                        0,                1000,  s.BOTH,           TRIP_CLASS, ALWAYS,       3,        3600, _NONE,                 "the AFE lost or changed its configuration", "It is being set up again; if it returns, check its supply."),
    ("AFE_FAULT",        "P0A1F", "PW-018", s.HARDWARE,          False, NEVER,               NEVER,                       0,                1000,  s.BOTH,           LOCKOUT,    ALWAYS,       NO_LIMIT, 0,    s.HW_FAULT,            "the AFE reports a failure of its own", "Reset once; if it returns, replace the AFE."),
    ("HOST_SILENT",      "P1A0C", "PW-019", s.HARDWARE,          False, NEVER,               NEVER,                       0,                1000,  s.BOTH,           TRIP_CLASS, ALWAYS,       3,        3600, s.HW_HOST_SILENT,      "the AFE heard nothing from the firmware and opened", "If it returns: report it, with 'history'."),
    ("FET_MISMATCH",     "P1A0D", "PW-020", s.FET_MISMATCH_MS,   False, 1500,                0,                           0,                1000,  s.BOTH,           LOCKOUT,    ALWAYS,       NO_LIMIT, 0,    _NONE,                 "a FET does not do what it is told", "Check the FETs and their drive, then reset."),
    ("FET_STUCK_OPEN",   "P1A29", "PW-051", s.DROP_MV,           False, "fet_drop_mv",       ("fet_drop_mv", -100),       3000,             1000,  s.BOTH,           LOCKOUT,    ALWAYS,       NO_LIMIT, 0,    _NONE,                 "the path is on and does not conduct", "Check the FETs, their drive and what lies between them and the terminal, then reset."),
    ("CHG_WELDED",       "P1A2A", "PW-052", s.CHG_WELD_MA,        False, "weld_ma",           "leak_ma",                   3000,             0,     s.BOTH,           PERMANENT,  ALWAYS,       NO_LIMIT, 0,    _NONE,                 "charge current flows though charging is off", "Unplug at once: the charge switch does not open any more. Replace it."),
    ("DSG_WELDED",       "P1A2B", "PW-053", s.DSG_WELD_MA,        False, "weld_ma",           "leak_ma",                   3000,             0,     s.BOTH,           PERMANENT,  ALWAYS,       NO_LIMIT, 0,    _NONE,                 "discharge current flows though discharging is off", "Disconnect the load: the discharge switch does not open any more. Replace it."),
    ("OPEN_CURRENT",     "P1A2C", "PW-054", s.OFF_MA,       False, "leak_ma",           s.IDLE_MA,                   2000,             5000,  s.BOTH,           LOCKOUT,    ALWAYS,       NO_LIMIT, 0,    _NONE,                 "current flows through a direction that is open", "Disconnect charger and load; look for a wire around the switches, check the shunt; then reset."),
    ("WRONG_PORT",       "P1A30", "PW-060", s.WRONG_PORT_MA,     False, "leak_ma",           s.IDLE_MA,                   500,              3000,  s.BOTH,           TRIP_CLASS, ALWAYS,       3,        3600, _NONE,                 "current flows through the port of the other direction", "Keep what feeds back, a motor above all, from a full pack; see the wiring of the ports."),
    ("PRECHARGE",        "P1A2D", "PW-055", s.PRECHARGE_MS,      False, "precharge_ms",      _NONE,                       0,                5000,  s.DSG,            TRIP_CLASS, LOAD_GONE,    3,        3600, _NONE,                 "the load did not come up through the precharge resistor", "Switch the load off while connecting it; look for a short behind the pack."),
    ("CHARGER_OV",       "P1A2E", "PW-056", s.PACK_CELL_MV,      False, "charger_ov_mv",     ("charger_ov_mv", -50),      1000,             3000,  s.CHG,            TRIP_CLASS, ALWAYS,       NO_LIMIT, 600,  _NONE,                 "the charger's voltage is far too high", "Unplug it: it is the wrong one, or broken."),
    ("AUX_LOW",          "P0562", "PW-057", s.AUX_MV,            True,  "aux_min_mv",        ("aux_min_mv", 200),         10000,            5000,  0,                WARNING,    ALWAYS,       NO_LIMIT, 0,    _NONE,                 "the auxiliary supply is low", "Charge or replace the auxiliary battery: a weak one fakes every other fault."),
    # The firmware itself, and its user.
    ("PARAMS_INVALID",   "P062F", "PW-021", s.PARAMS_INVALID,    False, _ON,                 _OFF,                        0,                0,     s.BOTH,           TRIP_CLASS, ALWAYS,       NO_LIMIT, 0,    _NONE,                 "the parameters are not usable", "'params' says what is missing; set it and 'save'."),
    ("STATE_LOST",       "P0601", "PW-026", s.STATE_LOST,        False, _ON,                 _OFF,                        0,                0,     s.BOTH,           LOCKOUT,    ALWAYS,       NO_LIMIT, 0,    _NONE,                 "what the pack remembered is damaged", "Lockouts may have been forgotten: find out why it was taken out of use, then reset."),
    ("EXCEPTION",        "P0606", "PW-022", s.EXCEPTIONS,        False, _ON,                 _OFF,                        0,                1000,  s.BOTH,           LOCKOUT,    ALWAYS,       NO_LIMIT, 0,    _NONE,                 "the firmware met an error it did not expect", "Report it, with 'history'; then reset."),
    ("IMPACT",           "P1A0E", "PW-023", s.IMPACT,            False, _ON,                 _OFF,                        0,                0,     s.BOTH,           PERMANENT,  ALWAYS,       NO_LIMIT, 0,    _NONE,                 "an impact was sensed", "Have the pack inspected before anything else."),
    ("CYCLE_OVERRUN",    "P1A2F", "PW-059", s.LATE_MS,           False, 500,                 200,                         0,                10000, 0,                WARNING,    ALWAYS,       NO_LIMIT, 0,    _NONE,                 "the firmware was late with a protection cycle", "The AFE covered the gap; report it if it returns, with 'history'."),
    ("WATCHDOG_RESET",   "P1A0F", "PW-024", s.WATCHDOG_RESET,    False, _ON,                 _OFF,                        0,                0,     0,                WARNING,    ALWAYS,       NO_LIMIT, 0,    _NONE,                 "the watchdog restarted the firmware", "Once may be noise; report it if it returns."),
    ("BUTTON_STUCK",     "P1A10", "PW-025", s.BUTTON_STUCK,      False, _ON,                 _OFF,                        0,                1000,  0,                WARNING,    ALWAYS,       NO_LIMIT, 0,    _NONE,                 "the button has been held for over 30 s", "It is wet, shorted or jammed: dry it or mend it."),
)
# fmt: on


def index(mnemonic: str) -> int:
    """Row number of a mnemonic; ValueError if there is none."""
    for i in range(len(ROWS)):
        if ROWS[i][MNEMONIC] == mnemonic:
            return i
    raise ValueError(f"no fault is called {mnemonic}")
