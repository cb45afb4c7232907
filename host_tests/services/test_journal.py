"""The journal is written in small steps, survives what happens to flash, and keeps within its budget."""

from bms.services import journal
from bms.services.journal import Journal
from packwarden.sim.flash import SimulatedFlash

HOUR_S = 3600


def started(flash: SimulatedFlash, files: int = 4, file_bytes: int = 1000) -> Journal:
    """A journal that has looked at its files, some time after the boot."""
    log = Journal(flash, "log", files, file_bytes)
    while not log.ready:
        log.step(0)
    return log


def settle(log: Journal, now_s: int) -> int:
    """Step until nothing happens any more; how often the flash was changed."""
    changes = 0
    for _ in range(100):
        changes += log.step(now_s)
    return changes


def found(log: Journal) -> list:
    return [each[1]["n"] for each in log.records() if each is not None]


def test_what_is_added_is_read_back_by_the_next_boot() -> None:
    flash = SimulatedFlash()
    log = started(flash)
    for n in range(20):
        log.add(n * HOUR_S, {"n": n}, True)
        assert settle(log, n * HOUR_S) == 1
        assert log.idle
        assert log.kept == n + 1
    assert found(log) == list(range(20))
    again = started(flash)
    assert found(again) == list(range(20))
    assert again.kept == 20
    assert again.lost == []


def test_numbers_go_on_over_boots() -> None:
    flash = SimulatedFlash()
    for n in range(30):
        log = started(flash)
        log.add(0, {"n": n}, True)
        settle(log, 0)
    assert [each[0] for each in log.records() if each is not None] == list(range(1, 31))


def test_records_wait_for_company_but_no_more_than_a_minute() -> None:
    flash = SimulatedFlash()
    log = started(flash)
    log.add(1000, {"n": 0})
    log.add(1030, {"n": 1})
    assert settle(log, 1059) == 0
    assert flash.files == {}
    assert settle(log, 1060) == 1
    assert found(log) == [0, 1]
    log.add(3000, {"n": 2})
    log.add(3001, {"n": 3}, True)
    assert settle(log, 3001) == 1, "an urgent one takes all along"
    assert found(log) == [0, 1, 2, 3]


def test_a_full_buffer_does_not_wait() -> None:
    log = started(SimulatedFlash())
    for n in range(30):
        log.add(1000, {"n": n, "text": "x" * 40})
    assert settle(log, 1000) >= 1


def test_a_step_does_one_thing() -> None:
    flash = SimulatedFlash()
    log = started(flash)
    for n in range(3):
        log.add(0, {"n": n}, True)
    assert [log.step(0) for _ in range(5)] == [False, False, False, True, False]


def test_a_boot_reads_a_piece_at_a_time_and_little_in_all() -> None:
    flash = SimulatedFlash()
    log = started(flash, 8, journal.FILE_BYTES)
    for n in range(400):
        log.add(n * HOUR_S, {"n": n, "text": "x" * 60}, True)
        settle(log, n * HOUR_S)
    assert max([flash.size(name) for name in flash.names()]) > 12_000
    reads = []

    class Counted(SimulatedFlash):
        def read_at(self, name: str, offset: int, count: int) -> bytes:
            reads.append(count)
            return super().read_at(name, offset, count)

    again = Journal(Counted(flash.files))
    steps = 0
    while not again.ready:
        before = len(reads)
        again.step(0)
        assert len(reads) <= before + 1
        steps += 1
    assert sum(reads) <= 5000
    assert steps <= 12
    assert again.kept == 400


def test_old_files_make_room() -> None:
    flash = SimulatedFlash()
    log = started(flash)
    for n in range(200):
        log.add(n * HOUR_S, {"n": n}, True)
        settle(log, n * HOUR_S)
        assert len(flash.files) <= 4
        assert max([flash.size(name) for name in flash.names()]) <= 1000
    kept = found(log)
    assert kept == list(range(200 - len(kept), 200))
    assert len(kept) > 60
    assert log.records().lost == []


def test_files_that_are_too_many_at_boot_go() -> None:
    flash = SimulatedFlash()
    for i in range(1, 9):
        flash.files["log.%d" % i] = b"\r\n"
    settle(started(flash), 0)
    assert sorted(flash.names()) == ["log.5", "log.6", "log.7", "log.8"]


def test_after_a_torn_end_writing_goes_on_behind_it() -> None:
    flash = SimulatedFlash()
    log = started(flash)
    for n in range(3):
        log.add(0, {"n": n})
    settle(log, 60)
    whole = flash.files["log.1"]
    for cut in range(len(whole) - 20, len(whole)):
        flash.files["log.1"] = whole[:cut]
        log = started(flash)
        kept = found(log)
        log.add(0, {"n": 7}, True)
        settle(log, 0)
        assert found(started(flash)) == kept + [7], cut
        assert kept[:2] == [0, 1]


def test_a_damaged_newest_file_is_told_and_the_numbers_go_on_from_the_one_before() -> None:
    flash = SimulatedFlash()
    log = started(flash)
    for n in range(60):
        log.add(n * HOUR_S, {"n": n}, True)
        settle(log, n * HOUR_S)
    newest = max(flash.names(), key=lambda name: int(name[4:]))
    flash.files[newest] = b"\xff" * 300
    log = started(flash)
    assert log.lost == [f"1 damaged in {newest}"]
    kept = found(log)
    log.add(0, {"n": 99}, True)
    settle(log, 0)
    assert found(log) == kept + [99]
    assert kept


def test_a_flash_that_refuses_is_tried_again_in_a_minute_and_nothing_is_lost() -> None:
    flash = SimulatedFlash()
    log = started(flash)
    flash.read_only = True
    log.add(0, {"n": 0}, True)
    assert settle(log, 0) == 1
    assert log.trouble == "the journal cannot be written: the file system is read-only (error 30)"
    log.add(10, {"n": 1})
    assert settle(log, 59) == 0
    flash.read_only = False
    assert settle(log, 800) == 1
    assert log.trouble == ""
    assert found(log) == [0, 1]


def test_what_does_not_read_back_is_written_again_elsewhere() -> None:
    flash = SimulatedFlash()
    log = started(flash)
    log.add(0, {"n": 0}, True)
    settle(log, 0)
    log.add(0, {"n": 1}, True)

    def damage(at: SimulatedFlash, kind: str) -> None:
        if kind == "commit" and at.size("log.1") > 10:
            at.unreadable.add("log.1")

    flash.watch = damage
    assert settle(log, 1000) == 1
    assert "cannot be read or written (error 5)" in log.trouble
    flash.watch = None
    flash.unreadable.clear()
    settle(log, 2000)
    assert log.trouble == ""
    assert found(log) == [0, 1, 1], "rather twice than not at all"

    class Liar(SimulatedFlash):
        def append(self, name: str, content: bytes) -> None:
            super().append(name, content[:-3] + b"!\r\n" if name == "log.1" else content)

    flash = Liar()
    log = started(flash)
    log.add(0, {"n": 5}, True)
    settle(log, 0)
    assert log.trouble == "the journal cannot be written: log.1 did not read back as written"
    settle(log, 1000)
    assert log.trouble == ""
    assert sorted(flash.names()) == ["log.1", "log.2"]
    assert found(log) == [5]


def test_on_a_full_file_system_the_journal_gives_way() -> None:
    flash = SimulatedFlash()
    log = started(flash)
    for n in range(200):
        log.add(n * HOUR_S, {"n": n}, True)
        settle(log, n * HOUR_S)
    assert len(flash.names()) == 4
    flash.full = True
    log.add(200 * HOUR_S, {"n": 200}, True)
    for i in range(5):
        settle(log, (201 + i) * HOUR_S)
    assert "full" in log.trouble
    assert len(flash.names()) == 2, "the last two stay"
    flash.full = False
    settle(log, 300 * HOUR_S)
    assert found(log)[-1] == 200


def test_a_storm_of_records_keeps_within_the_budget_and_says_what_it_dropped() -> None:
    flash = SimulatedFlash()
    log = started(flash, 8, journal.FILE_BYTES)
    for second in range(HOUR_S):
        log.add(second, {"n": second}, second % 7 == 0)
        for _ in range(5):
            log.step(second)
    assert flash.operations["commit"] <= 2 + 10 + 8, (
        "240 a day are 10 an hour; two at boot; a name for a file"
    )
    records = [each[1] for each in log.records() if each is not None]
    assert [each for each in records if "dropped" in each]
    assert records[0] == {"n": 0}


def test_an_urgent_record_displaces_one_that_is_not() -> None:
    flash = SimulatedFlash()
    log = Journal(flash, "log")
    for n in range(40):
        log.add(0, {"n": n})
    log.add(0, {"n": 100}, True)
    for _ in range(200):
        log.step(HOUR_S)
    records = [each[1] for each in log.records() if each is not None]
    assert records[-1] == {"dropped": 9}
    assert [each["n"] for each in records[:-1]] == list(range(31)) + [100]


def test_a_failing_supply_writes_at_once_whatever_the_budget_says() -> None:
    flash = SimulatedFlash()
    log = started(flash)
    for n in range(5):
        log.add(0, {"n": n}, True)
        settle(log, 0)
    assert len(found(log)) == 2, "the budget at boot"
    log.hurry()
    settle(log, 0)
    assert len(found(log)) == 5
    log.add(0, {"n": 5}, True)
    assert settle(log, 0) == 0, "but only what waited then"


def test_a_record_that_is_too_long_keeps_its_time_and_name() -> None:
    flash = SimulatedFlash()
    log = started(flash)
    log.add(5, {"t": 5, "event": "trip", "detail": "x" * 5000}, True)
    settle(log, 5)
    (record,) = [each[1] for each in log.records() if each is not None]
    assert record["t"] == 5
    assert record["event"] == "trip"
    assert record["bytes_left_out"] > 5000
    assert "detail" not in record


def test_a_file_system_that_was_made_anew_starts_a_journal() -> None:
    flash = SimulatedFlash()
    log = started(flash)
    assert log.kept == 0
    assert log.lost == []
    assert found(log) == []


def test_what_is_not_written_yet_can_be_read() -> None:
    journal = Journal(SimulatedFlash())
    while not journal.ready:
        journal.step(0)
    for i in range(3):
        journal.add(0, {"n": i})
    journal.step(0)
    assert journal.newest == 3
    unwritten = journal.unwritten()
    journal.step(0)
    assert list(unwritten) == [(1, {"n": 0}), (2, {"n": 1}), (3, {"n": 2})]
