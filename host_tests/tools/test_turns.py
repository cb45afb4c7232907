"""The table of the rota's turns on the chip; measuring them is the bench's business."""

import ast

from bms.app import rota
from packwarden.emulated import turns
from rich.console import Console


def test_there_is_a_name_for_each_turn_of_the_rota_and_the_script_plays_them_all() -> None:
    assert len(turns.NAMES) == rota._TURNS
    script = ast.parse(turns.SCRIPT.read_text())
    played = next(
        ast.literal_eval(node.value)
        for node in script.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "TURNS"
    )
    assert played == rota._TURNS


def test_a_turn_that_takes_too_long_on_a_real_chip_is_over() -> None:
    console = Console(width=80, record=True)
    measured = [turns.Turn(1000, 3800, "calm"), turns.Turn(1000, 3900, "full")]
    measured += [turns.Turn(100, 200, "calm")] * (len(turns.NAMES) - 2)
    console.print(turns.table(measured, 1.3))
    rows = [line for line in console.export_text().splitlines() if "calm" in line or "full" in line]
    assert "4.94" in rows[0]
    assert "holds" in rows[0]
    assert "5.07" in rows[1]
    assert "OVER" in rows[1]
