"""What every analog front end says alike, so that the layers above need not know which chip is fitted.

Drivers translate their registers into these bits and raise nothing but these errors. Each error message is a
sentence that a person can act on; the fields are for programs.
"""

from micropython import const

# What the silicon itself has tripped on: `safety` of a driver.
OV = const(1 << 0)
UV = const(1 << 1)
OCC = const(1 << 2)
OCD1 = const(1 << 3)
OCD2 = const(1 << 4)
SCD = const(1 << 5)
OTC = const(1 << 6)
UTC = const(1 << 7)
OTD = const(1 << 8)
UTD = const(1 << 9)
OTINT = const(1 << 10)  # the chip's own die
HWD = const(1 << 11)  # it heard nothing from us for too long
PF = const(1 << 12)  # a permanent failure, its own or of the pack
OTF = const(1 << 13)  # FETs
OTHER = const(1 << 14)

# Gates that are driven: `fets` of a driver, and the mask for `set_fets`.
CHG = const(1)
DSG = const(2)
PCHG = const(4)
PDSG = const(8)
BOTH = const(3)  # CHG and DSG

# A thermistor that reads outside is open or shorted.
THERMISTOR_MIN_DDEGC = const(-600)
THERMISTOR_MAX_DDEGC = const(1500)


class AfeError(Exception):
    """Anything that keeps a front end from doing its duty."""


class BusError(AfeError):
    """A transaction failed, repeated once where that makes sense; `count`: how many failed in a row."""

    def __init__(self, errno: int, count: int, message: str = "") -> None:
        super().__init__(message or f"the AFE does not answer on its bus (error {errno}, {count} in a row)")
        self.errno = errno
        self.count = count


class CrcError(BusError):
    """Bytes arrived, but not the ones that were sent."""

    def __init__(self, count: int) -> None:
        super().__init__(0, count, f"the AFE's answer fails its checksum ({count} in a row)")


class NoAnswerError(AfeError):
    """The bus works, but the chip does not do, in good time, what it was told."""

    def __init__(self, what: str) -> None:
        super().__init__(f"the AFE did not {what}")


class IdentityError(AfeError):
    """Something else answers at this address, or it is locked against us."""


class ResetError(AfeError):
    """The chip restarted in the middle of things."""


class ConfigError(AfeError):
    """A limit that this chip cannot enforce: `name`, what was `asked`, and in the message what it can do."""

    def __init__(self, name: str, asked: int | None, reason: str) -> None:
        super().__init__(f"{name} = {asked}: {reason}")
        self.name = name
        self.asked = asked


class ReadbackError(AfeError):
    """A register does not hold what was written."""

    def __init__(self, name: str, address: int, wrote: int, read: int) -> None:
        super().__init__(f"the AFE's register {name} (0x{address:04X}) holds 0x{read:X}, not 0x{wrote:X}")
        self.name = name
        self.address = address
        self.wrote = wrote
        self.read = read


class CalibrationError(AfeError):
    """The chip measures by a factor that no such chip can have."""

    def __init__(self, name: str, read: int, nominal: int) -> None:
        super().__init__(f"the AFE's calibration is damaged: {name} is {read}, where {nominal} is nominal")
        self.name = name
        self.read = read
        self.nominal = nominal
