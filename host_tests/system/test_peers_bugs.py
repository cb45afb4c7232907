"""Bugs that other battery management systems have shipped, and that this pack does not have: one test each.

The threads are those of the projects' trackers; "read" means seen in their source, not reported there. Those
that the pure core or the driver can show stand in core/test_peers_core.py and drivers/test_peers_driver.py.

Not applicable, and why:
- CAN to an inverter that stops in silence (diyBMS #194, YamBMS #23, #268): nothing here talks to an inverter.
- Control by radio without a password (esphome-jk-bms #139, BMS_BLE-HA #86): there is no radio. That the wire
  gives no more power than that is tested below.
- MQTT that starves the rest (diyBMS #219): there is no network; the console is the only thing that could.
"""

import json
from collections.abc import Callable, Iterator

import pytest
from bms.core import faults as f
from bms.core import protection
from bms.services.storage import encode
from packwarden.sim.board import MemoryFiles
from system.rig import Rig

OPEN = (False, False)
CLOSED = (True, True)
GATES = ("chg_on", "dsg_on", "pchg_on", "pdsg_on")


def closings(rig: Rig, seconds: float) -> dict[str, int]:
    """How often each gate goes on within this time, looked at every 2 ms."""
    counts = dict.fromkeys(GATES, 0)
    before = {gate: getattr(rig.world.chip, gate) for gate in GATES}
    for _ in range(int(seconds * 500)):
        rig.run(0.002)
        for gate in GATES:
            now = getattr(rig.world.chip, gate)
            counts[gate] += now and not before[gate]
            before[gate] = now
    return counts


def locked_out() -> Rig:
    """A pack whose front end was silent for too long, and is not any more."""
    rig = Rig()
    rig.world.inject("afe_silent")
    rig.until(lambda: "AFE_COMMS" in rig.faults, 5)
    rig.world.clear("afe_silent")
    rig.run(2)
    return rig


@pytest.mark.parametrize("crc", [False, True])
@pytest.mark.parametrize(("chemistry", "cells"), [("lfp", 4), ("nmc", 16)])
def test_a_start_trips_nothing_before_the_data_is_complete(chemistry: str, cells: int, crc: bool) -> None:
    """diyBMS #161, diyBMSv4 #141, Battery-Emulator #1925: under-voltage and others at boot, from zeros."""
    rig = Rig(chemistry=chemistry, cells=cells, crc=crc, boot=False)
    for _ in range(400):
        rig.run(0.01)
        assert rig.session.loop is None or rig.faults == []
    assert rig.mode == "active"
    assert rig.events("fault") == []


def _power_on(_rig: Rig) -> None:
    pass


def _reboot(rig: Rig) -> None:
    rig.board.serial.feed(b"reboot\r")


def _cut(rig: Rig) -> None:
    rig.world.powered = False
    rig.run(0.5)
    rig.world.powered = True


def _reset(rig: Rig) -> None:
    assert rig.rpc("reset", "soft")["accepted"]


@pytest.mark.parametrize("restart", [_power_on, _reboot, _cut, _reset])
def test_a_restart_closes_each_switch_once(restart: Callable[[Rig], None]) -> None:
    """diyBMSv4Code #13: a relay that switched for a moment at each restart."""
    rig = Rig(boot=restart is not _power_on)
    if restart is not _reset:
        rig.world.load_a = 2
    restart(rig)
    counts = closings(rig, 5)
    assert (counts["chg_on"], counts["dsg_on"]) == (1, 1)
    assert rig.fets == CLOSED


def test_the_end_of_a_fault_closes_each_switch_once() -> None:
    """diyBMS #228: when the cause was gone, the relay went off, on and off again."""
    rig = Rig()
    rig.world.inject("stuck_bus", hold=True)
    rig.until(lambda: "STALE" in rig.faults, 2)
    rig.world.clear("stuck_bus")
    counts = closings(rig, 6)
    assert (counts["chg_on"], counts["dsg_on"]) == (1, 1)


def test_the_charge_outlives_a_restart() -> None:
    """diyBMS #241, #271: state of charge began at nothing after a reboot, and the inverter shut down."""
    rig = Rig()
    rig.session.parts.soc.set(420, 30)
    rig.run(2)
    for restart in (_cut, _reboot):
        restart(rig)
        rig.run(1)
        rig.until(lambda: rig.mode == "active", 8)
        assert rig.status()["soc_permille"] == pytest.approx(420, abs=2)


def test_bleeding_is_renewed_until_it_is_done() -> None:
    """foxBMS #9, BMS_LTC6813_class #2: the chip's timer ran out and the cell was bled no more."""
    rig = Rig(chemistry="nmc", soc=0.9)
    rig.world.pack.set_soc([0.9, 0.97, 0.9, 0.9])
    rig.until(lambda: rig.world.chip.balancing, 900)  # once a cell's charge is sure
    for _ in range(90):
        rig.run(1)
        assert rig.world.chip.balancing


def test_a_front_end_that_falls_silent_is_a_fault_whatever_else_goes_on() -> None:
    """diyBMS #4: the rule for lost communication did not fire."""
    rig = Rig()
    rig.world.button = True
    rig.world.inject("afe_silent")
    for _ in range(34):
        rig.board.serial.feed(b"status\r" * 20)
        rig.run(0.1)
    assert "STALE" in rig.faults
    assert "AFE_COMMS" in rig.faults


def test_a_flood_at_the_port_delays_no_protection() -> None:
    """PW-135. diyBMS #219: a chatty network left the rest no time."""
    rig = Rig()
    rig.rpc("watch", 1, "json")
    spent = 0.0
    rig.world.load_a = 44  # over 40 A for half a second
    while rig.fets[1]:
        rig.board.serial.feed(b'{"jsonrpc": "2.0", "id": 1, "method": "params"}\n' * 3 + bytes(range(256)))
        rig.run(0.01)
        spent += 0.01
        assert spent < 0.5 + 0.063 + 0.1 + 0.1


def test_lost_communication_locks_nobody_out_for_good() -> None:
    """dbus-serialbattery #850: the driver blocked charging because the empty battery had gone to sleep."""
    rig = Rig()
    rig.world.inject("stuck_bus", hold=True)
    rig.run(1.5)
    rig.world.clear("stuck_bus")
    rig.closed(8)
    rig = locked_out()
    assert rig.fets == OPEN
    assert "reset" in json.dumps(rig.rpc("faults"))
    assert rig.rpc("reset", "soft")["accepted"] is True
    rig.closed(5)


def test_nothing_engages_again_by_itself_after_a_lockout() -> None:
    """Battery-Emulator #581: all contactors opened, then one engaged again; no event; shown as closed."""
    rig = locked_out()
    counts = closings(rig, 20)
    assert counts == dict.fromkeys(GATES, 0)
    for restart in (_reboot, _cut):
        restart(rig)
        assert closings(rig, 8) == dict.fromkeys(GATES, 0)
    rig.world.inject("afe_brownout")
    assert closings(rig, 8) == dict.fromkeys(GATES, 0)
    status = rig.status()
    assert (status["chg_fet"], status["dsg_fet"]) == (0, 0)
    assert "AFE_COMMS" in status["faults"]


def test_a_charged_load_behind_an_open_path_is_no_welded_switch() -> None:
    """Battery-Emulator #1047: the capacitor of the inverter held its voltage, which was taken for a weld."""
    rig = Rig()
    rig.world.inject("thermistor_open", sensor=1)
    rig.until(lambda: rig.fets == OPEN, 10)
    chip, pushed = rig.world.chip, rig.world._push

    def charged(at_us: int) -> None:
        pushed(at_us)
        chip.pack_v = chip.ld_v = chip.stack_v

    rig.world._push = charged  # type: ignore[method-assign]
    rig.run(60)
    assert rig.faults == ["THERMISTOR_OPEN"]
    rig.world.clear("thermistor_open")
    rig.closed(20)


def test_a_reset_that_is_refused_says_what_to_do_and_then_works() -> None:
    """Battery-Emulator #485, PR #2638, #2845, open-battery-information #37: no way to clear a fault."""
    rig = Rig()
    rig.world.inject("afe_silent")
    rig.until(lambda: "AFE_COMMS" in rig.faults, 5)
    told = rig.rpc("reset", "soft")
    assert told["accepted"] is False
    assert "still present" in told["reason"]
    assert "pull-ups" in json.dumps(rig.rpc("faults"))
    rig.world.clear("afe_silent")
    rig.run(3)
    assert rig.rpc("reset", "soft")["accepted"] is True
    rig.closed(5)


def test_every_opening_is_told_with_its_cause() -> None:
    """diyBMS #282, #271: the relay went off and nobody could say why; #266: alarms were not passed on."""
    rig = Rig()
    rig.rpc("watch", 1, "json")
    rig.world.load_a = 44
    rig.until(lambda: not rig.fets[1], 2)
    rig.run(2)
    assert any("OCD2" in detail for detail in rig.events("fault"))
    lines = rig.board.serial.take().decode().split("\r\n")[:-1]
    told = [json.loads(line) for line in lines if line[:1] == "{"]
    assert any("OCD2" in each["params"]["faults"] for each in told if each.get("method") == "status")
    assert rig.status()["why"].startswith("OCD2")
    assert "OCD2" in rig.type("history")


def test_a_switch_that_does_not_open_any_more_is_found() -> None:
    """PW-052. Battery-Emulator #635, PR #2489: contactors that had opened under load were welded shut."""
    rig = Rig(chemistry="nmc", soc=0.99)
    rig.world.inject("chg_fet_stuck_on")
    rig.world.charger = (18, 5)
    rig.until(lambda: "CELL_OV" in rig.faults, 900, 0.5)
    assert rig.world.current_a > 1
    rig.until(lambda: "CHG_WELDED" in rig.faults, 8)
    assert rig.status()["service_needed"] is True


def test_every_start_precharges_the_load() -> None:
    """Battery-Emulator #2354: after a soft reboot nothing was precharged."""
    rig = Rig(parameters={"precharge_fitted": 1}, boot=False)
    for restart in (_power_on, _reboot, _cut):
        restart(rig)
        rig.until(lambda: not rig.world.chip.dsg_on, 2, 0.002)
        order: list[str] = []
        for _ in range(3000):
            rig.run(0.002)
            chip = rig.world.chip
            seen = "both" if chip.dsg_on and chip.pdsg_on else "dsg" if chip.dsg_on else "pdsg"
            if (chip.dsg_on or chip.pdsg_on) and order[-1:] != [seen]:
                order.append(seen)
        assert order[0] == "pdsg", restart
        assert order[-1] == "dsg"
        assert order.count("dsg") == 1
        assert rig.fets == CLOSED


def test_a_deeply_discharged_pack_takes_a_gentle_charge() -> None:
    """PW-031. bsc_fw #167: a pack that was too empty for its own rules could never be charged again."""
    rig = Rig(soc=0.5, boot=False)
    rig.world.pack.set_soc([-0.002] * 4)
    rig.world.charger = (14.4, 0.8)
    rig.until(lambda: rig.session.loop is not None and rig.world.current_a > 0.5, 15)
    assert max(rig.cells_mv) < rig.values["deep_mv"]
    assert rig.status()["charge_limit_ma"] <= rig.values["rescue_ma"]
    rig.until(lambda: min(rig.cells_mv) > rig.values["deep_clear_mv"], 4 * 3600, 1)
    rig.until(lambda: rig.status()["charge_limit_ma"] > rig.values["rescue_ma"], 60)


def test_an_empty_pack_takes_a_charge() -> None:
    """bsc_fw #167: under-voltage set both limits to nothing, so the level that ends it was never reached."""
    rig = Rig(soc=0.03)
    rig.world.load_a = 15
    rig.until(lambda: "CELL_UV" in rig.faults, 900, 0.5)
    rig.world.load_a = 0
    rig.run(60)
    assert rig.fets == (True, False)
    rig.world.charger = (14.2, 5)
    rig.run(15)
    assert rig.world.current_a > 4
    assert rig.status()["charge_limit_ma"] > 0
    rig.closed(600)


def test_a_full_pack_gives_current() -> None:
    """bsc_fw #232: after an over-voltage no discharge was allowed, though only charging was dangerous."""
    rig = Rig(chemistry="nmc", soc=0.99)
    rig.world.charger = (18, 5)
    rig.until(lambda: "CELL_OV" in rig.faults, 900, 0.5)
    rig.world.charger = None
    rig.world.load_a = 5
    rig.run(1)
    assert rig.world.current_a == pytest.approx(-5, abs=0.1)
    rig.closed(900)


def test_an_overload_is_over_when_the_load_is_gone() -> None:
    """xiaomi-m365-compatible-bms #53: after an over-current only a charger could bring the pack back."""
    rig = Rig()
    rig.world.load_a = 44
    rig.until(lambda: "OCD2" in rig.faults, 2)
    rig.world.load_a = 0
    rig.closed(6)


def test_readings_that_cannot_be_had_open_the_path() -> None:
    """Libre Solar, read: read errors were logged, and the state machine went on with the old data."""
    rig = Rig()
    rig.world.inject("nack", count=1_000_000)
    spent = rig.until(lambda: "STALE" in rig.faults, 1)
    assert spent <= 0.5 + 0.063 + 0.1
    rig.run(0.1)
    assert rig.mode == "fault"


def test_the_watchdog_is_not_fed_while_nothing_can_be_read() -> None:
    """pyBMS, read: the watchdog was fed whether or not the poll had succeeded."""
    rig = Rig()
    fed_us = rig.board.fed_us
    rig.world.inject("stuck_bus", hold=True)
    rig.run(7)
    assert rig.board.fed_us - fed_us < 100_000
    rig.run(3)
    assert rig.session.boots == 2


def test_asking_changes_nothing() -> None:
    """pyBMS, read: asking for the faults changed their state."""
    rig = Rig()
    rig.world.load_a = 44
    rig.run(0.35)
    parts = rig.session.parts
    protect, answers = parts.protect, parts.api.answers

    def facts() -> tuple[object, ...]:
        held = (bytes(protect.state), bytes(protect.retries), list(protect.occurrences), protect.blocks)
        return (*held, protect.journal_used, list(parts.snap.values), len(parts.history.events))

    before = facts()
    assert protection.PENDING in protect.state
    for _ in range(50):
        answers.status()
        for ask in (answers.faults, answers.history, answers.cells, answers.limits):
            drain(ask())
    assert facts() == before


def drain(answer: object) -> None:
    """Take an answer to its end, streamed ones too."""
    if isinstance(answer, dict):
        for value in answer.values():
            drain(value)
    elif isinstance(answer, Iterator | list):
        for value in answer:
            drain(value)


def test_a_cell_below_half_a_volt_is_not_left_out_at_the_start() -> None:
    """Libre Solar, read: cells under 0.5 V at boot were dropped from the minimum and from protection."""
    rig = Rig(boot=False)
    rig.world.pack.set_soc([0.6, 0.6, 0.0, 0.6])
    pushed = rig.world._push

    def collapsed(at_us: int) -> None:
        pushed(at_us)
        rig.world.chip.cells_v[2] = 0.3

    rig.world._push = collapsed  # type: ignore[method-assign]
    for _ in range(200):
        rig.run(0.1)
        assert rig.fets == OPEN
    assert rig.session.parts.snap.cell_min_at == 2
    assert rig.session.parts.protect.state[f.index("CELL_UV")] >= protection.TRIPPED


@pytest.mark.parametrize("name", ["params.a", "params.b", "state.a", "state.b"])
def test_a_write_that_was_cut_off_loses_nothing(name: str) -> None:
    """micropython #5337, littlefs #748: a power cut during a write left files empty or mixed."""
    rig = Rig(parameters={"cell_ov_mv": 3620})
    rig.session.parts.soc.set(420, 30)
    rig.session.parts.remembered.urgent = True
    rig.run(1)
    files = rig.files.files
    files["params.b"] = encode(0, {})  # an older copy, beside the one in force
    for torn in (b"", files[name][: len(files[name]) // 2], files[name][:-1] + b"?"):
        content = dict(files) | {name: torn}
        if name == "params.a":  # a copy in force is never written to: the torn one is the other
            content["params.b"] = files["params.a"]
        again = Rig(files=MemoryFiles(content))
        assert again.values["cell_ov_mv"] != 3620
        assert again.session.parts.settings.values["cell_ov_mv"] == 3620
        assert again.status()["soc_permille"] == pytest.approx(420, abs=2)


def test_the_wire_alone_changes_no_limit() -> None:
    """esphome-jk-bms #139, BMS_BLE-HA #86: whoever was in reach could switch and set."""
    rig = Rig()
    for method, arguments in (("unlock", ()), ("set", ("cell_ov_mv", "3750")), ("save", ())):
        answer = rig.rpc(method, *arguments)
        assert "message" in answer, method
    rig.run(1)
    assert rig.session.boots == 1
    assert rig.session.parts.settings.values["cell_ov_mv"] == 3700
