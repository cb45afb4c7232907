"""The journal is read back whatever has become of its files: what is whole is found, the rest is counted."""

import binascii

from bms.services.journal_lines import LINE, decode, encode
from bms.services.journal_reader import Reader, numbers
from packwarden.sim.flash import SimulatedFlash
from portable import raises

# Written by the first firmware that had a journal: this form of line stays readable for ever.
LINE_1 = b'c738a54e 17 {"t":3600,"event":"trip","detail":"CELL_OV"}\r\n'


def lines(first: int, last: int) -> bytes:
    return b"".join([encode(number, {"n": number}) for number in range(first, last + 1)])


def read(flash: SimulatedFlash, tail: int = 0) -> "tuple[list, Reader]":
    """The numbers that a reader finds, and the reader."""
    reader = Reader(flash, "log", numbers(flash, "log"), tail)
    found = [each for each in reader if each is not None]
    assert [fields for _, fields in found] == [{"n": number} for number, _ in found]
    return [number for number, _ in found], reader


def test_a_line_is_text_that_a_person_can_read() -> None:
    assert encode(3, {"t": 5}) == b'%s 3 {"t":5}\r\n' % encode(3, {"t": 5})[:8]
    assert decode(LINE_1[:-2]) == (17, {"t": 3600, "event": "trip", "detail": "CELL_OV"})


def test_a_line_end_within_a_value_does_not_end_the_line() -> None:
    line = encode(1, {"text": "a\r\nb"})
    assert line.find(b"\r") == len(line) - 2
    assert decode(line[:-2]) == (1, {"text": "a\r\nb"})


def test_any_flipped_bit_in_a_line_is_noticed() -> None:
    whole = LINE_1[:-2]
    for position in range(len(whole)):
        for bit in range(8):
            broken = bytearray(whole)
            broken[position] ^= 1 << bit
            raises(ValueError, decode, bytes(broken))


def test_what_is_no_record_is_refused() -> None:
    for text in (b"", b"1", b"00000000 ", b"zzzzzzzz 1 {}", b"12345678-1 {}"):
        raises(ValueError, decode, text)
    for rest in (b"1 [1]", b"1 {", b"x {}", b"1", b"\xff\xfe {}"):
        raises(ValueError, decode, b"%08x %s" % (binascii.crc32(rest) & 0xFFFFFFFF, rest))


def test_files_are_read_in_the_order_of_their_numbers() -> None:
    flash = SimulatedFlash(
        {"log.9": lines(1, 30), "log.10": lines(31, 60), "log.11": b"", "log.12": lines(61, 63)}
    )
    flash.files["logbook"] = flash.files["log.x"] = flash.files["state.a"] = b"x"
    found, reader = read(flash)
    assert found == list(range(1, 64))
    assert (reader.damaged, reader.missing, reader.lost, reader.open_end) == (0, 0, [], False)


def test_any_flipped_bit_in_a_file_costs_one_record() -> None:
    flash = SimulatedFlash({"log.1": lines(1, 3), "log.2": lines(4, 6)})
    whole = dict(flash.files)
    for name in whole:
        for bit in range(8 * len(whole[name])):
            flash.files = dict(whole)
            flash.rot(name, bit)
            found, reader = read(flash)
            assert 5 <= len(found) <= 6, (name, bit)
            assert len(found) == 6 or reader.lost, (name, bit)
            assert len(found) + reader.damaged >= 6


def test_a_torn_end_costs_the_last_record_only() -> None:
    whole = lines(1, 5)
    start = len(lines(1, 4))
    for cut in range(start + 1, len(whole)):
        found, reader = read(SimulatedFlash({"log.1": whole[:cut]}))
        complete = cut >= len(whole) - 2
        assert found == ([1, 2, 3, 4, 5] if complete else [1, 2, 3, 4]), cut
        assert reader.damaged == (not complete)
        assert reader.open_end == (cut < len(whole) - 1), cut
        assert reader.lost == ([] if complete else ["1 damaged in log.1"])


def test_a_gap_in_the_numbers_is_told() -> None:
    found, reader = read(SimulatedFlash({"log.1": lines(1, 4) + lines(8, 9)}))
    assert found == [1, 2, 3, 4, 8, 9]
    assert (reader.damaged, reader.missing, reader.lost) == (0, 3, ["5 to 7 missing"])
    found, reader = read(SimulatedFlash({"log.7": lines(500, 502)}))
    assert reader.missing == 0, "the older ones had to make room"


def test_what_was_written_twice_is_no_loss() -> None:
    found, reader = read(SimulatedFlash({"log.1": lines(1, 6), "log.2": lines(4, 8)}))
    assert found == [1, 2, 3, 4, 5, 6, 4, 5, 6, 7, 8]
    assert (reader.damaged, reader.missing, reader.lost) == (0, 0, [])


def test_rubbish_without_end_is_passed_over_in_small_memory() -> None:
    rubbish = b"\xff" * 50_000
    for between in (b"", b"\n", b"\r\n"):
        found, reader = read(SimulatedFlash({"log.1": lines(1, 5) + rubbish + between + lines(6, 9)}))
        assert found in (list(range(1, 10)), [1, 2, 3, 4, 5, 7, 8, 9]), "rubbish may swallow its neighbour"
        assert 1 <= reader.damaged <= 2
        assert reader.lost


def test_a_pause_comes_with_every_piece() -> None:
    flash = SimulatedFlash({"log.1": b"\n" * (20 * 512)})
    assert list(Reader(flash, "log", [1])) == [None] * 20
    flash.files["log.1"] = lines(1, 100)
    since = longest = 0
    for each in Reader(flash, "log", [1]):
        since = 0 if each is None else since + 1
        longest = max(longest, since)
    assert longest <= 512 // len(lines(1, 1)) + 1


def test_the_tail_of_a_file_is_enough_for_its_last_number() -> None:
    flash = SimulatedFlash({"log.1": lines(1, 500)})
    found, reader = read(flash, 200)
    assert found[-1] == reader.last == 500
    assert len(found) < 12
    assert reader.damaged == 0, "the line that the tail begins in is not judged"


def test_what_cannot_be_read_is_counted_and_what_is_gone_is_not() -> None:
    flash = SimulatedFlash({"log.1": lines(1, 5), "log.2": lines(6, 9)})
    flash.unreadable.add("log.1")
    found, reader = read(flash)
    assert found == [6, 7, 8, 9]
    assert reader.lost == ["1 damaged in log.1"]
    flash.unreadable.clear()
    reader = Reader(flash, "log", [1, 2, 3])
    walk = iter(reader)
    next(walk)
    flash.remove("log.2")
    assert [each[0] for each in walk if each is not None] == [2, 3, 4, 5]
    assert reader.lost == []


def test_the_sentences_have_an_end() -> None:
    scattered = b"".join([lines(number, number) for number in range(1, 200, 2)])
    _, reader = read(SimulatedFlash({"log.1": scattered}))
    assert reader.missing == 99
    assert len(reader.lost) == 8


def test_the_longest_line_is_read() -> None:
    text = "x" * (LINE - 40)
    flash = SimulatedFlash({"log.1": lines(1, 3) + encode(4, {"n": 4, "text": text}) + lines(5, 6)})
    found = [each for each in Reader(flash, "log", [1]) if each is not None]
    assert [number for number, _ in found] == [1, 2, 3, 4, 5, 6]
    assert found[3][1]["text"] == text
