"""Packs what is handed to `bms.core.rows.Rows` before the firmware is compiled, as a chip else would itself.

The tuples of a table would take more of a chip's memory while they are loaded than the table does afterwards.
"""

import ast

from bms.core.packing import pack

from packwarden.compiler.edits import edited, starts

_TAKES = "Rows"


def packed(source: str) -> str:
    """The same module, with each `Rows((...))` of plain values made from bytes; lines stay where they are."""
    if _TAKES not in source:
        return source
    lines = starts(source)
    edits: list[tuple[int, int, str]] = []
    for node in ast.walk(ast.parse(source)):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == _TAKES):
            continue
        table = node.args[0]
        if not isinstance(table, ast.Tuple):
            continue
        rows = eval(compile(ast.Expression(table), "table", "eval"), {"__builtins__": {}})
        packed = pack(rows)
        start = lines[table.lineno - 1] + table.col_offset
        end = lines[(table.end_lineno or 0) - 1] + (table.end_col_offset or 0)
        padding = "\n" * source.count("\n", start, end)
        edits.append((start, end, f"(), {packed!r}{padding}"))
    return edited(source, edits)
