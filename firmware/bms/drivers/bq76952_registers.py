"""The data memory of the BQ76952 (TRM 13.9) as one table: what this firmware decides, and what it keeps.

A row is a register, or a run of them: where it is, its type or how many bytes, its name after the TRM, the
rule that works it out from the limits (None: the argument is the value), the rule's argument, and the limit
that it enforces, if any. All of it is read back and then watched for as long as the chip runs, because any
bit of it can move a limit or a reading. Sorted by address, so that neighbours travel in one block.

KEPT is left as the chip loaded it from its OTP: the calibration, which only the factory knows; REG0, REG12
and HWD Regulator Options, because the LDO may be feeding this very controller; Comm Type and I2C Address,
because we are talking through them; and what belongs to functions that are not used. The threshold overrides
are decided: a threshold that somebody calibrated would silently stand in for the one that is asked for.

The recovery rows let the chip release by time alone: it is the firmware, with its own latch on the FETs, that
decides when a path closes again. The chip's own conditions (a charger before discharge is released, a load
before charge is) would lock a pack out; TI itself names the remedy, a threshold just beyond zero (TRM 5.2.8).
But a chip left alone must not release: hence recovery times longer than the host watchdog.
"""

from array import array

from micropython import const

from bms.drivers import bq76952_board as b
from bms.drivers import bq76952_config as c
from bms.drivers.bq76952_status import ALARM_MASK

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    Row = tuple[int, int, str, Callable[[dict[str, int], Any], tuple[int, int]] | None, Any, str]

# Types: width in bytes, negative if signed.
U1 = const(1)
I1 = const(-1)
U2 = const(2)
I2 = const(-2)
F4 = const(4)

KEPT = None


# fmt: off
ROWS: "tuple[Row, ...]" = (
    # address as  name                        rule                 argument              limit it enforces
    (0x9180, 32, "Cell Gains",               None,                KEPT,                 ""),
    (0x91A0, 8,  "Pack, TOS, LD, ADC Gain",  None,                KEPT,                 ""),
    (0x91A8, F4, "CC Gain",                  b.shunt_gain,        "shunt_uohm",         "shunt_uohm"),
    (0x91AC, F4, "Capacity Gain",            b.capacity_gain,     "shunt_uohm",         ""),
    (0x91B0, 4,  "Voltage Offsets",          None,                KEPT,                 ""),
    (0x91C6, 4,  "Current Offset",           None,                KEPT,                 ""),
    (0x91CA, 10, "Temperature Offsets",      None,                KEPT,                 ""),
    (0x91D4, U2, "CUV Threshold Override",   None,                0xFFFF,               ""),  # ours counts
    (0x91D6, U2, "COV Threshold Override",   None,                0xFFFF,               ""),  # ours counts
    (0x91E0, 2,  "Config RAM Signature",     None,                KEPT,                 ""),
    (0x91E2, 8,  "Internal Temp Model",      None,                KEPT,                 ""),
    (0x91EA, 18, "18K Temperature Model",    None,                KEPT,                 ""),
    (0x91FE, 2,  "18K Model Adc0",           None,                KEPT,                 ""),
    (0x9200, 18, "180K Temperature Model",   None,                KEPT,                 ""),
    (0x9214, 2,  "180K Model Adc0",          None,                KEPT,                 ""),
    (0x9216, 22, "Custom Temperature Model", None,                KEPT,                 ""),
    (0x922D, 1,  "Coulomb Counter Deadband", None,                KEPT,                 ""),
    (0x9231, 3,  "Fuse",                     None,                KEPT,                 ""),
    (0x9234, U2, "Power Config",             b.power,             "",                   ""),
    (0x9236, 5,  "Regulators and Comm Type", None,                KEPT,                 ""),
    (0x923C, 2,  "SPI and Comm Idle Time",   None,                KEPT,                 ""),
    (0x923F, 2,  "Shutdown Cell Voltage",    None,                KEPT,                 ""),
    (0x9241, I2, "Shutdown Stack Voltage",   b.shutdown_stack,    "cell_count",         ""),
    (0x9243, 3,  "Shutdown Delay and Temp",  None,                KEPT,                 ""),
    (0x9248, I2, "Sleep Current",            None,                20,                   ""),  # mA
    (0x924A, U1, "Voltage Time",             None,                1,                    ""),  # s
    (0x924B, I2, "Wake Comparator Current",  None,                500,                  ""),  # mA, its least
    (0x924D, U1, "Sleep Hysteresis Time",    None,                240,                  ""),  # s
    (0x924E, I2, "Sleep Charger Voltage",    None,                32767,                ""),  # at any stack
    (0x9250, 2,  "Sleep Charger Delta",      None,                KEPT,                 ""),
    (0x9252, 4,  "Shutdown Delays",          None,                KEPT,                 ""),
    (0x9256, 9,  "Security",                 None,                KEPT,                 ""),
    (0x925F, U2, "Protection Configuration", None,                0x0002,               ""),  # PF_FETS only
    (0x9261, U1, "Enabled Protections A",    None,                0xFC,                 ""),  # all
    (0x9262, U1, "Enabled Protections B",    b.slow_bits,         "",                   ""),
    (0x9263, U1, "Enabled Protections C",    None,                0x02,                 ""),  # HWDF
    (0x9265, U1, "CHG FET Protections A",    None,                0x98,                 ""),  # acts at once
    (0x9266, U1, "CHG FET Protections B",    None,                0xD5,                 ""),
    (0x9267, U1, "CHG FET Protections C",    None,                0x56,                 ""),
    (0x9269, U1, "DSG FET Protections A",    None,                0xE4,                 ""),  # acts at once
    (0x926A, U1, "DSG FET Protections B",    None,                0xE6,                 ""),
    (0x926B, U1, "DSG FET Protections C",    None,                0xE2,                 ""),
    (0x926D, U2, "Default Alarm Mask",       None,                ALARM_MASK,           ""),
    (0x926F, 3,  "SF Alert Masks",           None,                KEPT,                 ""),
    (0x9273, I2, "Body Diode Threshold",     None,                50,                   ""),
    (0x9275, U1, "CUV Threshold",            c.cell_under,        "cell_uv_mv",         "cell_uv_mv"),
    (0x9276, U2, "CUV Delay",                c.cell_delay,        "cell_uv_ms",         "cell_uv_ms"),
    (0x9278, U1, "COV Threshold",            c.cell_over,         "cell_ov_mv",         "cell_ov_mv"),
    (0x9279, U2, "COV Delay",                c.cell_delay,        "cell_ov_ms",         "cell_ov_ms"),
    (0x927B, U1, "CUV Recovery Hysteresis",  None,                2,                    ""),  # 101 mV
    (0x927C, U1, "COV Recovery Hysteresis",  None,                2,                    ""),
    (0x927D, 3,  "COVL",                     None,                KEPT,                 ""),
    (0x9280, U1, "OCC Threshold",            c.charge_current,    "occ_ma",             "occ_ma"),
    (0x9281, U1, "OCC Delay",                c.current_delay,     "occ_ms",             "occ_ms"),
    (0x9282, U1, "OCD1 Threshold",           c.discharge_current, "ocd1_ma",            "ocd1_ma"),
    (0x9283, U1, "OCD1 Delay",               c.current_delay,     "ocd1_ms",            "ocd1_ms"),
    (0x9284, U1, "OCD2 Threshold",           c.discharge_current, "ocd2_ma",            "ocd2_ma"),
    (0x9285, U1, "OCD2 Delay",               c.current_delay,     "ocd2_ms",            "ocd2_ms"),
    (0x9286, U1, "SCD Threshold",            c.short_current,     "scd_ma",             "scd_ma"),
    (0x9287, U1, "SCD Delay",                c.short_delay,       "scd_us",             "scd_us"),
    (0x9288, I2, "OCC Recovery Threshold",   None,                100,                  ""),  # mA: at rest
    (0x928A, 3,  "OCD3",                     None,                KEPT,                 ""),
    (0x928D, I2, "OCD Recovery Threshold",   None,                -100,                 ""),
    (0x928F, 5,  "OCDL",                     None,                KEPT,                 ""),
    (0x9294, U1, "SCD Recovery Time",        c.after_watchdog,    "",                   ""),
    (0x9295, 5,  "SCDL",                     None,                KEPT,                 ""),
    (0x929A, I1, "OTC Threshold",            c.over_temp,         "otc_ddegc",          "otc_ddegc"),
    (0x929B, U1, "OTC Delay",                c.seconds,           "temp_s",             "temp_s"),
    (0x929C, I1, "OTC Recovery",             c.hot_recovery,      "otc_ddegc",          ""),
    (0x929D, I1, "OTD Threshold",            c.over_temp,         "otd_ddegc",          "otd_ddegc"),
    (0x929E, U1, "OTD Delay",                c.seconds,           "temp_s",             ""),
    (0x929F, I1, "OTD Recovery",             c.hot_recovery,      "otd_ddegc",          ""),
    (0x92A0, U1, "OTF Threshold",            c.fet_over_temp,     "otf_ddegc",          "otf_ddegc"),
    (0x92A1, U1, "OTF Delay",                c.seconds,           "temp_s",             ""),
    (0x92A2, U1, "OTF Recovery",             c.fet_recovery,      "otf_ddegc",          ""),
    (0x92A3, I1, "OTINT Threshold",          None,                85,                   ""),
    (0x92A4, U1, "OTINT Delay",              None,                2,                    ""),
    (0x92A5, I1, "OTINT Recovery",           None,                80,                   ""),
    (0x92A6, I1, "UTC Threshold",            c.under_temp,        "utc_ddegc",          "utc_ddegc"),
    (0x92A7, U1, "UTC Delay",                c.seconds,           "temp_s",             ""),
    (0x92A8, I1, "UTC Recovery",             c.cold_recovery,     "utc_ddegc",          ""),
    (0x92A9, I1, "UTD Threshold",            c.under_temp,        "utd_ddegc",          "utd_ddegc"),
    (0x92AA, U1, "UTD Delay",                c.seconds,           "temp_s",             ""),
    (0x92AB, I1, "UTD Recovery",             c.cold_recovery,     "utd_ddegc",          ""),
    (0x92AC, 3,  "UTINT",                    None,                KEPT,                 ""),
    (0x92AF, U1, "Recovery Time",            c.after_watchdog,    "",                   ""),
    (0x92B0, 2,  "OCC PACK-TOS Delta",       None,                KEPT,                 ""),
    (0x92B2, U2, "HWD Delay",                c.seconds,           "hwd_s",              "hwd_s"),
    (0x92B4, 4,  "Load Detect",              None,                KEPT,                 ""),
    (0x92BA, 6,  "PTO",                      None,                KEPT,                 ""),
    (0x92C0, U1, "Enabled PF A",             None,                0x00,                 ""),
    (0x92C1, U1, "Enabled PF B",             None,                0x00,                 ""),
    (0x92C2, U1, "Enabled PF C",             None,                0x07,                 ""),  # its memories
    (0x92C3, U1, "Enabled PF D",             None,                0x00,                 ""),
    (0x92C4, 4,  "PF Alert Masks",           None,                KEPT,                 ""),
    (0x92C8, 12, "PF of Voltages",           None,                KEPT,                 ""),
    (0x92D4, 10, "PF of Currents and Heat",  None,                KEPT,                 ""),
    (0x92DE, 16, "PF of Imbalance",          None,                KEPT,                 ""),
    (0x92EE, 12, "PF of FETs and Chip",      None,                KEPT,                 ""),
    (0x92FA, 2,  "CFETOFF, DFETOFF Config",  None,                KEPT,                 ""),
    (0x92FC, U1, "ALERT Pin Config",         None,                0x82,                 ""),  # low, else open
    (0x92FD, U1, "TS1 Config",               b.cell_thermistor,   1,                    ""),
    (0x92FE, U1, "TS2 Config",               b.cell_thermistor,   2,                    ""),
    (0x92FF, U1, "TS3 Config",               b.last_thermistor,   "fet_thermistor",     "fet_thermistor"),
    (0x9300, 3,  "HDQ, DCHG, DDSG Config",   None,                KEPT,                 ""),
    (0x9303, U1, "DA Configuration",         b.data_format,       "",                   "current_unit_ma"),
    (0x9304, U2, "Vcell Mode",               b.cell_inputs,       "cell_count",         "cell_count"),
    (0x9307, 1,  "CC3 Samples",              None,                KEPT,                 ""),
    (0x9308, U1, "FET Options",              b.fet_options,       "series_fets",        "series_fets"),
    (0x9309, U1, "Chg Pump Control",         None,                0x01,                 ""),
    (0x930A, I2, "Precharge Start Voltage",  b.precharge_start,   "pchg_start_mv",      "pchg_start_mv"),
    (0x930C, I2, "Precharge Stop Voltage",   b.precharge_stop,    "pchg_stop_mv",       "pchg_stop_mv"),
    (0x930E, U1, "Predischarge Timeout",     None,                0,                    ""),  # by voltage
    (0x930F, U1, "Predischarge Stop Delta",  b.stop_delta,        "precharge_delta_mv", "precharge_delta_mv"),
    (0x9310, I2, "Dsg Current Threshold",    b.in_user_amps,      100,                  ""),
    (0x9312, I2, "Chg Current Threshold",    b.in_user_amps,      50,                   ""),
    (0x9314, U1, "Check Time",               None,                5,                    ""),  # s: open wire
    (0x9315, 32, "Interconnect Resistances", None,                KEPT,                 ""),
    (0x9335, U1, "Balancing Configuration",  None,                0x00,                 ""),  # host only
    (0x9336, I1, "Balancing Min Cell Temp",  None,                -20,                  ""),
    (0x9337, I1, "Balancing Max Cell Temp",  c.balance_max_temp,  "",                   "balance_max_ddegc"),
    (0x9338, I1, "Balancing Max Die Temp",   None,                70,                   ""),
    (0x9339, U1, "Cell Balance Interval",    None,                20,                   ""),  # s, then stop
    (0x933A, 9,  "Autonomous Balancing",     None,                KEPT,                 ""),
    (0x9343, U2, "Mfg Status Init",          None,                0x0040,               ""),  # FET_EN off
)
# fmt: on


def decided(row: "Row") -> bool:
    """Whether we write this register, or leave it as the chip loaded it."""
    return row[3] is not None or row[4] is not KEPT


def layout() -> "tuple[array[int], array[int]]":
    """Where each row is, and how many bytes it has: negative where they are kept.

    Small, and all that is needed once a chip has been planned for: this module and the rules need not stay.
    """
    addresses = array("H", [row[0] for row in ROWS])
    return addresses, array("b", [abs(row[1]) if decided(row) else -row[1] for row in ROWS])


# The last limits, and what came of them: a start judges a set, and then programs it.
_planned: "list[tuple[dict[str, int], bytes, dict[str, int]]]" = []


def plan(limits: dict[str, int]) -> tuple[bytearray, dict[str, int]]:
    """What all registers shall hold, row by row, and what that makes the chip enforce, by limit.

    The bytes of what is kept are zero, and mean nothing yet.
    """
    for before, held, enforces in _planned:
        if before == limits:
            return bytearray(held), dict(enforces)
    c.check(limits)
    image = bytearray()
    applied = {}
    for _address, kind, _name, rule, argument, limit in ROWS:
        raw = enforced = argument or 0
        if rule:
            raw, enforced = rule(limits, argument)
        for _ in range(abs(kind)):
            image.append(raw & 0xFF)
            raw >>= 8
        if limit:
            applied[limit] = enforced
    _planned[:] = [(dict(limits), bytes(image), dict(applied))]
    return image, applied
