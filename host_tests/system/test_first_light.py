"""Boot, and the rule that nothing closes before everything is known."""

from packwarden.sim.board import MemoryFiles
from system.rig import Rig


def test_the_path_stays_open_until_everything_is_known() -> None:
    """PW-102."""
    rig = Rig(boot=False)
    modes = []
    for _ in range(300):
        rig.run(0.01)
        mode = rig.mode if rig.session.loop else "off"
        if not modes or modes[-1] != mode:
            modes.append(mode)
        if mode != "active":
            assert rig.fets == (False, False), mode
    assert modes == ["off", "boot", "selftest", "active"]
    assert rig.fets == (True, True)


def test_a_controller_that_restarts_under_a_live_pack_opens_it_first() -> None:
    """PW-101."""
    rig = Rig()
    rig.world.load_a = 5.0
    rig.run(1)
    rig.world.powered = False
    rig.run(1)
    assert rig.fets == (True, True), "the AFE goes on by itself"
    rig.world.powered = True
    rig.until(lambda: rig.session.loop is not None, 1)
    assert rig.fets == (False, False)
    rig.until(lambda: rig.mode == "active", 3)


def test_an_unconfigured_board_never_closes_and_says_what_is_missing() -> None:
    """PW-021: parameters that are not usable keep the path open."""
    rig = Rig(boot=False, files=MemoryFiles())
    rig.run(30)
    assert rig.fets == (False, False)
    status = rig.rpc("status")
    assert status["mode"] == "fault"
    assert status["faults"] == ["PARAMS_INVALID"]
    assert "chemistry must be one of" in status["why"]
    assert status["protected"] is False
    assert rig.session.boots == 1, "a missing AFE or parameter must not reboot the console"


def test_damaged_parameters_keep_the_path_open_and_are_named() -> None:
    """PW-021: a corrupted record is refused whole."""
    rig = Rig(boot=False, files=MemoryFiles({"params.a": b"\xff" * 100, "params.b": b"PWR"}))
    rig.run(5)
    assert rig.fets == (False, False)
    assert any("params.a is not usable" in each for each in rig.events("storage"))


def test_first_setup_at_the_console_with_a_finger_on_the_button() -> None:
    rig = Rig(boot=False, files=MemoryFiles())
    rig.run(2)
    assert "locked" in rig.type("set chemistry lfp")
    rig.world.press(6)
    rig.run(0.5)
    assert "unlocked" in rig.type("unlock")
    rig.run(6)
    for line in ("set chemistry lfp", "set cell_count 4", "set capacity_mah 20000"):
        assert "staged" in rig.type(line)
    refused = rig.type("save")
    assert "shunt_uohm is not set" in refused
    rig.type("set shunt_uohm 1000")
    assert "saved" in rig.type("save", 0.3)
    rig.until(lambda: rig.session.boots == 2 and rig.session.loop is not None, 5)
    rig.until(lambda: rig.mode == "active", 5)


def test_the_second_boot_remembers_charge_and_operating_time() -> None:
    quiet = {"current_noise_uv": 0.0}  # not a thousandth may go astray
    rig = Rig(soc=0.6, sensors=quiet)
    rig.session.parts.soc.set(420, 30)
    rig.run(70)
    files = rig.files
    again = Rig(files=files, sensors=quiet)
    assert again.status()["soc_permille"] in (418, 419, 420)  # the sensor's noise is counted, too
    assert again.session.parts.reporter.operating_s > 0


def test_a_pack_with_crc_on_its_bus() -> None:
    rig = Rig(crc=True)
    assert rig.rpc("status")["mode"] == "active"


def test_sixteen_cells_across_the_tick_wrap() -> None:
    rig = Rig(cells=16)
    rig.run(40)  # the wrap is 20 s after power-on
    assert rig.mode == "active"
    assert rig.status()["uptime_ms"] > 40_000
    assert rig.faults == []
