"""Rules of the safety table that no other test proves: the controller's side of safety, modes on demand."""

import ast
import importlib.util
import runpy
import sys
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import micropython
import pytest
from packwarden.sim.board import MemoryFiles
from packwarden.sim.bq76952_sequence import SHUTDOWN
from system.rig import Rig

FIRMWARE = Path(__file__).resolve().parents[2] / "firmware"
OPEN = (False, False)
ENABLED_PROTECTIONS_C = 0x9263
CHG_PROTECTIONS_C = 0x9267
DSG_PROTECTIONS_C = 0x926B
HOST_WATCHDOG_DELAY = 0x92B2
HOST_WATCHDOG = 0x02


class Pins:
    """What `machine` was asked to do, in order: pins made and written, bus and watchdog made, feeds."""

    def __init__(self, pressed: bool = False) -> None:
        self.done: list[tuple[object, ...]] = []
        self.pressed = pressed

    def module(self) -> ModuleType:
        """A `machine` with just enough in it."""
        pins = self

        class Pin:
            IN, OUT, OPEN_DRAIN, PULL_UP, IRQ_FALLING = range(5)

            def __init__(self, pin: int, *_: object, value: int | None = None) -> None:
                self.pin = pin
                pins.done.append(("pin", pin))
                if value is not None:
                    self.value(value)

            def value(self, level: int | None = None) -> int:
                if level is None:
                    return int(not pins.pressed)
                pins.done.append((self.pin, level))
                return level

        def noted(kind: str) -> Callable[..., SimpleNamespace]:
            def make(*arguments: Any, **_: Any) -> SimpleNamespace:
                pins.done.append((kind, *arguments))
                return SimpleNamespace(feed=lambda: pins.done.append(("feed",)))

            return make

        module = ModuleType("machine")
        module.Pin = Pin  # type: ignore[attr-defined]
        for name in ("I2C", "WDT", "PWM", "ADC", "reset"):
            setattr(module, name, noted(name))
        return module


BOARD = SimpleNamespace(
    AFE="bq76952",
    NAME="bench", AFE_ADDRESS=8, AFE_CRC=None, I2C_ID=0, I2C_SDA=4, I2C_SCL=5, I2C_HZ=400_000,
    I2C_TIMEOUT_US=50_000, ALERT=6, BUTTON=7, LED=8, IMPACT=None, ENABLE=None, AUX_SENSE=None, AUX_FULL_MV=0,
    COIL_CHG=None, COIL_DSG=None, COIL_PRECHARGE=None, SENSE_CHG=None, SENSE_DSG=None,
    LED_RED=None, BUZZER=None, ALIVE=None,
)  # fmt: skip


@pytest.fixture
def hardware(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[[Pins], Any]:
    """Makes the real hardware layer on stand-ins for the controller's modules."""

    def make(pins: Pins) -> Any:
        monkeypatch.chdir(tmp_path)
        monkeypatch.setitem(sys.modules, "machine", pins.module())
        noted = lambda code: pins.done.append(("kbd_intr", code))  # noqa: E731
        monkeypatch.setattr(micropython, "kbd_intr", noted, raising=False)
        monkeypatch.setattr(time, "ticks_ms", lambda: 0, raising=False)
        monkeypatch.setattr(time, "ticks_diff", lambda later, earlier: later - earlier, raising=False)
        monkeypatch.setattr(time, "sleep_us", lambda _us: None, raising=False)
        for name in ("coils", "common"):
            full = f"bms.hal.{name}"
            spec = importlib.util.spec_from_file_location(full, FIRMWARE / "bms" / "hal" / f"{name}.py")
            assert spec
            assert spec.loader
            module = importlib.util.module_from_spec(spec)
            monkeypatch.setitem(sys.modules, full, module)
            spec.loader.exec_module(module)
        monkeypatch.setattr(module, "Stdio", SimpleNamespace)
        return module.Common(BOARD)

    return make


def test_the_host_watchdog_is_armed_before_a_gate_goes_on() -> None:
    """PW-104."""
    for chemistry in ("lfp", "nmc"):
        rig = Rig(chemistry=chemistry, boot=False)
        memory = rig.world.chip.memory
        while not (rig.world.chip.chg_on or rig.world.chip.dsg_on):
            rig.run(0.001)
        assert memory.u1(ENABLED_PROTECTIONS_C) & HOST_WATCHDOG
        assert memory.u1(CHG_PROTECTIONS_C) & HOST_WATCHDOG
        assert memory.u1(DSG_PROTECTIONS_C) & HOST_WATCHDOG
        assert 3 <= memory.u1(HOST_WATCHDOG_DELAY) <= 10
        rig.world.inject("hung_firmware")
        rig.run(rig.values["hwd_s"] + 1)
        assert rig.fets == OPEN


def test_the_watchdog_is_fed_in_one_place() -> None:
    """PW-118: whoever else fed it would keep a loop alive that protects nothing."""
    places = []
    for file in sorted(FIRMWARE.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.FunctionDef):
                calls = [each for each in ast.walk(node) if isinstance(each, ast.Call)]
                fed = [call for call in calls if ast.unparse(call.func).endswith(".feed")]
                places += [f"{file.stem}.{node.name}"] * len(fed)
    assert places == ["loop._cycle", "common.feed"]


def test_the_watchdog_starts_with_the_first_feed_and_ctrl_c_ends_with_it(
    hardware: Callable[[Pins], Any],
) -> None:
    """PW-119."""
    pins = Pins()
    hal = hardware(pins)
    assert ("WDT",) not in pins.done
    assert ("kbd_intr", -1) not in pins.done
    pins.done.clear()
    hal.feed()
    hal.feed()
    assert pins.done == [("kbd_intr", -1), ("WDT",), ("feed",), ("feed",)]


def test_a_button_held_since_power_up_keeps_the_prompt_reachable(hardware: Callable[[Pins], Any]) -> None:
    pins = Pins(pressed=True)
    hal = hardware(pins)
    pins.done.clear()
    hal.feed()
    assert pins.done == []
    pins.pressed = False
    hal.feed()
    assert pins.done == [("kbd_intr", -1), ("WDT",), ("feed",)]


def test_a_bus_that_is_held_down_gets_nine_clocks_and_a_stop(hardware: Callable[[Pins], Any]) -> None:
    """PW-122: a device cut off within a byte lets go by its ninth bit (NXP UM10204, 3.1.16)."""
    pins = Pins()
    hal = hardware(pins)
    pins.done.clear()
    hal.recover_bus()
    scl, sda = BOARD.I2C_SCL, BOARD.I2C_SDA
    levels = [each for each in pins.done if each[0] in (scl, sda)]
    assert levels[:2] == [(scl, 1), (sda, 1)], "let go of both"
    assert levels[2:20] == [(scl, 0), (scl, 1)] * 9
    assert levels[20:] == [(scl, 0), (sda, 0), (scl, 1), (sda, 1)], "a stop: data rises under a high clock"
    assert pins.done[-1][:2] == ("I2C", BOARD.I2C_ID), "the pins are the bus controller's again"


@pytest.mark.parametrize("end", [KeyboardInterrupt, MemoryError, SystemExit, None])
def test_the_path_is_opened_however_the_loop_ends(
    end: type[BaseException] | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """PW-120."""
    done: list[object] = []

    def run() -> None:
        done.append("run")
        if end:
            raise end

    keeper = SimpleNamespace(open_path=lambda: done.append("open"))
    loop = SimpleNamespace(
        run=run, p=SimpleNamespace(keeper=keeper, switch=SimpleNamespace(open_path=keeper.open_path))
    )
    hal = SimpleNamespace(last_words=lambda: "the last words", prompt_asked=False, ticks_ms=lambda: 0)
    monkeypatch.setitem(sys.modules, "board", ModuleType("board"))
    monkeypatch.setattr("bms.app.compose.begin", lambda _hal: loop)
    monkeypatch.setattr("bms.app.waking.Waking", lambda *_: SimpleNamespace(run=lambda: done.append("wake")))
    monkeypatch.setattr(sys, "path", sys.path[:])
    monkeypatch.setattr(importlib.import_module("bms.hal"), "make", lambda _board: hal)
    monkeypatch.setattr(micropython, "kbd_intr", done.append, raising=False)
    if end:
        with pytest.raises(end):
            runpy.run_path(str(FIRMWARE / "main.py"))
    else:
        runpy.run_path(str(FIRMWARE / "main.py"))
    assert done == ["wake", "run", -1, "open"]
    assert capsys.readouterr().out == "the last words\n"


def test_the_prompt_that_was_asked_for_finds_the_path_open_and_nothing_running(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    done: list[object] = []
    hal = SimpleNamespace(prompt_asked=True, prompt_words=lambda: "how to come back")
    monkeypatch.setitem(sys.modules, "board", ModuleType("board"))
    monkeypatch.setattr("bms.app.compose.begin", done.append)
    monkeypatch.setattr(sys, "path", sys.path[:])
    monkeypatch.setattr("bms.app.compose.open_first", lambda of: done.append("open" if of is hal else of))
    monkeypatch.setattr(importlib.import_module("bms.hal"), "make", lambda _board: hal)
    monkeypatch.setattr(micropython, "kbd_intr", done.append, raising=False)
    runpy.run_path(str(FIRMWARE / "main.py"))
    assert done == ["open"]
    assert capsys.readouterr().out == "how to come back\n"


def test_limping_is_reported_with_its_cause_and_costs_current() -> None:
    """PW-147."""
    rig = Rig(parameters={"imbalance_warn_mv": 100, "imbalance_clear_mv": 90, "limp_permille": 300})
    rig.run(25)
    before = rig.status()
    rig.world.pack.set_soc([0.6, 0.6, 0.03, 0.6])
    rig.until(lambda: rig.mode == "limp", 15)
    rig.run(30)
    after = rig.status()
    assert rig.fets == (True, True)
    assert "IMBALANCE_WARN" in after["why"]
    for side in ("charge_limit_ma", "discharge_limit_ma"):
        assert 0 < after[side] <= before[side] * 301 // 1000
    rig.world.pack.set_soc([0.6] * 4)
    rig.until(lambda: rig.mode == "active", 15)


def unlocked() -> Rig:
    """With a finger on the button a moment ago; a thermistor on TS2 would wake a sleeping front end."""
    rig = Rig(thermistors=["TS1"])
    rig.world.press(6)
    rig.run(0.5)
    assert "unlocked_s" in rig.rpc("unlock")
    rig.run(6)
    return rig


def test_ship_mode_opens_sends_the_front_end_to_sleep_and_ends_by_a_press() -> None:
    """PW-148."""
    rig = unlocked()
    assert rig.rpc("ship")["ship"] is True
    rig.until(lambda: rig.fets == OPEN, 0.5)
    rig.run(3)
    assert rig.mode == "ship"
    rig.run(30)
    assert rig.mode == "ship"
    assert rig.faults == []
    assert rig.fets == OPEN
    assert rig.world.chip.sequence.mode == SHUTDOWN
    assert rig.session.boots == 1
    rig.world.press(0.4)
    rig.until(lambda: rig.session.boots == 2, 5)


def test_standby_opens_and_everything_else_goes_on() -> None:
    """PW-149."""
    rig = unlocked()
    rig.world.load_a = 3
    assert rig.rpc("standby")["standby"] is True
    rig.until(lambda: rig.fets == OPEN, 0.5)
    rig.run(10)
    assert rig.mode == "standby"
    assert rig.fets == OPEN
    assert rig.session.parts.snap.fresh
    rig.world.inject("thermistor_open", sensor=1)
    rig.until(lambda: "THERMISTOR_OPEN" in rig.faults, 5)
    rig.world.clear("thermistor_open")
    rig.until(lambda: rig.mode == "standby", 20)
    assert rig.rpc("resume")["standby"] is False
    rig.closed(5)


def test_without_its_enable_input_the_path_stays_open() -> None:
    """PW-149."""
    rig = Rig()
    rig.board.enabled = lambda: False
    rig.until(lambda: rig.fets == OPEN, 0.5)
    rig.run(5)
    assert rig.mode == "standby"
    again = Rig(boot=False, files=MemoryFiles(dict(rig.files.files)))
    again.board.enabled = lambda: False
    again.run(10)
    assert again.fets == OPEN
    again.board.enabled = lambda: True
    again.closed(5)
