"""The page in a real Chromium, against the production firmware on a simulated pack, as people use it.

Needs a Chromium: what PACKWARDEN_CHROMIUM names, one on the PATH, or Playwright's own; skipped without.
"""

import json
import os
import re
import shutil
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from packwarden import recording
from packwarden.bridge import Bridge
from packwarden.errors import InputError
from packwarden.page import PAGES
from packwarden.session import Session
from packwarden.simulate import Options, Simulation
from tools.sim_command import PACK, write

playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
expect = playwright.expect

KEY = "the-key"
PATIENCE_MS = 30_000
SPEED = 4
_LOOK_US = 20_000 * SPEED
VIEWS = ("Live", "Codes", "Settings", "Service", "Events", "Console")
AUDIT = (PAGES / "tests" / "audit.js").read_text()
SMALLEST_LETTERS = (
    "s => Math.min(...[...document.querySelectorAll(s)].map(e => e.getBoundingClientRect().height))"
)
VERDICT = re.compile(r"^(Reset done|Refused: .+)\.$")
NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "microsoft-edge")


class SimulatedLine:
    """A pack that runs while somebody listens; a test may reach into its world between two looks."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.lock = threading.Lock()
        self.stalled = False
        self.noise = b""
        self.fails = ""

    def write(self, data: bytes) -> None:
        with self.lock:
            self.session.board.serial.feed(data)

    def read(self, wait_s: float) -> bytes:
        if self.fails:
            raise InputError(self.fails)
        if not wait_s:
            return b""
        time.sleep(wait_s)
        with self.lock:
            if self.stalled:
                return b""
            self.session.advance(_LOOK_US)
            noise, self.noise = self.noise, b""
            return noise + self.session.board.serial.take()

    def close(self) -> None:
        pass


class Impostor:
    """A line that answers what a test says, whatever it is asked."""

    def __init__(self, answers: dict[str, Any]) -> None:
        self.answers = answers
        self.waiting = b""

    def write(self, data: bytes) -> None:
        for line in data.replace(b"\x15", b"").replace(b"\r", b"\n").split(b"\n"):
            if not line.startswith(b"{"):
                continue
            asked = json.loads(line)
            found = self.answers.get(asked["method"])
            body = (
                {"result": found} if found is not None else {"error": {"code": -32601, "message": "unknown"}}
            )
            if "id" in asked:
                self.waiting += json.dumps({"jsonrpc": "2.0", "id": asked["id"], **body}).encode() + b"\r\n"

    def read(self, wait_s: float) -> bytes:
        time.sleep(wait_s)
        data, self.waiting = self.waiting, b""
        return data

    def close(self) -> None:
        pass


@contextmanager
def bridged(line: SimulatedLine | Impostor, port: int = 0) -> Iterator[Bridge]:
    bridge = Bridge(lambda: line, "127.0.0.1", port, KEY, PAGES)
    thread = threading.Thread(target=bridge.run, daemon=True)
    thread.start()
    try:
        yield bridge
    finally:
        bridge.close()
        thread.join(10)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    named = os.environ.get("PACKWARDEN_CHROMIUM")
    program = named or next((found for name in NAMES if (found := shutil.which(name))), None)
    options = ["--no-sandbox"] if os.geteuid() == 0 else []  # Chromium refuses root otherwise
    with playwright.sync_playwright() as started:
        if program is None and not Path(started.chromium.executable_path).exists():
            pytest.skip("no Chromium: install one, or name it in PACKWARDEN_CHROMIUM")
        launched = started.chromium.launch(executable_path=program, args=options)
        yield launched
        launched.close()


@contextmanager
def opened(browser: Any, address: str, **options: Any) -> Iterator[Any]:
    """The page; whatever it says on the browser's console, or throws, is the test's failure."""
    context = browser.new_context(**options)
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    try:
        page.goto(address)
        yield page
        # The browser itself reports a WebSocket that is refused; the page cannot keep it quiet.
        assert [each for each in said if "WebSocket connection to" not in each] == []
    finally:
        context.close()


@pytest.fixture
def line(tmp_path: Path) -> SimulatedLine:
    pack = write(tmp_path, "pack.toml", PACK)
    return SimulatedLine(Simulation(Options(pack=pack)).session)


@pytest.fixture
def page(browser: Any, line: SimulatedLine) -> Iterator[Any]:
    """The page as a bridge hands it out, already talking to the simulated pack."""
    with bridged(line) as bridge, opened(browser, f"http://127.0.0.1:{bridge.port}/") as page:
        expect(page.locator("#link")).to_have_text("Live: active")
        yield page


def view(page: Any, name: str) -> Any:
    """Change to a view; its panel."""
    page.get_by_role("tab", name=name).click()
    panel = page.get_by_role("tabpanel")
    expect(panel).to_have_count(1)
    return panel


def press(line: SimulatedLine, down: bool) -> None:
    with line.lock:
        line.session.world.button = down


def test_a_person_sees_the_pack(page: Any, line: SimulatedLine) -> None:
    with line.lock:
        line.session.world.load_a = 8.0
    live = view(page, "Live")
    expect(live.get_by_text("Protected: AFE armed and verified")).to_be_visible()
    expect(live.get_by_text("Charging on", exact=True)).to_be_visible()
    expect(live.get_by_text("discharging", exact=True)).to_be_visible()
    expect(live.locator(".cells li")).to_have_count(4)
    expect(live.get_by_text("Sensor 1: 2")).to_be_visible()
    expect(live.locator(".trend svg")).to_have_count(3)
    expect(live.get_by_text("Nothing.")).to_be_visible()
    assert (
        live.locator(".trend svg")
        .first.get_attribute("aria-label")
        .startswith("Current in ampere. current: now ")
    )
    assert "Active" in page.title()


def test_from_a_cut_out_to_a_healthy_pack(page: Any, line: SimulatedLine) -> None:
    """Drives, it cuts out, reads why, asks too early, mends it, resets, and is on the road again."""
    with line.lock:
        line.session.world.inject("dsg_fet_stuck_off")
    live = view(page, "Live")
    expect(live.get_by_text("Open: fault")).to_be_visible()
    expect(live.get_by_text("FET_STUCK_OPEN", exact=True)).to_be_visible()
    expect(live.locator(".code .advice")).not_to_be_empty()
    expect(page.locator("#announcer")).to_contain_text("FET_STUCK_OPEN")
    expect(page.get_by_role("tab", name="Codes 1")).to_be_visible()
    service = view(page, "Service")
    expect(service.get_by_text("Standing: FET_STUCK_OPEN")).to_be_visible()
    with line.lock:
        line.session.world.load_a = 0.0
        line.session.world.charger = (14.6, 5.0)
    service.get_by_role("button", name="Ask for the reset").click()
    expect(service.locator("#reset-outcome")).to_contain_text("Refused:")
    with line.lock:
        line.session.world.charger = None
        line.session.world.clear("dsg_fet_stuck_off")
    for _ in range(10):
        service.get_by_role("button", name="Ask for the reset").click()
        expect(service.locator("#reset-outcome")).to_have_text(VERDICT)
        if service.locator("#reset-outcome").inner_text() == "Reset done.":
            break
        page.wait_for_timeout(500)
    expect(service.get_by_text("No fault stands.")).to_be_visible()
    expect(page.locator("#link")).to_have_text("Live: active")
    events = view(page, "Events")
    expect(events.get_by_text("FET_STUCK_OPEN").first).to_be_visible()


def test_a_change_needs_the_button_and_is_taken_whole(page: Any, line: SimulatedLine) -> None:
    settings = view(page, "Settings")
    settings.get_by_role("button", name="Read the settings").click()
    field = settings.get_by_label("balance_start_mv", exact=True)
    before = field.input_value()
    field.fill("100000")
    expect(settings.get_by_text("1 changed, 1 not right yet.")).to_be_visible()
    expect(settings.get_by_role("button", name="Review and save")).to_be_disabled()
    field.fill("17")
    settings.get_by_role("button", name="Review and save").click()
    dialog = page.get_by_role("dialog", name="Save these settings?")
    expect(dialog.get_by_role("row").nth(1)).to_contain_text(f"balance_start_mv{before}17mV")
    dialog.get_by_role("button", name="Send and save").click()
    expect(dialog.get_by_text("locked")).to_be_visible()
    dialog.get_by_role("button", name="Back").click()
    press(line, True)
    service = view(page, "Service")
    expect(service.get_by_role("button", name="Unlock", exact=True)).to_be_enabled()
    page.wait_for_timeout(500)
    service.get_by_role("button", name="Unlock", exact=True).click()
    expect(service.get_by_text("Unlocked for 10 minutes.")).to_be_visible()
    press(line, False)
    view(page, "Settings")
    settings.get_by_role("button", name="Review and save").click()
    dialog.get_by_role("button", name="Send and save").click()
    expect(settings.get_by_text("Saved; the controller restarts")).to_be_visible()
    expect(page.locator("#link")).to_have_text("The controller restarts …")
    expect(page.locator("#link")).to_have_text("Live: active")
    settings.get_by_role("button", name="Read the settings").click()
    expect(settings.get_by_text(re.compile(r"^\d+ settings\.$"))).to_be_visible()
    expect(settings.get_by_label("balance_start_mv", exact=True)).to_have_value("17")


def test_deeper_resets_are_for_the_firmware_to_allow(page: Any) -> None:
    service = view(page, "Service")
    hard = service.get_by_role("radio", name="Hard")
    expect(service.get_by_role("button", name="Restart the controller")).to_be_visible()
    if not hard.is_enabled():
        expect(service.get_by_text("This firmware does not offer it yet.").first).to_be_visible()
        return
    hard.check()
    service.get_by_role("button", name="Ask for the reset").click()
    expect(service.locator("#reset-outcome")).to_contain_text("locked")
    service.get_by_role("radio", name="Factory").check()
    service.get_by_label("Type ERASE to confirm").fill("whatever")
    service.get_by_role("button", name="Ask for the reset").click()
    expect(service.locator("#reset-outcome")).to_contain_text("locked")
    expect(page.locator("#link")).to_have_text("Live: active")


def test_it_says_so_when_the_board_falls_silent_and_when_it_is_back(page: Any, line: SimulatedLine) -> None:
    line.stalled = True
    expect(page.locator("#link")).to_contain_text("fallen silent")
    expect(page.locator("body.old")).to_have_count(1)
    line.stalled = False
    expect(page.locator("#link")).to_have_text("Live: active")
    expect(page.locator("body.old")).to_have_count(0)


def test_a_lost_line_is_found_again(page: Any, line: SimulatedLine) -> None:
    line.fails = "The port is gone."
    expect(page.locator("#link")).to_contain_text("The port is gone. Trying again in")
    line.fails = ""
    expect(page.locator("#link")).to_have_text("Live: active")


def test_noise_on_the_line_costs_nothing_but_itself(page: Any, line: SimulatedLine) -> None:
    scraps = (
        b"\xff\x00\x80",
        b'{"jsonrpc": "2.0", "id"',
        b"<img src=x>\r\n",
        b"[[[[",
        b"x" * 3000,
        b"\r\n{}\r\n",
    )
    for _ in range(20):
        for scrap in scraps:
            line.noise += scrap
        page.wait_for_timeout(50)
    uptime = page.get_by_text("Running for")
    before = uptime.inner_text()
    expect(uptime).not_to_have_text(before)
    expect(page.locator("#link")).to_have_text("Live: active")


def test_the_console_is_the_serial_console(page: Any) -> None:
    console = view(page, "Console")
    console.get_by_label("Command").fill("version")
    console.get_by_label("Command").press("Enter")
    expect(console.get_by_role("log")).to_contain_text("> version")
    expect(console.get_by_role("log")).to_contain_text("bus errors")
    lines = console.get_by_role("log").inner_text().splitlines()
    assert lines.count("> version") == 1
    assert "version" not in lines, "what was typed stands there once"
    console.get_by_label("Command").press("ArrowUp")
    expect(console.get_by_label("Command")).to_have_value("version")


def test_stored_codes_are_shown_or_their_lack_is_said(page: Any, line: SimulatedLine) -> None:
    with line.lock:
        line.session.world.inject("dsg_fet_stuck_off")
    codes = view(page, "Codes")
    expect(codes.get_by_text("FET_STUCK_OPEN", exact=True).first).to_be_visible()
    page.wait_for_timeout(3000)  # the ring runs on for three seconds, then the frame is written
    codes.get_by_role("button", name="Read the stored codes").click()
    if page.evaluate("Packwarden.app.store.has('dtc.list')"):
        codes.get_by_role("button", name="What happened around it").first.click()
        expect(codes.get_by_role("heading", name="Freeze frame of FET_STUCK_OPEN")).to_be_focused()
        expect(codes.locator(".frame svg").first).to_be_visible()
        for width in (1280, 800, 360):
            page.set_viewport_size({"width": width, "height": 800})
            codes.get_by_role("button", name="What happened around it").first.click()
            expect(codes.get_by_role("heading", name="Freeze frame of FET_STUCK_OPEN")).to_be_focused()
            smallest = page.evaluate(SMALLEST_LETTERS, ".frame svg text")
            assert smallest >= 10, f"letters of {smallest} px on a page {width} px wide"
    else:
        expect(codes.get_by_text("does not keep trouble codes yet")).to_be_visible()


def test_what_is_recorded_here_is_read_on_the_host(page: Any, tmp_path: Path) -> None:
    page.get_by_text("Connection", exact=True).click()
    page.get_by_role("button", name="Record", exact=True).click()
    page.wait_for_timeout(2500)
    with page.expect_download() as download:
        page.get_by_role("button", name="Stop and keep the recording").click()
    file = tmp_path / "kept.jsonl"
    download.value.save_as(file)
    said = recording.read(file)
    statuses = [each.value for each in said if each.kind == recording.STATUS]
    assert len(statuses) >= 2
    assert len(statuses[0]["cells_mv"]) == 4


def test_what_the_host_records_is_played_here(browser: Any, tmp_path: Path) -> None:
    file = tmp_path / "pack.jsonl"
    writer = recording.Writer(file, "a test")
    for t_s in range(60):
        writer.take(float(t_s), recording.STATUS, STATUS | {"current_ma": 100 * t_s, "uptime_ms": 1000 * t_s})
    writer.close()
    with opened(browser, (PAGES / "index.html").as_uri()) as page:
        page.get_by_label("Look at a recording").set_input_files(file)
        expect(page.locator("#link")).to_contain_text("Recording of a test")
        page.get_by_role("button", name="Pause").click()
        slider = page.get_by_role("slider", name="Position")
        slider.fill("30")
        current = page.get_by_role("article", name="Current").locator("strong")
        expect(current).to_have_text("3.00 A")
        slider.press("Home")
        expect(current).to_have_text("0.00 A")
        page.get_by_role("button", name="Leave the recording").click()
        expect(page.get_by_text("No readings yet").first).to_be_visible()


def test_opened_from_disk_it_needs_the_key_and_works_with_it(browser: Any, line: SimulatedLine) -> None:
    with bridged(line) as bridge, opened(browser, (PAGES / "index.html").as_uri()) as page:
        address = f"ws://127.0.0.1:{bridge.port}/serial"
        page.get_by_label("Simulator or bridge").fill(address)
        page.get_by_role("button", name="Connect", exact=True).click()
        expect(page.locator("#connection-outcome")).to_contain_text("does not let this page in")
        page.get_by_label("Simulator or bridge").fill(f"{address}?key={KEY}")
        page.get_by_label("Simulator or bridge").press("Enter")
        expect(page.locator("#link")).to_have_text("Live: active")
        page.get_by_text("Connection", exact=True).click()
        page.get_by_role("button", name="Disconnect").click()
        expect(page.locator("#link")).to_have_text("Not connected.")


def test_a_serial_port_of_the_browser(browser: Any, line: SimulatedLine) -> None:
    with bridged(line) as bridge, opened(browser, "about:blank") as page:
        page.add_init_script(path=PAGES / "tests" / "serial_port.js")
        page.goto(f"http://127.0.0.1:{bridge.port}/")
        expect(page.locator("#link")).to_have_text("Live: active")
        page.get_by_text("Connection", exact=True).click()
        page.get_by_role("button", name="Disconnect").click()
        page.get_by_role("button", name="Connect by USB").click()
        expect(page.locator("#link")).to_have_text("Live: active")
        assert page.evaluate("port.signals.dataTerminalReady === port.signals.requestToSend")
        page.evaluate("port.pull()")
        expect(page.locator("#link")).to_contain_text("The board is gone (The device has been lost.)")
        expect(page.locator("#link")).to_have_text("Live: active")


STATUS: dict[str, Any] = {
    "mode": "fault",
    "why": "<b onclick=x>why</b>",
    "soc_permille": 500,
    "soc_sigma_permille": 20,
    "soc_settling": False,
    "soh_permille": None,
    "pack_mv": 13200,
    "current_ma": 0,
    "cells_mv": [3300, 3301, 3299, 3350],
    "temps_ddegc": [250],
    "chg_fet": 0,
    "dsg_fet": 0,
    "balance_mask": 8,
    "charge_limit_ma": 0,
    "discharge_limit_ma": 0,
    "faults": ["<i>X</i>"],
    "service_needed": True,
    "uptime_ms": 1000,
    "protected": False,
}
HTML = "<img src=x onerror='window.broken=1'><script>window.broken=1</script>"
FAULT: dict[str, Any] = {
    "mnemonic": "<i>X</i>",
    "code": HTML,
    "class": "trip",
    "state": "tripped",
    "count": 1,
}
CODE: dict[str, Any] = {"n": 1, "code": "P0AFB", "mnemonic": "CELL_OV", "state": "pending", "text": HTML}
FRAME: dict[str, Any] = {
    "advice": HTML,
    "frame": {"t": 7, "seen": HTML, "cells_mv": [3300, 4260], "mode": "active"},
    "columns": ["t_ms", "cell_min_mv", "cell_max_mv", "current_ma", "pack_mv", "mode"],
    "samples": [[100 * k - 3000, 3300, 3400 + k, 1000 * k, 13200, "active"] for k in range(60)],
}
CAUSE: dict[str, Any] = {"cause": "heat", "figure": 7, "enough": 5, "unit": "h", "cell": 3}
METHODS = (
    "dtc.list",
    "dtc.show [code]",
    "reset [level] [confirm]",
    "unlock [pin]",
    "relearn [what]",
    "diagnose",
    "service",
)
ANSWERS: dict[str, Any] = {
    "status": STATUS,
    "watch": {},
    "version": {"firmware": HTML},
    "help": [{"command": name, "help": "soft, hard, relearn, factory " + HTML} for name in METHODS],
    "history": [{"t_s": 1, "event": HTML, "detail": HTML}],
    "faults": [FAULT | {"text": HTML, "advice": HTML}],
    "relearn": {
        "step": HTML,
        "number": 2,
        "of": 6,
        "text": HTML,
        "advice": HTML,
        "left_min": 90,
        "before_mah": 1,
    },
    "diagnose": [
        {"cause": "heat", "text": HTML, "figure": 7, "enough": 5, "unit": "h", "cell": 3, "advice": HTML}
    ],
    "service": {"service_needed": True, "reasons": [HTML]},
    "reset": {"accepted": True, "reason": "reset done"},
    "dtc.list": [CODE],
    "dtc.show": CODE | FRAME,
}


def test_what_a_pack_says_is_text_and_never_markup(browser: Any) -> None:
    with bridged(Impostor(ANSWERS)) as bridge, opened(browser, f"http://127.0.0.1:{bridge.port}/") as page:
        live = view(page, "Live")
        expect(live.get_by_text("<b onclick=x>why</b>.")).to_be_visible()
        expect(live.get_by_text("NOT PROTECTED")).to_be_visible()
        expect(live.get_by_text("Service needed")).to_be_visible()
        expect(live.get_by_text("balancing", exact=True)).to_have_count(1)
        for name in VIEWS:
            view(page, name)
        codes = view(page, "Codes")
        codes.get_by_role("button", name="Read the stored codes").click()
        codes.get_by_role("button", name="What happened around it").click()
        expect(codes.locator(".frame svg")).to_have_count(3)
        label = codes.locator(".frame svg").first.get_attribute("aria-label")
        assert label.startswith("Cells in V. Cell min: now 3.300 V")
        service = view(page, "Service")
        expect(service.get_by_text(f"Service is needed: {HTML}.")).to_be_visible()
        service.get_by_role("button", name="Diagnose").click()
        expect(service.get_by_text("cell 3 · 7 h; 5 are enough")).to_be_visible()
        service.get_by_role("radio", name="Relearn").check()
        service.get_by_role("button", name="Ask for the reset").click()
        expect(service.get_by_text("step 2 of 6")).to_be_visible()
        expect(service.get_by_text("About 01:30:00 left.")).to_be_visible()
        service.get_by_role("radio", name="Factory").check()
        service.get_by_role("button", name="Ask for the reset").click()
        expect(service.locator("#reset-outcome")).to_have_text(
            "Type ERASE to confirm; nothing was asked for."
        )
        assert page.evaluate("window.broken") is None
        assert page.locator("main img, main script, main i[onclick]").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 390, 1280])
def test_it_can_be_read_and_reached(browser: Any, scheme: str, width: int) -> None:
    """Each view, in each colour scheme, from a small phone to a screen."""
    look = {"color_scheme": scheme, "viewport": {"width": width, "height": 800}}
    with (
        bridged(Impostor(ANSWERS)) as bridge,
        opened(browser, f"http://127.0.0.1:{bridge.port}/", **look) as page,
    ):
        expect(page.locator("#link")).to_contain_text("Live:")
        for name in VIEWS:
            view(page, name)
            page.wait_for_timeout(100)
            assert page.evaluate("document.documentElement.scrollWidth") <= width, name
            assert page.evaluate(AUDIT) == [], name


def test_the_keyboard_reaches_everything(page: Any) -> None:
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the readings")).to_be_focused()
    page.get_by_role("tab", name="Live").focus()
    for name in (*VIEWS[1:], VIEWS[0]):
        page.keyboard.press("ArrowRight")
        expect(page.get_by_role("tab", name=name)).to_be_focused()
        expect(page.get_by_role("tab", name=name)).to_have_attribute("aria-selected", "true")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("ArrowLeft")
    expect(page.get_by_role("tab", name="Service")).to_be_focused()
    reset = page.get_by_role("button", name="Ask for the reset")
    for _ in range(12):
        page.keyboard.press("Tab")
        if reset.evaluate("node => node === document.activeElement"):
            break
    expect(reset).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#reset-outcome")).to_have_text(VERDICT)
