"""A file of parameters for a board that is being flashed, judged as `packwarden config check` does."""

from pathlib import Path
from typing import Any

from packwarden.config import form, lint
from packwarden.errors import InputError


def load(file: Path, afe: str) -> dict[str, Any]:
    """What the file says for a board with this AFE; whole or not at all."""
    draft = form.load(file)
    verdict = lint.judge(draft, afe)
    if verdict.errors:
        raise InputError("\n".join(verdict.lines(file.name)))
    return form.canonical(draft.values)
