"""The hardware port with nothing behind it, for the firmware as `compose` wires it, under the heap lock."""

from bms.core import commission, params
from bms.services.storage import encode
from packwarden.sim.board import MemoryFiles


def flash_of(given):
    """What a commissioned pack's controller has on its flash."""
    proven = commission.vouched(params.resolve(given))
    return MemoryFiles({"params.a": encode(1, given), "commission.a": encode(1, proven)})


class Silence:
    def readinto(self, _buf):
        return 0

    def write(self, buf):
        return len(buf)


class Hardware:
    """The hardware port with nothing behind it but a tick and a chip's registers."""

    board = "registers"
    afe_address = 0x08
    afe_crc = True
    contactors = False

    def __init__(self, chip, given, afe="bq76952"):
        self.afe = afe
        self.bus = chip
        self.serial = Silence()
        self.files = flash_of(given)
        self.now = (1 << 30) - 3000

    def ticks_ms(self):
        return self.now

    def sleep_ms(self, ms):
        self.now = (self.now + ms) & 0x3FFFFFFF

    def doze_ms(self, ms):
        self.sleep_ms(ms)

    def button(self):
        return False

    def led(self, _on):
        pass

    def alert(self):
        return False

    def impact(self):
        return False

    def enabled(self):
        return True

    def aux_mv(self):
        return -1

    def feed(self):
        pass

    def collect(self):
        pass

    def recover_bus(self):
        pass

    def reset_cause(self):
        return "power"
