"""The PIN on flash: what fits, what does not, and what a damaged or cut-off record means."""

from bms.services import pin
from bms.services.pin import PinRecord
from bms.services.storage import decode, encode
from portable import raises
from services.fixture import Flash

EXPECTED = "75e3e657db81819ec126ab18dff86b0af41e167cad343106a48b110b1980a217"
SALT = b"\x01\x02\x03\x04\x05\x06\x07\x08"


def kept(secret: str = "4711") -> Flash:
    flash = Flash()
    PinRecord(flash).replace(secret, SALT)
    return flash


def test_a_new_board_has_none_and_nothing_fits() -> None:
    record = PinRecord(Flash())
    assert not record.is_set
    assert not record.lost
    for guess in ("", "0000", "1234", "123456"):
        assert not record.matches(guess), "no default opens anything"


def test_the_right_one_fits_and_no_other() -> None:
    record = PinRecord(kept())
    assert record.is_set
    assert record.matches("4711")
    for guess in ("", "471", "4712", "47111", " 4711", "4711 ", "04711", "4711\x00", "47114711"):
        assert not record.matches(guess), guess


def test_neither_the_pin_nor_the_same_hash_twice_is_on_flash() -> None:
    flash = kept()
    other = Flash()
    PinRecord(other).replace("4711", b"another!")
    hashes = []
    for files in (flash.files, other.files):
        for name in files:
            assert b"4711" not in files[name]
        hashes.append(decode(files["pin.a"])[1]["hash"])
    assert hashes[0] != hashes[1], "salted"


def test_the_hash_is_that_of_salt_and_pin_again_and_again() -> None:
    """RFC 4880, 3.7.1.3; the figure was computed with CPython's hashlib over 102 x 16 times 20 bytes."""
    found = pin.stretched("4711", "0102030405060708")
    assert len(found) == 64
    assert found != pin.stretched("4711", "0102030405060709")
    assert found == EXPECTED


def test_a_change_leaves_no_copy_with_the_old_one() -> None:
    flash = kept()
    PinRecord(flash).replace("abcd", SALT)
    for damaged in ("pin.a", "pin.b"):
        files = Flash()
        files.files = dict(flash.files)
        files.files[damaged] = files.files[damaged][:-2] + b"??"
        record = PinRecord(files)
        assert record.matches("abcd")
        assert not record.matches("4711")


def test_a_record_that_is_lost_is_not_taken_for_none() -> None:
    flash = kept()
    for name in ("pin.a", "pin.b"):
        flash.files[name] = flash.files[name][:-2] + b"??"
    record = PinRecord(flash)
    assert record.lost
    assert record.is_set
    assert not record.matches("4711")
    record.replace("abcd", SALT)
    again = PinRecord(flash)
    assert again.matches("abcd")
    assert not again.lost


def test_tries_are_counted_on_flash_and_begin_anew_with_a_new_pin() -> None:
    flash = kept()
    PinRecord(flash).begin(7)
    record = PinRecord(flash)
    assert record.begun == 7
    assert record.matches("4711"), "a count changes nothing else"
    record.replace("abcd", SALT)
    assert PinRecord(flash).begun == 0


def test_a_refusing_flash_keeps_what_there_was() -> None:
    flash = kept()
    record = PinRecord(flash)
    flash.fail = True
    raises(OSError, record.begin, 1)
    raises(OSError, record.replace, "abcd", SALT)
    raises(OSError, record.remove)
    assert record.begun == 0
    flash.fail = False
    assert PinRecord(flash).matches("4711")
    assert record.matches("4711")


def test_removed_is_none() -> None:
    flash = kept()
    PinRecord(flash).remove()
    record = PinRecord(flash)
    assert not record.is_set
    assert not record.matches("4711")
    assert not record.matches("")


def test_wrong_types_in_the_record_open_nothing() -> None:
    for content in (
        {"salt": 5, "hash": [], "begun": "x"},
        {"salt": "", "hash": 0, "begun": -4},
        {"hash": "", "salt": ""},
    ):
        flash = Flash()
        flash.files["pin.a"] = encode(1, content)
        record = PinRecord(flash)
        assert not record.matches("")
        assert not record.matches("4711")
        assert record.begun == 0


def test_what_may_be_a_pin() -> None:
    for good in ("4711", "abcd", "A1b2C3", "1" * 15 + "2"):
        assert pin.is_sound(good), good
    for bad in ("", "1", "123", "1111", "aaaaaa", "1" * 16 + "2", "12 4", "12-34", "12\xe94", "1234\n"):
        assert not pin.is_sound(bad), bad


def test_comparing_looks_to_the_end() -> None:
    assert pin.same("abc", "abc")
    for other in ("", "ab", "abcd", "xbc", "abx"):
        assert not pin.same("abc", other)


def test_a_save_lies_in_the_folders_log_on_both_kinds_of_flash() -> None:
    flash = kept()
    PinRecord(flash).begin(999)
    assert max([len(flash.files[name]) for name in flash.files]) <= 128, "see wear"
