"""Data memory of the simulated BQ76952: every setting of TRM 13.9 with the value it has after a reset.

Addresses, widths and defaults are copied from the technical reference manual, not from any driver: a driver
with a wrong address must meet the truth here. One row is a run of neighbours; the format letters are those
of `struct` (b I1, B U1/H1, h I2, H U2/H2, f F4, little-endian).
"""

import struct

BASE = 0x9180
SIZE = 0x200

_ROWS = (
    (0x9180, "16h", (0,) * 16),  # cell gains; 0 = the factory's trim is used
    (0x91A0, "HHHhff", (0, 0, 0, 0, 7.4768, 2230042.463)),  # PACK, TOS, LD, ADC, CC and Capacity Gain
    (0x91B0, "hh", (0, 0)),  # Vcell and Vdiv Offset
    (0x91C6, "Hh", (64, 0)),  # Coulomb Counter Offset Samples, Board Offset
    (0x91CA, "10b", (0,) * 10),  # temperature offsets
    (0x91D4, "HH", (0xFFFF, 0xFFFF)),  # CUV and COV Threshold Override
    (0x91E0, "H", (0,)),  # Config RAM Signature
    (0x91E2, "4h", (25390, 3032, 16383, 6379)),  # internal temperature model
    (0x91EA, "9h", (-15524, 26423, -22664, 28834, 672, -371, 708, -3498, 5051)),  # 18K model
    (0x91FE, "h", (11703,)),
    (0x9200, "9h", (-17513, 25759, -23593, 32175, 2090, -2055, 2955, -3427, 4385)),  # 180K model
    (0x9214, "h", (17246,)),
    (0x9216, "11h", (0,) * 11),  # custom model
    (0x922D, "B", (9,)),  # Coulomb Counter Deadband
    (0x9231, "hB", (500, 30)),  # fuse
    (0x9234, "HBBBBB", (0x2982, 0, 0, 0, 0, 0)),  # Power Config, REG12, REG0, HWD, Comm Type, address
    (0x923C, "BB", (0x20, 0)),  # SPI Configuration, Comm Idle Time
    (0x923F, "hhBBB", (0, 600, 1, 85, 5)),  # shutdown: cell, stack, delay, temperature, delay
    (0x9248, "hBhBhh", (20, 5, 500, 10, 2000, 200)),  # sleep
    (0x9252, "BBBB", (0, 0, 0, 5)),  # shutdown delays
    (0x9256, "BHHHH", (0, 0x0414, 0x3672, 0xFFFF, 0xFFFF)),  # security
    (0x925F, "HBBB", (0x0002, 0x88, 0x00, 0x00)),  # Protection Configuration, Enabled Protections A B C
    (0x9265, "BBB", (0x98, 0xD5, 0x56)),  # CHG FET Protections
    (0x9269, "BBB", (0xE4, 0xE6, 0xE2)),  # DSG FET Protections
    (0x926D, "HBBB", (0xF800, 0xFC, 0xF7, 0xF4)),  # Default Alarm Mask, SF Alert Masks
    (0x9273, "h", (50,)),  # Body Diode Threshold
    (0x9275, "BHBHBB", (50, 74, 86, 74, 2, 2)),  # CUV, COV: threshold and delay; hystereses
    (0x927D, "BBB", (0, 10, 15)),  # COVL
    (0x9280, "BBBBBBBB", (2, 4, 4, 1, 3, 7, 0, 2)),  # OCC, OCD1, OCD2, SCD: threshold and delay
    (0x9288, "hhBh", (-200, -4000, 2, 200)),  # OCC recovery, OCD3, OCD recovery
    (0x928F, "BBBh", (0, 10, 15, 200)),  # OCDL
    (0x9294, "BBBBh", (5, 0, 10, 15, 200)),  # SCD Recovery Time, SCDL
    (0x929A, "bBbbBbBBBbBb", (55, 2, 50, 60, 2, 55, 80, 2, 65, 85, 2, 80)),  # OTC, OTD, OTF, OTINT
    (0x92A6, "bBbbBbbBb", (0, 2, 5, 0, 2, 5, -20, 2, -15)),  # UTC, UTD, UTINT
    (0x92AF, "BhH", (3, 200, 60)),  # Recovery Time, OCC PACK-TOS Delta, HWD Delay
    (0x92B4, "BBH", (0, 50, 1)),  # load detect
    (0x92BA, "hHh", (250, 1800, 2)),  # PTO
    (0x92C0, "BBBB", (0x00, 0x00, 0x07, 0x00)),  # Enabled PF A B C D
    (0x92C4, "BBBB", (0x5F, 0x9F, 0x00, 0x00)),  # PF Alert Masks
    (0x92C8, "hBhBhBhB", (1500, 2, 2200, 5, 4500, 5, 500, 5)),  # CUDEP, SUV, SOV, TOS
    (0x92D4, "hBhBbBBB", (10000, 5, -32000, 5, 65, 5, 85, 5)),  # SOCC, SOCD, SOT, SOTF
    (0x92DE, "hhhBHhhhB", (3500, 10, 500, 5, 100, 3700, 50, 200, 5)),  # VIMR, VIMA
    (0x92EE, "hBhBhB", (20, 5, -20, 5, 100, 5)),  # CFETF, DFETF, VSSF
    (0x92F7, "BBB", (5, 5, 5)),  # 2LVL, LFOF, HWMX
    (0x92FA, "9B", (0, 0, 0, 0x07, 0, 0, 0, 0, 0)),  # pins CFETOFF DFETOFF ALERT TS1 TS2 TS3 HDQ DCHG DDSG
    (0x9303, "BH", (0x05, 0x0000)),  # DA Configuration, Vcell Mode
    (0x9307, "BBBhhBB", (80, 0x0D, 0x01, 0, 0, 5, 50)),  # CC3 Samples, FET Options and neighbours
    (0x9310, "hhB", (100, 50, 5)),  # current thresholds, open-wire Check Time
    (0x9315, "16h", (0,) * 16),  # interconnect resistances
    (0x9335, "BbbbBBhBBhBB", (0, -20, 60, 70, 20, 1, 3900, 40, 20, 3900, 40, 20)),  # balancing
    (0x9343, "H", (0x0040,)),  # Mfg Status Init
)


class DataMemory:
    """The RAM copy of the settings; addresses are those of the manual."""

    def __init__(self) -> None:
        self.ram = bytearray(SIZE)
        self._otp = bytearray(SIZE)
        self._exists = bytearray(SIZE)
        for address, letters, _ in _ROWS:
            for i in range(struct.calcsize("<" + letters)):
                self._exists[address - BASE + i] = 1
        self.reset()

    def reset(self) -> None:
        """What the part loads at power-up and on RESET: its defaults, where OTP does not change them."""
        for address, letters, values in _ROWS:
            struct.pack_into("<" + letters, self.ram, address - BASE, *values)
        for i in range(SIZE):
            self.ram[i] ^= self._otp[i]  # TRM 3.2: the images in OTP are differences

    def burn(self, address: int, data: bytes) -> None:
        """A production line has put these settings into OTP; they count from the next reset on."""
        self.reset()
        for i in range(len(data)):
            self._otp[address - BASE + i] ^= self.ram[address - BASE + i] ^ data[i]
        self.reset()

    def exists(self, address: int) -> bool:
        return BASE <= address < BASE + SIZE and self._exists[address - BASE] != 0

    def u1(self, address: int) -> int:
        return self.ram[address - BASE]

    def i1(self, address: int) -> int:
        return int(struct.unpack_from("<b", self.ram, address - BASE)[0])

    def u2(self, address: int) -> int:
        return int(struct.unpack_from("<H", self.ram, address - BASE)[0])

    def i2(self, address: int) -> int:
        return int(struct.unpack_from("<h", self.ram, address - BASE)[0])

    def f4(self, address: int) -> float:
        return float(struct.unpack_from("<f", self.ram, address - BASE)[0])
