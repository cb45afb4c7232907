"""Every data-memory register of the BQ76952 that this firmware decides, as one table.

A row is one register: where it is, how wide, its name after the TRM (chapter 13), the rule that works it out
from the limits (None: the argument is the value), the rule's argument, and the limit that it enforces, if
any. The table is written, read back and then watched for as long as the chip runs. Sorted by address, so that
neighbours travel in one block.

Left as found, on purpose: REG0, REG12 and HWD Regulator Options, because the LDO may be feeding this very
controller; Comm Type and I2C Address, because we are talking through them; the factory's calibration; OTP.

The recovery rows let the chip release by time alone: it is the firmware, with its own latch on the FETs, that
decides when a path closes again. The chip's own conditions (a charger before discharge is released, a load
before charge is) would lock a pack out; TI itself names the remedy, a threshold just beyond zero (TRM 5.2.8).
But a chip left alone must not release: hence recovery times longer than the host watchdog.
"""

from micropython import const

from bms.drivers import bq76952_config as c

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

# What may latch an alarm and pull the ALERT pin: the chip's default, and ADSCAN, which latches only if asked
# for (TRM 6.6) and is the sole proof that readings are new. So the pin falls after every scan too.
ALARM_MASK = const(0xF802)

# fmt: off
ROWS: "tuple[Row, ...]" = (
    # address type name                           rule                   argument      limit it enforces
    (0x91A8, F4, "CC Gain",                     c.cc_gain,             "shunt_uohm", "shunt_uohm"),
    (0x91AC, F4, "Capacity Gain",               c.capacity_gain,       "shunt_uohm", ""),
    (0x9234, U2, "Power Config",                None,                  0x2880,       ""),  # SLEEP, WK_SPD off
    (0x925F, U2, "Protection Configuration",    None,                  0x0002,       ""),  # PF_FETS only
    (0x9261, U1, "Enabled Protections A",       None,                  0xFC,         ""),  # all
    (0x9262, U1, "Enabled Protections B",       None,                  0x73,         ""),  # not UTINT, OTF
    (0x9263, U1, "Enabled Protections C",       None,                  0x02,         ""),  # HWDF
    (0x9265, U1, "CHG FET Protections A",       None,                  0x98,         ""),  # these two ...
    (0x9266, U1, "CHG FET Protections B",       None,                  0xD5,         ""),
    (0x9267, U1, "CHG FET Protections C",       None,                  0x56,         ""),
    (0x9269, U1, "DSG FET Protections A",       None,                  0xE4,         ""),  # ... act at once
    (0x926A, U1, "DSG FET Protections B",       None,                  0xE6,         ""),
    (0x926B, U1, "DSG FET Protections C",       None,                  0xE2,         ""),
    (0x926D, U2, "Default Alarm Mask",          None,                  ALARM_MASK,   ""),
    (0x9273, I2, "Body Diode Threshold",        None,                  50,           ""),
    (0x9275, U1, "CUV Threshold",               c.cell_under,          "cell_uv_mv", "cell_uv_mv"),
    (0x9276, U2, "CUV Delay",                   c.cell_delay,          "cell_uv_ms", "cell_uv_ms"),
    (0x9278, U1, "COV Threshold",               c.cell_over,           "cell_ov_mv", "cell_ov_mv"),
    (0x9279, U2, "COV Delay",                   c.cell_delay,          "cell_ov_ms", "cell_ov_ms"),
    (0x927B, U1, "CUV Recovery Hysteresis",     None,                  2,            ""),  # 101 mV
    (0x927C, U1, "COV Recovery Hysteresis",     None,                  2,            ""),
    (0x9280, U1, "OCC Threshold",               c.charge_current,      "occ_ma",     "occ_ma"),
    (0x9281, U1, "OCC Delay",                   c.current_delay,       "occ_ms",     "occ_ms"),
    (0x9282, U1, "OCD1 Threshold",              c.discharge_current,   "ocd1_ma",    "ocd1_ma"),
    (0x9283, U1, "OCD1 Delay",                  c.current_delay,       "ocd1_ms",    "ocd1_ms"),
    (0x9284, U1, "OCD2 Threshold",              c.discharge_current,   "ocd2_ma",    "ocd2_ma"),
    (0x9285, U1, "OCD2 Delay",                  c.current_delay,       "ocd2_ms",    "ocd2_ms"),
    (0x9286, U1, "SCD Threshold",               c.short_current,       "scd_ma",     "scd_ma"),
    (0x9287, U1, "SCD Delay",                   c.short_delay,         "scd_us",     "scd_us"),
    (0x9288, I2, "OCC Recovery Threshold",      None,                  100,          ""),  # mA: rest suffices
    (0x928D, I2, "OCD Recovery Threshold",      None,                  -100,         ""),
    (0x9294, U1, "SCD Recovery Time",           c.after_watchdog,      "",           ""),
    (0x929A, I1, "OTC Threshold",               c.over_temp,           "otc_ddegc",  "otc_ddegc"),
    (0x929B, U1, "OTC Delay",                   c.seconds,             "temp_s",     "temp_s"),
    (0x929C, I1, "OTC Recovery",                c.over_temp_recovery,  "otc_ddegc",  ""),
    (0x929D, I1, "OTD Threshold",               c.over_temp,           "otd_ddegc",  "otd_ddegc"),
    (0x929E, U1, "OTD Delay",                   c.seconds,             "temp_s",     ""),
    (0x929F, I1, "OTD Recovery",                c.over_temp_recovery,  "otd_ddegc",  ""),
    (0x92A3, I1, "OTINT Threshold",             None,                  85,           ""),
    (0x92A4, U1, "OTINT Delay",                 None,                  2,            ""),
    (0x92A5, I1, "OTINT Recovery",              None,                  80,           ""),
    (0x92A6, I1, "UTC Threshold",               c.under_temp,          "utc_ddegc",  "utc_ddegc"),
    (0x92A7, U1, "UTC Delay",                   c.seconds,             "temp_s",     ""),
    (0x92A8, I1, "UTC Recovery",                c.under_temp_recovery, "utc_ddegc",  ""),
    (0x92A9, I1, "UTD Threshold",               c.under_temp,          "utd_ddegc",  "utd_ddegc"),
    (0x92AA, U1, "UTD Delay",                   c.seconds,             "temp_s",     ""),
    (0x92AB, I1, "UTD Recovery",                c.under_temp_recovery, "utd_ddegc",  ""),
    (0x92AF, U1, "Recovery Time",               c.after_watchdog,      "",           ""),
    (0x92B2, U2, "HWD Delay",                   c.seconds,             "hwd_s",      "hwd_s"),
    (0x92C0, U1, "Enabled PF A",                None,                  0x00,         ""),
    (0x92C1, U1, "Enabled PF B",                None,                  0x00,         ""),
    (0x92C2, U1, "Enabled PF C",                None,                  0x07,         ""),  # its own memories
    (0x92C3, U1, "Enabled PF D",                None,                  0x00,         ""),
    (0x92FC, U1, "ALERT Pin Config",            None,                  0x82,         ""),  # low, else open
    (0x92FD, U1, "TS1 Config",                  c.thermistor_pin,      1,            ""),
    (0x92FE, U1, "TS2 Config",                  c.thermistor_pin,      2,            ""),
    (0x92FF, U1, "TS3 Config",                  c.thermistor_pin,      4,            ""),
    (0x9303, U1, "DA Configuration",            c.data_format,         "",           "current_unit_ma"),
    (0x9304, U2, "Vcell Mode",                  c.cell_inputs,         "cell_count", "cell_count"),
    (0x9308, U1, "FET Options",                 None,                  0x2D,         ""),  # and FET_INIT_OFF
    (0x9309, U1, "Chg Pump Control",            None,                  0x01,         ""),
    (0x9310, I2, "Dsg Current Threshold",       c.in_user_amps,        100,          ""),
    (0x9312, I2, "Chg Current Threshold",       c.in_user_amps,        50,           ""),
    (0x9314, U1, "Check Time",                  None,                  5,            ""),  # s: open-wire test
    (0x9335, U1, "Balancing Configuration",     None,                  0x00,         ""),  # host command only
    (0x9336, I1, "Balancing Min Cell Temp",     None,                  -20,          ""),
    (0x9337, I1, "Balancing Max Cell Temp",     c.balance_max_temp,    "",           "balance_max_ddegc"),
    (0x9338, I1, "Balancing Max Internal Temp", None,                  70,           ""),
    (0x9339, U1, "Cell Balance Interval",       None,                  20,           ""),  # s, then it stops
    (0x9343, U2, "Mfg Status Init",             None,                  0x0040,       ""),  # FET_EN off
)
# fmt: on


def plan(limits: dict[str, int]) -> tuple[bytearray, dict[str, int]]:
    """What to write, all rows' bytes in order, and what that makes the chip enforce, by limit name."""
    c.check(limits)
    image = bytearray()
    applied = {}
    for _address, kind, _name, rule, argument, limit in ROWS:
        raw = enforced = argument
        if rule:
            raw, enforced = rule(limits, argument)
        for _ in range(abs(kind)):
            image.append(raw & 0xFF)
            raw >>= 8
        if limit:
            applied[limit] = enforced
    return image, applied
