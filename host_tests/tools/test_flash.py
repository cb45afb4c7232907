"""Flashing: what changes on the chip, in which order, what stays, and what is said when it cannot be."""

import struct
from pathlib import Path
from typing import Any

import bms
import pytest
import serial
from bms.services.storage import Record, encode
from packwarden.client import LinkError
from packwarden.errors import InputError
from packwarden.flash import chip, fitting, image, opening, plan, program, work
from packwarden.flash.command import run as command
from packwarden.sim.board import MemoryFiles
from tools.fake_board import BLOCK, FakeBoard, RefusalError

MPY = b"M\x06\x00\x1f"
WANTED = {
    "bms/__init__.mpy": MPY + b"init",
    "bms/core/led.mpy": MPY + b"led" * 700,
    "bms/texts/faults.txt": b"CELL_OV|a|b\n",
    "board.mpy": MPY + b"board",
    "main.py": b"the start",
}
PARAMETERS = '[parameters]\nchemistry = "lfp"\ncell_count = 16\ncapacity_mah = 100000\nshunt_uohm = 250\n'
STATUS = {"mode": "active", "why": "all is well", "current_ma": 0, "chg_fet": 1, "dsg_fet": 1}
AFTER = {
    "version": lambda: {"firmware": bms.__version__, "board": "rpi_pico"},
    "status": lambda: {**STATUS, "mode": "fault", "why": "the parameters are not usable"},
}


class Heard:
    """What the user is told."""

    def __init__(self) -> None:
        self.sentences: list[str] = []
        self.done = 0

    def say(self, sentence: str) -> None:
        self.sentences.append(sentence)

    def begin(self, size: int) -> None:
        self.size = size

    def at(self, path: str, done: int) -> None:
        assert done >= self.done, path
        self.done = done

    @property
    def text(self) -> str:
        return "\n".join(self.sentences)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(work, "compiled", lambda *_: dict(WANTED))
    monkeypatch.setattr(work, "PATIENCE_S", 0.3)
    monkeypatch.setattr(opening, "PATIENCE_S", 0.3)
    monkeypatch.setattr(opening, "_LOOK_S", 0.05)
    monkeypatch.setattr(opening, "_FINGER_S", 0.5)
    monkeypatch.setattr(work, "_BACK_S", 1.5)
    monkeypatch.setattr(work, "_LOOK_S", 0.05)
    monkeypatch.setattr(chip, "_TIMEOUT_S", 0.5)
    monkeypatch.setattr(chip, "_ENTER_S", 1.0)


@pytest.fixture
def heard() -> Heard:
    return Heard()


def flash(fake: FakeBoard, heard: Heard, **job: Any) -> None:
    with fake:
        work.run(work.Job(job.pop("board", "rpi_pico"), fake.path, **job), heard)


def running(**status: Any) -> dict[str, Any]:
    return {
        "version": lambda: {"firmware": "0.0.9", "board": "rpi_pico"},
        "status": lambda: {**STATUS, **status},
    }


def refuse(sentence: str) -> Any:
    def method() -> None:
        raise RefusalError(sentence)

    return method


def test_a_bare_board_gets_everything_and_starts(heard: Heard) -> None:
    board = FakeBoard(after=AFTER)
    flash(board, heard)
    assert {path: board.files[path] for path in WANTED} == WANTED
    assert board.order[-2:] == ["+main.py", f"+{chip.REBOOT_MARK}"], "main.py comes last"
    assert board.resets == 1
    assert "verified" in heard.text
    assert f"Firmware {bms.__version__} runs as rpi_pico. fault: the parameters" in heard.text
    assert heard.done == heard.size == sum(map(len, WANTED.values()))


def test_an_update_copies_what_changed_and_keeps_what_is_the_owners(heard: Heard) -> None:
    kept = {
        "params.a": b"p",
        "state.b": b"s",
        "log.3": b"l",
        "frame.1": b"f",
        "notes.txt": b"n",
        "lib/x.py": b"x",
    }
    old = {
        **WANTED,
        "bms/core/led.mpy": MPY + b"old",
        "bms/core/gone.mpy": b"gone",
        "board.py": b"in the way",
    }
    board = FakeBoard({**old, **kept}, after=AFTER)
    flash(board, heard)
    assert {path: board.files[path] for path in kept} == kept
    assert {path: board.files[path] for path in WANTED} == WANTED
    assert not {"bms/core/gone.mpy", "board.py"} & set(board.files)
    assert board.order == [
        "-main.py", "-bms/core/gone.mpy", "-board.py", "+bms/core/led.mpy", "+main.py", f"+{chip.REBOOT_MARK}"
    ]  # fmt: skip


def test_nothing_is_written_when_all_is_there(heard: Heard) -> None:
    board = FakeBoard(WANTED, after=AFTER)
    flash(board, heard)
    assert board.order == [f"+{chip.REBOOT_MARK}"]
    assert "there already" in heard.text


def test_running_firmware_opens_the_path_first(heard: Heard) -> None:
    state = {"chg_fet": 1, "dsg_fet": 1}
    methods = running()
    methods["status"] = lambda: {**STATUS, **state}
    methods["standby"] = lambda: state.update(chg_fet=0, dsg_fet=0)
    board = FakeBoard(methods=methods, fets=0, after=AFTER)
    flash(board, heard)
    said = heard.text
    assert said.index("The path is open") < said.index("the front end confirms") < said.index("Copying")


def test_a_locked_firmware_opens_it_when_it_is_stopped(heard: Heard) -> None:
    board = FakeBoard(methods={**running(), "standby": refuse("locked")}, fets=0, after=AFTER)
    flash(board, heard)
    assert "the front end confirms that the path is open" in heard.text


def with_pin(**methods: Any) -> dict[str, Any]:
    def unlock(given: str) -> dict[str, int]:
        if given != "4711":
            raise RefusalError("that is not the PIN")
        return {"unlocked_s": 600}

    return running() | {"pin": lambda: {"set": True}, "unlock": unlock, "repl": dict} | methods


def test_firmware_that_guards_a_pack_makes_way_for_its_owners_pin(heard: Heard) -> None:
    board = FakeBoard(methods=with_pin(), stoppable=False, after=AFTER)
    flash(board, heard, secret="4711")
    assert {path: board.files[path] for path in WANTED} == WANTED
    assert "The firmware opens the path and makes way." in heard.text
    assert "it has opened the path and given way" in heard.text
    assert f"Firmware {bms.__version__} runs" in heard.text


@pytest.mark.parametrize("tries", [0, 1, 4])
def test_without_a_pin_it_makes_way_for_an_unlocked_console_or_a_finger_on_the_button(
    tries: int, heard: Heard
) -> None:
    left = [tries]

    def unlock() -> dict[str, int]:
        left[0] -= 1
        return refuse("hold the button down")() if left[0] else {"unlocked_s": 600}

    def repl() -> dict[str, int]:
        return refuse("locked")() if left[0] else {}

    board = FakeBoard(methods={**running(), "unlock": unlock, "repl": repl}, stoppable=False, after=AFTER)
    flash(board, heard)
    assert {path: board.files[path] for path in WANTED} == WANTED
    assert ("Press the board's button" in heard.text) == (tries > 0)
    assert "it has opened the path and given way" in heard.text


def test_another_pin_changes_nothing(heard: Heard) -> None:
    board = FakeBoard(methods=with_pin(), stoppable=False, after=AFTER)
    before = dict(board.files)
    with pytest.raises(InputError, match="that is not the PIN"):
        flash(board, heard, secret="0815")
    with pytest.raises(InputError, match="say it with --pin"):
        flash(FakeBoard(methods=with_pin(), stoppable=False, after=AFTER), heard)
    assert board.files == before


@pytest.mark.parametrize(
    ("board", "sentence"),
    [
        ("rpi_pico", "watchdog opens it within 10 s"),
        ("rpi_pico_monitor", "only a watchdog beside it opens it now: this front end has none"),
    ],
)
def test_firmware_that_had_not_begun_to_guard_is_told(board: str, sentence: str, heard: Heard) -> None:
    flash(FakeBoard({"main.py": b"old"}, after=AFTER), heard, board=board)
    assert sentence in heard.text


@pytest.mark.parametrize(
    ("board", "machine", "taken"),
    [
        ("esp32_c3_devkitm", "ESP32C3 module with ESP32C3", True),
        ("esp32_c3_devkitm", "Generic ESP32S3 module with ESP32S3", False),
        ("esp32_devkitc", "Generic ESP32S3 module with ESP32S3", False),
        ("esp32_s3_devkitc", "Generic ESP32S3 module with Octal-SPIRAM with ESP32S3", True),
        ("rpi_pico2", "Raspberry Pi Pico 2 with RP2350-RISCV", True),
        ("rpi_pico2", "Raspberry Pi Pico with RP2040", False),
        ("rpi_pico_w", "somebody's own", True),
    ],
)
def test_a_chip_of_the_same_family_is_not_the_same_chip(board: str, machine: str, taken: bool) -> None:
    what = fitting.What("micropython", (1, 28, 0), 6, "port", BLOCK, 1, machine)
    if taken:
        fitting.check(what, board, "port", {}, program.controller_of(board))
    else:
        with pytest.raises(InputError, match="is it the right port, the right board"):
            fitting.check(what, board, "port", {}, program.controller_of(board))


@pytest.mark.parametrize(
    ("board", "sentence"),
    [
        (FakeBoard(methods=running(current_ma=-12_000), fets=0), "-12.0 A flow"),
        (
            FakeBoard(methods={**running(), "standby": refuse("locked")}, stoppable=False),
            "press its button when you are told to",
        ),
        (FakeBoard(methods={**running(), "standby": refuse("locked")}, fets=3), "still reports closed FETs"),
        (FakeBoard(deaf=True), "is it the right port"),
        (FakeBoard(platform="esp32"), "The chip at this port is an esp32, and board rpi_pico has an rp2"),
        (
            FakeBoard(machine="Raspberry Pi Pico 2 with RP2350"),
            "'Raspberry Pi Pico 2 with RP2350', and board",
        ),
        (FakeBoard(version=(1, 22, 1)), "runs MicroPython 1.22.1, and the firmware needs 1.28"),
        (FakeBoard(mpy=5), r"loads \.mpy files of version 5\.0, and mpy-cross here makes version 6\.0"),
    ],
    ids=["current", "guarded", "closed", "deaf", "family", "chip", "old", "mpy"],
)
def test_what_is_refused_changes_nothing(board: FakeBoard, sentence: str, heard: Heard) -> None:
    with pytest.raises(InputError, match=sentence):
        flash(board, heard)
    assert not board.order


def test_a_full_chip_is_left_alone_and_says_what_fills_it(heard: Heard) -> None:
    board = FakeBoard({"music.wav": bytes(20 * BLOCK), "main.py": b"old"}, blocks=23)
    with pytest.raises(
        InputError, match=r"full: .* needed and .* free\. The largest .* music\.wav \(80 KiB\)"
    ):
        flash(board, heard)
    assert not board.order


def test_a_file_that_arrives_wrong_leaves_no_start(heard: Heard) -> None:
    board = FakeBoard({**WANTED, "board.mpy": b"old"}, spoil={"board.mpy"})
    with pytest.raises(InputError, match=r"did not arrive as they were sent, board\.mpy among them"):
        flash(board, heard)
    assert "main.py" not in board.files


def test_a_port_that_another_program_has_open_is_told(heard: Heard) -> None:
    board = FakeBoard()
    with (
        board,
        serial.Serial(board.path, exclusive=True),
        pytest.raises(LinkError, match="another program has it open; close that first"),
    ):
        work.run(work.Job("rpi_pico", board.path), heard)
    assert not board.order


def test_a_board_that_does_not_come_back_is_not_called_a_success(heard: Heard) -> None:
    with pytest.raises(InputError, match="nothing answered"):
        flash(FakeBoard(), heard)


def test_parameters_are_stored_beside_those_in_force(heard: Heard, tmp_path: Path) -> None:
    file = tmp_path / "pack.toml"
    file.write_text(PARAMETERS)
    board = FakeBoard({"params.a": encode(7, {"chemistry": "nmc"})}, after=AFTER)
    flash(board, heard, parameters=file)
    stored = Record(MemoryFiles(board.files), "trial").load()
    assert stored is not None
    assert stored["given"]["capacity_mah"] == 100_000
    assert not stored["begun"]
    assert board.files["params.a"] == encode(7, {"chemistry": "nmc"}), "the set before is still there"


def test_a_new_board_gets_its_first_parameters(heard: Heard, tmp_path: Path) -> None:
    file = tmp_path / "pack.toml"
    file.write_text(PARAMETERS)
    board = FakeBoard(after=AFTER)
    flash(board, heard, parameters=file)
    stored = Record(MemoryFiles(board.files), "params").load()
    assert stored is not None
    assert stored["chemistry"] == "lfp"
    assert "4 parameters are stored" in heard.text


def test_parameters_that_the_firmware_would_refuse_are_refused_before_anything(
    heard: Heard, tmp_path: Path
) -> None:
    file = tmp_path / "pack.toml"
    file.write_text('[parameters]\nchemistry = "lfp"\ncell_count = 99\n')
    board = FakeBoard()
    with pytest.raises(InputError, match="cell_count"):
        flash(board, heard, parameters=file)
    assert not board.order


def test_native_code_must_fit_the_chip() -> None:
    armv6m, armv7m, sub_version = 4 << 10, 5 << 10, 3 << 8
    native = {"x.mpy": bytes((0x4D, 6, 4 << 2 | 3, 31))}
    for mpy, loads in (
        (6 | sub_version | armv6m, True),
        (6 | sub_version | armv7m, True),
        (6 | armv6m, False),
    ):
        what = fitting.What("micropython", (1, 28, 0), mpy, "rp2", BLOCK, 1)
        if loads:
            fitting.check(what, "rpi_pico", "rp2", native)
        else:
            with pytest.raises(InputError, match=r"6\.3 for architecture 4"):
                fitting.check(what, "rpi_pico", "rp2", native)


def test_main_goes_first_only_when_something_changes() -> None:
    held = {path: plan.Held(len(content), plan.digest(content)) for path, content in WANTED.items()}
    assert plan.make(WANTED, held) == plan.Plan([], {}, len(WANTED))
    made = plan.make({**WANTED, "board.mpy": b"new"}, held)
    assert made.remove == ["main.py"]
    assert list(made.write) == ["board.mpy", "main.py"]


def test_every_board_of_the_project_has_a_chip_and_compiles(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert {program.mcu_of(name) for name in ("rpi_pico", "esp32_devkitc")} == {"rp2", "esp32"}
    with pytest.raises(InputError, match="only in the simulator"):
        program.mcu_of("sim")


def uf2(number: int) -> bytes:
    start = struct.pack("<8I", 0x0A324655, 0x9E5D5157, 0x2000, 0x10000000, 256, 0, 1, number)
    return (start + bytes(256)).ljust(512, b"\0")


@pytest.fixture
def drive(tmp_path: Path) -> Path:
    folder = tmp_path / "RPI-RP2"
    folder.mkdir()
    (folder / "INFO_UF2.TXT").write_text("UF2 Bootloader v3.0\nModel: Raspberry Pi RP2\nBoard-ID: RPI-RP2\n")
    return folder


def test_an_image_goes_to_the_drive(drive: Path, tmp_path: Path) -> None:
    file = tmp_path / "RPI_PICO.uf2"
    file.write_bytes(uf2(0xE48BFF56))
    told: list[str] = []
    image.put(file, drive, None, told.append)
    assert (drive / file.name).read_bytes() == file.read_bytes()
    assert "Next: `packwarden ports`" in told[0]


def test_an_image_for_another_chip_is_refused(drive: Path, tmp_path: Path) -> None:
    file = tmp_path / "other.uf2"
    for number, sentence in ((0xE48BFF59, "for an RP2350"), (0x12345678, "family 0x12345678")):
        file.write_bytes(uf2(number))
        with pytest.raises(InputError, match=sentence):
            image.put(file, drive, None, print)
    file.write_bytes(b"no image")
    with pytest.raises(InputError, match="not a UF2 file"):
        image.put(file, drive, None, print)
    assert not (drive / file.name).exists()


def test_without_a_drive_it_says_how_to_get_one(tmp_path: Path) -> None:
    file = tmp_path / "RPI_PICO.uf2"
    file.write_bytes(uf2(0xE48BFF56))
    for folder in (None, tmp_path):
        with pytest.raises(InputError, match="Hold BOOTSEL"):
            image.put(file, folder, None, print)


@pytest.mark.parametrize(
    ("number", "chip_name", "start"), [(0, "esp32", "0x1000"), (9, "esp32s3", "0"), (5, "esp32c3", "0")]
)
def test_for_each_esp32_it_says_its_line(number: int, chip_name: str, start: str, tmp_path: Path) -> None:
    file = tmp_path / "ESP32.bin"
    file.write_bytes(struct.pack("<B11xH", 0xE9, number) + bytes(100))
    told: list[str] = []
    image.put(file, None, "/dev/ttyUSB0", told.append)
    assert told[0].count(f"esptool --chip {chip_name} --port /dev/ttyUSB0") == 2
    assert f"write-flash {start} {file}" in told[0]


@pytest.mark.parametrize("content", [b"", b"\xe9", struct.pack("<B11xH", 0xE9, 2), bytes(100)])
def test_what_is_no_image_for_an_esp32_of_ours_is_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "ESP32.bin"
    file.write_bytes(content)
    with pytest.raises(InputError, match="is no MicroPython for an ESP32"):
        image.put(file, None, None, print)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ({}, "Say which board"),
        ({"board": "rpi_picp", "port": "socket://127.0.0.1:1"}, "did you mean 'rpi_pico'"),
        ({"board": "rpi_pico", "port": "/dev/does-not-exist"}, "There is no port"),
        ({"image": Path("x.uf2"), "board": "rpi_pico"}, "--image goes by itself"),
        ({"image": Path("x.uf2")}, "cannot be read"),
        ({"drive": Path()}, "--drive needs --image"),
    ],
)
def test_what_the_command_line_cannot_mean(words: dict[str, Any], sentence: str) -> None:
    given = {"board": None, "port": None, "parameters": None, "restart": True, "image": None, "drive": None}
    with pytest.raises(InputError, match=sentence):
        command(**(given | words))
