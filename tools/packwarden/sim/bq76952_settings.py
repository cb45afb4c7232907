"""What the data memory of the simulated BQ76952 means: raw settings made volts, amperes, microseconds.

The real part takes new settings over when it leaves CONFIG_UPDATE; so does this object, by load(). A bit
that flips in RAM later is taken over at once, as it is in silicon that reads the cell every time.
"""

from packwarden.sim.bq76952_calibration import Calibration

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packwarden.sim.bq76952_memory import DataMemory

NEVER_US = 1 << 60

# Safety Alert/Status A (TRM 12.2.2) and C (12.2.6)
SCD, OCD2, OCD1, OCC, COV, CUV = 0x80, 0x40, 0x20, 0x10, 0x08, 0x04
OCD3, SCDL, OCDL, COVL, PTO, HWDF = 0x80, 0x40, 0x20, 0x10, 0x04, 0x02

PINS = ("CFETOFF", "DFETOFF", "ALERT", "TS1", "TS2", "TS3", "HDQ", "DCHG", "DDSG")
PIN_REGISTERS = (0x6A, 0x6C, 0x6E, 0x70, 0x72, 0x74, 0x76, 0x78, 0x7A)

_CELL_STEP_V = 0.0506
_SCD_MV = (10, 20, 40, 60, 80, 100, 125, 150, 175, 200, 250, 300, 350, 400, 450, 500)
_USER_MA = (0.1, 1.0, 10.0, 100.0)
_SLOT_US = 3_000


def delay_us(code: int) -> int:
    """3.3 ms x (2 + n); a code of 0 switches the protection off (TRM 5.2.4)."""
    return 3_300 * (2 + code) if code else NEVER_US


class Settings:
    """Decoded configuration; attributes are named after the manual's parameters."""

    def __init__(self, memory: "DataMemory") -> None:
        self.memory = memory
        self.calibration = Calibration(memory)
        self.load()

    def load(self) -> None:
        m = self.memory
        self.calibration.load()
        self._load_measurement(m)
        self._load_comparators(m)
        self.enabled_a, self.enabled_b, self.enabled_c = m.u1(0x9261), m.u1(0x9262), m.u1(0x9263)
        self.chg_off_a, self.chg_off_b, self.chg_off_c = m.u1(0x9265), m.u1(0x9266), m.u1(0x9267)
        self.dsg_off_a, self.dsg_off_b, self.dsg_off_c = m.u1(0x9269), m.u1(0x926A), m.u1(0x926B)
        # TRM 5.2.3.2: any other mask leaves the turn-off to the 250 ms loop
        self.chg_off_at_once = self.chg_off_a in (0x98, 0x18)
        self.dsg_off_at_once = self.dsg_off_a in (0x80, 0xE4)
        self.alert_masks = (m.u1(0x926F), m.u1(0x9270), m.u1(0x9271))
        self.recovery_us = m.u1(0x92AF) * 1_000_000
        self.scd_recovery_us = m.u1(0x9294) * 1_000_000
        self.occ_recovery_ma = m.i2(0x9288)
        self.occ_pack_delta_v = m.i2(0x92B0) / 100
        self.ocd_recovery_ma = m.i2(0x928D)
        self.ocd3_user = m.i2(0x928A)
        self.ocd3_delay_us = m.u1(0x928C) * 1_000_000
        self.hwd_us = m.u2(0x92B2) * 1_000_000
        self._load_fets(m)
        self._load_power(m)

    def _load_measurement(self, m: "DataMemory") -> None:
        self.vcell_mode = m.u2(0x9304) or 0xFFFF
        self.cells_used = [i for i in range(16) if self.vcell_mode >> i & 1]
        da = m.u1(0x9303)
        self.user_ma = _USER_MA[da & 3]
        self.user_v = 0.01 if da & 4 else 0.001
        self.die_is_cell, self.die_is_fet = bool(da & 8), bool(da & 16)
        self.pin_config = [m.u1(0x92FA + i) for i in range(9)]
        power = m.u2(0x9234)
        analog = sum(1 for config in self.pin_config if config & 3 == 3)
        slot_us = _SLOT_US // 2 if power & 0x40 else _SLOT_US  # FASTADC
        loop_us = (18 + min(analog, 3)) * slot_us  # TRM 4.1.1
        self.scan_us = loop_us << (power >> 2 & 3)
        self.balancing_scan_us = loop_us << (power >> 4 & 3)

    def _load_comparators(self, m: "DataMemory") -> None:
        # TRM 4.11: a calibrated override takes the threshold's place
        calibration = self.calibration
        self.cuv_v = m.u1(0x9275) * _CELL_STEP_V
        if calibration.cuv_override_v is not None:
            self.cuv_v = calibration.cuv_override_v
        self.cov_v = m.u1(0x9278) * _CELL_STEP_V
        if calibration.cov_override_v is not None:
            self.cov_v = calibration.cov_override_v
        self.cuv_clear_v = self.cuv_v + m.u1(0x927B) * _CELL_STEP_V
        self.cov_clear_v = self.cov_v - m.u1(0x927C) * _CELL_STEP_V
        self.occ_v = m.u1(0x9280) * 0.002
        self.ocd1_v = m.u1(0x9282) * 0.002
        self.ocd2_v = m.u1(0x9284) * 0.002
        self.scd_v = _SCD_MV[m.u1(0x9286) & 15] / 1000
        self.delays_us = {
            CUV: delay_us(m.u2(0x9276)),
            COV: delay_us(m.u2(0x9279)),
            OCC: delay_us(m.u1(0x9281)),
            OCD1: delay_us(m.u1(0x9283)),
            OCD2: delay_us(m.u1(0x9285)),
            SCD: max(m.u1(0x9287) - 1, 0) * 15,
        }

    def _load_fets(self, m: "DataMemory") -> None:
        options = m.u1(0x9308)
        self.series_fets, self.sleep_chg = bool(options & 1), bool(options & 2)
        self.fet_ctrl_en = bool(options & 8) and bool(m.u1(0x9309) & 1)
        self.pdsg_en, self.fets_start_off = bool(options & 16), bool(options & 32)
        self.body_diode_ma = m.i2(0x9273)
        self.precharge_start_mv, self.precharge_stop_mv = m.i2(0x930A), m.i2(0x930C)
        self.predischarge_us, self.predischarge_delta_v = m.u1(0x930E) * 10_000, m.u1(0x930F) / 100
        self.pf_opens_fets = bool(m.u2(0x925F) & 2)
        self.mfg_status_init = m.u2(0x9343)
        self.alert_pin_used = self.pin_config[2] & 3 == 2
        self.alarm_mask_default = m.u2(0x926D)

    def _load_power(self, m: "DataMemory") -> None:
        self.sleep_enabled = bool(m.u2(0x9234) & 0x100)
        self.sleep_ma, self.wake_ma = m.i2(0x9248), m.i2(0x924B)
        self.sleep_scan_us = max(m.u1(0x924A), 1) * 1_000_000
        self.sleep_hysteresis_us = m.u1(0x924D) * 1_000_000
        self.charger_max_stack_v, self.charger_delta_v = m.i2(0x924E) / 100, m.i2(0x9250) / 100
        self.shutdown_cell_v, self.shutdown_stack_v = m.i2(0x923F) / 1000, m.i2(0x9241) / 100
        self.shutdown_delay_us = m.u1(0x9243) * 1_000_000
        self.shutdown_die_c, self.shutdown_die_us = m.u1(0x9244), m.u1(0x9245) * 1_000_000
        # FET Off Delay and Shutdown Command Delay both count from the beginning (TRM 7.5)
        self.shutdown_sequence_us = 500 + max(m.u1(0x9252), m.u1(0x9253)) * 250_000
        self.ts2_wakes = not m.u2(0x9234) & 0x1000  # SHUT_TS2
        self.balance_us = m.u1(0x9339) * 1_000_000
        self.balance_no_command = bool(m.u1(0x9335) & 0x10)
        self.balance_asleep = bool(m.u1(0x9335) & 0x04)  # CB_SLEEP
        self.balance_min_c, self.balance_max_c = m.i1(0x9336), m.i1(0x9337)
        self.balance_max_die_c, self.balance_max_cells = m.i1(0x9338), m.u1(0x933A)
