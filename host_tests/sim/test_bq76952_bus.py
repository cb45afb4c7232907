"""CRC vectors and wire rules of section 9.2 of the manual."""

from packwarden.sim.bq76952_bus import crc8
from portable import raises
from sim.bq76952_bench import ADDRESS, Bench


def test_crc_vectors_of_the_software_development_guide() -> None:
    assert crc8(b"\x10\x3e\x22") == 0x63
    assert crc8(b"\x00") == 0x00
    assert crc8(b"\x10\x14\x11\x68") == 0x33
    assert crc8(b"\x0b") == 0x31


def test_a_write_with_crc_is_accepted() -> None:
    bench = Bench(crc=True)
    bench.write(0x3E, 0x22, 0x63, 0x00, 0x00)  # FET_ENABLE, as in the guide
    assert bench.chip.fets.enabled
    assert bench.quiet


def test_a_wrong_crc_byte_is_refused_and_the_rest_ignored() -> None:
    bench = Bench(crc=True)
    error = raises(OSError, bench.write, 0x3E, 0x22, 0x64, 0x00, 0x00)
    assert error.args[0] == 5
    assert not bench.chip.fets.enabled
    assert "wrong CRC" in bench.chip.complaints[0]
    assert raises(OSError, bench.write, 0x3E, 0x22, 0x63, 0x00, 0x01).args[0] == 5  # the second one
    assert not bench.chip.fets.enabled


def test_a_read_with_crc_interleaves_data_and_check_bytes() -> None:
    bench = Bench(crc=True)
    bench.chip.cells_v[0] = 2.920  # 0x0B68, the reading of the guide's vector
    bench.wait_ms(100)
    data = bench.read(0x14, 4)
    # the guide reads 0x68 and 0x0B with a repeated start: addr+W, register, addr+R, data
    assert data[0] == 0x68
    assert data[1] == 0x33
    assert data[2] == 0x0B
    assert data[3] == 0x31


def test_reading_byte_by_byte_gives_the_same_as_a_block() -> None:
    for crc in (False, True):
        bench = Bench(crc)
        bench.wait_ms(300)
        chip = bench.chip
        for size in (1, 5, 8):
            block = bench.read(0x12, size)
            chip.start(False)
            chip.write(0x12)
            chip.start(True)
            single = bytes([chip.read() for _ in range(size)])
            chip.stop()
            assert single == block


def test_without_crc_the_register_address_increments() -> None:
    bench = Bench()
    bench.wait_ms(100)
    both = bench.read(0x14, 4)
    assert both == bench.read(0x14, 2) + bench.read(0x16, 2)


def test_a_byte_without_its_crc_does_nothing() -> None:
    bench = Bench(crc=True)
    bench.write(0x3E, 0x22)
    assert "without its CRC" in bench.chip.complaints[0]


def test_a_silent_chip_does_not_acknowledge() -> None:
    bench = Bench()
    bench.chip.silent = True
    assert raises(OSError, bench.read, 0x00, 1).args[0] == 5
    assert raises(OSError, bench.bus.writeto, ADDRESS, b"\x3e\x01\x00").args[0] == 5
    bench.chip.silent = False
    bench.read(0x00, 1)


def test_read_only_registers_complain() -> None:
    bench = Bench()
    bench.write(0x14, 0x00)
    assert bench.chip.complaints == ["write to the read-only register 0x14"]


def test_control_status_answers_a_legacy_write_once() -> None:
    bench = Bench()
    bench.write(0x00, 0x01, 0x00)
    assert bench.u2(0x00) == 0xFFA5
    assert bench.u2(0x00) == 0x0000
