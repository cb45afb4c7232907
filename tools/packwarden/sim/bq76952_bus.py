"""The wire side of the simulated BQ76952: addresses, auto-increment and CRC, byte by byte (TRM 9.2).

It knows nothing of what a register means; the device fills in the hooks at the end. Two ways to read lead
to the same bytes: one call per byte, as an emulated I2C peripheral clocks them, and `read_into` for a whole
block.
"""


def _make_crc_table() -> bytes:
    table = bytearray(256)
    for value in range(256):
        crc = value
        for _ in range(8):
            crc = (crc << 1) ^ (0x107 if crc & 0x80 else 0)
        table[value] = crc
    return bytes(table)


_CRC_OF = _make_crc_table()


def crc8(data: bytes) -> int:
    """CRC-8 with polynomial 0x07, start value 0, nothing reflected."""
    crc = 0
    for byte in data:
        crc = _CRC_OF[crc ^ byte]
    return crc


class RegisterPort:
    """An I2C slave with 256 one-byte registers behind an auto-incrementing pointer."""

    def __init__(self, crc: bool, address: int) -> None:
        self.crc = crc
        self.address = address
        self.image = bytearray(256)
        self.complaints: "list[str]" = []  # what no correct driver does, one sentence each
        self._pointer = 0
        self._expect_pointer = False
        self._idle = True  # after a refused byte: deaf until the next start
        self._valid = False
        self._running_crc = 0
        self._held = -1  # CRC mode: the byte that waits for its check byte
        self._owed_crc = -1  # CRC mode: the check byte that the next read delivers

    def complain(self, sentence: str) -> None:
        if len(self.complaints) < 100:
            self.complaints.append(sentence)

    def start(self, read: bool) -> bool:
        """A start condition with our address; a second one without a stop between turns to reading."""
        if not self.answers():
            self._idle = True
            return False
        self._idle = False
        self._held = self._owed_crc = -1
        if read:
            if self._expect_pointer or not self._valid:
                self._running_crc = 0  # a read without a register in front: the pointer stands where it stood
            self._running_crc = _CRC_OF[self._running_crc ^ (self.address << 1 | 1)]
            self._valid = True
            self.before_read()
        else:
            self._expect_pointer = True
            self._running_crc = _CRC_OF[self.address << 1]
            self.before_write()
        return True

    def write(self, byte: int) -> bool:
        if self._idle:
            return False
        if self._expect_pointer:
            self._expect_pointer = False
            self._pointer = byte
            self._valid = True
            self._running_crc = _CRC_OF[self._running_crc ^ byte]
            return True
        if self.crc:
            if self._held < 0:
                self._held = byte
                return True
            expected = _CRC_OF[self._running_crc ^ self._held]
            self._running_crc = 0  # every later byte is checked by itself
            if byte != expected:
                self.complain("wrong CRC on the byte written to 0x%02X" % self._pointer)
                self._idle = True
                self._valid = False
                return False
            byte, self._held = self._held, -1
        self.write_register(self._pointer, byte)
        self._pointer = (self._pointer + 1) & 0xFF
        return True

    def read(self) -> int:
        if self._idle:
            return 0xFF
        if self._owed_crc >= 0:
            check, self._owed_crc = self._owed_crc, -1
            return check
        self.on_read(self._pointer, 1)
        byte = self.image[self._pointer]
        self._pointer = (self._pointer + 1) & 0xFF
        if self.crc:
            self._owed_crc = _CRC_OF[self._running_crc ^ byte]
            self._running_crc = 0
        return byte

    def read_into(self, buf: bytearray) -> None:
        """The rest of a read in one call: the bytes that len(buf) calls of read() would give."""
        size = len(buf)
        first = self._pointer
        count = (size + 1) // 2 if self.crc else size
        if self._idle or first + count > 256 or self._owed_crc >= 0:
            for i in range(size):
                buf[i] = self.read()
            return
        self.on_read(first, count)
        if not self.crc:
            buf[:] = self.image[first : first + count]
        else:
            crc_of = _CRC_OF
            image = self.image
            crc = self._running_crc
            at = 0
            for register in range(first, first + size // 2):
                byte = image[register]
                buf[at] = byte
                buf[at + 1] = crc_of[crc ^ byte]
                crc = 0
                at += 2
            if size & 1:
                buf[at] = image[first + count - 1]
                self._owed_crc = crc_of[crc ^ buf[at]]
                crc = 0
            self._running_crc = crc
        self._pointer = (first + count) & 0xFF

    def stop(self) -> None:
        if self._held >= 0:
            self.complain("a byte written to 0x%02X without its CRC" % self._pointer)
        if self._valid and not self._idle:
            self.after_transaction()
        self._valid = False
        self._expect_pointer = False
        self._held = self._owed_crc = -1
        self._idle = True

    def answers(self) -> bool:
        """Whether the part acknowledges its address now."""
        raise NotImplementedError

    def before_read(self) -> None:
        """The image must be true from here on."""
        raise NotImplementedError

    def before_write(self) -> None:
        """A write transaction opens."""
        raise NotImplementedError

    def on_read(self, register: int, count: int) -> None:
        """These registers are about to be read."""
        raise NotImplementedError

    def write_register(self, register: int, byte: int) -> None:
        raise NotImplementedError

    def after_transaction(self) -> None:
        """A transaction with nothing wrong in it has ended."""
        raise NotImplementedError
