"""A BQ76952 that is only its registers: it allocates nothing, so whatever does allocate is the firmware's."""

from bms.drivers import crc8

_MEMORY = 0x9180  # data memory starts here


class Chip:
    """Registers and data memory as bytes, with CRC or without, and just enough wits to be commissioned."""

    def __init__(self, crc):
        self.crc = crc
        self.registers = bytearray(256)
        self.memory = bytearray(0x200)
        self.registers[0x12] = 8  # POR
        self.registers[0x13] = 1  # FULLACCESS
        self.registers[0x62] = 0x82  # ADSCAN and FULLSCAN
        self.registers[0x63] = 0x40

    def readfrom_mem_into(self, addr, memaddr, buf):
        if not self.crc:
            for index in range(len(buf)):
                buf[index] = self.registers[memaddr + index]
            return
        table = crc8.TABLE
        crc = table[table[table[addr << 1] ^ memaddr] ^ (addr << 1 | 1)]
        for index in range(len(buf) // 2):
            value = self.registers[memaddr + index]
            buf[2 * index] = value
            buf[2 * index + 1] = table[crc ^ value]
            crc = 0

    def writeto(self, _addr, buf):
        step = 2 if self.crc else 1
        register = buf[0]
        for index in range((len(buf) - 1) // step):
            if register != 0x62:  # write 1 to clear: here a new scan is complete at once
                self.registers[register + index] = buf[1 + index * step]
        if register == 0x3E:
            self.select(self.registers[0x3E] | self.registers[0x3F] << 8, len(buf) > 1 + 2 * step)
        elif register == 0x60:
            start = (self.registers[0x3E] | self.registers[0x3F] << 8) - _MEMORY
            for index in range(self.registers[0x61] - 4):
                if start >= 0:
                    self.memory[start + index] = self.registers[0x40 + index]
        return len(buf)

    def select(self, word, staged):
        size = 2
        if word >= _MEMORY:
            size = 32
            if not staged:
                for index in range(32):
                    self.registers[0x40 + index] = self.memory[word - _MEMORY + index]
        elif word == 0x0001:
            self.registers[0x40] = 0x95
            self.registers[0x41] = 0x76
        elif word == 0x0057:
            self.registers[0x40] = 0x50
        elif word == 0x0090 or word == 0x0092:
            self.registers[0x12] = 1 if word == 0x0090 else 0
        total = self.registers[0x3E] + self.registers[0x3F]
        for index in range(size):
            total += self.registers[0x40 + index]
        self.registers[0x60] = ~total & 0xFF
        self.registers[0x61] = size + 4
