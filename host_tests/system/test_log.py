"""The journal in the running firmware: what it keeps over boots, when it writes, what `log` makes of it."""

from typing import Any

import pytest
from bms.core import path
from bms.services import wear
from bms.services.journal_lines import decode
from bms.services.storage import encode
from packwarden.sim.board import MemoryFiles
from packwarden.sim.flash import SimulatedFlash
from packwarden.sim.flash_fat import FatFlash
from system.rig import Rig
from system.test_memory import Desk

OPEN = (False, False)
GIVEN = {"chemistry": "lfp", "cell_count": 4, "capacity_mah": 20000, "shunt_uohm": 1000}
DAY_S = 86400


def rig_on(flash: Any) -> Rig:
    """A pack whose controller has this flash."""
    flash.write("params.a", encode(1, GIVEN))
    return Rig(files=flash)


def cut(rig: Rig, on_s: float = 5) -> None:
    """Take the controller's power away and give it back."""
    rig.world.powered = False
    rig.run(1)
    rig.world.powered = True
    rig.run(on_s)


def lock_out(rig: Rig) -> None:
    rig.world.inject("afe_silent")
    rig.until(lambda: "AFE_COMMS" in rig.faults, 5)
    rig.world.clear("afe_silent")


def logged(rig: Rig, event: str, count: int = 99) -> list[str]:
    """Details of the last events of one kind."""
    return [row["detail"] for row in rig.rpc("log", count) if row["event"] == event]


def on_flash(files: Any) -> list[str]:
    """The kinds of event that the first file of the journal holds."""
    return [decode(line)[1]["event"] for line in (files.read("log.1") or b"").split(b"\r\n")[:-1]]


@pytest.mark.parametrize("kind", [MemoryFiles, SimulatedFlash, FatFlash])
def test_events_outlive_a_power_cut(kind: type) -> None:
    rig = rig_on(kind())
    rig.run(70)
    cut(rig)
    assert len(logged(rig, "start")) == 2
    assert logged(rig, "mode") == ["boot -> selftest", "selftest -> active"] * 2
    numbers = [row["n"] for row in rig.rpc("log", 99)]
    assert numbers == list(range(1, len(numbers) + 1))


def test_a_lockout_does_not_wait() -> None:
    rig = rig_on(MemoryFiles())
    lock_out(rig)
    rig.run(1.0)
    assert "lockout" in on_flash(rig.files)
    cut(rig)
    assert any(detail.startswith("AFE_COMMS") for detail in logged(rig, "lockout"))


def test_a_bite_of_the_watchdog_does_not_wait() -> None:
    rig = rig_on(MemoryFiles())
    rig.world.firmware_hung = True
    rig.run(9)
    rig.run(3)
    assert "start" in on_flash(rig.files)
    assert logged(rig, "start")[-1].endswith("after watchdog")


def test_a_restart_writes_down_what_waits() -> None:
    rig = rig_on(MemoryFiles())
    assert on_flash(rig.files) == []
    rig.rpc("reboot")
    rig.run(3)
    assert on_flash(rig.files)[:2] == ["start", "storage"]
    assert [detail[-7:] for detail in logged(rig, "start")] == ["r power", "request"]


def test_a_torn_last_record_is_told_and_costs_nothing_else() -> None:
    rig = rig_on(MemoryFiles())
    rig.run(70)
    rig.files.write("log.1", rig.files.files["log.1"][:-9])
    cut(rig, 70)
    assert rig.events("storage") == ["the journal has lost records: 1 damaged in log.1"]
    assert logged(rig, "mode") == ["boot -> selftest", "boot -> selftest", "selftest -> active"]
    assert rig.fets == (True, True)
    cut(rig)
    assert len(logged(rig, "start")) == 3


@pytest.mark.parametrize(("fault", "sentence"), [("full", "is full"), ("read_only", "is read-only")])
def test_a_flash_that_takes_nothing_is_said_once_and_the_pack_is_guarded(fault: str, sentence: str) -> None:
    flash = SimulatedFlash()
    rig = rig_on(flash)
    rig.run(2)
    setattr(flash, fault, True)
    rig.run(200)
    told = [detail for detail in rig.events("storage") if sentence in detail]
    assert sorted([detail.split(" could")[0].split(" cannot")[0] for detail in told]) == [
        "the history",
        "the journal",
    ]
    assert sentence in " ".join(rig.type("history").split())
    lock_out(rig)
    rig.run(20)
    assert rig.fets == OPEN
    assert rig.faults == ["AFE_COMMS"]
    told = [detail for detail in rig.events("storage") if sentence in detail]
    assert sorted([detail.split(" could")[0].split(" cannot")[0] for detail in told[2:]]) == [
        "a freeze frame",
        "the state",
        "what the doctor noted",
    ]
    setattr(flash, fault, False)
    rig.run(400)  # tries that failed were counted as well
    cut(rig)
    assert rig.faults == ["AFE_COMMS"]
    assert any(sentence in detail for detail in logged(rig, "storage"))
    assert len(logged(rig, "lockout")) == 1


def test_the_same_again_and_again_is_one_record() -> None:
    rig = rig_on(MemoryFiles())

    def broken(*_: object) -> None:
        raise ZeroDivisionError("a bug")

    step = rig.session.parts.limits.step
    rig.session.parts.limits.step = broken
    rig.run(3)
    rig.session.parts.limits.step = step
    rig.run(2)
    assert len(rig.events("exception")) > 20
    assert logged(rig, "exception") == ["ZeroDivisionError: a bug"]


class Watched(MemoryFiles):
    """Notes in which cycle what was written."""

    def __init__(self) -> None:
        super().__init__()
        self.rig: Rig | None = None
        self.changed: dict[str, list[int]] = {}

    def write(self, name: str, content: bytes) -> None:
        self._note(name)
        super().write(name, content)

    def append(self, name: str, content: bytes) -> None:
        self._note(name)
        super().append(name, content)

    def _note(self, name: str) -> None:
        if self.rig is not None and self.rig.session.loop is not None:
            began = self.rig.session.loop._last  # the tick of the cycle under way
            self.changed.setdefault(name.partition(".")[0], []).append(began)


def test_one_cycle_writes_one_file() -> None:
    files = Watched()
    rig = rig_on(files)
    files.rig = rig
    for _ in range(2):
        lock_out(rig)
        rig.run(3)
        rig.rpc("reset", "soft")
        rig.run(3)
    assert len(files.changed["log"]) == 2
    assert len(set(files.changed["state"])) >= 2
    rig.run(60)
    assert set(files.changed) >= {"log", "state", "charge", "codes", "frame"}
    cycles = [each for name in files.changed for each in set(files.changed[name])]
    assert len(cycles) == len(set(cycles))


def test_nothing_is_written_under_a_finger() -> None:
    rig = rig_on(MemoryFiles())
    rig.run(50)
    rig.world.button = True
    rig.run(14)
    assert on_flash(rig.files) == []
    rig.world.button = False
    rig.run(2)
    assert on_flash(rig.files)


def test_a_stuck_button_does_not_silence_the_journal() -> None:
    rig = rig_on(MemoryFiles())
    rig.world.button = True
    rig.run(100)
    assert "fault" in on_flash(rig.files)


def test_a_person_reads_the_last_events() -> None:
    rig = rig_on(MemoryFiles())
    rig.run(70)
    cut(rig)
    screen = rig.type("log")
    assert screen.count("start: firmware") == 2
    assert screen.index("after power") < screen.rindex("after power")
    assert screen.endswith("pw> ")
    assert max(len(line) for line in screen.splitlines()) < 80
    lines = rig.type("log 2").splitlines()[1:-1]
    assert [line.split("s  ")[1] for line in lines] == ["mode: boot -> selftest", "mode: selftest -> active"]


def test_a_program_gets_what_is_not_on_flash_yet_too() -> None:
    rig = rig_on(MemoryFiles())
    assert on_flash(rig.files) == []
    rows = rig.rpc("log")
    assert [row["event"] for row in rows] == ["start", "storage", "mode", "mode"]
    assert rows[0] == {"n": 1, "t_s": 0, "event": "start", "detail": rows[0]["detail"]}
    assert rig.rpc("log", 1) == rows[-1:]


@pytest.mark.parametrize("count", ["x", "0", "-1", "123456", "1.5", ""])
def test_a_count_that_is_none_is_refused(count: str) -> None:
    assert "count must be 1 to 99999" in rig_on(MemoryFiles()).rpc("log", count)["message"]


def test_records_that_are_no_events_are_shown_as_what_they_are() -> None:
    rig = rig_on(MemoryFiles())
    journal = rig.session.parts.journal
    journal.add(3, {"dropped": 5})
    journal.add(3, {"t": "x", "event": 7, "detail": None})
    rows = rig.rpc("log", 2)
    assert [(row["t_s"], row["event"], row["detail"]) for row in rows] == [
        (None, "journal", "dropped 5"),
        (None, "7", "None"),
    ]
    assert "journal: dropped 5" in rig.type("log 2")


def test_a_long_journal_is_read_a_piece_at_a_poll() -> None:
    reads = []

    class Counted(MemoryFiles):
        def read_at(self, name: str, offset: int, count: int) -> bytes:
            reads.append((rig.world.clock.now_us, offset))
            return super().read_at(name, offset, count)

    files = Counted()
    rig = Rig(files=MemoryFiles({"params.a": encode(1, GIVEN)}))
    for _ in range(20):
        rig.session.parts.reporter.note("mode", "x" * 300)
        rig.session.parts.reporter.note("mode", "y" * 300)
        rig.session.parts.journal.hurry()
        rig.run(1)
    files.files = rig.files.files
    rig = Rig(files=files)
    rig.run(2)
    reads.clear()
    for screen in (rig.type("log 1", 5), str(rig.rpc("log", 1))):
        assert "selftest -> active" in screen
    assert len(reads) > 40
    moments = [moment for moment, _ in reads]
    assert len(set(moments)) == len(moments)
    assert rig.fets == (True, True)


def test_the_log_is_not_read_before_the_journal_has_been_looked_through() -> None:
    rig = Rig(boot=False, files=MemoryFiles({"params.a": encode(1, GIVEN), "log.1": b"x" * 9000}))
    rig.until(lambda: rig.session.loop is not None, 1)
    assert "try again" in rig.rpc("log")["message"]
    rig.run(5)
    assert "selftest -> active" in logged(rig, "mode")


def appended(desk: Desk, seconds: int, every_s: int) -> int:
    """How often a day with a change of mode every so often adds to the journal."""
    count = 0
    append = desk.flash.append

    def counted(name: str, content: bytes) -> None:
        nonlocal count
        count += 1
        append(name, content)

    desk.flash.append = counted  # type: ignore[method-assign]
    modes = (path.ACTIVE, path.CHARGE_ONLY)
    for uptime_s in range(1, seconds):
        for _ in range(3):
            desk.reporter.step(uptime_s, modes[uptime_s // every_s % 2])
    return count


@pytest.mark.parametrize("every_s", [1, 20, 600])
def test_a_day_stays_within_the_journals_allowance(every_s: int) -> None:
    """However eventful it is; an ordinary one, with a change of mode every ten minutes, is far below."""
    allowed = next(row[wear.PER_DAY] for row in wear.ROWS if row[wear.NAME] == "journal")
    count = appended(Desk(), DAY_S, every_s)
    assert count <= allowed + 2
    if every_s == 600:
        assert DAY_S // every_s <= count + 1 < allowed * 2 // 3
