"""What a write to a register of the simulated BQ769x0 does, and what an event does to the registers."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packwarden.sim.bq769x0 import Bq769x0

SYS_STAT, CELLBAL1, SYS_CTRL1, SYS_CTRL2, PROTECT1, CC_CFG = 0x00, 0x01, 0x04, 0x05, 0x06, 0x0B

OCD, SCD, OV, UV, OVRD_ALERT, XREADY, CC_READY = 0x01, 0x02, 0x04, 0x08, 0x10, 0x20, 0x80  # SYS_STAT
ADC_EN, TEMP_SEL = 0x10, 0x08  # SYS_CTRL1
CC_EN, CC_ONESHOT, DSG_ON, CHG_ON = 0x40, 0x20, 0x02, 0x01  # SYS_CTRL2
_DELAY_DIS = 0x80

# What each event clears in SYS_CTRL2 (table 8-1); no event sets anything there.
_OPENS = {OCD: DSG_ON, SCD: DSG_ON, OV: CHG_ON, UV: DSG_ON, OVRD_ALERT: 0x03, XREADY: 0x03}
# The bits that a host may write, from CELLBAL1 on; and those among them that it must leave as they are
# (tables 8-4 to 8-14).
_WRITABLE = b"\x1f\x1f\x1f\x1f\xff\xbf\x7f\xff\xff\xff\xff"
_RESERVED = {SYS_CTRL1: 0x04, SYS_CTRL2: 0x1C, PROTECT1: 0x20, 0x08: 0x0F}

_V_LOAD_DETECT = 0.7


def reset(image: bytearray, gain_uv: int, offset_mv: int) -> None:
    """As the chip enters NORMAL mode: defaults, ADC_EN set by itself (8.4.1), the factory's calibration."""
    for register in range(0x60):
        image[register] = 0
    image[0x09] = 0xAC
    image[0x0A] = 0x97
    image[SYS_CTRL1] = ADC_EN
    code = gain_uv - 365
    image[0x50] = code >> 3 << 2
    image[0x51] = offset_mv & 0xFF
    image[0x59] = (code & 7) << 5


def happen(image: bytearray, bit: int) -> None:
    """An event: it is latched, and opens what it opens."""
    image[SYS_STAT] |= bit
    image[SYS_CTRL2] &= ~_OPENS.get(bit, 0) & 0xFF
    if bit == XREADY:
        image[1] = image[2] = image[3] = 0  # 8.3.1.3.3


class Registers:
    """The host's side."""

    def __init__(self, chip: "Bq769x0") -> None:
        self.chip = chip
        self.shut = 0  # how much of the shutdown sequence has been written

    def show_load(self) -> None:
        """LOAD_PRESENT: valid while CHG is off (8.3.1.3.2)."""
        chip = self.chip
        present = not chip.chg_on and chip.stack_v - chip.ld_v > _V_LOAD_DETECT
        chip.image[SYS_CTRL1] = chip.image[SYS_CTRL1] & 0x7F | (0x80 if present else 0)

    def write(self, register: int, byte: int) -> None:
        """One byte from the host, other than to SYS_STAT."""
        chip = self.chip
        image = chip.image
        if register > CC_CFG:
            chip.complain("write to the read-only register 0x%02X" % register)
            return
        byte &= _WRITABLE[register - CELLBAL1]
        if (byte ^ image[register]) & _RESERVED.get(register, 0):
            chip.complain("reserved bits of register 0x%02X changed" % register)
        if register == SYS_CTRL1:
            self._count_shutdown(byte & 3)
            if not chip.awake:
                return
        elif register == SYS_CTRL2:
            byte = self._gates(byte)
        elif register < SYS_CTRL1:
            byte = self._bleed(register, byte)
        elif register == CC_CFG and byte != 0x19:
            chip.complain("CC_CFG must be 0x19, not 0x%02X" % byte)
        image[register] = byte

    def _bleed(self, group: int, byte: int) -> int:
        if byte & byte << 1:
            self.chip.complain("neighbours balanced in group %d" % group)
        if byte and group > self.chip.groups:
            self.chip.complain("balancing register 0x%02X, which this part does not have" % group)
            return 0
        return byte

    def _gates(self, byte: int) -> int:
        """A gate stays off until the host has cleared what turned it off (8.3.1.3.1)."""
        chip = self.chip
        latched = 0
        for bit in _OPENS:
            if chip.image[SYS_STAT] & bit:
                latched |= _OPENS[bit]
        if byte & latched:
            chip.complain("a FET turned on while its fault is latched")
        if byte & _DELAY_DIS:
            chip.complain("DELAY_DIS is for testing")
        return byte & ~latched & 0xFF

    def _count_shutdown(self, bits: int) -> None:
        """SHUT_A, SHUT_B: from 00 by 01 to 10, in two writes that follow each other (8.4.2)."""
        if self.shut == 1 and bits == 2:
            self.chip.ship()
        self.shut = 1 if bits == 1 and not self.chip.image[SYS_CTRL1] & 3 else 0
