"""What an owner sees of the charge after a reset: how unsure, for how long, and never a jump."""

import pytest
from bms.core.shown import PER_MIN, SETTLE_MIN
from bms.services.storage import encode
from packwarden.sim.board import MemoryFiles
from system.rig import Rig

MOST = 2  # permille a second: 5 % a minute is 0.83, and a count may round


def believed(permille: int, **more: object) -> Rig:
    """A pack whose flash remembers another charge than it has."""
    rig = Rig(boot=False, **more)
    state = {"soc": [permille, 10], "operating_s": 5000}
    rig.files.files["state.a"] = encode(1, state)
    rig.run(3)
    return rig


def watch(rig: Rig, seconds: int) -> list[int]:
    """The charge as it is shown, second by second."""
    seen = []
    for _ in range(seconds):
        rig.run(1)
        seen.append(rig.status()["soc_permille"])
    return seen


def steps(seen: list[int]) -> list[int]:
    return [abs(seen[k + 1] - seen[k]) for k in range(len(seen) - 1)]


@pytest.mark.parametrize(("told", "soc"), [(300, 0.6), (900, 0.5)])
def test_a_wrong_charge_is_walked_to_the_right_one(told: int, soc: float) -> None:
    """The reset of a rested pack believes its voltage at once; what is shown follows at 5 % a minute."""
    rig = believed(told, chemistry="nmc", soc=soc)
    rig.session.parts.soc.rest.relaxed = True
    rig.run(10)
    rig.rpc("reset", "soft")
    truth = round(1000 * soc)
    assert abs(rig.session.parts.soc.permille - truth) <= 40
    seen = watch(rig, abs(told - truth) * 60 // PER_MIN + 30)
    assert max(steps(seen)) <= MOST
    assert abs(seen[60] - told) == pytest.approx(PER_MIN, abs=8)
    assert seen[-1] == pytest.approx(truth, abs=40)


def test_a_correction_shows_as_settling_with_the_minutes_left_and_ends() -> None:
    rig = Rig("nmc", soc=0.6)
    rig.run(5)
    before = rig.status()["soc_permille"]
    soc = rig.session.parts.soc
    soc.set(before - 300, 10)
    rig.run(1)
    status = rig.status()
    assert abs(status["soc_permille"] - before) <= MOST
    assert status["soc_settling"] is True
    assert status["soc_settling_left_min"] in (6, 7)
    assert status["soc_sigma_permille"] >= 290, "it says how far it may be off"
    assert "settling, about " in rig.type("status")
    minutes = []
    for _ in range(5):
        rig.run(60)
        minutes.append(rig.status()["soc_settling_left_min"])
    assert minutes == [5, 4, 3, 2, 1]


def test_a_reset_in_use_shows_twenty_minutes_and_they_shrink_with_evidence() -> None:
    rig = Rig("nmc", soc=0.6, sensors={"voltage_noise_mv": 1.0})
    rig.rpc("reset", "soft")
    rig.run(2)
    status = rig.status()
    assert status["soc_settling"] is True
    assert 1 <= status["soc_settling_left_min"] <= SETTLE_MIN
    first = status["soc_settling_left_min"]
    rig.run(2)
    rig.world.load_a = 4
    seen, left = [], []
    for _ in range(SETTLE_MIN * 2):
        seen += watch(rig, 30)
        left.append(rig.status()["soc_settling_left_min"])
    assert max(steps(seen)) <= MOST
    assert left[-1] < first
    assert rig.status()["soc_settling"] is False
    assert rig.status()["soc_sigma_permille"] < 80
    assert abs(rig.status()["soc_permille"] - 1000 * rig.world.true_soc()) < 60


def test_seen_full_it_walks_up_and_never_leaps() -> None:
    rig = believed(500, chemistry="nmc", soc=0.97, capacity_ah=5.0)
    rig.world.charger = (16.75, 2.5)
    seen: list[int] = []
    while not rig.session.parts.soc.anchors and len(seen) < 7200:
        seen += watch(rig, 10)
    assert rig.session.parts.soc.anchors
    seen += watch(rig, 700)
    assert max(steps(seen)) <= MOST
    assert seen[-1] >= 995


def test_the_record_tells_both_what_is_believed_and_what_the_console_shows() -> None:
    from packwarden.recorder import read  # noqa: PLC0415 - only here

    rig = Rig("nmc", soc=0.6)
    rig.session.parts.soc.set(300, 10)
    rig.run(1)
    for _ in range(20):
        rig.run(1)
        assert read(rig.session, "shown_permille") == rig.status()["soc_permille"]
        assert read(rig.session, "soc_permille") == rig.session.parts.soc.permille
        assert read(rig.session, "soc_sigma_permille") == rig.session.parts.soc.sigma_permille
    told = rig.rpc("soc")
    assert told["believed_permille"] < told["soc_permille"], "who wants to know what is believed can ask"


def test_a_start_without_memory_shows_what_is_seen_at_once() -> None:
    rig = Rig("nmc", soc=0.6, files=None)
    assert isinstance(rig.files, MemoryFiles)
    assert abs(rig.status()["soc_permille"] - 600) < 60
