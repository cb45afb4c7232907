"""One version for the firmware, the command and the change log."""

import re
from pathlib import Path

import bms
import packwarden

CHANGELOG = Path(__file__).parents[2] / "CHANGELOG.md"


def test_firmware_and_command_are_of_one_version() -> None:
    assert bms.__version__ == packwarden.__version__


def test_the_change_log_knows_this_version_or_what_will_become_it() -> None:
    headings = re.findall(r"^## \[(.+?)\]", CHANGELOG.read_text(), re.MULTILINE)
    assert headings[0] in ("Unreleased", packwarden.__version__)
