"""Alarm registers of the simulated BQ76952: raw, latched, enabled, and the ALERT pin (TRM 6.6).

A raw flag that rises while it is enabled is latched; SSA at once, the others in the 250 ms loop. ADSCAN and
FULLSCAN latch at every scan, but like the others only if enabled: a driver that never enables them never
sees fresh data.
"""

from packwarden.sim.bq76952_fets import CHG, DSG

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packwarden.sim.bq76952 import Bq76952

SSBC, SSA, PF, MSK_SFALERT, MSK_PFALERT = 0x8000, 0x4000, 0x2000, 0x1000, 0x0800
INITSTART, INITCOMP, FULLSCAN, XCHG, XDSG, SHUTV = 0x0400, 0x0200, 0x0080, 0x0040, 0x0020, 0x0010
CB, ADSCAN, WAKE = 0x0004, 0x0002, 0x0001


class Alarms:
    """Alarm Status 0x62, Alarm Raw Status 0x64, Alarm Enable 0x66."""

    def __init__(self, chip: "Bq76952") -> None:
        self.chip = chip
        self.latched = 0
        self.enable = 0xF800
        self._seen = 0  # enabled raw flags at the last look
        self._scans_done = 0  # ADSCAN and FULLSCAN stay set in the raw register
        self._wake = 0

    def reset(self) -> None:
        self.latched = self._seen = self._scans_done = self._wake = 0
        self.enable = self.chip.settings.alarm_mask_default
        self._drive_pin()

    def raw(self) -> int:
        chip = self.chip
        protection = chip.protection
        permanent = chip.permanent
        flags = INITSTART | self._scans_done | self._wake
        if protection.status_b or protection.status_c:
            flags |= SSBC
        if protection.status_a:
            flags |= SSA
        if permanent.failed:
            flags |= PF
        masks = chip.settings.alert_masks
        if protection.alert_a & masks[0] or protection.alert_b & masks[1] or protection.alert_c & masks[2]:
            flags |= MSK_SFALERT
        for group in range(4):
            if permanent.alerts[group] & chip.memory.u1(0x92C4 + group):
                flags |= MSK_PFALERT
        if not chip.fets.on & CHG:
            flags |= XCHG
        if not chip.fets.on & DSG:
            flags |= XDSG
        if chip.meter.scans and chip.meter.stack_v < chip.settings.shutdown_stack_v:
            flags |= SHUTV
        if chip.balancing:
            flags |= CB
        return flags

    def look(self) -> None:
        """The 250 ms loop: latch what has risen since the last look."""
        raw = self.raw() & self.enable
        self.latched |= raw & ~self._seen & ~(ADSCAN | FULLSCAN)
        self._seen = raw
        self._wake = 0
        self._drive_pin()

    def fault(self) -> None:
        """The fast path of SSA."""
        if self.chip.protection.status_a and self.enable & SSA and not self._seen & SSA:
            self._seen |= SSA
            self.latched |= SSA
            self._drive_pin()

    def scan_done(self, scans: int) -> None:
        done = ADSCAN | INITCOMP | (FULLSCAN if scans >= 3 else 0)
        self._scans_done |= done
        self.latched |= done & self.enable & (ADSCAN | FULLSCAN)
        self._drive_pin()

    def woken(self) -> None:
        self._wake = WAKE

    def write(self, register: int, byte: int) -> None:
        """0x62/0x63: writing ones clears; 0x66/0x67: the mask."""
        shift = 8 if register & 1 else 0
        if register < 0x64:
            self.latched &= ~(byte << shift)
        else:
            self.enable = self.enable & (0xFF if shift else 0xFF00) | byte << shift
        self._drive_pin()

    def _drive_pin(self) -> None:
        self.chip.alert = bool(self.latched) and self.chip.settings.alert_pin_used
