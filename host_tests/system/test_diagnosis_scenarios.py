"""What owners meet, each told from the other on the running pack: one test for each line of the list.

Elsewhere: a reset that is refused while charging and driving, at 9.9 s and at 16 s (`test_soft_reset`), the
fourth in a day (there), codes that come back, three chargers refused, a weak supply, a loose terminal
(`test_resets`), an aged pack (`test_doctor`), a charge that a reset cures (`test_settling`).
"""

import random
from typing import Any

import pytest
from bms.core import evidence as e
from bms.core import faults, protection
from system.rig import Rig


def causes(rig: Rig) -> dict[str, Any]:
    return {row["cause"]: row for row in rig.rpc("diagnose")}


def unlocked(rig: Rig) -> Rig:
    rig.session.parts.access._until_s = rig.session.parts.reporter.operating_s + 600
    return rig


def cut(rig: Rig, seconds: float = 5) -> None:
    rig.world.powered = False
    rig.run(seconds)
    rig.world.powered = True
    rig.run(8)


def test_each_cause_has_confidence_evidence_and_advice() -> None:
    rig = Rig()
    counted = rig.session.parts.doctor.evidence
    for what, count in ((e.CHARGES_ENDED, 3), (e.COLD_S, 2700)):
        for _ in range(count):
            counted.add(what)
    cold, charger = rig.rpc("diagnose")
    assert (charger["cause"], charger["confidence"]) == ("charger", 0.5), "just enough"
    assert (cold["cause"], cold["confidence"]) == ("cold", 0.9), "nine times as much comes first"
    assert charger["evidence"] == "3 times; 3 are enough"
    assert cold["advice"].startswith("Less range")
    screen = rig.type("diagnose")
    assert "1. the pack was cold while it was used (2700 s; 300 are enough)" in screen
    assert max(len(line) for line in (screen + Rig().type("diagnose")).splitlines()) < 80


def test_an_inaccurate_reading_that_a_reset_must_not_pretend_to_cure() -> None:
    """LFP half way, in use: its voltage says nothing, and neither does the reset."""
    rig = Rig("lfp", soc=0.5)
    rig.session.parts.soc.set(800, 10)
    rig.run(1)
    rig.world.load_a = 4
    rig.run(20)
    rig.world.load_a = 0
    rig.run(5)
    before = rig.status()["soc_permille"]
    assert rig.rpc("reset", "soft")["accepted"] is True
    rig.run(30)
    status = rig.status()
    assert abs(status["soc_permille"] - before) <= 30, "it does not invent another one"
    assert status["soc_settling"] is True
    assert status["soc_sigma_permille"] >= 140, "and says that it may be far off"
    assert "settling" in rig.type("status")


@pytest.mark.parametrize("level", ["soft", "hard", "relearn"])
def test_a_code_that_no_reset_clears(level: str) -> None:
    rig = unlocked(Rig())
    p = rig.session.parts
    p.protect.resume(faults.index("CELL_DEAD"), protection.PERMANENT, 0, p.hal.ticks_ms())
    p.remembered.urgent = True
    rig.run(2)
    assert rig.rpc("reset", level) == {
        "accepted": False,
        "reason": "refused: a permanent fault stands; the pack needs service",
    }
    cut(rig)
    assert "CELL_DEAD" in rig.faults
    assert rig.status()["service_needed"] is True
    assert causes(rig)["permanent"]["advice"].startswith("It needs service")


def test_a_reset_while_hot() -> None:
    """PW-133: what tripped is still there; it goes when the pack has cooled, and no reset is needed."""
    rig = Rig("nmc", parameters={"temp_rise_ddegc": 600})
    rig.warm(72)
    rig.until(lambda: rig.fets == (False, False), 20)
    rig.world.press(10.5)
    rig.run(13)
    assert rig.events("reset soft") == ["button: refused: what tripped is still present; 'faults' names it"]
    rig.warm(25)
    rig.closed(30)
    assert rig.session.parts.remembered.resets == 0


def test_a_reset_after_a_collision() -> None:
    """PW-133, PW-023: the first thing that is said is the impact, also after a power cut, at any level."""
    rig = Rig()
    rig.world.inject("impact")
    rig.run(1)
    rig.world.clear("impact")
    rig.world.press(10.5)
    rig.run(13)
    cut(rig)
    unlocked(rig)
    for level in ("soft", "hard", "relearn"):
        answer = rig.rpc("reset", level)
        assert answer == {
            "accepted": False, "reason": "refused: an impact is on record; have the pack inspected"
        }  # fmt: skip
    assert rig.fets == (False, False)
    assert "P1A0E" in [row["code"] for row in rig.rpc("dtc")]
    assert rig.rpc("service")["reasons"] == ["a permanent fault stands"]


@pytest.mark.parametrize("seed", range(3))
def test_a_wet_button_resets_nothing(seed: int) -> None:
    """PW-140: contact and none, as the water runs; then for good, which is called stuck."""
    chance = random.Random(seed)
    rig = Rig()
    for _ in range(400):
        rig.world.button = chance.random() < 0.6
        rig.run(chance.uniform(0.005, 0.3))
    rig.world.button = True
    rig.run(31)
    assert "BUTTON_STUCK" in rig.faults
    rig.world.button = False
    rig.run(2)
    memory = rig.session.parts.remembered
    assert (memory.resets, memory.refusals) == (0, 0)
    assert rig.mode == "active"


def test_a_pack_left_at_two_percent_for_a_month() -> None:
    """It sleeps without its controller; what the cells have lost meanwhile is there when somebody comes."""
    rig = Rig("nmc", soc=0.02)
    rig.run(30)
    rig.world.powered = False
    rig.run(1)
    pack = rig.world.pack
    pack.set_soc([0.001] * pack.cells)  # 2 % a month by themselves, and what the front end draws
    rig.world.powered = True
    rig.run(10)
    assert (rig.mode, rig.fets) == ("charge_only", (True, False))
    assert "CELL_UV" in rig.faults
    assert rig.status()["soc_permille"] < 60
    answer = rig.rpc("reset", "soft")
    assert (answer["accepted"], "still present" in answer["reason"]) == (False, True)
    assert rig.rpc("service")["service_needed"] is False, "empty is not broken"
    rig.world.charger = (16.4, 5)
    rig.until(lambda: rig.mode == "active", 900, 5)
    assert rig.rpc("lifetime")["counts"]["deep_discharges"] >= 1, "but it is remembered"


def test_a_charger_that_sags() -> None:
    """Three charges that end by themselves with room in the pack: that is the charger, not us."""
    rig = Rig("nmc", soc=0.5)
    for _ in range(3):
        rig.world.charger = (16.4, 5)
        rig.run(65)
        rig.world.charger = (14.0, 5)  # its mains dips: below what the pack has, nothing flows
        rig.run(5)
        rig.world.charger = None
        rig.run(5)
    found = rig.rpc("diagnose")
    assert [row["cause"] for row in found] == ["charger"]
    assert (found[0]["figure"], found[0]["cell"]) == (3, None)
    assert "before you blame the BMS" in found[0]["advice"]
    assert rig.rpc("dtc") == []
    assert rig.rpc("service")["service_needed"] is False


def test_a_cold_morning() -> None:
    """Current is taken away, and the pack says why; warm again it has all of it back."""
    rig = Rig("nmc", soc=0.6, parameters={"temp_rise_ddegc": 600})
    rig.run(60)
    warm_ma = rig.status()["discharge_limit_ma"]
    rig.warm(-14)
    rig.world.load_a = 3
    rig.run(310)
    status = rig.status()
    assert status["discharge_limit_ma"] < warm_ma * 0.9
    assert status["charge_limit_ma"] == 0
    found = causes(rig)
    assert set(found) == {"cold"}
    assert found["cold"]["advice"].startswith("Less range and slow charging are normal")
    rig.warm(25)
    rig.run(60)
    assert rig.status()["discharge_limit_ma"] == pytest.approx(warm_ma, rel=0.1)
    assert rig.rpc("service")["service_needed"] is False


def test_a_hot_afternoon() -> None:
    rig = Rig("nmc", soc=0.6, parameters={"temp_rise_ddegc": 600})
    rig.run(60)
    cool_ma = rig.status()["charge_limit_ma"]
    rig.warm(42)
    rig.world.load_a = 3
    rig.run(310)
    assert rig.status()["charge_limit_ma"] < cool_ma
    found = causes(rig)
    assert set(found) == {"hot"}
    assert "let it cool" in found["hot"]["advice"]
    assert rig.faults == ["OTC_WARN"], "which opens nothing"
    assert rig.fets == (True, True)


def test_evidence_of_a_trip_outlives_a_power_cut_right_after_it() -> None:
    """Whoever sees a pack go dark pulls the plug: what the next start can tell must be on flash by then."""
    rig = Rig(cells=8)
    rig.world.load_a = 15
    rig.run(3)
    rig.world.inject("contact_resistance", cell=7, ohm=0.07)
    rig.run(3)
    rig.world.clear("contact_resistance")
    rig.world.load_a = 0
    rig.run(5)
    cut(rig)
    assert [(row["cause"], row["cell"]) for row in rig.rpc("diagnose")] == [("joint", 7)]


def test_twelve_percent_in_ten_months() -> None:
    """A pack that ages so fast needs service, says by how much, and no reset makes it younger."""
    rig = Rig()
    parts = rig.session.parts
    for share, months in ((1.0, 0), (0.94, 5), (0.88, 10)):
        parts.remembered.base_s = 1000 + months * 30 * 86400
        parts.health.capacity.take(share, 0.01, parts.health.capacity.swings + 1)
        parts.health.capacity.share = share
        parts.soc.use_capacity(share)
        rig.run(2)
    assert rig.rpc("service")["reasons"] == ["more than 10 % of the capacity lost within a year"]
    aged = causes(rig)["aged"]
    assert aged["figure"] == pytest.approx(120, abs=15)
    assert "no reset cures" in aged["advice"]
    assert rig.rpc("reset", "soft")["accepted"] is True
    rig.run(3)
    assert rig.rpc("service")["service_needed"] is True
    assert "aged" in causes(rig)
