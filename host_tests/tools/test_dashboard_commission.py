"""A person's path in the page alone: a bare board, commissioned, driven, cut out, mended, healthy."""

import re
from pathlib import Path
from typing import Any

from packwarden.simulate import Options, Simulation
from tools.sim_command import PACK, write
from tools.test_dashboard_browser import (
    SimulatedLine,
    bridged,
    browser,
    expect,
    opened,
    press,
    view,
)

__all__ = ("browser",)  # the fixture

CHARGER = (14.4, 5.0)
GIVEN = ("chemistry lfp", "cell_count 4", "capacity_mah 20000", "shunt_uohm 1000")


def typed(console: Any, line: str, answer: str) -> None:
    """A line at the page's console, and what must come of it."""
    console.get_by_label("Command").fill(line)
    console.get_by_label("Command").press("Enter")
    expect(console.get_by_role("log")).to_contain_text(answer)


def unlocked(page: Any, line: SimulatedLine) -> Any:
    """The Service view, unlocked with a finger on the button."""
    service = view(page, "Service")
    press(line, True)
    page.wait_for_timeout(500)
    service.get_by_role("button", name="Unlock", exact=True).click()
    expect(service.get_by_text("Unlocked for 10 minutes.")).to_be_visible()
    press(line, False)
    return service


def meet(page: Any, line: SimulatedLine, card: Any, step: str) -> None:
    """Begin a step, do what it asks for, and see it ticked off."""
    if step in ("volts", "amps"):
        with line.lock:
            figure = f"{sum(line.session.world.pack.volts):.2f}" if step == "volts" else "label"
        card.get_by_role("textbox").fill(figure)
    card.get_by_role("button", name=f"Begin: {step}").click()
    if step == "thermistors":
        expect(card.get_by_text("warm thermistor 1")).to_be_visible()
        with line.lock:
            line.session.world.touch(1)
    if step == "shunt":
        expect(card.get_by_text("plug the charger in")).to_be_visible()
        with line.lock:
            line.session.world.charger = CHARGER
    row = card.get_by_role("listitem").filter(has=page.get_by_text(step, exact=True))
    expect(row.locator(".pill")).to_have_text("passed")
    with line.lock:
        line.session.world.touch(0)
        line.session.world.charger = None


def test_bare_board_commission_drive_cut_out_reads_why_fixes_resets_healthy(
    browser: Any,
    tmp_path: Path,
) -> None:
    line = SimulatedLine(Simulation(Options(pack=write(tmp_path, "pack.toml", PACK), bare=True)).session)
    with bridged(line) as bridge, opened(browser, f"http://127.0.0.1:{bridge.port}/") as page:
        expect(page.locator("#link")).to_have_text(re.compile("Live:.*fault"))
        unlocked(page, line)
        console = view(page, "Console")
        for each in GIVEN:
            typed(console, f"set {each}", each.split()[0])
        typed(console, "save", "restarting")
        expect(page.locator("#link")).to_have_text(re.compile("Live:.*standby"))
        expect(view(page, "Live").get_by_text(re.compile("[Nn]ot commissioned: cells")).first).to_be_visible()

        service = unlocked(page, line)
        card = service.locator("[aria-labelledby=commission-title]")
        card.get_by_role("button", name="Where it stands").click()
        expect(card.get_by_role("listitem")).to_have_count(9)
        for step in ("cells", "order", "taps", "thermistors", "fets", "shunt", "bleed", "volts", "amps"):
            meet(page, line, card, step)
        expect(card.get_by_text("Commissioned: the path may close.")).to_be_visible()
        expect(page.locator("#link")).to_have_text("Live: active")

        with line.lock:
            line.session.world.load_a = 8.0
        live = view(page, "Live")
        expect(live.get_by_text("discharging", exact=True)).to_be_visible()
        with line.lock:
            line.session.world.inject("dsg_fet_stuck_off")
        expect(live.get_by_text("FET_STUCK_OPEN", exact=True)).to_be_visible()
        expect(live.locator(".code .advice").first).not_to_be_empty()
        with line.lock:
            line.session.world.load_a = 0.0
            line.session.world.clear("dsg_fet_stuck_off")
        service = view(page, "Service")
        outcome = service.locator("#reset-outcome")
        for _ in range(20):
            service.get_by_role("button", name="Ask for the reset").click()
            expect(outcome).to_have_text(re.compile(r"\.$"))
            if outcome.inner_text() == "Reset done.":
                break
            page.wait_for_timeout(500)
        expect(page.locator("#link")).to_have_text("Live: active")
        with line.lock:
            line.session.world.load_a = 8.0
        expect(view(page, "Live").get_by_text("discharging", exact=True)).to_be_visible()


def test_a_step_that_fails_says_why_and_can_be_broken_off(browser: Any, tmp_path: Path) -> None:
    line = SimulatedLine(Simulation(Options(pack=write(tmp_path, "pack.toml", PACK))).session)
    with bridged(line) as bridge, opened(browser, f"http://127.0.0.1:{bridge.port}/") as page:
        expect(page.locator("#link")).to_have_text("Live: active")
        service = unlocked(page, line)
        with line.lock:
            arming = line.session.parts.arming
            arming.clear()  # as a factory reset does it
        card = service.locator("[aria-labelledby=commission-title]")
        card.get_by_role("button", name="Where it stands").click()
        card.get_by_role("button", name="Begin: cells").click()
        card.get_by_role("button", name="Begin: order").click()
        card.get_by_role("button", name="Begin: taps").click()
        expect(card.get_by_text("watching the taps")).to_be_visible()
        card.get_by_role("button", name="Break it off").click()
        expect(card.get_by_text("broken off; what was passed stays")).to_be_visible()
        with line.lock:
            line.session.world.inject("open_tap", tap=2)
        card.get_by_role("button", name="Begin: taps").click()
        expect(card.get_by_text("hangs loose: mend it")).to_be_visible()
        expect(card.get_by_role("button", name="Begin: taps")).to_be_enabled()
