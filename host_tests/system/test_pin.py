"""Who may change what: a finger on the button until the owner sets a PIN, and from then on the PIN."""

from types import SimpleNamespace
from typing import Any

import pytest
from bms.app.access import Access
from bms.app.pinpad import Pinpad
from bms.core import button as b
from bms.services.command import CommandError
from bms.services.pin import PinRecord
from packwarden.sim.board import MemoryFiles
from packwarden.sim.flash import SimulatedFlash
from system.rig import Rig

PIN, OTHER, WRONG = "4711", "red5fox", "0815"


class Door:
    """The pin pad without a pack: a clock, a button, a flash."""

    def __init__(self, files: Any = None, pin: str = "", stage: int = b.IDLE) -> None:
        self.files = files or MemoryFiles()
        if pin:
            PinRecord(self.files).replace(pin, b"saltsalt")
        self.notes: list[tuple[str, str]] = []
        self.button = b.Button(0, False)
        self.snap = SimpleNamespace(commanded=3, fets=3, charger=False, current_ma=0)
        self.stage(stage)
        self.start()

    def start(self) -> None:
        """Power comes back: what was in memory is gone."""

        def note(event: str, detail: str) -> None:
            self.notes.append((event, detail))

        self.parts = SimpleNamespace(
            panel=SimpleNamespace(button=self.button),
            reporter=SimpleNamespace(operating_s=1000, note=note, tell=note),
            loop=SimpleNamespace(uptime_s=0, standby_asked=False),
            hal=SimpleNamespace(files=self.files),
            snap=self.snap,
        )
        self.access = self.parts.access = Access(self.parts)  # type: ignore[arg-type]

    def stage(self, stage: int) -> None:
        self.button.stage = stage

    def pass_s(self, seconds: int) -> None:
        self.parts.reporter.operating_s += seconds
        self.parts.loop.uptime_s += seconds

    @property
    def pad(self) -> Pinpad:
        """Brought anew each time, as on the chip."""
        return Pinpad(self.parts)  # type: ignore[arg-type]

    def unlock(self, pin: str = "") -> str:
        """Why not, or an empty sentence."""
        try:
            self.pad.unlock(pin)
        except CommandError as error:
            return str(error)
        return ""

    def wrong(self) -> int:
        """One wrong try; how long the next has to wait."""
        assert self.unlock(WRONG).startswith("that is not the PIN")
        wait_s: int = self.pad.pin()["wait_s"]
        return wait_s


@pytest.mark.parametrize("stage", [b.IDLE, b.IGNORED])
def test_without_a_pin_nobody_unlocks_without_a_finger_on_the_button(stage: int) -> None:
    """PW-134."""
    door = Door(stage=stage)
    assert "hold the button" in door.unlock()
    for guess in ("0000", "1234", PIN):
        assert "no PIN is set" in door.unlock(guess), "there is none that opens anything"
    assert door.access.remaining_s == 0
    assert door.notes == []
    with pytest.raises(CommandError, match="locked"):
        door.access.require()


@pytest.mark.parametrize("stage", [b.HELD, b.HURRY, b.RELEASE_NOW])
def test_unlocked_is_ten_minutes_and_uses_up_the_press(stage: int) -> None:
    door = Door(stage=stage)
    assert door.unlock() == ""
    assert door.button.stage == b.IGNORED
    assert door.notes == [("unlock", "button held, for 600 s")]
    assert door.access.remaining_s == 600
    door.access.require()
    door.pass_s(599)
    door.access.require()
    door.pass_s(1)
    assert door.access.remaining_s == 0
    with pytest.raises(CommandError):
        door.access.require()
    door.pass_s(5000)
    assert door.access.remaining_s == 0


def test_locking_is_at_once() -> None:
    door = Door(stage=b.HELD)
    door.unlock()
    door.access.lock()
    with pytest.raises(CommandError):
        door.access.require()


def test_with_a_pin_the_button_unlocks_nothing_and_the_pin_does() -> None:
    """PW-134."""
    door = Door(pin=PIN, stage=b.HELD)
    assert "a PIN is set" in door.unlock()
    assert door.access.remaining_s == 0
    door.stage(b.IDLE)
    assert door.wrong() == 0
    assert door.access.remaining_s == 0
    assert door.unlock(PIN) == ""
    assert door.access.remaining_s == 600
    assert door.notes == [("unlock", "refused: wrong PIN, 1 in a row"), ("unlock", "PIN, for 600 s")]


def test_each_wrong_try_from_the_third_on_makes_the_next_wait_twice_as_long() -> None:
    door = Door(pin=PIN)
    waits = []
    for _ in range(15):
        wait_s = door.wrong()
        waits.append(wait_s)
        if wait_s:
            door.pass_s(wait_s - 1)
            assert "the next try is in 1 s" in door.unlock(PIN), "not even the right one"
            door.pass_s(1)
    assert waits == [0, 0, 5, 10, 20, 40, 80, 160, 320, 640, 1280, 2560, 3600, 3600, 3600]
    assert door.unlock(PIN) == ""
    assert [door.wrong() for _ in range(3)] == [0, 0, 5], "a right one forgives"


def test_all_of_four_digits_take_half_a_year_on_average() -> None:
    door = Door(pin=PIN)
    tries = spent_s = 0
    while spent_s < 30 * 86400:
        wait_s = door.wrong()
        door.pass_s(wait_s)
        spent_s += wait_s
        tries += 1
    assert tries * 6 < 10_000 / 2


@pytest.mark.parametrize("wrong", [1, 3, 6, 12])
def test_a_restart_neither_forgives_nor_shortens_the_wait(wrong: int) -> None:
    door = Door(pin=PIN)
    for _ in range(wrong):
        door.pass_s(door.wrong())
    wait_s = door.pad.pin()["wait_s"]
    door.start()
    again_s = door.pad.pin()["wait_s"]
    assert again_s >= wait_s
    if wrong >= 3:
        assert again_s >= 5
        door.pass_s(again_s - 1)
        assert "the next try is in" in door.unlock(PIN)
        door.pass_s(1)
    assert door.unlock(PIN) == ""


def test_power_cut_in_any_step_of_a_try_never_gives_another_for_nothing() -> None:
    """Cut at every write of a wrong try: what survives has counted it, or the PIN was not looked at yet."""
    flash = SimulatedFlash()
    door = Door(flash, PIN)
    for _ in range(5):
        door.pass_s(door.wrong())
    judged: list[int] = []
    survivors: list[tuple[bool, int]] = []
    matches = PinRecord.matches

    def cut(files: SimulatedFlash, _kind: str) -> None:
        survivors.extend((bool(judged), PinRecord(files.survivor(way)).begun) for way in range(files.ways()))

    flash.watch = cut
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(PinRecord, "matches", lambda self, pin: (judged.append(1), matches(self, pin))[1])
        door.wrong()
    flash.watch = None
    assert len(survivors) > 1
    assert judged
    assert all(begun >= 6 for was_judged, begun in survivors if was_judged)
    assert PinRecord(flash).begun == 6
    assert {begun for _, begun in survivors} <= {5, 6}


def test_a_right_pin_wears_nothing_and_wrong_ones_little() -> None:
    flash = SimulatedFlash()
    door = Door(flash, PIN)
    door.unlock(PIN)
    before = saves(flash)
    for _ in range(1000):
        assert door.unlock(PIN) == ""
        door.pass_s(10)
    assert saves(flash) == before
    tries = 0
    for _ in range(24):
        begin = door.parts.loop.uptime_s
        while door.parts.loop.uptime_s < begin + 3600:
            wait_s = door.wrong()
            tries += 1
            door.pass_s(max(1, wait_s))
    assert tries < 60
    assert tries - 1 <= saves(flash) - before < 100, "the row of `wear`"


def saves(flash: SimulatedFlash) -> int:
    """How often the record has been written."""
    return PinRecord(flash)._record.sequence


def test_a_flash_that_cannot_count_a_try_judges_none() -> None:
    class Full(MemoryFiles):
        full = False

        def write(self, name: str, content: bytes) -> None:
            if self.full:
                raise OSError(28)
            super().write(name, content)

    files = Full()
    door = Door(files, PIN)
    files.full = True
    for guess in (WRONG, PIN):
        assert "the file system is full" in door.unlock(guess)
    assert door.access.remaining_s == 0
    files.full = False
    assert door.unlock(PIN) == ""
    files.full = True
    assert "the flash refused" in refused(door, "set", OTHER)
    files.full = False
    assert PinRecord(files).matches(PIN)


def refused(door: Door, *arguments: str) -> str:
    with pytest.raises(CommandError) as error:
        door.pad.pin(*arguments)
    return str(error.value)


def test_the_first_pin_takes_a_finger_on_the_button_and_not_an_unlocked_console() -> None:
    door = Door(stage=b.HELD)
    door.unlock()
    assert door.access.remaining_s
    door.stage(b.IDLE)
    assert "hold the button" in refused(door, "set", PIN), "somebody far away could lock the owner out"
    door.stage(b.HURRY)
    assert door.pad.pin("set", PIN) == {"set": True}
    assert door.button.stage == b.IGNORED
    assert door.notes[-1] == ("PIN", "set, button held")
    assert PinRecord(door.files).matches(PIN)


def test_a_pin_is_changed_and_cleared_by_who_has_unlocked_with_it() -> None:
    door = Door(pin=PIN, stage=b.HELD)
    assert "locked" in refused(door, "set", OTHER)
    assert "locked" in refused(door, "clear")
    door.stage(b.IDLE)
    door.unlock(PIN)
    assert door.pad.pin("set", OTHER) == {"set": True}
    assert door.unlock(PIN).startswith("that is not the PIN")
    assert door.unlock(OTHER) == ""
    assert door.pad.pin("clear") == {"set": False}
    assert [each for each in door.notes if each[0] == "PIN"] == [
        ("PIN", "changed"),
        ("PIN", "cleared: the button unlocks"),
    ]
    door.access.lock()
    assert "hold the button" in door.unlock()


@pytest.mark.parametrize("bad", ["", "123", "1111", "12 4", "1234567890123456789", "12-34"])
def test_what_is_no_pin_is_refused_before_anything_else(bad: str) -> None:
    door = Door(stage=b.HELD)
    assert "4 to 16 letters and digits" in refused(door, "set", bad)
    assert not door.files.files
    assert door.button.stage == b.HELD


@pytest.mark.parametrize("arguments", [("sit",), ("clear", "x"), ("forgotten", PIN), ("", PIN)])
def test_what_pin_does_not_know_is_refused(arguments: tuple[str, ...]) -> None:
    assert "say 'pin'" in refused(Door(stage=b.HELD), *arguments)


@pytest.mark.parametrize("lost", [False, True], ids=["forgotten", "damaged"])
def test_a_forgotten_pin_is_replaced_with_the_path_open_and_the_button_held_as_for_a_reset(
    lost: bool,
) -> None:
    door = Door(pin=PIN, stage=b.HELD)
    if lost:
        for name in ("pin.a", "pin.b"):
            door.files.files[name] = door.files.files[name][:-2] + b"??"
        assert "damaged" in door.unlock(PIN)
    assert "locked" in refused(door, "set", OTHER), "the path is closed"
    door.pad.pin("forgotten")
    assert door.parts.loop.standby_asked
    door.snap.commanded = 0
    assert "locked" in refused(door, "set", OTHER), "told to open is not open"
    door.snap.fets = 0
    for stage in (b.IDLE, b.HELD, b.HURRY, b.IGNORED):
        door.stage(stage)
        assert "at 10 s" in refused(door, "set", OTHER)
    door.stage(b.RELEASE_NOW)
    assert door.pad.pin("set", OTHER) == {"set": True}
    assert door.button.stage == b.IGNORED, "and resets nothing"
    assert door.access.remaining_s == 0
    assert door.unlock(OTHER) == ""
    assert ("PIN", "replaced without the old one: path open, button held") in door.notes


def test_nobody_opens_a_path_that_is_in_use_by_having_forgotten_a_pin() -> None:
    door = Door(pin=PIN, stage=b.IDLE)
    assert "hold the button" in refused(door, "forgotten")
    door.stage(b.HELD)
    door.snap.current_ma = -5000
    assert "in use" in refused(door, "forgotten")
    door.snap.current_ma = 0
    door.snap.charger = True
    assert "in use" in refused(door, "forgotten")
    assert not door.parts.loop.standby_asked
    assert "no PIN is set" in refused(Door(stage=b.HELD), "forgotten")


def owned() -> Rig:
    """A running pack with a PIN, which somebody has set with a finger on its button."""
    rig = Rig()
    rig.world.press(4)
    rig.run(0.5)
    assert rig.rpc("pin", "set", PIN) == {"set": True}
    rig.run(6)
    return rig


def test_a_person_sets_a_pin_unlocks_and_changes_something() -> None:
    rig = owned()
    assert "locked" in rig.rpc("standby")["message"]
    assert "not the PIN" in rig.rpc("unlock", WRONG)["message"]
    assert rig.rpc("unlock", PIN) == {"unlocked_s": 600}
    assert rig.rpc("standby") == {"standby": True}
    assert rig.rpc("pin") == {"set": True, "wait_s": 0, "unlocked_s": 600}
    rig.run(601)
    assert "locked" in rig.rpc("resume")["message"], "it locks by itself"


def test_the_pin_is_nowhere_to_be_read() -> None:
    rig = owned()
    rig.board.serial.take()
    rig.rpc("unlock", WRONG)
    seen = rig.type(f"unlock {PIN}", 2)
    assert "unlocked  600 s" in seen
    seen += rig.type("pin", 1)
    rig.board.serial.feed(f"pin set {OTHER}".encode())
    rig.run(0.2)
    rig.session.parts.console.say("something happened meanwhile")
    seen += rig.type("", 2)
    seen += rig.type("\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A\x1b[A", 1)
    for line in ("get pin", "history", "log", "help pin", "status", "version"):
        seen += rig.type(line, 4)
    assert rig.session.parts.access.remaining_s
    for method in ("params", "params.schema", "history", "log", "version", "status", "help", "rpc.discover"):
        seen += str(rig.rpc(method))
    rig.run(120)
    for secret in (PIN, OTHER, WRONG):
        assert secret not in seen, secret
        for name, content in rig.files.files.items():
            assert secret.encode() not in content, (secret, name)
    assert rig.rpc("unlock", OTHER) == {"unlocked_s": 600}, "the one that was typed half behind the news"
    assert rig.events("unlock")[-3:] == [
        "refused: wrong PIN, 1 in a row",
        "PIN, for 600 s",
        "PIN, for 600 s",
    ]


def test_the_wait_outlives_a_power_cut_of_the_running_pack() -> None:
    rig = owned()
    for _ in range(4):
        rig.rpc("unlock", WRONG)
        rig.run(6)
    rig.world.powered = False
    rig.run(1)
    rig.world.powered = True
    rig.run(2)
    assert "the next try is in" in rig.rpc("unlock", PIN)["message"]
    rig.run(12)
    assert "unlocked_s" in rig.rpc("unlock", PIN)


def test_a_factory_reset_keeps_the_pin() -> None:
    rig = owned()
    rig.rpc("unlock", PIN)
    assert rig.rpc("reset", "factory", "ERASE")["accepted"]
    rig.run(8)
    assert rig.rpc("pin")["set"]
    assert rig.rpc("pin")["unlocked_s"] == 0


def test_a_forgotten_pin_on_a_running_pack() -> None:
    rig = owned()
    rig.world.press(14)
    rig.run(1)
    assert rig.rpc("pin", "forgotten")["standby"] is True
    rig.until(lambda: rig.fets == (False, False), 2)
    rig.run(2)
    assert "at 10 s" in rig.rpc("pin", "set", OTHER)["message"]
    rig.run(8)
    assert rig.rpc("pin", "set", OTHER) == {"set": True}
    rig.run(6)
    assert rig.session.parts.remembered.resets == 0
    assert rig.mode == "standby"
    assert rig.rpc("unlock", OTHER) == {"unlocked_s": 600}
    rig.rpc("resume")
    rig.closed(5)


def test_the_way_to_the_prompt_is_the_owners_opens_the_path_and_leads_back() -> None:
    rig = owned()
    assert "locked" in rig.rpc("repl")["message"]
    assert rig.mode == "active"
    rig.rpc("unlock", PIN)
    rig.board.serial.feed(b"repl\r")
    open_s = rig.until(lambda: rig.fets == (False, False), 1)
    assert rig.session.loop is not None, "open before it stops"
    rig.until(lambda: rig.session.loop is None, 4)
    assert open_s < 0.5
    rig.run(60)
    assert rig.session.loop is None, "no watchdog brings it back: a developer works"
    assert rig.fets == (False, False)
    rig.board.serial.feed(b"1 + 1\r\n\x04")
    rig.run(4)
    rig.closed(5)
    assert any("asked at the console" in each for each in logged(rig))


def logged(rig: Rig) -> list[str]:
    rig.run(30)
    return [
        f"{row['event']} {row['detail']}" for row in rig.rpc("log", "export") or [] if isinstance(row, dict)
    ]


def test_power_that_comes_back_ends_the_prompt() -> None:
    rig = owned()
    rig.rpc("unlock", PIN)
    rig.rpc("repl")
    rig.run(5)
    assert rig.session.loop is None
    rig.world.powered = False
    rig.run(1)
    rig.world.powered = True
    rig.closed(8)


def test_a_path_that_does_not_open_is_no_place_for_a_prompt() -> None:
    rig = owned()
    rig.world.load_a = 5
    rig.run(1)
    rig.world.inject("dsg_fet_stuck_on")
    rig.rpc("unlock", PIN)
    rig.rpc("repl")
    rig.run(10)
    assert rig.session.loop is not None, "it restarts as ever, and watches on"
