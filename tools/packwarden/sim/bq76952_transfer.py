"""Subcommands and data memory of the simulated BQ76952: the 0x3E/0x40/0x60 window (TRM 3.1).

An answer appears after the time of TRM table 9-2; until then the window reads 0xFF. A write counts only
when checksum and length arrive in one transaction and the checksum fits. Everything else is dropped without
a sign, as in silicon, but leaves a complaint for the test that watches.
"""

import struct

from packwarden.sim.bq76952_calibration import FACTORY_CELL_GAINS
from packwarden.sim.bq76952_memory import BASE, SIZE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packwarden.sim.bq76952 import Bq76952

BLOCK = 32
_MEMORY_READ_US = 660  # not in the manual; as long as the slowest ordinary subcommand
_BUSY_IMAGE = b"\xff" * (0x62 - 0x3E)
_LAST_MEMORY_BLOCK = BASE + SIZE - BLOCK


class Transfer:
    """The window, the answer that is being prepared, and the rules for writing back."""

    def __init__(self, chip: "Bq76952") -> None:
        self.chip = chip
        self.word = 0
        self._low = 0
        self._answer = b""
        self._ready_us = 0
        self._pending = False
        self._buffer_read = True
        self._checksum_came = False

    def clear(self) -> None:
        self._pending = False
        image = self.chip.image
        for register in range(0x3E, 0x62):
            image[register] = 0

    def begin_transaction(self) -> None:
        self._checksum_came = False

    def publish(self, now_us: int) -> None:
        """Show the answer if its time has come."""
        if self._pending and now_us >= self._ready_us:
            self._pending = False
            self._fill()

    def on_read(self, first: int, count: int) -> None:
        """Reading checksum and length together before the data moves on to the next block (TRM 3.1)."""
        end = first + count
        if first <= 0x40 < end:
            self._buffer_read = True
        if first <= 0x60 and end > 0x61 and not self._buffer_read and BASE <= self.word <= _LAST_MEMORY_BLOCK:
            self.chip.complain("checksum and length read together before the buffer: it moves on")
            self.word += BLOCK
            self._answer = self._memory_block()
            self._pending = True
            self._ready_us = self.chip.clock.now_us

    def write(self, register: int, byte: int) -> None:
        chip = self.chip
        image = chip.image
        if register == 0x3E:
            self._low = byte
        elif register == 0x3F:
            self._select(byte << 8 | self._low)
        elif register < 0x60:
            if self._pending:  # the host brings data instead of waiting for some
                self._pending = False
                image[0x3E], image[0x3F] = self.word & 0xFF, self.word >> 8
            image[register] = byte
        elif register == 0x60:
            image[0x60] = byte
            self._checksum_came = True
        elif self._checksum_came:
            self._checksum_came = False
            image[0x61] = byte
            self._commit(image[0x60], byte)
        else:
            chip.complain("length written to 0x61 without the checksum in the same transaction")

    def _select(self, word: int) -> None:
        chip = self.chip
        now_us = chip.clock.now_us
        if now_us < self._ready_us:
            chip.complain("subcommand 0x%04X sent while 0x%04X still runs" % (word, self.word))
        self.word = word
        image = chip.image
        image[0x3E:0x62] = _BUSY_IMAGE
        if BASE <= word < BASE + SIZE:
            if chip.sealed:
                chip.complain("data memory 0x%04X selected while sealed" % word)
                return
            self._answer = self._memory_block()
            self._ready_us = now_us + _MEMORY_READ_US
            self._pending = True
            return
        answer = chip.commands.run(word, now_us)
        self._ready_us = now_us + chip.commands.duration_us(word)
        self._pending = answer is not None
        if answer is not None:
            self._answer = answer

    def _memory_block(self) -> bytes:
        """Always 32 bytes. Outside CONFIG_UPDATE, cell gains that were never written show the factory's."""
        chip = self.chip
        start = self.word - BASE
        block = bytearray(BLOCK)
        ram = chip.memory.ram
        size = min(BLOCK, SIZE - start)
        block[:size] = ram[start : start + size]
        if self.word < 0x91A0 and not chip.configuring:
            for at in range(0x9180, 0x91A0, 2):
                offset = at - self.word
                if 0 <= offset <= BLOCK - 2 and chip.memory.i2(at) == 0:
                    struct.pack_into("<h", block, offset, FACTORY_CELL_GAINS[(at - 0x9180) // 2])
        return bytes(block)

    def _fill(self) -> None:
        image = self.chip.image
        answer = self._answer
        image[0x3E], image[0x3F] = self.word & 0xFF, self.word >> 8
        for i in range(BLOCK):
            image[0x40 + i] = answer[i] if i < len(answer) else 0
        image[0x60] = ~(image[0x3E] + image[0x3F] + sum(answer)) & 0xFF
        image[0x61] = len(answer) + 4
        self._buffer_read = False

    def _commit(self, checksum: int, length: int) -> None:
        chip = self.chip
        image = chip.image
        size = length - 4
        if not 1 <= size <= BLOCK:
            chip.complain("length 0x%02X is not 5 to 36" % length)
            return
        data = bytes(image[0x40 : 0x40 + size])
        if ~((self.word & 0xFF) + (self.word >> 8) + sum(data)) & 0xFF != checksum:
            chip.complain("wrong checksum 0x%02X for a write to 0x%04X" % (checksum, self.word))
        elif BASE <= self.word < BASE + SIZE:
            self._write_memory(data)
        else:
            chip.commands.accept(self.word, data, chip.clock.now_us)

    def _write_memory(self, data: bytes) -> None:
        """Outside CONFIG_UPDATE the manual only advises against writing; here such a write is lost, which a
        driver that reads back will notice."""
        chip = self.chip
        if chip.sealed or not chip.configuring or chip.memory.u1(0x9256) & 2:
            reason = "while sealed" if chip.sealed else "outside CONFIG_UPDATE or with LOCK_CFG"
            chip.complain("data memory 0x%04X written %s" % (self.word, reason))
            return
        for i in range(len(data)):
            if chip.memory.exists(self.word + i):
                chip.memory.ram[self.word + i - BASE] = data[i]
            else:
                chip.complain("data memory has no byte at 0x%04X" % (self.word + i))
