"""The fault table is whole and consistent: a row that goes missing or loses its action is noticed here."""

from bms.core import faults as f
from bms.core import params
from bms.core import snapshot as s
from core.pack_fixture import LFP, protect, values

# mnemonic, what opens, class, release: literally, so that no row can vanish or soften unnoticed.
EXPECTED = (
    ("CELL_OV_WARN", 0, "warning", f.ALWAYS),
    ("CELL_OV", s.CHG, "trip", f.ALWAYS),
    ("CELL_OV_PERM", s.BOTH, "permanent", f.ALWAYS),
    ("CELL_UV_WARN", 0, "warning", f.ALWAYS),
    ("CELL_UV", s.DSG, "trip", f.CHARGING),
    ("CELL_DEEP", s.DSG | s.RESCUE, "trip", f.CHARGING),
    ("CELL_DEAD", s.BOTH, "permanent", f.ALWAYS),
    ("RESCUE_OCC", s.CHG, "trip", f.CHARGER_GONE),
    ("RESCUE_LONG", s.BOTH, "lockout", f.ALWAYS),
    ("PACK_OV", s.CHG, "trip", f.ALWAYS),
    ("PACK_UV", s.DSG, "trip", f.CHARGING),
    ("IMBALANCE_WARN", s.LIMP, "warning", f.ALWAYS),
    ("IMBALANCE", s.BOTH, "trip", f.ALWAYS),
    ("OCC_WARN", 0, "warning", f.ALWAYS),
    ("OCC", s.CHG, "trip", f.CHARGER_GONE),
    ("OCD_WARN", 0, "warning", f.ALWAYS),
    ("OCD1", s.DSG, "trip", f.LOAD_GONE),
    ("OCD2", s.DSG, "trip", f.LOAD_GONE),
    ("SCD", s.BOTH, "trip", f.LOAD_GONE),
    ("OTC_WARN", 0, "warning", f.ALWAYS),
    ("OTC", s.CHG, "trip", f.ALWAYS),
    ("UTC", s.CHG, "trip", f.ALWAYS),
    ("OTD_WARN", 0, "warning", f.ALWAYS),
    ("OTD", s.BOTH, "trip", f.ALWAYS),
    ("UTD", s.DSG, "trip", f.ALWAYS),
    ("OT_PERM", s.BOTH, "permanent", f.ALWAYS),
    ("TEMP_RISE", s.BOTH, "trip", f.ALWAYS),
    ("TEMP_SPREAD", s.LIMP, "warning", f.ALWAYS),
    ("FET_OT", s.BOTH, "trip", f.ALWAYS),
    ("BOARD_OT", s.BOTH, "trip", f.ALWAYS),
    ("THERMISTOR_OPEN", s.BOTH, "trip", f.ALWAYS),
    ("THERMISTOR_SHORT", s.BOTH, "trip", f.ALWAYS),
    ("STACK_SUM", s.BOTH, "trip", f.ALWAYS),
    ("OPEN_TAP", s.BOTH, "trip", f.ALWAYS),
    ("TAPS_SWAPPED", s.BOTH, "trip", f.ALWAYS),
    ("CELL_JUMP", s.BOTH, "trip", f.ALWAYS),
    ("FROZEN_CELL", s.BOTH, "trip", f.ALWAYS),
    ("FROZEN_AFE", s.BOTH, "trip", f.ALWAYS),
    ("STALE", s.BOTH, "trip", f.ALWAYS),
    ("AFE_COMMS", s.BOTH, "lockout", f.ALWAYS),
    ("BUS_NOISY", 0, "warning", f.ALWAYS),
    ("AFE_CONFIG", s.BOTH, "trip", f.ALWAYS),
    ("AFE_FAULT", s.BOTH, "lockout", f.ALWAYS),
    ("HOST_SILENT", s.BOTH, "trip", f.ALWAYS),
    ("FET_MISMATCH", s.BOTH, "lockout", f.ALWAYS),
    ("FET_STUCK_OPEN", s.BOTH, "lockout", f.ALWAYS),
    ("CHG_WELDED", s.BOTH, "permanent", f.ALWAYS),
    ("DSG_WELDED", s.BOTH, "permanent", f.ALWAYS),
    ("OPEN_CURRENT", s.BOTH, "lockout", f.ALWAYS),
    ("WRONG_PORT", s.BOTH, "trip", f.ALWAYS),
    ("PRECHARGE", s.DSG, "trip", f.LOAD_GONE),
    ("CHARGER_OV", s.CHG, "trip", f.ALWAYS),
    ("AUX_LOW", 0, "warning", f.ALWAYS),
    ("PARAMS_INVALID", s.BOTH, "trip", f.ALWAYS),
    ("STATE_LOST", s.BOTH, "lockout", f.ALWAYS),
    ("EXCEPTION", s.BOTH, "lockout", f.ALWAYS),
    ("IMPACT", s.BOTH, "permanent", f.ALWAYS),
    ("CYCLE_OVERRUN", 0, "warning", f.ALWAYS),
    ("WATCHDOG_RESET", 0, "warning", f.ALWAYS),
    ("BUTTON_STUCK", 0, "warning", f.ALWAYS),
)


def test_every_row_is_there_with_its_action() -> None:
    found = []
    for row in f.ROWS:
        found.append((row[f.MNEMONIC], row[f.OPENS], f.CLASS_NAMES[row[f.CLASS]], row[f.RELEASE]))
    assert tuple(found) == EXPECTED


def test_names_codes_and_requirements_are_unique_and_well_formed() -> None:
    for column in (f.MNEMONIC, f.DTC, f.REQUIREMENT):
        seen = [row[column] for row in f.ROWS]
        assert len(set(seen)) == len(seen)
    for row in f.ROWS:
        assert len(row[f.DTC]) == 5
        assert row[f.DTC][0] in "PU"
        assert row[f.REQUIREMENT][:3] == "PW-"
        assert 0 <= row[f.SOURCE] < s.COUNT


def test_levels_are_parameters_that_exist_or_fixed_figures() -> None:
    for row in f.ROWS:
        for column in (f.TRIP, f.CLEAR, f.SET_MS, f.CLEAR_MS):
            level = row[column]
            name = level[0] if isinstance(level, tuple) else level
            if isinstance(name, str):
                assert params.index(name) >= 0, name


def test_every_level_and_delay_that_is_a_parameter_reaches_the_machine() -> None:
    """A row that names a parameter follows it; fixed are only figures that are the way of finding."""
    given = values(LFP)
    machine = protect(LFP)
    for i in range(len(f.ROWS)):
        row = f.ROWS[i]
        for column, found in (
            (f.TRIP, machine._trip),
            (f.CLEAR, machine._clear),
            (f.SET_MS, machine._set_ms),
            (f.CLEAR_MS, machine._clear_ms),
        ):
            name = row[column][0] if isinstance(row[column], tuple) else row[column]
            if isinstance(name, str):
                before = found[i]
                machine.configure(dict(given, **{name: given[name] + 7}))
                assert abs(found[i] - before) == 7, (row[f.MNEMONIC], name)
                machine.configure(given)
    fixed = [row[f.MNEMONIC] for row in f.ROWS if isinstance(row[f.SET_MS], int) and row[f.SET_MS] > 0]
    assert fixed == ["OPEN_TAP", "TAPS_SWAPPED", "CELL_JUMP", "FROZEN_CELL", "WRONG_PORT"]


def test_what_only_the_afe_sees_has_a_bit_and_all_bits_have_a_row() -> None:
    covered = 0
    for row in f.ROWS:
        covered |= row[f.HARDWARE]
        assert row[f.SOURCE] != s.HARDWARE or row[f.HARDWARE]
    assert covered == 0x3FFF


def test_index_finds_rows_and_refuses_others() -> None:
    assert f.ROWS[f.index("SCD")][f.MNEMONIC] == "SCD"
    try:
        f.index("NOPE")
    except ValueError as error:
        assert "NOPE" in str(error)
    else:
        raise AssertionError("an unknown mnemonic was found")
