"""Sentences on flash: each fault has its line, pieces make no difference, and what is missing says so."""

from bms.core import faults
from bms.services import texts


class File:
    """A file that gives so many bytes at a time."""

    def __init__(self, content: bytes, step: int) -> None:
        self.content = content
        self.step = step
        self.at = 0
        self.taken = 0

    def read(self, most: int) -> bytes:
        piece = self.content[self.at : self.at + min(self.step, most)]
        self.at += len(piece)
        self.taken += len(piece)
        return piece

    def tell(self) -> int:
        return self.at

    def seek(self, at: int) -> None:
        self.at = at


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


def test_who_asks_for_all_lines_in_their_order_reads_the_file_once() -> None:
    lines = [b"LINE%d|what %d" % (i, i) for i in range(200)]
    content = b"# head\n" + b"\n".join(lines) + b"\n"
    file = File(content, 512)
    reads = 0
    for i in range(200):
        file.taken = 0
        assert texts._looked_up(file, "some table", b"\nLINE%d|" % i) == lines[i]
        reads = max(reads, file.taken)
    assert reads <= 2 * 512
    first = File(content, 512)
    assert texts._looked_up(first, "some table", b"\nLINE0|") == lines[0], "and what is further up is found"
    assert texts._looked_up(File(content, 512), "some table", b"\nLINE|") == b""
    other = File(b"A|of another table\n", 512)
    assert texts._looked_up(other, "another", b"\nA|") == b"A|of another table"
