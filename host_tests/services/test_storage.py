"""Records survive what flash and power do to them: either the old or the new, never something else."""

from binascii import unhexlify

from bms.services import storage
from bms.services.storage import Record, decode, encode
from packwarden.sim.flash import SimulatedFlash
from portable import raises
from services.fixture import Flash

# `{"soc": 500}` as sequence 3, by the first firmware that stored anything: version 1 for ever.
VERSION_1 = unhexlify("5057520103000000" + "0c00" + "da819570") + b'{"soc": 500}'


def test_what_is_saved_is_loaded_by_the_next_boot() -> None:
    flash = Flash()
    record = Record(flash, "state")
    assert record.load() is None
    for value in range(5):
        record.save({"value": value})
        assert Record(flash, "state").load() == {"value": value}


def test_the_two_copies_take_turns() -> None:
    flash = Flash()
    record = Record(flash, "state")
    record.save({"value": 1})
    first = dict(flash.files)
    record.save({"value": 2})
    for name in first:
        assert flash.files[name] == first[name], "the copy in force was touched"
    assert len(flash.files) == 2
    record.save({"value": 3})
    assert len(flash.files) == 2


def test_a_torn_write_leaves_the_old_value() -> None:
    """PW-112."""
    flash = Flash()
    record = Record(flash, "state")
    for value in range(3):
        record.save({"value": value})
    newest = next(name for name in flash.files if decode(flash.files[name])[1] == {"value": 2})
    whole = flash.files[newest]
    for cut in range(len(whole)):
        flash.files[newest] = whole[:cut]
        again = Record(flash, "state")
        assert again.load() == {"value": 1}, cut
        assert len(again.damage) == 1
        assert newest in again.damage[0]


def test_any_flipped_bit_is_noticed() -> None:
    """PW-112."""
    whole = encode(7, {"value": 1})
    for position in range(len(whole)):
        for bit in range(8):
            broken = bytearray(whole)
            broken[position] ^= 1 << bit
            raises(ValueError, decode, bytes(broken))


def test_garbage_is_refused_with_a_sentence() -> None:
    for data, words in (
        (b"", "empty"),
        (b"PW", "cut short"),
        (b"X" * 40, "not a Packwarden record"),
        (b"PWR\x00" + b"\0" * 40, "not a Packwarden record"),
        (b"PWR\x09" + b"\0" * 40, "instead of"),
        (encode(1, {"a": 1}) + b"x", "instead of"),
    ):
        assert words in str(raises(ValueError, decode, data)), words


def test_after_damage_the_good_copy_is_the_last_to_be_written() -> None:
    flash = SimulatedFlash()
    record = Record(flash, "state")
    for value in range(9):
        record.save({"value": value})
    good = next(name for name in flash.files if decode(flash.files[name])[1] == {"value": 8})
    bad = next(name for name in flash.files if name != good)
    flash.write(bad, b"rubbish")
    again = Record(flash, "state")
    assert again.load() == {"value": 8}
    found = []
    flash.watch = lambda at, _kind: found.extend([Record(at.survivor(way), "state").load() for way in (0, 1)])
    again.save({"value": 9})
    assert found == [{"value": 8}] + [{"value": 9}] * (len(found) - 1)
    assert len(found) == 4


def test_the_first_save_after_damage_makes_both_copies_whole() -> None:
    for damaged in (("state.a",), ("state.b",), ("state.a", "state.b")):
        flash = SimulatedFlash()
        record = Record(flash, "state")
        for value in range(9):
            record.save({"value": value})
        flash.unreadable.update(damaged)
        again = Record(flash, "state")
        again.load()
        again.save({"value": 100})
        writes = flash.operations["commit"]
        again.save({"value": 101})
        assert flash.operations["commit"] == writes + 1, "but only the first"
        flash.unreadable.clear()
        assert Record(flash, "state").load() == {"value": 101}, "what could not be read for a while is gone"


def test_a_flash_that_refuses_or_lies_raises_and_harms_nothing() -> None:
    """PW-112."""
    flash = Flash()
    record = Record(flash, "state")
    record.save({"value": 1})
    flash.fail = True
    raises(OSError, record.save, {"value": 2})
    flash.fail = False
    flash.corrupt = True
    raises(OSError, record.save, {"value": 2})
    flash.corrupt = False
    assert Record(flash, "state").load() == {"value": 1}
    record.save({"value": 2})
    assert Record(flash, "state").load() == {"value": 2}


def test_a_record_too_large_for_its_place_is_refused() -> None:
    raises(ValueError, encode, 1, {"text": "x" * 5000})


def test_version_1_is_read_for_ever() -> None:
    assert decode(VERSION_1) == (3, {"soc": 500}, 1)
    assert encode(3, {"soc": 500})[:8] == VERSION_1[:8]


def permille(payload: dict) -> dict:
    return {"soc_permille": payload["soc"]}


def with_sigma(payload: dict) -> dict:
    return {"soc_permille": payload["soc_permille"], "sigma": 100}


def test_an_old_version_is_brought_up_to_date_step_by_step() -> None:
    flash = Flash()
    flash.files["state.a"] = VERSION_1
    assert Record(flash, "state").load() == {"soc": 500}
    assert Record(flash, "state", (permille,)).load() == {"soc_permille": 500}
    record = Record(flash, "state", (permille, with_sigma))
    assert record.load() == {"soc_permille": 500, "sigma": 100}
    assert record.found == storage.WHOLE
    record.save({"soc_permille": 510, "sigma": 50})
    assert flash.files["state.a"] == VERSION_1
    assert decode(flash.files["state.b"]) == (4, {"soc_permille": 510, "sigma": 50}, 3)
    assert Record(flash, "state", (permille, with_sigma)).load() == {"soc_permille": 510, "sigma": 50}


def test_a_value_that_cannot_be_brought_up_to_date_is_damage() -> None:
    flash = Flash()
    flash.files["state.a"] = encode(1, {"other": 1})
    record = Record(flash, "state", (permille,))
    assert record.load() is None
    assert record.found == storage.LOST
    assert "state.a of version 1 could not be brought up to date: KeyError" in record.reason


def test_what_a_newer_firmware_saved_is_not_replaced_by_an_older_value() -> None:
    flash = Flash()
    Record(flash, "params").save({"soc": 1})
    newer = Record(flash, "params", (permille,))
    newer.load()
    newer.save({"b": 2})
    older = Record(flash, "params")
    assert older.load() is None
    assert older.found == storage.NEWER
    assert "is not used: params.a is of version 2, and this firmware knows up to 1" in older.reason
    older.save({"a": 3})
    assert Record(flash, "params").load() == {"a": 3}
    assert decode(flash.files["params.a"])[2] == 2, "kept until the save after"


def test_what_was_found_is_told() -> None:
    flash = SimulatedFlash()
    record = Record(flash, "state")

    def found(words: str) -> int:
        record.load()
        assert words in record.reason, record.reason
        assert bool(record.reason) == bool(words)
        return record.found

    assert found("the board is new, or its file system was made anew") == storage.NOTHING
    record.save({"n": 1})
    assert found("") == storage.WHOLE
    record.save({"n": 2})
    whole = dict(flash.files)
    flash.write("state.a", b"x" * 30)
    assert found("may be one save older: state.a is not usable") == storage.ONE_COPY
    flash.unreadable.add("state.a")
    assert found("state.a cannot be read: the flash cannot be read or written (error 5)") == storage.ONE_COPY
    flash.write("state.b", b"")
    assert found("lost: state.a cannot be read") == storage.LOST
    flash.unreadable.clear()
    flash.files = whole
    assert found("") == storage.WHOLE


def test_a_name_without_content_is_no_loss_only_where_there_was_nothing_yet() -> None:
    for files, result in (
        ({"state.b": b""}, storage.NOTHING),
        ({"state.a": b""}, storage.NOTHING),
        ({"state.a": b"", "state.b": encode(1, {})}, storage.WHOLE),
        ({"state.a": b"", "state.b": encode(2, {})}, storage.ONE_COPY),
        ({"state.a": b"", "state.b": b""}, storage.LOST),
        ({"state.a": b"", "state.b": b"x"}, storage.LOST),
    ):
        record = Record(SimulatedFlash(files), "state")
        record.load()
        assert record.found == result, files
        assert bool(record.damage) == (result in (storage.ONE_COPY, storage.LOST))


def test_a_file_that_does_not_fit_into_memory_is_damage() -> None:
    class Huge(SimulatedFlash):
        def read(self, name: str) -> "bytes | None":
            raise MemoryError(name)

    record = Record(Huge(), "state")
    assert record.load() is None
    assert record.found == storage.LOST
    assert "state.a is too large to be a record" in record.damage


def test_a_full_or_read_only_flash_is_said_in_words() -> None:
    flash = SimulatedFlash()
    record = Record(flash, "state")
    record.save({"n": 1})
    flash.full = True
    error = raises(OSError, record.save, {"n": 2})
    assert storage.explain(error) == "the file system is full (error 28)"
    flash.full = False
    flash.read_only = True
    error = raises(OSError, record.save, {"n": 2})
    assert storage.explain(error) == "the file system is read-only (error 30)"
    assert "(error 84)" in storage.explain(OSError(84))
    assert storage.explain(OSError("state.a did not read back as written")) == (
        "state.a did not read back as written"
    )
    assert "77" in storage.explain(OSError(77))
    flash.read_only = False
    assert Record(flash, "state").load() == {"n": 1}


def test_no_room_is_wasted() -> None:
    assert encode(1, {"a": [1, {"b": "x"}]}).endswith(b'{"a":[1,{"b":"x"}]}')
