"""Subcommand and data-memory rules of sections 3.1 and 13 of the manual."""

import struct

from sim.bq76952_bench import Bench


def test_device_number() -> None:
    bench = Bench()
    assert bench.ask(0x0001) == b"\x95\x76"
    assert bench.quiet


def test_the_window_reads_ff_until_the_command_time_is_over() -> None:
    bench = Bench()
    bench.write(0x3E, 0x01, 0x00)
    written_us = bench.clock.now_us
    assert bench.read(0x3E, 2) == b"\xff\xff"
    assert bench.read(0x40, 2) == b"\xff\xff"
    bench.clock.now_us = written_us + 400 - 113  # a 2-byte read takes 112 us
    assert bench.read(0x3E, 2) == b"\xff\xff"
    bench.clock.now_us = written_us + 400
    assert bench.read(0x3E, 2) == b"\x01\x00"
    assert bench.read(0x61, 1) == b"\x06"
    assert bench.read(0x40, 2) == b"\x95\x76"
    assert bench.read(0x60, 1) == bytes([~(0x01 + 0x95 + 0x76) & 0xFF])


def test_a_command_without_an_answer_never_echoes() -> None:
    bench = Bench()
    bench.command(0x0095)
    bench.wait_ms(10)
    assert bench.read(0x3E, 2) == b"\xff\xff"


def test_low_and_high_byte_may_come_in_two_writes() -> None:
    bench = Bench()
    bench.write(0x3E, 0x01)
    bench.write(0x3F, 0x00)
    bench.wait_ms(1)
    assert bench.read(0x40, 2) == b"\x95\x76"


def test_two_commands_in_a_hurry_are_noticed() -> None:
    bench = Bench()
    bench.write(0x3E, 0x95, 0x00)
    bench.write(0x3E, 0x96, 0x00)
    assert "still runs" in bench.chip.complaints[0]


def test_a_data_memory_read_is_always_32_bytes() -> None:
    bench = Bench()
    data = bench.ask(0x9261)
    assert len(data) == 32
    assert bench.u1(0x61) == 0x24
    assert data[:3] == b"\x88\x00\x00"
    assert data[4:7] == b"\x98\xd5\x56"


def test_write_vectors_of_the_manual() -> None:
    """0x307A to 0x9180: checksum 0x44, length 6. 0x8C to 0x9261: checksum 0x80, length 5."""
    bench = Bench()
    bench.command(0x0090)
    bench.write(0x3E, 0x80, 0x91, 0x7A, 0x30)
    bench.write(0x60, 0x44, 0x06)
    bench.wait_ms(1)
    bench.write(0x3E, 0x61, 0x92, 0x8C)
    bench.write(0x60, 0x80, 0x05)
    bench.wait_ms(1)
    assert bench.ask(0x9180)[:2] == b"\x7a\x30"
    assert bench.ask(0x9261)[:1] == b"\x8c"
    assert bench.quiet


def test_checksum_and_length_apart_do_not_commit() -> None:
    bench = Bench()
    bench.command(0x0090)
    bench.write(0x3E, 0x61, 0x92, 0x8C)
    bench.write(0x60, 0x80)
    bench.write(0x61, 0x05)
    assert bench.ask(0x9261)[:1] == b"\x88"
    assert "same transaction" in bench.chip.complaints[0]


def test_a_wrong_checksum_is_dropped_in_silence() -> None:
    bench = Bench()
    bench.command(0x0090)
    bench.write(0x3E, 0x61, 0x92, 0x8C)
    bench.write(0x60, 0x81, 0x05)
    assert bench.ask(0x9261)[:1] == b"\x88"
    assert "wrong checksum" in bench.chip.complaints[0]


def test_outside_config_update_data_memory_does_not_change() -> None:
    bench = Bench()
    bench.send(0x9261, b"\x8c")
    assert bench.ask(0x9261)[:1] == b"\x88"
    assert "outside CONFIG_UPDATE" in bench.chip.complaints[0]


def test_addresses_that_do_not_exist_are_noticed() -> None:
    bench = Bench()
    bench.configure((0x9264, 1, 0x55))
    assert bench.chip.complaints == ["data memory has no byte at 0x9264"]


def test_thirty_two_bytes_in_one_write() -> None:
    bench = Bench()
    gains = struct.pack("<16h", *range(12000, 12016))
    bench.command(0x0090)
    bench.send(0x9180, gains)
    assert bench.ask(0x9180) == gains
    assert bench.quiet


def test_checksum_and_length_read_before_the_buffer_move_on_to_the_next_block() -> None:
    bench = Bench()
    bench.command(0x9261)
    bench.read(0x60, 2)
    bench.wait_ms(1)
    assert bench.u2(0x3E) == 0x9281
    assert "it moves on" in bench.chip.complaints[0]
    good = Bench()
    good.command(0x9261)
    good.read(0x40, 34)  # buffer first: the easier way of the manual
    assert good.u2(0x3E) == 0x9261
    assert good.quiet


def test_cell_gains_show_the_factory_trim_only_outside_config_update() -> None:
    bench = Bench()
    factory = struct.unpack("<h", bench.ask(0x9180)[:2])[0]
    assert 11_500 < factory < 12_700
    bench.command(0x0090)
    assert bench.ask(0x9180)[:2] == b"\x00\x00"


def test_sealed_hides_data_memory_and_the_keys_open_it() -> None:
    bench = Bench()
    bench.command(0x0030)
    assert bench.u2(0x12) >> 8 & 3 == 3
    bench.command(0x9261)
    assert bench.read(0x40, 1) == b"\xff"
    bench.command(0x0090)
    assert not bench.u2(0x12) & 1
    bench.chip.complaints.clear()
    bench.command(0x0414)
    bench.command(0x3672)
    assert bench.u2(0x12) >> 8 & 3 == 2
    bench.command(0xFFFF)
    bench.command(0xFFFF)
    assert bench.u2(0x12) >> 8 & 3 == 1
    assert bench.ask(0x9261)[:1] == b"\x88"
    assert bench.quiet


def test_unknown_subcommands_are_noticed() -> None:
    bench = Bench()
    bench.command(0x0199)
    assert bench.chip.complaints == ["unknown subcommand 0x0199"]
