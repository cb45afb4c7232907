"""Writes what is made from the board files: `python -m packwarden.wiring` (`make wiring`), or only checks it.

For each board: wiring.svg, package.json, and the table of pins in its README, between the two marks there.
With --check nothing is written; exit status 1 and a sentence for everything that is wrong or not current.
"""

import sys
from pathlib import Path

from packwarden.boards import FOLDER
from packwarden.errors import InputError
from packwarden.wiring import check, drawing, package, page, roles
from packwarden.wiring.roles import Board


def made(board: Board) -> dict[Path, str]:
    """What belongs into a board's folder, by file."""
    readme = board.folder / "README.md"
    return {
        board.folder / "wiring.svg": drawing.svg(board),
        board.folder / "package.json": package.text(board),
        readme: page.with_table(readme.read_text() if readme.exists() else "", board),
    }


def findings(folder: Path, write: bool) -> list[str]:
    """A sentence for everything that is wrong; what is only out of date is written if asked."""
    found: list[str] = []
    for file in sorted(folder.glob("*/board.py")):
        try:
            board = roles.of_folder(file.parent)
        except InputError as error:
            found.append(str(error))
            continue
        wrong = check.problems(board)
        if wrong:
            found += [f"{board.name}: {sentence}." for sentence in wrong]
            continue
        for target, content in made(board).items():
            if target.exists() and target.read_text() == content:
                continue
            if write:
                target.write_text(content)
            else:
                found.append(f"{board.name}: {target.name} is not current: `make wiring` writes it.")
    return found


def main(arguments: list[str]) -> int:
    found = findings(FOLDER, "--check" not in arguments)
    print("\n".join(found) or "boards: pins are legal, drawings and packages current")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
