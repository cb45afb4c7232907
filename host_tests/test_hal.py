"""The hardware layer's decisions, on a stand-in for `machine`: coils first, senses and scales."""

import importlib
import runpy
import select
import sys
from contextlib import redirect_stdout
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from packwarden.wiring import roles

BOARDS = Path(__file__).resolve().parent.parent / "boards"
CHG, DSG, PRECHARGE = 1, 2, 8


class Port:
    """A serial port that takes each write, in its own time."""

    def __init__(self, machine: "Machine") -> None:
        self._machine = machine
        self.taken = b""
        self.arrived = b""
        self.takes_ms = 0

    def write(self, data: bytes) -> None:
        self.taken += bytes(data)
        self._machine.now_ms += self.takes_ms

    def readinto(self, buf: bytearray) -> None:
        buf[:], self.arrived = self.arrived[: len(buf)], self.arrived[len(buf) :]


class Machine(ModuleType):
    """`machine` with every pin's level and every call on record."""

    def __init__(self) -> None:
        super().__init__("machine")
        self.levels: dict[int, int] = {}  # of inputs; what is not here is pulled up
        self.calls: list[tuple[Any, ...]] = []
        self.duties: dict[int, int] = {}
        self.written: list[tuple[int, int]] = []  # levels of outputs
        self.analog = 0  # what an ADC reads
        self.now_ms = 0
        self.polled: list[int] = []  # time-outs
        self.port = Port(self)
        machine = self

        class Pin:
            IN, OUT, OPEN_DRAIN, PULL_UP, IRQ_FALLING = range(5)

            def __init__(self, number: int, mode: int | None = None, pull: int = 0, value: int = -1) -> None:
                self.number = number
                self.pull = pull
                if mode is not None:
                    machine.calls.append(("pin", number, mode, pull, value))

            def value(self, level: int | None = None) -> int:
                if level is not None:
                    machine.written.append((self.number, int(level)))
                return machine.levels.get(self.number, int(self.pull == Pin.PULL_UP))

            def irq(self, *_arguments: object) -> None:
                pass

        class PWM:
            def __init__(self, pin: Pin, freq: int, duty_u16: int) -> None:
                machine.calls.append(("pwm", pin.number, freq, duty_u16))
                self.number = pin.number

            def duty_u16(self, duty: int) -> None:
                machine.duties[self.number] = duty

        class ADC:
            ATTN_11DB = 3
            CORE_TEMP = 4

            def __init__(self, pin: Pin, **options: int) -> None:
                machine.calls.append(("adc", getattr(pin, "number", pin), options))

            def read_u16(self) -> int:
                return machine.analog

            def read_uv(self) -> int:
                return machine.analog

        class Poll:
            """Ready for what it was asked to wait for: room always, input when there is some."""

            def __init__(self) -> None:
                self._events = 0

            def register(self, _stream: object, events: int) -> None:
                self._events = events

            def ipoll(self, timeout_ms: int) -> list[int]:
                machine.polled.append(timeout_ms)
                ready = self._events & select.POLLOUT or (
                    self._events & select.POLLIN and machine.port.arrived
                )
                return [1] if ready else []

        self.poll = Poll
        self.Pin, self.PWM, self.ADC = Pin, PWM, ADC
        self.I2C = self.WDT = lambda *_a, **_k: SimpleNamespace()
        self.reset = self.reset_cause = lambda: 0
        self.waits: list[tuple[str, int]] = []
        self.lightsleep = lambda ms: machine.waits.append(("light", ms))
        self.HARD_RESET = self.SOFT_RESET = self.WDT_RESET = -1


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Machine:
    """The hardware layer, imported anew on top of a stand-in."""
    made = Machine()
    monkeypatch.chdir(tmp_path)  # its flash
    monkeypatch.setattr("select.poll", made.poll)
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=made.port))
    monkeypatch.setattr("time.ticks_ms", lambda: made.now_ms, raising=False)
    monkeypatch.setattr("time.sleep_ms", lambda ms: made.waits.append(("plain", ms)), raising=False)
    monkeypatch.setattr("time.ticks_diff", lambda later, earlier: later - earlier, raising=False)
    monkeypatch.setitem(sys.modules, "machine", made)
    monkeypatch.setattr(importlib.import_module("micropython"), "kbd_intr", print, raising=False)
    for name in [name for name in sys.modules if name.startswith("bms.hal")]:
        monkeypatch.delitem(sys.modules, name)
    return made


def hardware(machine: Machine, name: str = "rpi_pico_contactors", **changes: object) -> Any:
    board = SimpleNamespace(**(runpy.run_path(str(BOARDS / name / "board.py")) | changes))
    with redirect_stdout(SimpleNamespace(buffer=machine.port)):  # type: ignore[type-var]
        return importlib.import_module("bms.hal").make(board)


def test_coils_are_off_before_anything_else_is_done(machine: Machine) -> None:
    """PW-145."""
    hardware(machine)
    pin = machine.Pin
    assert machine.calls[:6] == [
        *(("pin", number, pin.OUT, 0, 0) for number in (16, 17, 18)),
        *(("pwm", number, 20_000, 0) for number in (16, 17, 18)),
    ]


@pytest.mark.parametrize("board", ["rpi_pico", "esp32_devkitc"])
def test_a_board_with_fets_has_neither_coils_nor_contacts(machine: Machine, board: str) -> None:
    hal = hardware(machine, board)
    assert not hal.contactors
    assert hal.contacts() == -1
    assert hal.aux_mv() == -1
    assert hal.enabled()
    hal.coil(DSG, 1000)
    assert machine.duties == {}
    assert not [call for call in machine.calls if call[0] in {"pwm", "adc"}]


@pytest.mark.parametrize(
    "changes",
    [{"COIL_CHG": None}, {"COIL_DSG": None}, {"COIL_CHG": None, "COIL_DSG": None}],
)
def test_half_a_pair_of_contactors_is_refused(machine: Machine, changes: dict[str, None]) -> None:
    with pytest.raises(ValueError, match="belong together"):
        hardware(machine, **changes)


def test_a_coil_gets_its_share(machine: Machine) -> None:
    hal = hardware(machine)
    assert hal.contactors
    for which, number in ((CHG, 16), (DSG, 17), (PRECHARGE, 18)):
        for permille, duty in ((0, 0), (1, 65), (300, 19660), (1000, 65535)):
            hal.coil(which, permille)
            assert machine.duties[number] == duty


def test_contacts_close_to_ground(machine: Machine) -> None:
    hal = hardware(machine)
    for chg, dsg in ((1, 1), (0, 1), (1, 0), (0, 0)):
        machine.levels = {19: chg, 20: dsg}
        assert hal.contacts() == (0 if chg else CHG) | (0 if dsg else DSG)
    machine.levels = {}
    assert hal.contacts() == 0, "broken wires read open"


def test_a_contact_without_a_sense_input_obeys_its_coil(machine: Machine) -> None:
    hal = hardware(machine, SENSE_CHG=None)
    assert hal.contacts() == 0
    hal.coil(CHG, 300)
    assert hal.contacts() == CHG
    machine.levels = {20: 0}
    assert hal.contacts() == CHG | DSG
    hal.coil(CHG, 0)
    assert hal.contacts() == DSG
    blind = hardware(machine, SENSE_CHG=None, SENSE_DSG=None)
    blind.coil(CHG, 300)
    assert blind.contacts() == -1


def test_enabled_is_closed_to_ground(machine: Machine) -> None:
    hal = hardware(machine)
    assert not hal.enabled(), "a broken wire enables nothing"
    machine.levels = {12: 0}
    assert hal.enabled()


@pytest.mark.parametrize(("board", "per_volt"), [("rpi_pico", 65535 / 3.3), ("esp32_devkitc", 1e6)])
def test_auxiliary_supply_is_within_a_hundredth(machine: Machine, board: str, per_volt: float) -> None:
    hal = hardware(machine, board, AUX_SENSE=26, AUX_FULL_MV=18_810)
    for aux_mv in (0, 5_000, 12_400, 12_800, 15_000):
        machine.analog = int(aux_mv / 18_810 * 3.3 * per_volt)
        assert abs(hal.aux_mv() - aux_mv) <= 20


def test_only_the_esp32_needs_an_attenuator(machine: Machine) -> None:
    hardware(machine)
    hardware(machine, "esp32_devkitc", AUX_SENSE=34)
    assert [call[1:] for call in machine.calls if call[0] == "adc"] == [(26, {}), (34, {"atten": 3})]


def test_files_of_the_flash(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    synced: list[bool] = []
    monkeypatch.setattr("os.sync", lambda: synced.append(True))
    files = hardware(machine).files
    assert files.read("log.1") is None
    assert files.size("log.1") == -1
    files.remove("log.1")
    files.append("log.1", b"abc")
    files.append("log.1", b"def")
    files.write("state.a", b"1")
    files.write("state.a", b"22")
    assert len(synced) == 4
    assert files.read("state.a") == b"22"
    assert (files.size("log.1"), files.read_at("log.1", 2, 3)) == (6, b"cde")
    assert sorted(files.names()) == ["log.1", "state.a"]
    with pytest.raises(OSError, match=r"log\.2"):
        files.read_at("log.2", 0, 1)
    Path("folder").mkdir()
    with pytest.raises(IsADirectoryError):
        files.read("folder")
    files.remove("log.1")
    assert sorted(files.names()) == ["folder", "state.a"]


def test_a_restart_that_was_asked_for_is_known_once(machine: Machine) -> None:
    hal = hardware(machine)
    assert not hal.reboot_asked
    hal.reboot()
    assert hardware(machine).reboot_asked
    assert not hardware(machine).reboot_asked


def test_the_way_to_the_prompt_is_a_restart_and_is_gone_once(machine: Machine) -> None:
    hal = hardware(machine)
    assert not hal.prompt_asked
    hal.reboot(True)
    hal = hardware(machine)
    assert hal.prompt_asked
    assert hal.reboot_asked, "no watchdog has bitten"
    assert "Ctrl-D" in hal.prompt_words()
    assert not hardware(machine).prompt_asked, "the next start is an ordinary one"


def test_a_flash_that_is_full_restarts_all_the_same(machine: Machine) -> None:
    hal = hardware(machine)

    def refuse(_name: str, _content: bytes) -> None:
        raise OSError(28)

    hal.files.write = refuse
    hal.reboot(True)
    assert not hardware(machine).prompt_asked, "and goes on guarding"


MINUTE_MS = 60_000


def test_an_rp2_writes_no_more_than_the_port_has_room_for(machine: Machine) -> None:
    hal = hardware(machine)
    assert hal.serial.write(b"x" * 40) == 32
    assert machine.port.taken == b"x" * 32
    assert machine.polled == [0] * 32


def test_an_esp32_gives_up_on_a_host_that_stops_reading(machine: Machine) -> None:
    """Each write to it would hold up the cycle for half a second, and the watchdog bites after 8 s."""
    serial = hardware(machine, "esp32_s3_devkitc").serial
    assert serial.write(b"a" * 40) == 32
    machine.port.takes_ms = 500
    assert serial.write(b"b" * 5) == 5, "how it is found"
    assert machine.now_ms == 500
    for _ in range(100):
        machine.now_ms += 10
        assert serial.write(b"c") == 0
    assert machine.port.taken == b"a" * 32 + b"b" * 5
    machine.now_ms = 500 + MINUTE_MS
    assert serial.write(b"d") == 1, "another try"
    assert serial.write(b"e") == 0


def test_an_esp32_talks_again_to_a_host_that_says_something(machine: Machine) -> None:
    serial = hardware(machine, "esp32_c3_devkitm").serial
    machine.port.takes_ms = 200
    assert serial.write(b"a") == 1
    assert serial.write(b"b") == 0
    machine.port.takes_ms = 1
    assert serial.readinto(bytearray(8)) == 0
    assert serial.write(b"b") == 0
    machine.port.arrived = b"?"
    assert serial.readinto(bytearray(8)) == 1
    assert serial.write(b"b") == 1
    assert serial.write(b"c") == 1


def test_an_esp32_lets_its_scheduler_in_when_it_waits(machine: Machine) -> None:
    """Until the tick that ends the time: 10 ms is one tick, and a shorter wait still is one."""
    hal = hardware(machine, "esp32_c3_devkitm")
    machine.polled.clear()
    for ms in (10, 1, 100):
        hal.sleep_ms(ms)
    assert machine.polled == [1, 1, 91]


def test_a_pico_dozes_in_light_sleep_while_no_cable_is_plugged_in(machine: Machine) -> None:
    """Each time anew: a computer must find its USB awake within a step."""
    hal = hardware(machine, "rpi_pico")
    assert ("pin", 24, machine.Pin.IN, 0, -1) in machine.calls
    for plugged, kind in ((0, "light"), (1, "plain"), (0, "light")):
        machine.levels[24] = plugged
        hal.doze_ms(9)
        assert machine.waits[-1] == (kind, 9)
    hal.sleep_ms(9)
    assert machine.waits[-1] == ("plain", 9), "what is no doze is none"


@pytest.mark.parametrize(
    ("board", "changes"),
    [
        ("rpi_pico", {"USB_SENSE": None}),
        ("rpi_pico", {"IMPACT": 12}),
        ("rpi_pico_w", {}),
        ("rpi_pico_contactors", {}),
        ("rpi_pico_contactors", {"USB_SENSE": 24}),
    ],
)
def test_no_light_sleep_where_something_would_stop_or_be_missed(
    machine: Machine, board: str, changes: dict[str, object]
) -> None:
    """A coil's PWM, the impact sensor's edge, a console that nothing tells of."""
    machine.levels[24] = 0
    hardware(machine, board, **changes).doze_ms(9)
    assert machine.waits == [("plain", 9)]


def test_an_esp32_dozes_as_it_waits(machine: Machine) -> None:
    hal = hardware(machine, "esp32_c3_devkitm")
    machine.polled.clear()
    hal.doze_ms(10)
    assert (machine.polled, machine.waits) == ([1], [])


@pytest.mark.parametrize("board", sorted(file.parent.name for file in BOARDS.glob("*/board.py")))
def test_every_board_starts(machine: Machine, board: str) -> None:
    """Board file and hardware layer agree on every name, and no pin is made twice."""
    hal = hardware(machine, board)
    assert hal.board == board
    made = [call[1] for call in machine.calls if call[0] == "pin"]
    assert len(made) == len(set(made))


def test_an_alert_line_that_is_driven_high_is_pulled_down(machine: Machine) -> None:
    """A pull-up would make a BQ769x0 believe that somebody else raises the alarm; it would open the path."""
    machine.Pin.PULL_DOWN = 5
    hal = hardware(machine, "rpi_pico", AFE="bq76940")
    assert ("pin", 6, machine.Pin.IN, 5, -1) in machine.calls
    assert not hal.alert()
    machine.levels = {6: 1}
    assert hal.alert()
    hal = hardware(machine, "rpi_pico")
    assert ("pin", 6, machine.Pin.IN, machine.Pin.PULL_UP, -1) in machine.calls
    assert not hal.alert()
    machine.levels = {6: 0}
    assert hal.alert()


class TestMonitor:
    """A board whose front end protects nothing: its gates hang on the controller."""

    def test_gates_are_off_before_anything_else_is_done(self, machine: Machine) -> None:
        hardware(machine, "rpi_pico_monitor")
        pin = machine.Pin
        assert machine.calls[:2] == [("pin", number, pin.OUT, 0, 0) for number in (16, 17)]

    def test_gates_are_driven_apart_and_read_back(self, machine: Machine) -> None:
        pins = hardware(machine, "rpi_pico_monitor").monitor
        for mask, levels in ((3, (1, 1)), (CHG, (1, 0)), (DSG, (0, 1)), (0, (0, 0))):
            machine.written.clear()
            pins.gates(mask)
            assert machine.written == [(16, levels[0]), (17, levels[1])]
        machine.levels = {16: 1, 17: 0}
        assert pins.driven() == CHG
        machine.levels = {16: 0, 17: 1}
        assert pins.driven() == DSG, "what the pins read, not what they were told"

    def test_without_gates_the_coils_are_all_there_is(self, machine: Machine) -> None:
        changes = {"GATE_CHG": None, "GATE_DSG": None, "COIL_CHG": 16, "COIL_DSG": 17}
        pins = hardware(machine, "rpi_pico_monitor", **changes).monitor
        pins.gates(DSG)
        assert pins.driven() == DSG
        assert machine.written == []

    def test_its_adc_has_twelve_bits_and_an_input_for_each(self, machine: Machine) -> None:
        pins = hardware(machine, "rpi_pico_monitor").monitor
        assert [call[1] for call in machine.calls if call[0] == "adc"] == [4, 28, 26, 27]
        machine.analog = 0x8000
        assert [pins.sample(which) for which in range(3)] == [2048] * 3
        assert pins.thermistors == 2

    def test_the_controllers_own_temperature(self, machine: Machine) -> None:
        """RP2040 datasheet, 4.9.5: 0.706 V at 27 degC."""
        pins = hardware(machine, "rpi_pico_monitor").monitor
        for volts, ddegc in ((0.706, 270), (0.706 - 0.001721 * 33, 600)):
            machine.analog = round(volts / 3.3 * 65536)
            assert abs(pins.die_ddegc() - ddegc) <= 8

    def test_other_boards_have_none(self, machine: Machine) -> None:
        assert hardware(machine, "rpi_pico").monitor is None

    def test_an_esp32_lends_its_adc_too_if_it_knows_its_temperature(
        self, machine: Machine, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        board = runpy.run_path(str(BOARDS / "rpi_pico_monitor" / "board.py"))
        monitor = {name: board[name] for name in (*roles.MONITOR_ROLES, *roles.MONITOR_OTHERS, "AFE")}
        with pytest.raises(ValueError, match="needs the temperature of the chip"):
            hardware(machine, "esp32_s3_devkitc", **monitor)
        monkeypatch.setitem(sys.modules, "esp32", SimpleNamespace(mcu_temperature=lambda: 41))
        assert hardware(machine, "esp32_s3_devkitc", **monitor).monitor.die_ddegc() == 410


def test_a_watchdog_outside_sees_an_edge_with_each_feeding(machine: Machine) -> None:
    machine.WDT = lambda **_: SimpleNamespace(feed=lambda: None)
    hal = hardware(machine, "rpi_pico", ALIVE=7)
    for _ in range(3):
        hal.feed()
    assert [level for number, level in machine.written if number == 7] == [1, 0, 1]
