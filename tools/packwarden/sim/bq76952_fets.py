"""FET drivers of the simulated BQ76952: who may switch a FET on, who can hold it off (TRM 5.2.3).

Turning off is fast for host commands and for comparator faults with the two recommended masks; everything
else, and every turning on, waits for the 250 ms loop (1 s in SLEEP). `host_off` and `on` use the bits of
FET Status.
"""

from packwarden.sim.bq76952_settings import NEVER_US

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packwarden.sim.bq76952 import Bq76952

CHG, PCHG, DSG, PDSG = 1, 2, 4, 8
ALL = 15


class Fets:
    """The four drivers with their latches."""

    def __init__(self, chip: "Bq76952") -> None:
        self.chip = chip
        self.on = 0
        self.enabled = False  # FET_EN; off means FET test mode
        self.host_off = 0
        self.test_on = 0
        self.precharging = False
        self.predischarge_end_us = NEVER_US
        self._wanted = 0  # without the body-diode override

    def initialise(self) -> None:
        """Reset and the end of CONFIG_UPDATE: the default host state of FET Options."""
        if self.chip.settings.fets_start_off:
            self.host_off = ALL

    def load_manufacturing_status(self) -> None:
        """FET_EN comes from Mfg Status Init at reset, SEAL and SET_CFGUPDATE (TRM 13.3.10)."""
        self.enabled = bool(self.chip.settings.mfg_status_init & 0x10)
        self.test_on = 0

    def held_off(self) -> int:
        """Bits of all FETs that something forbids."""
        chip = self.chip
        settings = chip.settings
        protection = chip.protection
        held = self.host_off
        if chip.pin_asserted("CFETOFF"):
            held |= CHG | PCHG
        if chip.pin_asserted("DFETOFF"):
            both_off = settings.pin_config[1] & 0x40  # OPT[4]: the pin acts as BOTHOFF
            held |= ALL if both_off else DSG | PDSG
        a, b, c = protection.status_a, protection.status_b, protection.status_c
        if a & settings.chg_off_a or b & settings.chg_off_b or c & settings.chg_off_c:
            held |= CHG | PCHG
        if a & settings.dsg_off_a or b & settings.dsg_off_b or c & settings.dsg_off_c:
            held |= DSG | PDSG
        if chip.permanent.failed and settings.pf_opens_fets:
            held |= ALL
        if chip.asleep and not settings.sleep_chg:
            held |= CHG | PCHG
        return held

    def evaluate(self, now_us: int) -> None:
        """The 250 ms loop: off what must be off, on what may be on."""
        chip = self.chip
        if not chip.working or not chip.settings.fet_ctrl_en:
            self._switch(0)
            return
        if not self.enabled:
            self._switch(self.test_on)
            return
        allowed = ALL & ~self.held_off()
        self._update_precharge()
        wanted = allowed & (PCHG if self.precharging else CHG)
        if allowed & DSG:
            wanted |= self._discharge_fet(now_us)
        self._switch(wanted)

    def react(self) -> None:
        """Between two rounds of the loop: fast turn-off, and body diodes that begin or cease to conduct."""
        chip = self.chip
        if not self._wanted:
            return
        if not chip.working:
            self._switch(0)
            return
        settings = chip.settings
        if self.enabled:
            held = self.host_off
            status_a = chip.protection.status_a
            if settings.chg_off_at_once and status_a & settings.chg_off_a:
                held |= CHG | PCHG
            if settings.dsg_off_at_once and status_a & settings.dsg_off_a:
                held |= DSG | PDSG
            self._switch(self._wanted & ~held)
        else:
            self._switch(self._wanted & self.test_on)

    def _with_body_diodes(self, wanted: int) -> int:
        """Current through the diode of a FET that is off would burn it: that FET goes on regardless."""
        chip = self.chip
        settings = chip.settings
        if not settings.series_fets or chip.asleep:
            return wanted
        shunt_ma = chip.current_a * 1000.0
        if shunt_ma < -settings.body_diode_ma and wanted & (DSG | PDSG) and not wanted & CHG:
            return wanted | CHG
        if shunt_ma > settings.body_diode_ma and wanted & (CHG | PCHG) and not wanted & DSG:
            return wanted | DSG
        return wanted

    def _update_precharge(self) -> None:
        """By the lowest cell as it reads (TRM 5.2.3.2.1)."""
        settings = self.chip.settings
        if settings.precharge_start_mv <= 0:
            self.precharging = False
            return
        cells_mv = self.chip.meter.cells_mv()
        lowest_mv = min([cells_mv[i] for i in settings.cells_used])
        if lowest_mv < settings.precharge_start_mv:
            self.precharging = True
        elif lowest_mv >= settings.precharge_stop_mv:
            self.precharging = False

    def _discharge_fet(self, now_us: int) -> int:
        """DSG, or PDSG before it until LD, as last measured, is near the stack (TRM 5.2.3.2.2, 13.3.6)."""
        chip = self.chip
        settings = chip.settings
        if not settings.pdsg_en or self._wanted & DSG:
            return DSG
        if not self._wanted & PDSG:
            if settings.predischarge_us:
                self.predischarge_end_us = now_us + settings.predischarge_us
            elif not settings.predischarge_delta_v:
                chip.complain("predischarge without time-out and voltage has no end")
            return PDSG
        meter = chip.meter
        near = meter.scans >= 3 and meter.ld_v >= meter.stack_v - settings.predischarge_delta_v
        return DSG if settings.predischarge_delta_v and near else PDSG

    def end_predischarge(self) -> None:
        """The time-out: on with DSG whatever LD says."""
        self._switch(self._wanted & ~PDSG | DSG)

    def _switch(self, wanted: int) -> None:
        if not wanted & PDSG:
            self.predischarge_end_us = NEVER_US
        self._wanted = wanted
        self.on = on = self._with_body_diodes(wanted)
        chip = self.chip
        chip.chg_on = bool(on & CHG)
        chip.pchg_on = bool(on & PCHG)
        chip.dsg_on = bool(on & DSG)
        chip.pdsg_on = bool(on & PDSG)
