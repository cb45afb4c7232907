"""Subcommands of the simulated BQ76952 that do something (TRM 12.4), and who may send them.

They act at once, except entering and leaving CONFIG_UPDATE, sleep states and resets, which the host can see
happening. What is only read is in bq76952_answers.py.
"""

from packwarden.sim.bq76952_answers import Answers
from packwarden.sim.bq76952_fets import ALL, CHG, DSG, PCHG, PDSG
from packwarden.sim.bq76952_sequence import CONFIG_UPDATE, DEEPSLEEP, NORMAL, RESET, SHUTDOWN
from packwarden.sim.bq76952_settings import OCDL, SCDL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packwarden.sim.bq76952 import Bq76952

_DEFAULT_US = 500
_DURATIONS_US = {  # TRM table 9-2
    0x0001: 400,
    0x0002: 400,
    0x0003: 400,
    0x0004: 8500,
    0x0005: 450,
    0x0009: 650,
    0x001C: 550,
    0x001E: 900,
    0x001F: 550,
    0x0020: 550,
    0x0057: 605,
    0x0070: 660,
    0x0071: 660,
    0x0072: 660,
    0x0073: 660,
    0x0074: 660,
    0x0075: 660,
    0x0076: 660,
    0x0077: 660,
    0x0080: 660,
    0x0081: 660,
    0x0082: 600,
    0x0083: 560,
    0x0084: 480,
    0x0085: 575,
    0x0086: 575,
    0x0087: 575,
    0x0090: 2000,
    0x0092: 1000,
    0x0095: 550,
    0x0097: 495,
    0x0098: 450,
    0x00A0: 580,
    0x29A3: 800,
}
# Not allowed when sealed (TRM 12.3, 12.4)
_UNSEALED_ONLY = (
    0x0012,
    0x001C,
    0x001D,
    0x001E,
    0x001F,
    0x0020,
    0x0022,
    0x0024,
    0x0030,
    0x0035,
    0x0053,
    0x0070,
)
_FET_TESTS = {0x001C: PDSG, 0x001E: PCHG, 0x001F: CHG, 0x0020: DSG}
_HOST_OFF = {0x0093: DSG | PDSG, 0x0094: CHG | PCHG, 0x0095: ALL}
_WITHOUT_EFFECT = (
    0x008A,  # PTO_RECOVER: PTO is not simulated
    0x009D,  # LOAD_DETECT_RESTART: periodic load detection is not simulated
    0x2857,  # PF_FORCE_A: counts only before PF_FORCE_B
)
_PAIR_WITHIN_US = 4_000_000


class Commands:
    """Runs subcommand words and accepts the data of those that take some."""

    def __init__(self, chip: "Bq76952") -> None:
        self.chip = chip
        self.answers = Answers(chip)
        self._previous = 0
        self._previous_us = -_PAIR_WITHIN_US

    def duration_us(self, word: int) -> int:
        return _DURATIONS_US.get(word, _DEFAULT_US)

    def run(self, word: int, now_us: int) -> "bytes | None":
        """Do what the word says; its answer, or None if it never has one."""
        chip = self.chip
        previous = self._previous if now_us - self._previous_us < _PAIR_WITHIN_US else 0
        self._previous, self._previous_us = word, now_us
        if self._is_key(previous, word):
            return None
        if chip.sealed and (word in _UNSEALED_ONLY or word == 0x0090 or word >= 0x00A0):
            chip.complain("subcommand 0x%04X while sealed" % word)
            return None
        if (
            self._switch_fets(word, now_us)
            or self._change_mode(word, previous, now_us)
            or self._act(word, previous, now_us)
            or word in _WITHOUT_EFFECT
        ):
            return None
        answer = self.answers.to(word)
        if answer is None:
            chip.complain("unknown subcommand 0x%04X" % word)
        return answer

    def accept(self, word: int, data: bytes, now_us: int) -> None:
        """A subcommand that takes data has been committed."""
        chip = self.chip
        if word == 0x0083 and len(data) == 2:
            chip.balancer.request(data[0] | data[1] << 8, now_us)
        elif word == 0x0084 and len(data) == 2:
            chip.balancer.request_level(data[0] | data[1] << 8, now_us)
        elif word == 0x0070 and chip.configuring:
            self.answers.manufacturer_data[: len(data)] = data
        elif word == 0x0097:
            # the manual gives two bit orders (tables 5-8 and 12.5.6): no test may depend on either
            chip.complain("FET_CONTROL is ambiguous in the manual and ignored here")
        elif word == 0x0098:
            chip.regulators = data[0]
        else:
            chip.complain("subcommand 0x%04X takes no %d bytes of data" % (word, len(data)))

    def _is_key(self, previous: int, word: int) -> bool:
        """Two key words in a row open one level of security (TRM 8.1)."""
        chip = self.chip
        memory = chip.memory
        if chip.security == 1:
            return False
        first = 0x9257 if chip.security == 3 else 0x925B
        steps = memory.u2(first), memory.u2(first + 2)
        if (previous, word) == steps and not (chip.sealed and memory.u1(0x9256) & 4):  # PERM_SEAL
            chip.security -= 1
            return True
        return word in steps

    def _switch_fets(self, word: int, now_us: int) -> bool:
        chip = self.chip
        fets = chip.fets
        if word in _HOST_OFF:
            fets.host_off |= _HOST_OFF[word]
            fets.react()
        elif word == 0x0096:  # ALL_FETS_ON only releases; the 250 ms loop turns on
            fets.host_off = 0
        elif word == 0x0022:  # FET_ENABLE toggles
            fets.enabled = not fets.enabled
            fets.test_on = 0
            fets.react()
        elif word in _FET_TESTS:
            if fets.enabled:
                chip.complain("FET test subcommand 0x%04X outside FET test mode" % word)
            else:
                fets.test_on ^= _FET_TESTS[word]
                fets.evaluate(now_us)
        else:
            return False
        if chip.configuring:
            chip.complain("FET subcommand 0x%04X in CONFIG_UPDATE" % word)
        return True

    def _change_mode(self, word: int, previous: int, now_us: int) -> bool:
        chip = self.chip
        change_mode_at = chip.sequence.change_mode_at
        if word == 0x0090:
            if not chip.configuring:
                change_mode_at(now_us + 2_000, CONFIG_UPDATE)
        elif word == 0x0092:
            if chip.configuring:
                change_mode_at(now_us + 1_000, NORMAL)
            else:
                chip.complain("EXIT_CFGUPDATE outside CONFIG_UPDATE")
        elif word == 0x0012:
            change_mode_at(now_us + _DEFAULT_US, RESET)
        elif word == 0x0010:  # sealed: only twice; unsealed: twice skips the delays
            if previous == word:
                change_mode_at(now_us + _DEFAULT_US, SHUTDOWN)
            elif not chip.sealed:
                change_mode_at(now_us + _DEFAULT_US + chip.settings.shutdown_sequence_us, SHUTDOWN)
        elif word == 0x000F:
            if previous == word and chip.working:
                change_mode_at(now_us + _DEFAULT_US, DEEPSLEEP)
        elif word == 0x000E:
            if chip.sequence.mode == DEEPSLEEP:
                chip.sequence.start(now_us)
        elif word == 0x0099 or word == 0x009A:
            chip.sequence.sleep.enabled = word == 0x0099
        else:
            return False
        return True

    def _act(self, word: int, previous: int, now_us: int) -> bool:
        chip = self.chip
        if word == 0x0024:
            chip.permanent.enabled = not chip.permanent.enabled
        elif word == 0x0030:
            chip.security = 3
            chip.fets.load_manufacturing_status()
        elif word == 0x0082:
            chip.meter.reset_charge()
        elif word == 0x009B:
            chip.slow.recover_latch(OCDL)
        elif word == 0x009C:
            chip.slow.recover_latch(SCDL)
        elif word == 0x009E or word == 0x009F:
            chip.load_detect = word == 0x009E
        elif word == 0x29A3 and previous == 0x2857:
            chip.permanent.forced()
            chip.fault_happened(now_us)
        else:
            return False
        return True
