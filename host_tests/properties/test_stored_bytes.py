"""Whatever bytes lie on the flash: the loaders answer, with what was saved or with a sentence."""

from typing import Any

from bms.services import storage
from bms.services.journal import Journal
from bms.services.journal_lines import LINE, encode
from bms.services.journal_reader import Reader, numbers
from bms.services.storage import Record
from hypothesis import given
from hypothesis import strategies as st
from packwarden.sim.flash import SimulatedFlash

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=4,
)
FIELDS = st.dictionaries(st.text(max_size=4), JSON, max_size=3)
FILE = st.none() | st.binary(max_size=200)
VERSIONED = st.builds(storage.encode, st.integers(0, 2**32 - 1), FIELDS, st.integers(1, 255))
LINES = st.builds(encode, st.integers(-5, 2**34), FIELDS)
PIECES = st.lists(
    st.one_of(st.binary(max_size=80), LINES, st.just(b"\r\n"), st.just(b"x" * 3000)), max_size=12
)


def broken(payload: dict[str, Any]) -> dict[str, Any]:
    """A migration that trips over whatever it was not made for."""
    return {"soc": payload["soc"][0] // payload["scale"]}


def flash_of(first: bytes | None, second: bytes | None, name: str = "state") -> SimulatedFlash:
    files = {f"{name}.a": first, f"{name}.b": second}
    return SimulatedFlash({name: content for name, content in files.items() if content is not None})


@given(first=FILE | VERSIONED, second=FILE | VERSIONED, migrates=st.booleans())
def test_any_files_load_as_a_record_or_a_sentence(
    first: bytes | None, second: bytes | None, migrates: bool
) -> None:
    flash = flash_of(first, second)
    steps = (broken,) if migrates else ()
    record = Record(flash, "state", steps)
    value = record.load()
    assert (value is not None) == (record.found in (storage.WHOLE, storage.ONE_COPY))
    assert bool(record.reason) == (record.found != storage.WHOLE)
    assert bool(record.damage) == (record.found not in (storage.WHOLE, storage.NOTHING))
    if value is None and first and second:
        assert record.found in (storage.LOST, storage.NEWER), "what is lost is never taken for new"
    record.save({"soc": 1})
    again = Record(flash, "state", steps)
    assert again.load() == {"soc": 1}


@given(saves=st.lists(FIELDS, min_size=1, max_size=5), slot=st.sampled_from("ab"), data=st.data())
def test_a_record_with_one_damaged_copy_is_one_of_the_last_two(
    saves: list[dict[str, Any]], slot: str, data: st.DataObject
) -> None:
    flash = SimulatedFlash()
    record = Record(flash, "state")
    for payload in saves:
        record.save(payload)
    name = f"state.{slot}"
    if flash.size(name) < 0:
        return
    flash.rot(name, data.draw(st.integers(0, 8 * flash.size(name) - 1)))
    again = Record(flash, "state")
    value = again.load()
    assert value in (saves[-1], saves[-2] if len(saves) > 1 else None)
    assert again.found == (storage.LOST if value is None else storage.ONE_COPY)
    assert name in again.reason


@given(saved=FIELDS, cut=st.integers(0, 400))
def test_a_shortened_copy_never_counts(saved: dict[str, Any], cut: int) -> None:
    whole = storage.encode(5, saved)
    if cut >= len(whole):
        return
    record = Record(flash_of(whole[:cut], storage.encode(4, {"old": 1})), "state")
    assert record.load() == {"old": 1}
    assert record.found == storage.ONE_COPY


@given(files=st.lists(PIECES, max_size=3))
def test_any_files_are_read_as_a_journal_that_can_be_gone_on_with(files: list[list[bytes]]) -> None:
    flash = SimulatedFlash({f"log.{i + 1}": b"".join(pieces) for i, pieces in enumerate(files)})
    before = [record for record in Reader(flash, "log", numbers(flash, "log")) if record is not None]
    log = Journal(flash, "log", 6)
    log.add(0, {"n": "new"}, True)
    for _ in range(100):
        log.step(1000)
    assert log.idle
    after = [record for record in log.records() if record is not None]
    assert [fields for _, fields in after] == [fields for _, fields in before] + [{"n": "new"}]


@given(
    entries=st.lists(FIELDS, min_size=1, max_size=8),
    place=st.integers(0, 10**6),
    change=st.sampled_from(["flip", "insert", "remove", "cut"]),
    rubbish=st.binary(min_size=1, max_size=30),
)
def test_damage_in_one_place_of_a_journal_loses_no_more_than_it_touches(
    entries: list[dict[str, Any]], place: int, change: str, rubbish: bytes
) -> None:
    lines = [encode(i + 1, fields) for i, fields in enumerate(entries)]
    assert max(map(len, lines)) <= LINE
    whole = b"".join(lines)
    place %= len(whole)
    changed = {
        "flip": whole[:place] + bytes([whole[place] ^ 1 << place % 8]) + whole[place + 1 :],
        "insert": whole[:place] + rubbish + whole[place:],
        "remove": whole[:place] + whole[place + 1 :],
        "cut": whole[:place],
    }[change]
    reader = Reader(SimulatedFlash({"log.1": changed}), "log", [1])
    found = {record[0]: record[1] for record in reader if record is not None}
    assert all(entries[sequence - 1] == fields for sequence, fields in found.items())
    ends = [sum(map(len, lines[: i + 1])) for i in range(len(lines))]
    whole_ones = sum(end <= place for end in ends) if change == "cut" else len(entries) - 1
    assert len(found) >= whole_ones
    assert reader.lost or len(found) == len(entries) or change == "cut"
