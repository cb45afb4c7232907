"""Records survive what flash and power do to them: either the old or the new, never something else."""

from bms.services.storage import Record, decode, encode
from portable import raises
from services.fixture import Flash


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
    flash = Flash()
    record = Record(flash, "state")
    record.save({"value": 1})
    record.save({"value": 2})
    newest = next(name for name in flash.files if decode(flash.files[name])[1] == {"value": 2})
    whole = flash.files[newest]
    for cut in range(len(whole)):
        flash.files[newest] = whole[:cut]
        again = Record(flash, "state")
        assert again.load() == {"value": 1}, cut
        assert len(again.damage) == 1
        assert newest in again.damage[0]


def test_any_flipped_bit_is_noticed() -> None:
    whole = encode(7, {"value": 1})
    for position in range(len(whole)):
        for bit in range(8):
            broken = bytearray(whole)
            broken[position] ^= 1 << bit
            raises(ValueError, decode, bytes(broken))


def test_garbage_is_refused_with_a_sentence() -> None:
    for data, words in (
        (b"", "cut short"),
        (b"PW", "cut short"),
        (b"X" * 40, "not a Packwarden record"),
        (b"PWR\x09" + b"\0" * 40, "format 9"),
        (encode(1, {"a": 1}) + b"x", "instead of"),
    ):
        assert words in str(raises(ValueError, decode, data)), words


def test_after_damage_the_next_save_keeps_the_good_copy() -> None:
    flash = Flash()
    record = Record(flash, "state")
    record.save({"value": 1})
    record.save({"value": 2})
    good = next(name for name in flash.files if decode(flash.files[name])[1] == {"value": 2})
    bad = next(name for name in flash.files if name != good)
    flash.files[bad] = b"rubbish"
    again = Record(flash, "state")
    assert again.load() == {"value": 2}
    kept = flash.files[good]
    again.save({"value": 3})
    assert flash.files[good] == kept
    assert Record(flash, "state").load() == {"value": 3}


def test_a_flash_that_refuses_or_lies_raises_and_harms_nothing() -> None:
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
