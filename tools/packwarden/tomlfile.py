"""Reads a TOML file that a user wrote and holds it against a model; what is wrong becomes a sentence."""

import tomllib
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from packwarden import inputfiles
from packwarden.errors import InputError, sentences

_LARGEST = 4_000_000  # bytes; a file by hand has thousands

Model = TypeVar("Model", bound=BaseModel)


def load(path: Path, model: type[Model]) -> Model:
    """The file as an instance of the model; InputError with every finding."""
    data = _read(path)
    try:
        return model.model_validate(data)
    except ValidationError as error:
        raise InputError(sentences(error, model, path.name)) from None
    except RecursionError:
        raise InputError(f"{path.name} is nested too deeply.") from None


def _read(path: Path) -> dict[str, Any]:
    text = inputfiles.text(path, _LARGEST)
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise InputError(f"{path.name} is nested too deeply.") from None
    except ValueError as error:
        raise InputError(f"{path.name} is not valid TOML: {error}.") from None
