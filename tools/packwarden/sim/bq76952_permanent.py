"""Permanent failures of the simulated BQ76952: the second line, evaluated once a second (TRM 5.3).

Only those whose cause the simulated inputs can show are here; memory and oscillator failures cannot happen.
"""

from packwarden.sim.bq76952_fets import CHG, DSG
from packwarden.sim.bq76952_meter import celsius

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packwarden.sim.bq76952 import Bq76952

# name; group (0 A, 1 B, 2 C, 3 D); bit; address of the delay in seconds
_CAUSES = (
    ("CUDEP", 0, 0x80, 0x92CA),
    ("SOTF", 0, 0x40, 0x92DD),
    ("SOT", 0, 0x10, 0x92DB),
    ("SOCD", 0, 0x08, 0x92D9),
    ("SOCC", 0, 0x04, 0x92D6),
    ("SOV", 0, 0x02, 0x92D0),
    ("SUV", 0, 0x01, 0x92CD),
    ("DFETF", 1, 0x02, 0x92F3),
    ("CFETF", 1, 0x01, 0x92F0),
    ("TOSF", 3, 0x01, 0x92D3),
)


class PermanentFailures:
    """Alert and status bytes A to D."""

    def __init__(self, chip: "Bq76952") -> None:
        self.chip = chip
        self.enabled = True  # PF_EN
        self.alerts = bytearray(4)
        self.statuses = bytearray(4)
        self.failed = False
        self._since: "dict[str, int]" = {}

    def clear(self) -> None:
        for i in range(4):
            self.alerts[i] = self.statuses[i] = 0
        self.failed = False
        self._since = {}

    def forced(self) -> None:
        """PF_FORCE_A, PF_FORCE_B: the commanded failure CMDF."""
        self.statuses[2] |= 0x80
        self.failed = True

    def tick(self, now_us: int) -> None:
        memory = self.chip.memory
        if not self.enabled:
            return
        masks = [memory.u1(0x92C0 + group) for group in range(4)]
        if not (masks[0] or masks[1] or masks[3]):
            return
        present = self._present()
        for name, group, bit, delay_address in _CAUSES:
            if not masks[group] & bit or self.statuses[group] & bit:
                continue
            if name not in present:
                self._since.pop(name, None)
                self.alerts[group] &= ~bit & 0xFF
                continue
            since_us = self._since.setdefault(name, now_us)
            self.alerts[group] |= bit
            if now_us - since_us >= memory.u1(delay_address) * 1_000_000:
                self.alerts[group] &= ~bit & 0xFF
                self.statuses[group] |= bit
                self.failed = True
                self.chip.fault_happened(now_us)

    def _present(self) -> "set[str]":
        chip = self.chip
        memory = chip.memory
        meter = chip.meter
        cells_mv = meter.cells_mv()
        used = [cells_mv[i] for i in chip.settings.cells_used]
        user_a = meter.user_amps(meter.cc1_ma)
        found = set()
        if min(used) <= memory.i2(0x92C8):
            found.add("CUDEP")
        if min(used) <= memory.i2(0x92CB):
            found.add("SUV")
        if max(used) >= memory.i2(0x92CE):
            found.add("SOV")
        # TRM 5.3.23: not checked under load, when stack and cells are measured at different currents
        relaxed = abs(meter.cc1_ma) <= chip.settings.sleep_ma
        if relaxed and abs(meter.stack_v * 1000 - sum(used)) > memory.i2(0x92D1):
            found.add("TOSF")
        if user_a >= memory.i2(0x92D4):
            found.add("SOCC")
        if user_a <= memory.i2(0x92D7):
            found.add("SOCD")
        if meter.cell_raws and celsius(max(meter.cell_raws)) >= memory.i1(0x92DA):
            found.add("SOT")
        if meter.fet_raws and celsius(max(meter.fet_raws)) >= memory.u1(0x92DC):
            found.add("SOTF")
        # a welded FET: current in the direction that its body diode does not pass
        if not chip.fets.on & CHG and meter.cc1_ma > memory.i2(0x92EE):
            found.add("CFETF")
        if not chip.fets.on & DSG and meter.cc1_ma < memory.i2(0x92F1):
            found.add("DFETF")
        return found
