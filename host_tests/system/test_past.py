"""What the pack keeps of its past, as stories: codes, freeze frames, lifetime figures, and their files."""

import json
from itertools import pairwise
from typing import Any

import pytest
from bms.app import past
from bms.app.archive import CODES
from bms.core import dtc, faults, lifetime, reset
from bms.core.lifetime import Lifetime
from bms.services import wear
from bms.services.storage import encode
from packwarden.sim.board import MemoryFiles
from packwarden.sim.flash import SimulatedFlash
from system.rig import Rig
from system.test_log import GIVEN, cut, lock_out, logged, rig_on

OV = faults.index("CELL_OV")


def overload(rig: Rig, amps: float = 60) -> None:
    """A load that is far too large, until the pack opens and is whole again."""
    rig.world.load_a = amps
    rig.until(lambda: not rig.fets[1], 5)
    rig.world.load_a = 0
    rig.until(lambda: rig.fets == (True, True), 60, 0.1)


def code(rig: Rig, mnemonic: str) -> Any:
    """A row of `dtc`, None if it is not listed."""
    return next((row for row in rig.rpc("dtc") if row["mnemonic"] == mnemonic), None)


def written(rig: Rig) -> None:
    """Long enough for a frame and the codes to be on flash."""
    rig.run(15)


def test_a_trip_is_pending_three_are_confirmed() -> None:
    rig = Rig()
    assert rig.rpc("dtc") == []
    overload(rig)
    row = code(rig, "OCD2")
    assert (row["state"], row["code"], row["count"], row["failing"]) == ("pending", "P1A03", 1, False)
    assert row["text"] == "discharge current far too high"
    for _ in range(2):
        overload(rig)
    row = code(rig, "OCD2")
    assert (row["state"], row["count"]) == ("confirmed", 3)
    assert row["first_s"] < row["last_s"]


def test_a_fault_that_stands_fails_now() -> None:
    rig = Rig()
    rig.world.inject("thermistor_open", sensor=1)
    rig.until(lambda: "THERMISTOR_OPEN" in rig.faults, 5)
    rig.run(1)
    row = code(rig, "THERMISTOR_OPEN")
    assert row["failing"]
    assert row["status"] & dtc.FAILED


def test_the_freeze_frame_shows_the_seconds_before_and_after() -> None:
    rig = Rig()
    rig.run(20)
    rig.world.load_a = 5
    rig.run(6)
    overload(rig)
    written(rig)
    shown = rig.rpc("dtc.show", "OCD2")
    frame = shown["frame"]
    assert frame["codes"] == ["OCD2"]
    assert len(frame["cells_mv"]) == 4
    assert (frame["cause"], frame["params"]) == ("power", 1)
    assert shown["columns"][0] == "t_ms"
    samples = [dict(zip(shown["columns"], each, strict=True)) for each in shown["samples"]]
    times = [each["t_ms"] for each in samples]
    assert times == sorted(times)
    assert times[0] <= -10000
    assert 2700 < times[-1] < 3300
    trip = times.index(0)
    assert len(samples) - 1 - trip == 30
    before, after = samples[trip - 50 : trip - 6], samples[trip + 2 :]
    assert all(abs(each["current_ma"] + 5000) < 100 for each in before)
    assert all(each["fets"] == 3 and each["mode"] == "active" for each in before)
    assert min(each["current_ma"] for each in samples) < -59000
    assert all(each["fets"] == 1 and each["mode"] == "charge_only" for each in after)
    assert all(abs(each["current_ma"]) < 100 for each in after)


def test_the_ring_holds_what_the_pack_really_did() -> None:
    """Ten times a second, each record within a scan and a cycle of the truth."""
    rig = Rig()
    truth: list[tuple[float, float, float, float]] = []
    loads = (0, 8, 3, 15, 1, 11)

    def step() -> None:
        rig.run(0.01)
        world = rig.world
        volts = world.pack.volts
        truth.append((world.clock.now_us / 1e3, world.current_a * 1e3, min(volts) * 1e3, sum(volts) * 1e3))

    for n in range(1300):
        rig.world.load_a = loads[n // 70 % len(loads)]
        step()
    rig.world.load_a = 60
    while rig.fets[1]:
        step()
    ring = rig.session.parts.archive.ring
    while ring.left < 0:
        step()
    trip_ms = truth[-1][0]
    rig.world.load_a = 0
    for _ in range(350):
        step()
    written(rig)
    samples = rig.rpc("dtc.show", "OCD2")["samples"]
    assert len(samples) == 132
    steps = [b[0] - a[0] for a, b in pairwise(samples)]
    assert sum(90 <= each <= 110 for each in steps) >= len(steps) - 4, "an alert begins a cycle early"
    for t_ms, low, high, current, pack, *_ in samples:
        near = [each for each in truth if trip_ms + t_ms - 190 <= each[0] <= trip_ms + t_ms + 10]
        assert any(abs(current - each[1]) < 60 for each in near), t_ms
        assert any(abs(low - each[2]) < 8 and abs(pack - each[3]) < 25 for each in near), t_ms
        assert low <= high


def test_two_trips_at_once_are_in_one_frame() -> None:
    rig = Rig()
    rig.run(15)
    rig.world.inject("thermistor_open", sensor=1)
    rig.world.load_a = 60
    rig.run(3)
    rig.world.load_a = 0
    written(rig)
    frames = [rig.rpc("dtc.show", each)["frame"] for each in ("OCD2", "THERMISTOR_OPEN")]
    assert frames[0] == frames[1]
    assert sorted(frames[0]["codes"]) == ["OCD2", "THERMISTOR_OPEN"]


def test_a_confirmed_code_survives_power_cuts_and_ages_out_after_forty_clean_cycles() -> None:
    rig = Rig()
    lock_out(rig)
    written(rig)
    cut(rig)
    assert code(rig, "AFE_COMMS")["state"] == "confirmed"
    assert rig.rpc("reset", "soft")["accepted"]
    rig.closed(5)
    assert code(rig, "AFE_COMMS")["state"] == "confirmed", "a soft reset keeps what is confirmed"
    for _ in range(41):
        assert code(rig, "AFE_COMMS")
        cut(rig, 85)
    cut(rig)
    assert code(rig, "AFE_COMMS") is None
    assert rig.rpc("lifetime")["codes"] == {"AFE_COMMS": 1, "STALE": 1}
    assert rig.rpc("dtc.show", "AFE_COMMS")["ever"] == 1


def test_short_boots_age_nothing() -> None:
    rig = Rig()
    lock_out(rig)
    written(rig)
    for _ in range(50):
        cut(rig, 2)
    row = code(rig, "AFE_COMMS")
    assert (row["state"], row["clean_cycles"]) == ("confirmed", 0)


def test_a_soft_reset_clears_what_is_pending() -> None:
    rig = Rig()
    overload(rig)
    assert code(rig, "OCD2")["state"] == "pending"
    assert rig.rpc("reset", "soft")["accepted"]
    rig.run(1)
    assert rig.rpc("dtc") == []
    assert rig.rpc("lifetime")["counts"]["soft_resets"] == 1


def test_a_refused_reset_clears_nothing_and_is_counted_with_its_reason() -> None:
    rig = Rig()
    overload(rig)
    rig.world.load_a = 5
    rig.run(1)
    assert not rig.rpc("reset", "soft")["accepted"]
    assert code(rig, "OCD2")
    counts = rig.rpc("lifetime")["counts"]
    assert (counts["refused_not_isolated"], counts["soft_resets"]) == (1, 0)


def test_nothing_but_a_reset_clears_codes_at_the_console() -> None:
    rig = Rig()
    overload(rig)
    for line in ("dtc clear", "dtc clear OCD2", "dtc show", "dtc.clear"):
        assert "say 'dtc'" in rig.type(line) or "is not a command" in rig.type(line), line
    assert code(rig, "OCD2")


def test_the_table_and_a_code_fit_the_screen() -> None:
    rig = Rig()
    assert "no codes are stored" in rig.type("dtc")
    rig.run(12)
    overload(rig)
    rig.world.inject("thermistor_short", sensor=1)
    written(rig)
    screen = rig.type("dtc") + rig.type("dtc show 1", 3) + rig.type("dtc show thermistor_short", 3)
    screen += rig.type("history life", 2) + rig.type("lifetime", 2) + rig.type("help", 2)
    assert max(len(line) for line in screen.splitlines()) < 80
    assert "P1A03 OCD2" in screen
    assert "THERMISTOR_SHORT" in screen
    assert "Switch the load off" in screen
    assert screen.count("Frame     after") == 2
    assert screen.count("full cycles") == 2


@pytest.mark.parametrize("asked", ["0", "99", "NOPE", "P0000"])
def test_a_code_that_is_none_is_refused(asked: str) -> None:
    assert "is no trouble code" in Rig().rpc("dtc.show", asked)["message"]


def test_the_log_is_shown_in_two_forms() -> None:
    rig = rig_on(MemoryFiles())
    rig.run(2)
    assert rig.rpc("log", "tail", 2) == rig.rpc("log", 2)
    assert "mode: selftest -> active" in rig.type("log tail 1")
    lines = [line for line in rig.type("log export").splitlines() if line.startswith("{")]
    assert [json.loads(line) for line in lines] == rig.rpc("log", "export")
    assert "say 'log tail 50'" in rig.type("log export 3")


def test_a_life_is_counted() -> None:
    rig = Rig()
    rig.world.load_a = 10
    rig.run(360)
    rig.world.load_a = 0
    rig.world.charger = (14.0, 5)
    rig.run(360)
    rig.world.charger = None
    life = rig.rpc("lifetime")
    assert life["discharged_mah"] == pytest.approx(1000, abs=15)
    assert life["charged_mah"] == pytest.approx(500, abs=15)
    assert life["full_cycles_permille"] == life["discharged_mah"] * 1000 // 20000
    assert sum(life["temp_s"]) == pytest.approx(720, abs=6)
    assert life["extremes"]["discharge_ma"]["value"] == pytest.approx(10000, abs=100)
    assert life["extremes"]["cell_min_mv"]["cell"] in (1, 2, 3, 4)
    assert life["counts"]["boots_power"] == 1


def test_a_power_cut_loses_a_minute_of_counting_at_most() -> None:
    rig = Rig()
    rig.world.load_a = 10
    lost = []
    for seconds in (130, 95, 61, 59.5, 20):
        rig.run(seconds)
        before = rig.rpc("lifetime")
        cut(rig, 2)
        after = rig.rpc("lifetime")
        lost.append(before["discharged_mah"] - after["discharged_mah"])
        assert before["operating_s"] - after["operating_s"] <= 61
        assert after["counts"]["boots_power"] == before["counts"]["boots_power"] + 1
        assert rig.status()["soc_permille"] > 0
    assert max(lost) <= 10000 * 61 // 3600, lost


def test_boots_are_counted_by_their_cause() -> None:
    rig = Rig()
    rig.rpc("reboot")
    rig.run(5)
    cut(rig, 2)
    rig.world.firmware_hung = True
    rig.run(12)
    counts = rig.rpc("lifetime")["counts"]
    assert [counts[f"boots_{each}"] for each in ("power", "watchdog", "request")] == [2, 1, 1]


def test_the_minutes_record_costs_no_sector_of_its_own() -> None:
    """Twenty years of a pack of 16 cells and 300 Ah."""
    life = Lifetime(16)
    for k in range(len(life.temps_s)):
        life.temps_s[k] = life.charges_s[k] = 7305 * 86400 // 7
    for k in range(4):
        life.ah[k] = 300 * 2 * 7305
    for k in range(len(life.counts)):
        life.counts[k] = 9999
    for k in range(16):
        life.bled_c[k] = 999_999
    fields = life.to_keep()
    fields["t"] = 7305 * 86400
    fields["soc"] = [1000, 300]
    assert len(encode(1, fields)) <= wear.INLINE


def survivors(rig: Rig, act: Any) -> list[tuple[SimulatedFlash, int]]:
    """What each power cut during `act` would leave, and how many confirmed codes had been saved by then."""
    found: list[tuple[SimulatedFlash, int]] = []
    archive = rig.session.parts.archive
    saved = [0]
    save = archive._save

    def noting(which: int, now_s: int) -> None:
        codes = sum(1 for each in archive.codes.status if each & dtc.CONFIRMED)
        save(which, now_s)
        if which == CODES:
            saved[0] = codes

    def watch(flash: SimulatedFlash, _kind: str) -> None:
        found.extend((flash.survivor(way), saved[0]) for way in range(flash.ways()))

    archive._save = noting
    rig.board.files.watch = watch  # type: ignore[attr-defined]
    act()
    rig.board.files.watch = None  # type: ignore[attr-defined]
    return found


def test_a_power_cut_at_every_write_leaves_the_codes_and_a_pack_that_starts() -> None:
    rig = rig_on(SimulatedFlash())
    rig.run(12)

    def act() -> None:
        for _ in range(3):
            overload(rig)
        written(rig)
        lock_out(rig)
        written(rig)

    cuts = survivors(rig, act)
    assert len(cuts) > 60
    assert {codes for _, codes in cuts} == {0, 1, 2}
    whole = torn = 0
    for flash, codes in cuts:
        again = Rig(files=flash, boot=False)  # type: ignore[arg-type]
        again.run(3)
        listed = again.rpc("dtc.list")
        assert len([row for row in listed if row["state"] == "confirmed"]) >= codes
        told = [each for each in again.events("storage") if "'care'" not in each]
        assert all("freeze frame is lost" in each for each in told), told
        torn += bool(told)
        for row in listed:
            if row["frame"]:
                shown = again.rpc("dtc.show", row["mnemonic"])
                assert len(shown["samples"]) == 132
                whole += 1
    assert whole > 10
    assert torn > 1


def files_of(rig: Rig) -> dict[str, bytes]:
    return rig.files.files


@pytest.mark.parametrize("name", ["codes", "charge", "history"])
def test_a_lost_record_is_told_and_the_pack_goes_on(name: str) -> None:
    rig = rig_on(MemoryFiles())
    lock_out(rig)
    written(rig)
    rig.rpc("reset", "soft")
    rig.run(90)
    for each in list(files_of(rig)):
        if each.startswith(name):
            files_of(rig)[each] = b"\xff" * 100
    cut(rig)
    assert any(f"'{name}' is lost" in each for each in rig.events("storage"))
    assert rig.fets == (True, True)
    assert (code(rig, "AFE_COMMS") is None) == (name == "codes")
    cut(rig)
    assert not any("is lost" in each for each in rig.events("storage")), "both copies are whole again"


def test_one_damaged_copy_loses_nothing_and_is_mended() -> None:
    rig = rig_on(MemoryFiles())
    lock_out(rig)
    written(rig)
    rig.rpc("reset", "soft")
    rig.run(30)
    cut(rig)
    newest = max(
        (files_of(rig)[f"codes.{slot}"][4:8], slot) for slot in "ab" if f"codes.{slot}" in files_of(rig)
    )
    older = "a" if newest[1] == "b" else "b"
    files_of(rig)[f"codes.{older}"] = b"PWR"
    cut(rig)
    assert any("taken from its other copy" in each for each in rig.events("storage"))
    assert code(rig, "AFE_COMMS")
    cut(rig)
    assert not any("copy" in each for each in rig.events("storage"))


def test_a_file_system_made_anew_is_said_and_leaves_the_path_open() -> None:
    """The rp2 port formats when a mount fails: parameters, lockouts and history are gone with it."""
    rig = rig_on(SimulatedFlash())
    lock_out(rig)
    written(rig)
    rig.board.files = SimulatedFlash()
    cut(rig)
    assert rig.fets == (False, False)
    assert "PARAMS_INVALID" in rig.faults
    assert any("file system was made anew" in each for each in rig.events("storage"))
    assert code(rig, "PARAMS_INVALID")["failing"]
    assert rig.rpc("lifetime")["discharged_mah"] == 0


def test_a_file_system_made_anew_under_the_running_firmware_is_filled_again() -> None:
    rig = rig_on(SimulatedFlash())
    rig.run(70)
    rig.board.files.files.clear()
    overload(rig)
    rig.run(70)
    for name in ("charge", "codes", "frame", "log"):
        assert any(each.startswith(name) for each in rig.board.files.names()), name
    assert code(rig, "OCD2")


@pytest.mark.parametrize("fault", ["full", "read_only"])
def test_a_flash_that_takes_nothing_keeps_codes_in_memory_and_writes_them_later(fault: str) -> None:
    flash = SimulatedFlash()
    rig = rig_on(flash)
    setattr(flash, fault, True)
    lock_out(rig)
    written(rig)
    assert code(rig, "AFE_COMMS")["state"] == "confirmed"
    assert any("could not be written" in each for each in rig.events("storage"))
    setattr(flash, fault, False)
    rig.run(130)
    cut(rig)
    assert code(rig, "AFE_COMMS")["state"] == "confirmed"


def test_supply_that_fails_has_everything_written_at_once() -> None:
    rig = rig_on(MemoryFiles())
    rig.run(65)
    rig.world.load_a = 10
    rig.run(30)
    rig.world.load_a = 0
    before = rig.rpc("lifetime")["discharged_mah"]
    assert before > 70
    rig.world.aux_v = 9.0
    rig.until(lambda: "AUX_LOW" in rig.faults, 15)
    rig.run(1)
    cut(rig, 2)
    assert rig.rpc("lifetime")["discharged_mah"] >= before


def test_a_chatter_of_trips_stays_within_the_budget() -> None:
    """A day of a trip every ten seconds."""
    writes = 0

    class Counting(MemoryFiles):
        def write(self, name: str, content: bytes) -> None:
            nonlocal writes
            writes += name.startswith(("codes", "frame"))
            super().write(name, content)

    rig = Rig(files=Counting({"params.a": encode(1, GIVEN)}))
    archive = rig.session.parts.archive
    for now_s in range(10, 86400, 10):
        archive.fault(OV, 0, 3700, now_s)
        for _ in range(4):
            archive.step(now_s, True)
        archive.ring.stop()
        archive.fault(OV, 2, 3500, now_s)
        archive.step(now_s + 5, True)
    allowed = {row[wear.NAME]: row[wear.PER_DAY] for row in wear.ROWS}
    assert writes <= allowed["codes"] + allowed["frames"] + 10
    assert writes > 40


def test_the_journal_tells_it_too() -> None:
    rig = rig_on(MemoryFiles())
    overload(rig)
    assert any(each.startswith("OCD2 P1A03") for each in logged(rig, "fault"))


def test_every_counter_and_every_extreme_has_a_name() -> None:
    assert len(past.COUNTS) == lifetime.KINDS == lifetime.RESETS + len(reset.REASONS)
    assert past.COUNTS[lifetime.RESETS] == "soft_resets"
    assert past.COUNTS[lifetime.BOOT_WATCHDOG] == "boots_watchdog"
    assert len(past.EXTREMES) == lifetime.EXTREMES == len(lifetime._SOURCES)
    lowest = [name for k, name in enumerate(past.EXTREMES) if lifetime._LOWEST >> k & 1]
    assert lowest == [name for name in past.EXTREMES if "_min_" in name]
