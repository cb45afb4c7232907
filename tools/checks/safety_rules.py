"""Why each requirement is there: hazards, and the rules that are code and not rows of the fault table.

The firmware's tables say what happens; which hazard that is against needs no place on a chip, so it stands
here. `requirement_trace` holds these tables against the firmware's and the tests' marks, and `safety_page`
writes firmware/SAFETY.md from all of them.
"""

from typing import NamedTuple


class Hazard(NamedTuple):
    name: str
    harm: str
    tests: str  # of the standards that SAFETY.md names, by subject
    rows: str  # numbers of the requirements in the fault table that stand against it


class Rule(NamedTuple):
    requirement: str
    hazard: str
    layers: str
    place: str  # module:symbol below firmware/
    text: str


SINGLE_FAULT = "single faults of what protects: functional safety (IEC 62619, UL 1973, UL 2271)"

# fmt: off
HAZARDS = (
    Hazard(
        "overcharge",
        "a cell is charged beyond what it stands: it gasses, plates lithium, burns",
        "overcharge (all four); overcharge control of voltage (IEC 62619)",
        "001 028 029 035 056 060",
    ),
    Hazard(
        "over-discharge",
        "a cell is emptied beyond what it stands: copper dissolves, and the next charge may short it",
        "over-discharge (UL 1973, UL 2271, ISO 6469-1); forced discharge (IEC 62619)",
        "002 030 031 032 033 034 036",
    ),
    Hazard(
        "over-current",
        "more current than cells, joints, switches or a load's capacitors stand",
        "overcharge control of current (IEC 62619); overcurrent (ISO 6469-1)",
        "003 004 005 037 038 055",
    ),
    Hazard(
        "short circuit",
        "a short behind the terminals",
        "external short circuit (all four)",
        "006",
    ),
    Hazard(
        "heat",
        "cells, switches or electronics get too hot, from outside or from within",
        "overheating control (IEC 62619); temperature and operating limits (UL 1973, UL 2271); "
        "over-temperature (ISO 6469-1)",
        "007 009 011 039 040 041 042 043 044",
    ),
    Hazard(
        "cold",
        "a cold cell is charged, which plates lithium, or loaded",
        "temperature and operating limits (UL 1973, UL 2271)",
        "008 010",
    ),
    Hazard(
        "weak cell",
        "one cell is not like the others: out of balance, shorted within, badly joined",
        "imbalanced charging (UL 1973, UL 2271); internal short circuit and propagation (IEC 62619)",
        "012 045 046",
    ),
    Hazard(
        "blind",
        "a reading is wrong, old or missing, and with it whatever relies on it",
        SINGLE_FAULT,
        "013 014 015 016 027 047 048 049 050 058",
    ),
    Hazard(
        "control",
        "the controller, its firmware, its memory or the AFE fails, or somebody misuses it",
        SINGLE_FAULT,
        "017 018 019 021 022 024 025 026 057 059",
    ),
    Hazard(
        "switch",
        "a FET or contactor does not open, or does not close",
        SINGLE_FAULT,
        "020 051 052 053 054",
    ),
    Hazard(
        "blow",
        "the pack is dropped, hit or crushed",
        "impact and drop (IEC 62619, UL 1973, UL 2271); mechanical shock (ISO 6469-1)",
        "023",
    ),
)

# Layers: 1 the AFE by itself, 2 the firmware, 3 the controller's own hardware.
RULES = (
    Rule("PW-101", "control", "2", "bms.app.compose:open_first",
         "After any restart the AFE is told to open before anything is loaded that might be damaged."),
    Rule("PW-102", "blind", "2", "bms.core.path:TRANSITIONS",
         "The path is open until parameters are valid and the AFE is identified, configured and read back."),
    Rule("PW-103", "blind", "2", "bms.app.loop:GOOD_SCANS",
         "It is open until three new scans in a row were good."),
    Rule("PW-104", "control", "1", "bms.drivers.bq76952_setup:Setup.program",
         "The AFE's host watchdog is armed, and set to open both directions, before any FET may close."),
    Rule("PW-105", "control", "1", "bms.drivers.bq76952_watch:Watch._compare",
         "What is written to the AFE is read back byte for byte before any FET may close."),
    Rule("PW-106", "control", "2", "bms.drivers.bq76952_watch:Watch.step",
         "While it runs, the whole configuration is compared again at least every 10 s."),
    Rule("PW-107", "control", "1", "bms.core.silicon:derive",
         "Each limit asked of the AFE lies outside the firmware's, so that each layer acts in its turn."),
    Rule("PW-108", "overcharge", "1", "bms.core.params_check:check",
         "And it lies inside what cells of that chemistry stand, or the parameters are refused."),
    Rule("PW-109", "overcharge", "1", "bms.drivers.bq76952_registers:plan",
         "What the AFE's steps make of a limit is never looser than what was asked."),
    Rule("PW-110", "control", "2", "bms.app.enforce:unreachable",
         "A limit that the fitted AFE and shunt cannot enforce makes the parameters unusable."),
    Rule("PW-111", "control", "2", "bms.app.settings:Settings.save",
         "Parameters are checked together, and applied whole or not at all."),
    Rule("PW-112", "control", "2", "bms.services.storage:Record.save",
         "A record on flash is whole or not there: two copies, a checksum, read back after writing."),
    Rule("PW-113", "control", "2", "bms.core.standing:to_keep",
         "Lockouts, permanent faults, held trips and counts of retries survive a power cut."),
    Rule("PW-114", "control", "2", "bms.app.loop:Loop._secure",
         "They are written in the cycle in which they change, to both copies."),
    Rule("PW-115", "switch", "2", "bms.app.findings:Findings.compare",
         "Commanded is not done: gates are read back with each scan; a command not followed is repeated."),
    Rule("PW-116", "switch", "2", "bms.app.keeper:Keeper.open_path",
         "An opening that the AFE has not taken is repeated at every poll, before all else."),
    Rule("PW-117", "control", "2", "bms.app.loop:Loop._panic",
         "An exception anywhere opens the path first and is explained later."),
    Rule("PW-118", "control", "3", "bms.app.loop:Loop._cycle",
         "The controller's watchdog is fed in one place, after a whole cycle with no reading overdue."),
    Rule("PW-119", "control", "3", "bms.hal.common:Common.feed",
         "The watchdog runs from the first feed on, and from then on Ctrl-C cannot end the firmware."),
    Rule("PW-120", "control", "2", "main:hal",
         "However the loop ends, the path is opened on the way out."),
    Rule("PW-121", "control", "2", "bms.app.loop:Loop._protect",
         "The half of the cycle that protects allocates nothing, so that no garbage collection delays it."),
    Rule("PW-122", "blind", "2", "bms.hal.common:Common.recover_bus",
         "A bus that is held down is freed by nine clocks and a stop."),
    Rule("PW-123", "blind", "2", "bms.drivers.transport:Transport._read_once",
         "A byte whose CRC is wrong counts for nothing."),
    Rule("PW-124", "blind", "2", "bms.drivers.bq76952:Bq76952.read",
         "A reading is new only if the AFE has finished a scan since the last one."),
    Rule("PW-125", "control", "2", "bms.core.protection:Protection.restart",
         "A permanent fault ends by no reset, no restart and no power cut."),
    Rule("PW-126", "control", "2", "bms.core.path:PowerPath.step",
         "The gravest transition comes first, and no mode closes a direction that a standing fault opens."),
    Rule("PW-127", "short circuit", "2", "bms.core.protection:Protection._too_often",
         "Trips that must not repeat for ever are counted, and then lock out."),
    Rule("PW-128", "blind", "2", "bms.core.protection:Protection.step",
         "A trip ends by its clear level, its delay and its release condition, on new readings only."),
    Rule("PW-129", "control", "2", "bms.core.ticks:diff",
         "Time is right across the wrap of the millisecond tick (every 12.4 days)."),
    Rule("PW-130", "switch", "2", "bms.drivers.bq76952_gates:Gates.allow",
         "Half a FET command is no state: if its second half fails, everything opens."),
    Rule("PW-131", "over-current", "2", "bms.app.loop:Loop.step",
         "A trip of the AFE's own begins a cycle at once."),
    Rule("PW-132", "control", "1", "bms.drivers.bq76952:Bq76952.commission",
         "With the firmware stopped, the AFE alone acts on every limit that it was given."),
    Rule("PW-133", "control", "2", "bms.core.reset:judge",
         "A reset hides no danger: isolated, cause gone, no permanent fault, not too often; else refused."),
    Rule("PW-134", "control", "2", "bms.app.pinpad:Pinpad.unlock",
         "Only who knows the pack's PIN, or has a finger on its button while none is set, can change what"
         " protects it."),
    Rule("PW-135", "control", "2", "bms.services.console:Console.poll",
         "Nothing that is typed, sent or not read at the port delays protection."),
    Rule("PW-136", "heat", "1", "bms.drivers.bq76952:Bq76952.set_balance",
         "Bleeding ends by itself when it is not renewed, and where cells or the AFE get too warm."),
    Rule("PW-137", "weak cell", "2", "bms.core.balance:Balancer.step",
         "Only cells that hold more are bled, never near empty, never two neighbours, never during a fault."),
    Rule("PW-138", "heat", "2", "bms.core.limits:Limits.step",
         "Reported current limits fall to zero before a trip, at once, and rise again slowly."),
    Rule("PW-139", "control", "2", "bms.drivers.bq76952_setup:Setup._identify",
         "Another chip, or a sealed one, is never trusted with the path."),
    Rule("PW-140", "control", "2", "bms.core.button:Button.poll",
         "A reset by the button is a hold of 10 to 15 s, whatever the contacts and the loop do meanwhile."),
    Rule("PW-141", "blind", "1", "bms.drivers.bq76952_board:cell_inputs",
         "Every cell and thermistor that is fitted is watched, and no other input."),
    Rule("PW-142", "switch", "2", "bms.app.findings:Findings.compare",
         "Current through the body diode of an open FET is allowed for, and taken for no other fault."),
    Rule("PW-143", "switch", "1", "bms.app.switch:Switch.poll",
         "A contactor's coil hangs on the AFE's gate and on our pin in series: either drops it alone."),
    Rule("PW-144", "switch", "2", "bms.core.contactor:Coil.step",
         "A contactor closes again only after its rest, and after its contact was seen open."),
    Rule("PW-145", "switch", "3", "bms.hal.coils:Coils",
         "After any restart all coils are off before anything else is looked at."),
    Rule("PW-146", "over-current", "2", "bms.core.contactor:Contactors.scan",
         "Where a precharge is fitted, the discharge contactor closes only onto a load that has come up."),
    Rule("PW-147", "weak cell", "2", "bms.core.limits:Limits.step",
         "Limping reduces the current both ways, and is reported with its cause."),
    Rule("PW-148", "control", "2", "bms.app.keeper:Keeper.sleep",
         "Ship mode opens the path and shuts the AFE down; a restart by a person ends it."),
    Rule("PW-149", "control", "2", "bms.app.loop:Loop._facts",
         "In standby, or without its enable input, the path stays open while everything else goes on."),
    Rule("PW-150", "blind", "2", "bms.app.arming:Arming",
         "It is open until cells, taps, thermistors, switches and the shunt's sign have been proven on this"
         " wiring."),
)
# fmt: on

# What `silicon.derive` asks of the AFE -> the requirements that it serves.
LIMITS = {
    "cell_count": "PW-141",
    "thermistors": "PW-141",
    "shunt_uohm": "PW-110",
    "cell_ov_mv": "PW-001",
    "cell_ov_ms": "PW-001",
    "cell_uv_mv": "PW-002",
    "cell_uv_ms": "PW-002",
    "occ_ma": "PW-003",
    "occ_ms": "PW-003",
    "ocd1_ma": "PW-005",
    "ocd1_ms": "PW-005",
    "ocd2_ma": "PW-005",
    "ocd2_ms": "PW-005",
    "scd_ma": "PW-006",
    "scd_us": "PW-006",
    "otc_ddegc": "PW-007",
    "utc_ddegc": "PW-008",
    "otd_ddegc": "PW-009",
    "utd_ddegc": "PW-010",
    "temp_s": "PW-007 PW-008 PW-009 PW-010",
    "hwd_s": "PW-019 PW-104",
    "precharge_delta_mv": "PW-055",
    "pchg_start_mv": "PW-031",
    "pchg_stop_mv": "PW-031",
    "fet_thermistor": "PW-042",
    "otf_ddegc": "PW-042",
    "series_fets": "PW-142",
}

# Mode of the power path -> the requirement that leads into it.
MODES = {
    "boot": "PW-102",
    "selftest": "PW-103",
    "standby": "PW-149",
    "precharge": "PW-055",
    "active": "PW-103",
    "charge_only": "PW-126",
    "discharge_only": "PW-126",
    "limp": "PW-147",
    "fault": "PW-126",
    "permanent": "PW-125",
    "ship": "PW-148",
}
