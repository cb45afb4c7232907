"""What takes minutes on the emulated chip: every kind of protection, tools at the serial port, a long run."""

import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from emulated.story import Story
from packwarden.emulated.port import Port

SCAN_AND_CYCLE_S = 0.063 + 0.1 + 0.1
CHARGER_V = 14.9
CHG_OPEN, DSG_OPEN, OPEN = (False, True), (True, False), (False, False)
ROUNDS = 3
QUIET_S = 80  # what answers questions is let go a minute after the last one
SOAK_S = float(os.environ.get("PACKWARDEN_EMULATED_SOAK_S", "300"))
GROWTH_BYTES = 1024


def load(amps: float) -> Callable[[Story], None]:
    return lambda story: setattr(story.world, "load_a", amps)


def charge(amps: float) -> Callable[[Story], None]:
    return lambda story: setattr(story.world, "charger", (CHARGER_V, amps))


def lone_cell(
    ohm: float, act: Callable[[float], Callable[[Story], None]], amps: float
) -> Callable[[Story], None]:
    """A resistance in the joint of cell 2, and a current that grows until its reading is past the limit."""

    def grow(story: Story) -> None:
        story.world.inject("contact_resistance", cell=2, ohm=ohm)
        for step in range(1, 6):
            act(amps * step / 5)(story)
            if step < 5:
                story.run(0.2)

    return grow


def warm(celsius: float) -> Callable[[Story], None]:
    def act(story: Story) -> None:
        story.world.ambient_c = celsius
        story.world.pack.temp_c = [celsius] * story.world.pack.cells

    return act


def inject(kind: str) -> Callable[[Story], None]:
    return lambda story: story.world.inject(kind)


@pytest.mark.parametrize(
    ("mnemonic", "act", "delay_s", "gates"),
    [
        ("CELL_OV", lone_cell(0.038, charge, 10), 1.0, CHG_OPEN),
        ("CELL_UV", lone_cell(0.026, load, 15), 2.0, DSG_OPEN),
        ("OCC", charge(16), 2.0, CHG_OPEN),
        ("OCD1", load(26), 5.0, DSG_OPEN),
        ("OCD2", load(44), 0.5, DSG_OPEN),
        ("SCD", inject("external_short"), 0.0, OPEN),
        ("UTC", warm(-2), 3.0, CHG_OPEN),
        ("OTD", warm(61), 3.0, OPEN),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_protection(
    emulator: Callable[..., Story],
    mnemonic: str,
    act: Callable[[Story], None],
    delay_s: float,
    gates: tuple[bool, bool],
) -> None:
    """From the fault to the gate within the delay, a scan and a cycle, on the chip as in the simulation."""
    story = emulator(soc=0.03 if mnemonic == "CELL_UV" else 0.6)
    act(story)
    settling_s = 3.0 if mnemonic in ("UTC", "OTD") else 0.0  # the AFE measures temperatures slowly
    spent = story.until(lambda: story.fets == gates, delay_s + settling_s + SCAN_AND_CYCLE_S)
    assert spent >= delay_s - SCAN_AND_CYCLE_S, (
        f"after {spent} s of {delay_s}: {min(story.world.pack.volts)} V"
    )
    assert mnemonic in story.ask("status")["faults"]


def test_mpremote(emulator: Callable[..., Story], tmp_path: Path) -> None:
    """Held at power-up, the button gives a developer the prompt: mpremote connects, lists, copies."""
    story = emulator()
    story.power_off()
    story.world.button = True
    story.power_on()
    story.run(3)
    sent, back = tmp_path / "sent.bin", tmp_path / "back.bin"
    sent.write_bytes(bytes(range(256)) * 4)

    def mpremote(port: Port, *words: str) -> str:
        command = [sys.executable, "-m", "mpremote", "connect", port.path, *words]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        ) as process:
            port.serve(lambda: process.poll() is not None)
            assert process.stdout is not None
            output = process.stdout.read()
        assert process.returncode == 0, output
        return output

    with Port(story) as port:
        assert re.search(r"\bmain\.py\b", mpremote(port, "fs", "ls"))
        mpremote(port, "fs", "cp", str(sent), ":sent.bin")
        mpremote(port, "fs", "cp", ":sent.bin", str(back))
    assert back.read_bytes() == sent.read_bytes()
    assert story.fets == OPEN, "nothing guards the pack at the prompt"


def test_heap_does_not_grow(emulator: Callable[..., Story]) -> None:
    """Driving, charging, talking, silence: the heap in use after a collection stays what it was.

    It is more while somebody asks, and less again a minute later: each is held against its own first time.
    """
    story = emulator(run_by="soaks.py")
    asked: list[int] = []
    quiet: list[int] = []
    start_s = story.now_us / 1e6
    while story.now_us / 1e6 - start_s < SOAK_S or len(quiet) < ROUNDS:
        story.world.load_a = 10
        story.run(20)
        story.world.load_a = 0
        story.ask("status")
        story.world.charger = (14.0, 5)
        story.run(20)
        story.world.charger = None
        story.type("cells", 2)
        asked.append(told(story))
        story.run(QUIET_S)
        quiet.append(told(story))
    print(f"in use while somebody asks: {asked}, and when nobody does: {quiet}")
    assert max(asked[1:]) - asked[0] <= GROWTH_BYTES, asked
    assert max(quiet[1:]) - quiet[0] <= GROWTH_BYTES, quiet
    assert quiet[0] < asked[0]
    assert not story.resets


def told(story: Story) -> int:
    """What the chip told last."""
    return int(re.findall(r"in use: (\d+)", story.printed)[-1])
