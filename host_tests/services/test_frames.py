"""Freeze frames: written beside the others, read back, rotated; a torn file is dropped alone."""

from bms.core import faults
from bms.services import frames
from bms.services.frames import Frames
from packwarden.sim.flash import SimulatedFlash
from portable import raises

RING = bytearray(range(240))
CODES = ("CELL_OV", "CELL_UV", "OCC", "OCD1", "OCD2", "SCD", "OTC", "UTC", "OTD", "UTD")


def row(mnemonic: str) -> int:
    return faults.index(mnemonic)


def started(flash: SimulatedFlash) -> Frames:
    kept = Frames(flash)
    while not kept.ready:
        assert not kept.step()
    return kept


def put(kept: Frames, mnemonic: str, others: tuple = (), stored: tuple = CODES, t_s: int = 5) -> int:
    """Write a frame; the number of changes to the flash."""
    rows = bytes([row(each) for each in (mnemonic,) + others])
    kept.put({"t": t_s}, rows, RING, lambda i: faults.ROWS[i][faults.MNEMONIC] in stored)
    assert kept.busy
    changes = 0
    while kept.busy:
        changes += kept.step()
    return changes


def about(kept: Frames, mnemonic: str) -> "int | None":
    """The time in the newest frame about a code."""
    slot = kept.of(row(mnemonic))
    return None if slot < 0 else kept.head(slot)["t"]


def test_an_empty_flash_has_none() -> None:
    kept = started(SimulatedFlash())
    assert about(kept, "CELL_OV") is None
    assert kept.lost == []
    assert not kept.step()


def test_a_frame_is_found_by_this_boot_and_the_next() -> None:
    flash = SimulatedFlash()
    kept = started(flash)
    assert put(kept, "OCD2", ("SCD",)) == 2, "one write a step, and two of them"
    for each in (kept, started(flash)):
        slot = each.of(row("SCD"))
        assert slot == each.of(row("OCD2"))
        head = each.head(slot)
        assert (head["t"], head["n"], head["codes"]) == (5, 1, ["OCD2", "SCD"])
        assert each.lost == []
        assert each.trouble == ""


def test_records_come_in_their_order() -> None:
    flash = SimulatedFlash()
    kept = started(flash)
    put(kept, "OCC")
    found = list(kept.records(0, 8, 10, 10, 24))
    assert len(found) == 10
    assert [each[0] for each in found] == [192, 216] + [24 * k for k in range(8)]
    assert found[0] == bytes(RING[192:216])
    assert list(kept.records(0, 0, 3, 10, 24)) == [bytes(RING[24 * k : 24 * k + 24]) for k in range(3)]
    assert list(kept.records(0, 9, 5, 11, 24))[1:] == [], "what is not there ends it"


def test_the_newest_of_a_code_is_the_one_that_is_shown() -> None:
    flash = SimulatedFlash()
    kept = started(flash)
    for t_s in range(5):
        put(kept, "OCC", t_s=t_s)
        assert about(kept, "OCC") == t_s
    assert about(started(flash), "OCC") == 4


def test_no_more_than_eight_are_kept_and_each_code_keeps_its_newest() -> None:
    flash = SimulatedFlash()
    kept = started(flash)
    for t_s in range(30):
        put(kept, CODES[t_s % 3], t_s=t_s)
    assert len(flash.names()) == frames.FILES
    assert [about(kept, each) for each in CODES[:3]] == [27, 28, 29]


def test_a_code_that_is_stored_no_more_makes_room_first_then_the_oldest() -> None:
    flash = SimulatedFlash()
    kept = started(flash)
    for k in range(8):
        put(kept, CODES[k], t_s=k)
    put(kept, CODES[8], stored=CODES[:5] + CODES[6:], t_s=8)
    assert about(kept, CODES[5]) is None
    assert about(kept, CODES[0]) == 0
    put(kept, CODES[9], t_s=9)
    assert about(kept, CODES[0]) is None
    assert [about(kept, CODES[k]) for k in (1, 2, 3, 4, 6, 7, 8, 9)] == [1, 2, 3, 4, 6, 7, 8, 9]


def test_a_newer_frame_is_never_written_over_the_only_one_of_its_code() -> None:
    flash = SimulatedFlash()
    kept = started(flash)
    for k in range(8):
        put(kept, CODES[k], t_s=k)
    before = kept.of(row(CODES[7]))
    kept.put({"t": 99}, bytes([row(CODES[7])]), RING, lambda _row: True)
    kept.step()  # and the power fails
    assert about(started(flash), CODES[7]) == 7
    assert kept.of(row(CODES[7])) == before


def test_a_torn_frame_is_dropped_alone() -> None:
    flash = SimulatedFlash()
    kept = started(flash)
    put(kept, "OCC", t_s=1)
    put(kept, "OCD1", t_s=2)
    whole = flash.files["frame.2"]
    for size in range(1, len(whole)):
        flash.files["frame.2"] = whole[:size]
        found = started(flash)
        assert about(found, "OCC") == 1, size
        assert about(found, "OCD1") is None, size
        assert len(found.lost) == 1, size
        assert found.lost[0][:21] == "frame.2 is not usable", found.lost
    put(found, "OCD1", t_s=3)
    assert about(started(flash), "OCD1") == 3
    assert started(flash).lost == []


def test_a_name_without_a_byte_is_no_loss() -> None:
    flash = SimulatedFlash({"frame.3": b""})
    assert started(flash).lost == []


def test_a_flipped_bit_is_noticed_wherever_it_is() -> None:
    flash = SimulatedFlash()
    put(started(flash), "OCC")
    whole = flash.files["frame.1"]
    for bit in range(0, 8 * len(whole), 11):
        flash.files["frame.1"] = whole
        flash.rot("frame.1", bit)
        found = started(flash)
        assert len(found.lost) == 1, bit
        assert found.of(row("OCC")) == -1, bit


def test_random_bytes_are_a_sentence() -> None:
    for content in (b"x", b"PWF\x01", b"PWF\x02" + bytes(40), bytes(3000), b"PWF\x01" + b"\xff" * 40):
        found = started(SimulatedFlash({"frame.1": content}))
        assert len(found.lost) == 1, content[:8]
        assert found.of(0) == -1


def test_a_flash_that_refuses_is_a_sentence_and_the_next_frame_a_new_try() -> None:
    flash = SimulatedFlash()
    kept = started(flash)
    for fault, word in (("full", "full"), ("read_only", "read-only")):
        setattr(flash, fault, True)
        put(kept, "OCC")
        assert word in kept.trouble
        assert kept.of(row("OCC")) == -1
        setattr(flash, fault, False)
    put(kept, "OCC")
    assert kept.trouble == ""
    assert about(kept, "OCC") == 5


def test_what_does_not_read_back_is_said() -> None:
    class Bad(SimulatedFlash):
        def append(self, name: str, content: bytes) -> None:
            super().append(name, content[:-1] + b"?")

    kept = started(Bad())
    put(kept, "OCC")
    assert "checksum" in kept.trouble
    assert kept.of(row("OCC")) == -1


def test_a_file_that_cannot_be_read_is_a_sentence() -> None:
    flash = SimulatedFlash()
    put(started(flash), "OCC")
    flash.unreadable.add("frame.1")
    assert "cannot be read or written" in started(flash).lost[0]


def test_a_file_system_made_anew_under_us_is_written_anew() -> None:
    flash = SimulatedFlash()
    kept = started(flash)
    put(kept, "OCC")
    flash.files.clear()
    raises(OSError, kept.head, 0)
    put(kept, "OCD1", t_s=9)
    assert about(started(flash), "OCD1") == 9


def test_a_code_that_this_firmware_does_not_know_is_passed_over() -> None:
    flash = SimulatedFlash()
    put(started(flash), "OCC")
    unknown = Frames(flash)
    assert frames._rows(["NOPE"]) == b""
    assert frames._rows(["SCD", "NOPE", "OCC"]) == bytes([row("SCD"), row("OCC")])
    assert not unknown.ready


def test_all_are_removed_one_a_step_and_a_new_one_is_kept() -> None:
    flash = SimulatedFlash()
    kept = started(flash)
    for k in range(5):
        put(kept, CODES[k], t_s=k)
    kept.clear()
    assert about(kept, CODES[0]) is None
    assert kept.busy
    assert kept.step()
    kept.put({"t": 77}, bytes([row("SCD")]), RING, lambda _row: True)
    while kept.busy:
        kept.step()
    assert flash.names() == ["frame.1"]
    assert about(started(flash), "SCD") == 77


def test_what_is_being_written_when_all_are_removed_is_kept() -> None:
    flash = SimulatedFlash()
    kept = started(flash)
    put(kept, "OCC")
    kept.put({"t": 77}, bytes([row("SCD")]), RING, lambda _row: True)
    kept.step()
    kept.clear()
    while kept.busy:
        kept.step()
    assert about(kept, "SCD") == about(started(flash), "SCD") == 77
    assert about(kept, "OCC") is None
