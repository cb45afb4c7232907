"""The simulated BQ769x0 on the wire: CRC, modes, registers that take a write and those that do not."""

from packwarden.sim.bq76952_bus import crc8
from portable import raises
from sim.bq769x0_bench import ADDRESS, Bench


def test_registers_after_power_up() -> None:
    bench = Bench()
    assert bench.read(0x00, 12) == b"\x00\x00\x00\x00\x10\x00\x00\x00\x00\xac\x97\x00"


def test_reading_with_crc_begins_at_the_second_start() -> None:
    """The first CRC covers the address to read from and the byte, later ones the byte alone (8.3.1.4)."""
    bench = Bench(crc=True)
    raw = bench.read(0x09, 4)
    assert (raw[0], raw[2]) == (0xAC, 0x97)
    assert raw[1] == crc8(bytes([ADDRESS << 1 | 1, 0xAC]))
    assert raw[3] == crc8(b"\x97")


def test_writing_with_crc() -> None:
    bench = Bench(crc=True)
    bench.write(0x0B, 0x19, crc8(bytes([ADDRESS << 1, 0x0B, 0x19])))
    assert bench.read(0x0B, 1) == b"\x19"
    raises(OSError, bench.write, 0x09, 0x55, 0x00)
    assert bench.read(0x09, 1) == b"\xac"
    assert "wrong CRC" in bench.chip.complaints[0]


def test_a_block_is_written_byte_by_byte() -> None:
    bench = Bench()
    bench.write(0x06, 0x87, 0x51, 0x00, 0x40, 0x80, 0x19)
    assert bench.read(0x06, 6) == b"\x87\x51\x00\x40\x80\x19"
    assert bench.quiet


def test_complaints() -> None:
    for data in ((0x0C, 0), (0x50, 0), (0x08, 0x01), (0x04, 0x14), (0x01, 0x03), (0x0B, 0x18), (0x05, 0xC0)):
        bench = Bench()
        bench.write(*data)
        assert len(bench.chip.complaints) == 1, data
    bench = Bench(2)
    bench.write(0x03, 0x01)
    assert len(bench.chip.complaints) == 1
    assert bench.chip.balancing == 0
    bench = Bench()
    bench.write(0x05, 0x40)
    bench.wait_ms(260)
    assert len(bench.chip.complaints) == 1, "CC_CFG was not set"


def test_ship_mode_by_two_writes_and_only_in_that_order() -> None:
    for writes in ((0x12,), (0x12, 0x11), (0x11, 0x10, 0x12), (0x11, 0x11, 0x12), (0x13,)):
        bench = Bench().converting()
        for byte in writes:
            bench.write(0x04, byte)
        assert bench.chip.awake, writes
    bench = Bench().converting()
    bench.write(0x04, 0x11)
    bench.write(0x04, 0x12)
    assert not bench.chip.awake
    assert (bench.chip.chg_on, bench.chip.dsg_on) == (False, False)
    raises(OSError, bench.read, 0x00)


def test_ship_mode_ends_by_a_boot_signal() -> None:
    bench = Bench().converting()
    bench.write(0x04, 0x11)
    bench.write(0x04, 0x12)
    bench.wait_ms(10_000)
    raises(OSError, bench.read, 0x00)
    bench.chip.boot()
    bench.wait_ms(9)
    raises(OSError, bench.read, 0x00)
    bench.wait_ms(2)
    assert bench.read(0x04, 8) == b"\x10\x00\x00\x00\x00\xac\x97\x00"


def test_a_brown_out_ends_in_ship_mode() -> None:
    bench = Bench().converting()
    bench.chip.power_cycle()
    bench.wait_ms(60_000)
    raises(OSError, bench.read, 0x00)
    bench.chip.boot()
    bench.wait_ms(11)
    assert bench.u1(0x0B) == 0
    bench.chip.boots_by_itself = True
    bench.write(0x0B, 0x19)
    bench.chip.power_cycle()
    bench.wait_ms(11)
    assert bench.u1(0x0B) == 0


def test_misbehaviour_on_the_bus() -> None:
    bench = Bench()
    bench.chip.silent = True
    raises(OSError, bench.read, 0x00)
    bench.chip.silent = False
    bench.bus.nack_next = 1
    raises(OSError, bench.read, 0x00)
    bench.bus.stuck = True
    raises(OSError, bench.read, 0x00)
    bench.bus.recover()
    assert bench.u1(0x09) == 0xAC
    bench.chip.flip_bit(0x09, 0)
    assert bench.u1(0x09) == 0xAD
