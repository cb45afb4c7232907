"""The firmware on the emulated RP2040: it boots, protects, talks, and survives what happens to a controller.

The tests of the first half share one run, because a boot takes seconds: each finds the path closed.
"""

from collections.abc import Callable, Iterator

import pytest
from emulated.story import READY_S, Story

SCAN_AND_CYCLE_S = 0.063 + 0.1 + 0.1
CLOSED, CHG_OPEN, OPEN = (True, True), (False, True), (False, False)
SPARE = 22  # of on_chip/hangs.py
RAN_OUT, ASKED = 1, 2
AFE_WATCHDOG_S = 5.0
WATCHDOG_S = 8.0


@pytest.fixture(scope="module")
def run(program: dict[str, bytes]) -> Iterator[Story]:
    with Story(program) as story:
        yield story


@pytest.fixture
def story(run: Story) -> Story:
    run.until(lambda: run.fets == CLOSED, READY_S)
    return run


def test_cold_boot_and_console(story: Story) -> None:
    """From power-on to a guarded pack, whose readings are true, for a program and for a person."""
    assert not story.resets
    status = story.ask("status")
    assert (status["mode"], status["protected"], status["faults"]) == ("active", True, [])
    assert all(abs(a - 1000 * b) < 3 for a, b in zip(status["cells_mv"], story.world.pack.volts, strict=True))
    assert "charging and discharging are allowed" in story.type("status")


def test_over_voltage(story: Story) -> None:
    """From a reading on the bus to the gate, within the delay, a scan and a cycle."""
    story.world.inject("contact_resistance", cell=2, ohm=0.038)  # 0.38 V: cell 2 reads 3.72 V
    story.world.charger = (14.9, 10)
    spent = story.until(lambda: story.fets == CHG_OPEN, 1.0 + SCAN_AND_CYCLE_S)
    assert spent >= 1.0 - SCAN_AND_CYCLE_S, f"after {spent} s of 1 s"
    assert "CELL_OV" in story.ask("status")["faults"]
    story.world.clear("contact_resistance")
    story.world.charger = None


def test_stuck_bus(story: Story) -> None:
    """SDA held low: nine clocks on the pins free it, and the pack stays guarded."""
    before = len(story.edges)
    story.world.inject("stuck_bus")
    story.until(lambda: not story.world.bus.stuck, 2)
    edges = story.edges[before:]
    assert sum(level for _, pin, level in edges if pin == story.pins["I2C_SCL"]) >= 9
    story.run(1.5)
    assert story.ask("status")["faults"] == []
    assert story.fets == CLOSED


def test_ten_second_button(story: Story) -> None:
    """The contact bounces, the LED turns solid at 10.0 s, and the release resets."""
    pressed_s = story.now_us / 1e6
    story.press(10.5, bounce_ms=8)
    story.run(11.5)
    solid = [at for at, on in story.led if on and at < pressed_s + 10.4][-1]
    assert abs(solid - pressed_s - 10.0) <= 0.05
    assert story.events("reset soft") == ["button: reset done"]


def test_alert_line(story: Story) -> None:
    """A short: the AFE cuts it, and its alert line wakes the firmware within a poll, not a cycle."""
    story.world.inject("external_short")
    story.until(lambda: not story.world.chip.dsg_on, 0.01, 0.0005)
    before = story.bus.transactions
    assert story.until(lambda: story.bus.transactions > before, 0.05, 0.001) <= 0.025
    story.until(lambda: story.fets == OPEN, 0.1)
    assert "SCD" in story.ask("status")["faults"]
    story.world.clear("external_short")


def test_what_happens_to_a_controller(emulator: Callable[..., Story]) -> None:
    """Hung: the AFE opens the path, the watchdog restarts. Asked: it restarts. Power cut: it remembers."""
    story = emulator(run_by="hangs.py")
    hung_s = story.now_us / 1e6
    story.emulator.hold(SPARE, False)
    opened_s = story.until(lambda: story.fets == OPEN, AFE_WATCHDOG_S + 1)
    assert opened_s >= AFE_WATCHDOG_S - 1.5
    story.until(lambda: story.resets, WATCHDOG_S + 0.5)
    story.emulator.hold(SPARE, True)
    at_us, reason = story.resets[0]
    assert reason == RAN_OUT
    assert WATCHDOG_S - 1.2 <= at_us / 1e6 - hung_s <= WATCHDOG_S + 0.1
    story.until(lambda: story.fets == CLOSED, READY_S)
    assert "watchdog" in story.events("start")[-1]

    operating_s = story.ask("time")["operating_s"]
    story.type("reboot", 0)
    story.until(lambda: len(story.resets) == 2, 3)
    assert story.resets[1][1] == ASKED
    assert story.fets == OPEN
    story.until(lambda: story.fets == CLOSED, READY_S)
    assert "request" in story.events("start")[-1]

    story.power_off()
    story.run(AFE_WATCHDOG_S + 1)
    assert story.fets == OPEN, "the AFE's own watchdog"
    story.power_on()
    story.until(lambda: story.fets == CLOSED, READY_S)
    assert "power" in story.events("start")[-1]
    assert story.ask("time")["operating_s"] > operating_s
