"""Sentences on flash: each fault has its line, pieces make no difference, and what is missing says so."""

from bms.core import faults
from bms.services import texts


class File:
    """A file that gives so many bytes at a time."""

    def __init__(self, content: bytes, step: int) -> None:
        self.content = content
        self.step = step
        self.at = 0

    def read(self, most: int) -> bytes:
        piece = self.content[self.at : self.at + min(self.step, most)]
        self.at += len(piece)
        return piece


def test_every_fault_has_its_line_and_no_line_is_idle() -> None:
    for row in faults.ROWS:
        assert len(texts.find("faults", row[faults.MNEMONIC])) == 2, row[faults.MNEMONIC]
    assert texts.field("faults", "CELL_OV") == "a cell is charged too high"
    assert texts.field("faults", "CELL_OV", 1) == "Lower the charger's voltage; let balancing finish."


def test_what_is_missing_is_said() -> None:
    assert texts.find("faults", "CELL_") == []
    assert texts.find("nothing", "CELL_OV") == []
    assert texts.field("nothing", "CELL_OV") == texts.MISSING
    assert texts.field("faults", "CELL_OV", 2) == texts.MISSING
    assert "bms/texts" in texts.MISSING


def test_a_line_is_found_wherever_the_pieces_end() -> None:
    content = b"# head\nONE|1|a\nTWO|22|bb\nTWENTY|20|c"
    for step in range(1, len(content) + 1):
        for key, line in ((b"ONE", b"ONE|1|a"), (b"TWO", b"TWO|22|bb"), (b"TWENTY", b"TWENTY|20|c")):
            assert texts._line(File(content, step), b"\n" + key + b"|") == line, (step, key)
        assert texts._line(File(content, step), b"\nTHREE|") == b""
