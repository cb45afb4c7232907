"""What the doctor notes while the pack runs, and what it says when it is asked."""

from typing import Any

from bms.core import service
from system.rig import Rig


def causes(rig: Rig) -> dict[str, Any]:
    return {row["cause"]: row for row in rig.rpc("diagnose")}


def charged_to_the_top(believed_permille: int, sigma_permille: int) -> Rig:
    """A pack that is nearly full, whatever it believes, and a charger until it tapers off."""
    rig = Rig("nmc", soc=0.99)
    rig.session.parts.soc.set(believed_permille, sigma_permille)
    rig.world.charger = (4 * 4.2, 5.0)
    rig.until(lambda: rig.session.parts.soc.anchors > 0, 1800, 1)
    return rig


def test_a_charge_that_was_believed_and_wrong_is_called_drift() -> None:
    rig = charged_to_the_top(800, 5)
    row = causes(rig)["drift"]
    assert row["figure"] > 100
    assert row["unit"] == "permille"


def test_a_charge_that_was_said_to_be_unsure_is_not() -> None:
    rig = charged_to_the_top(800, 250)
    assert "drift" not in causes(rig)
    assert causes(charged_to_the_top(985, 15)) == {}


def test_a_capacity_that_shrinks_within_the_year_asks_for_service() -> None:
    rig = Rig()
    parts = rig.session.parts
    for share, needed in ((1.0, 0), (0.95, 0), (0.88, service.AGED)):
        parts.soc.use_capacity(share)
        parts.health.capacity.swings += 1
        rig.run(2)
        assert parts.doctor.service.needed == needed
    assert any("more than 10 % of the capacity" in each for each in rig.rpc("service")["reasons"])
    rig.run(70)
    again = Rig(files=rig.files)
    assert again.session.parts.doctor.service.needed == service.AGED, "it is remembered"
