from packwarden.sim.clock import Clock
from packwarden.sim.i2c import I2cBus
from portable import raises


class Memory:
    """A slave of 256 bytes without a bulk read; it refuses to be written at 0xFF."""

    def __init__(self) -> None:
        self.data = bytearray(range(256))
        self.pointer = -1
        self.stops = 0

    def start(self, read: bool) -> bool:
        if not read:
            self.pointer = -1
        return True

    def write(self, byte: int) -> bool:
        if self.pointer < 0:
            self.pointer = byte
        elif self.pointer == 0xFF:
            return False
        else:
            self.data[self.pointer] = byte
            self.pointer += 1
        return True

    def read(self) -> int:
        self.pointer += 1
        return self.data[self.pointer - 1]

    def stop(self) -> None:
        self.stops += 1


def make() -> "tuple[Clock, I2cBus, Memory]":
    clock = Clock()
    bus = I2cBus(clock)
    memory = Memory()
    bus.attach(0x50, memory)
    return clock, bus, memory


def test_reads_and_writes_reach_the_slave() -> None:
    _, bus, memory = make()
    buf = bytearray(3)
    bus.readfrom_mem_into(0x50, 0x10, buf)
    assert buf == b"\x10\x11\x12"
    assert bus.writeto(0x50, b"\x20\xaa\xbb") == 3
    assert memory.data[0x20:0x22] == b"\xaa\xbb"
    assert memory.stops == 2


def test_a_transaction_costs_nine_clocks_a_byte() -> None:
    clock, bus, _ = make()
    bus.writeto(0x50, b"\x20\xaa\xbb")
    assert clock.now_us == 4 * 9 * 2.5  # address and three bytes at 400 kHz
    clock.now_us = 0
    bus.readfrom_mem_into(0x50, 0, bytearray(32))
    assert clock.now_us == int(35 * 9 * 2.5)  # two addresses, a register, 32 bytes


def test_nobody_at_that_address() -> None:
    _, bus, _ = make()
    error = raises(OSError, bus.writeto, 0x51, b"\x00")
    assert error.args[0] == 5


def test_nack_next_fails_that_many_transactions() -> None:
    _, bus, memory = make()
    bus.nack_next = 2
    assert raises(OSError, bus.writeto, 0x50, b"\x00\x01").args[0] == 5
    assert raises(OSError, bus.readfrom_mem_into, 0x50, 0, bytearray(1)).args[0] == 5
    assert bus.writeto(0x50, b"\x00\x01") == 2
    assert memory.stops == 1


def test_a_refused_byte_is_an_error() -> None:
    _, bus, memory = make()
    assert raises(OSError, bus.writeto, 0x50, b"\xff\x01").args[0] == 5
    assert memory.stops == 1


def test_a_stuck_bus_times_out_until_nine_clocks_free_it() -> None:
    clock, bus, _ = make()
    bus.stuck = True
    for _ in range(2):
        assert raises(OSError, bus.readfrom_mem_into, 0x50, 0, bytearray(1)).args[0] == 110
    assert clock.now_us == 100_000
    assert bus.recover() is True
    bus.readfrom_mem_into(0x50, 0, bytearray(1))


def test_an_address_is_taken_once() -> None:
    _, bus, memory = make()
    raises(ValueError, bus.attach, 0x50, memory)
