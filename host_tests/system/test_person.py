"""A person's whole path at the console alone: from a bare board to a drive, a cut-out, its cause, and on."""

from packwarden.sim.board import MemoryFiles
from system.rig import Rig

TOLD = ("chemistry lfp", "cell_count 4", "capacity_mah 20000", "shunt_uohm 1000")
CHARGER = (14.4, 5.0)


def unlock(rig: Rig) -> None:
    rig.world.press(2.0)
    rig.run(0.5)
    assert "unlocked" in rig.type("unlock", 2.5)


def do(rig: Rig, line: str, most_s: float = 60.0) -> str:
    """Type a step, do what it asks for, and read the screen until it has its verdict."""
    screen = rig.type(line, 0.6)
    for _ in range(int(most_s)):
        if "passed" in screen or "restarting" in screen:
            break
        if "warm thermistor" in screen:
            rig.world.touch(1)
        if "plug the charger" in screen:
            rig.world.charger = CHARGER
        if "send 'commission amps'" in screen:
            rig.type("commission amps 5.0", 0.2)
        screen = rig.type("commission", 1.0)
        if "is under way" not in screen and f"[x] {line.split()[1]}" in screen:
            break
    rig.world.charger = None
    rig.world.touch(0)
    return screen


def test_bare_board_commission_drive_cut_out_reads_why_fixes_resets_healthy() -> None:
    rig = Rig(boot=False, commissioned=False, files=MemoryFiles())
    rig.run(3)
    screen = rig.type("status")
    assert "the parameters are not usable: chemistry" in screen.replace("\r\n          ", " ")
    unlock(rig)
    for each in TOLD:
        assert "staged" in rig.type(f"set {each}")
    assert "saved" in rig.type("save")
    rig.run(5)

    screen = rig.type("status").replace("\r\n          ", " ")
    assert "standby: not commissioned: cells, order, taps, thermistors, fets, shunt, bleed, volts" in screen
    assert "Next: 'commission cells'" in rig.type("commission")
    unlock(rig)
    for step in ("cells", "order", "taps", "thermistors", "fets", "shunt", "bleed"):
        do(rig, f"commission {step}")
        assert rig.fets == (False, False)
    assert "Next: 'commission volts'. Measure from B- to B+" in rig.type("commission").replace("\r\n", " ")
    do(rig, f"calibrate volts {sum(rig.cells_mv) / 1000:.2f}")
    do(rig, "commission amps label")
    rig.run(3)
    screen = rig.type("commission")
    assert "Commissioned: the path may close." in screen
    assert "[ ]" not in screen
    assert "charging and discharging are allowed" in rig.type("status").replace("\r\n          ", " ")

    rig.world.load_a = 8.0
    rig.run(5)
    assert "-8.0" in rig.type("status")
    rig.world.inject("dsg_fet_stuck_off")
    rig.run(8)
    screen = rig.type("faults")
    assert "FET_STUCK_OPEN" in screen
    assert rig.mode == "fault"
    rig.world.load_a = 0.0
    rig.world.clear("dsg_fet_stuck_off")
    rig.run(2)
    assert "Mode      fault: FET_STUCK_OPEN" in rig.type("status")
    rig.world.press(10.5)
    rig.run(16)
    screen = rig.type("status")
    assert "Mode      active" in screen
    assert "Faults    none" in screen
    rig.world.load_a = 8.0
    rig.run(5)
    assert "-8.0" in rig.type("status"), "and it drives on"
