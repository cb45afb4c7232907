"""The wire side of simulated chips whose registers are words: one register a transaction, high byte first.

No auto-increment: whoever reads on gets what the part sends then, and that is noted as a complaint, because
no driver of these parts has a reason to.
"""


class WordPort:
    """An I2C slave. A subclass says which registers there are, and what a write of one does."""

    def __init__(self, address: int) -> None:
        self.address = address
        self.silent = False  # does not acknowledge its address
        self.complaints: "list[str]" = []  # what no correct driver does, one sentence each
        self._pointer = 0
        self._got = bytearray()
        self._sent = 0
        self._word = b""

    def complain(self, sentence: str) -> None:
        if len(self.complaints) < 100:
            self.complaints.append(sentence)

    def start(self, read: bool) -> bool:
        """A start condition with our address; a second one without a stop between turns to reading."""
        if self.silent:
            return False
        if read:
            if len(self._got) == 1:
                self._pointer = self._got[0]
            self._got = bytearray()
            self._word = self.word(self._pointer)
            self._sent = 0
        else:
            self._got = bytearray()
        return True

    def write(self, byte: int) -> bool:
        """The pointer, then two bytes of a register."""
        if len(self._got) == 3:
            self.complain("more than one register written at 0x%02X" % self._got[0])
            return False
        self._got.append(byte)
        return True

    def read(self) -> int:
        """The next byte of the register, 0xFF beyond its end."""
        if self._sent >= len(self._word):
            self.complain("read beyond the end of register 0x%02X" % self._pointer)
            return 0xFF
        self._sent += 1
        return self._word[self._sent - 1]

    def stop(self) -> None:
        """A write counts when it is whole."""
        got = self._got
        self._got = bytearray()
        if len(got) >= 1:
            self._pointer = got[0]
        if len(got) == 3:
            self.take(got[0], got[1] << 8 | got[2])
        elif len(got) == 2:
            self.complain("half a word written to register 0x%02X" % got[0])

    def word(self, register: int) -> bytes:
        """What a read of this register sends."""
        raise NotImplementedError

    def take(self, register: int, value: int) -> None:
        """A register is written."""
        raise NotImplementedError
