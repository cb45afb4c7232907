"""Once-a-second protections of the simulated BQ76952: temperatures, OCD3, host watchdog, every recovery.

The part evaluates these in firmware on a one-second beat (TRM 6.9), so a 2 s delay trips between two and
three seconds after the cause, and a recovery is never seen between two beats.
"""

from packwarden.sim.bq76952_meter import celsius
from packwarden.sim.bq76952_settings import COV, COVL, CUV, HWDF, OCC, OCD1, OCD2, OCD3, OCDL, SCD, SCDL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packwarden.sim.bq76952 import Bq76952

_SECOND_US = 1_000_000

# Safety Alert/Status B bit; which reading; hot or cold; address of threshold (delay and recovery follow)
_TEMPERATURES = (
    (0x80, "fet", True, 0x92A0),  # OTF (its threshold is unsigned)
    (0x40, "die", True, 0x92A3),  # OTINT
    (0x20, "cell", True, 0x929D),  # OTD
    (0x10, "cell", True, 0x929A),  # OTC
    (0x04, "die", False, 0x92AC),  # UTINT
    (0x02, "cell", False, 0x92A9),  # UTD
    (0x01, "cell", False, 0x92A6),  # UTC
)


class SlowProtection:
    """Works on the flags of Protection; keeps since when each condition has held."""

    def __init__(self, chip: "Bq76952") -> None:
        self.chip = chip
        self._since: "dict[str, int]" = {}
        self.counters = {COVL: 0, OCDL: 0, SCDL: 0}
        self._command_recovery = 0

    def clear(self) -> None:
        self._since = {}
        self.counters = {COVL: 0, OCDL: 0, SCDL: 0}
        self._command_recovery = 0

    def count_trips(self, tripped_a: int, tripped_c: int) -> None:
        """Faults feed the counters of their latched versions (TRM 5.2.4, 5.2.6, 5.2.8)."""
        counters = self.counters
        counters[COVL] += 1 if tripped_a & COV else 0
        counters[SCDL] += 1 if tripped_a & SCD else 0
        counters[OCDL] += 1 if tripped_a & (OCD1 | OCD2) or tripped_c & OCD3 else 0
        self._check_latch_limits()

    def recover_latch(self, bit: int) -> None:
        """OCDL_RECOVER and SCDL_RECOVER."""
        self._command_recovery |= bit

    def tick(self, now_us: int) -> None:
        if self.chip.settings.enabled_b or self.chip.protection.status_b:
            self._temperatures(now_us)
        if self.chip.settings.enabled_c or self.chip.protection.status_c:
            self._slow_overcurrent(now_us)
            self._host_watchdog(now_us)
        self._latches(now_us)
        if self.chip.protection.status_a or self.chip.protection.status_c & OCD3:
            self._recover_fast(now_us)

    def _held(self, key: str, condition: bool, for_us: int, now_us: int) -> bool:
        """Whether `condition` has held for that long."""
        if not condition:
            self._since.pop(key, None)
            return False
        since_us = self._since.setdefault(key, now_us)
        if now_us - since_us < for_us:
            return False
        self._since.pop(key, None)
        return True

    def _temperatures(self, now_us: int) -> None:
        chip = self.chip
        memory = chip.memory
        protection = chip.protection
        readings = {"cell": chip.meter.cell_raws, "fet": chip.meter.fet_raws, "die": [chip.meter.die_raw]}
        for bit, source, hot, address in _TEMPERATURES:
            raws = readings[source]
            if not raws or not chip.settings.enabled_b & bit:
                continue
            byte = memory.u1 if source == "fet" else memory.i1
            threshold_c, delay_s, recovery_c = byte(address), memory.u1(address + 1), byte(address + 2)
            if hot:
                value_c = celsius(max(raws))
                bad, good = value_c >= threshold_c, value_c <= recovery_c
            else:
                value_c = celsius(min(raws))
                bad, good = value_c <= threshold_c, value_c >= recovery_c
            key = "B%d" % bit
            if protection.status_b & bit:
                if self._held(key, good, chip.settings.recovery_us, now_us):
                    protection.status_b &= ~bit
            elif self._held(key, bad, delay_s * _SECOND_US, now_us):
                protection.alert_b &= ~bit
                protection.status_b |= bit
                chip.fault_happened(now_us)
            else:
                protection.alert_b = protection.alert_b & ~bit | (bit if bad else 0)

    def _slow_overcurrent(self, now_us: int) -> None:
        chip = self.chip
        protection = chip.protection
        settings = chip.settings
        if not settings.enabled_c & OCD3 or protection.status_c & OCD3:
            return
        bad = chip.meter.user_amps(chip.meter.cc1_ma) <= settings.ocd3_user
        if self._held("OCD3", bad, settings.ocd3_delay_us, now_us):
            protection.alert_c &= ~OCD3
            protection.status_c |= OCD3
            self.count_trips(0, OCD3)
            chip.fault_happened(now_us)
        else:
            protection.alert_c = protection.alert_c & ~OCD3 | (OCD3 if bad else 0)

    def _host_watchdog(self, now_us: int) -> None:
        """No alert, only a status; a valid transaction since the trip ends it (TRM 5.2.16)."""
        chip = self.chip
        protection = chip.protection
        silent = now_us - chip.host_seen_us >= chip.settings.hwd_us
        if chip.settings.enabled_c & HWDF and silent:
            if not protection.status_c & HWDF:
                protection.status_c |= HWDF
                chip.fault_happened(now_us)
        else:
            protection.status_c &= ~HWDF

    def _recover_fast(self, now_us: int) -> None:
        """TRM tables 5-10 to 5-16: each fault has its own way out."""
        chip = self.chip
        settings = chip.settings
        protection = chip.protection
        meter = chip.meter
        cells = [meter.cells_v[i] for i in settings.cells_used]
        charger_gone = meter.pack_v <= meter.stack_v - settings.occ_pack_delta_v
        discharging = meter.cc1_ma <= settings.occ_recovery_ma
        charging = meter.cc1_ma > settings.ocd_recovery_ma
        recovery_us = settings.recovery_us
        rows = (
            (CUV, min(cells) > settings.cuv_clear_v, recovery_us),
            (COV, max(cells) < settings.cov_clear_v, recovery_us),
            (OCC, charger_gone or discharging, recovery_us),
            (OCD1, charging, recovery_us),
            (OCD2, charging, recovery_us),
            (SCD, not protection.shunt_violations() & SCD, settings.scd_recovery_us),
        )
        for bit, good, for_us in rows:
            if protection.status_a & bit and self._held("A%d" % bit, good, for_us, now_us):
                protection.status_a &= ~bit
        if protection.status_c & OCD3 and self._held("OCD3", charging, recovery_us, now_us):
            protection.status_c &= ~OCD3

    def _check_latch_limits(self) -> None:
        """Latch limits at COVL 0x927D, OCDL 0x928F, SCDL 0x9295; a counter that never moved never latches."""
        chip = self.chip
        protection = chip.protection
        for bit, address in ((COVL, 0x927D), (OCDL, 0x928F), (SCDL, 0x9295)):
            count = self.counters[bit]
            if not chip.settings.enabled_c & bit or protection.status_c & bit:
                continue
            if count and count >= chip.memory.u1(address):
                protection.status_c |= bit
                protection.alert_c &= ~bit
            else:
                protection.alert_c = protection.alert_c & ~bit | (bit if count else 0)

    def _latches(self, now_us: int) -> None:
        chip = self.chip
        protection = chip.protection
        memory = chip.memory
        faults = (COVL, COV, 0, 0x927D), (OCDL, OCD1 | OCD2, OCD3, 0x928F), (SCDL, SCD, 0, 0x9295)
        for bit, fault_a, fault_c, address in faults:
            if not self.counters[bit]:
                continue
            if protection.status_c & bit:
                if self._latch_ends(bit, address, now_us):
                    protection.status_c &= ~bit
                    self.counters[bit] = 0
                    protection.alert_c &= ~bit
                continue
            quiet = not protection.status_a & fault_a and not protection.status_c & fault_c
            if self._held("L%d" % bit, quiet, memory.u1(address + 1) * _SECOND_US, now_us):
                self.counters[bit] -= 1
                self._check_latch_limits()
        self._command_recovery = 0

    def _latch_ends(self, bit: int, address: int, now_us: int) -> bool:
        """COVL by time; the others by command, by a load that is gone or, if configured, by charging."""
        chip = self.chip
        recovery_us = chip.memory.u1(address + 2) * _SECOND_US
        if bit == COVL:
            return self._held("COVL", True, recovery_us, now_us)
        if self._command_recovery & bit or (chip.load_detect and chip.ld_v > 4.0):
            return True
        by_current = chip.memory.u2(0x925F) & (0x400 if bit == SCDL else 0x200)
        charging = chip.meter.cc1_ma >= chip.memory.i2(address + 3) and chip.chg_on
        return bool(by_current) and self._held("R%d" % bit, charging, recovery_us, now_us)
