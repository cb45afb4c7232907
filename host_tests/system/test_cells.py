"""The `cells` command: every cell on a line of a plain terminal, by voltage, by charge, and being bled."""

from typing import Any

from bms.app import views
from system.rig import Rig


def row(cell: int, mv: int, low_mv: int, charge: float | None, bleeding: bool = False) -> dict[str, Any]:
    return {
        "cell": cell,
        "mv": mv,
        "above_lowest_mv": mv - low_mv,
        "charge_permille": charge,
        "bleeding": bleeding,
    }


def test_the_widest_line_fits_and_what_is_not_known_is_said() -> None:
    lines = list(
        views.cells([row(1, 3300, 3300, -250.0), row(16, 4300, 3300, 123.4, True), row(3, 3350, 3300, None)])
    )
    assert all(len(line) < 80 for line in lines)
    assert "########|........ -25.0 %" in lines[1]
    assert "##################" in lines[2]
    assert lines[2].endswith("........|######## +12.3 %  bleeding")
    assert lines[3].endswith("not known yet")
    assert list(views.cells([])) == ["no readings yet"]


def test_a_pack_shows_its_charge_against_the_others_once_it_was_seen() -> None:
    rig = Rig("nmc", soc=0.5)
    assert {each["charge_permille"] for each in rig.rpc("cells")} == {None}
    rig.session.parts.health.spread.off[2] = 8.0
    for k in range(4):
        rig.session.parts.health.spread.var[k] = 9.0
    assert rig.rpc("cells")[2]["charge_permille"] == 8.0
    assert "|##......" in rig.type("cells")
