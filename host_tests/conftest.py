"""What all tests share: the profile for generated tests, what is not for CPython, and where that ran."""

from collections import Counter

import pytest
from hypothesis import settings

# Only MicroPython runs these; host_tests/upy/test_on_micropython.py sees to it.
collect_ignore = ["upy/vm"]

# The same examples on every run, and no time limit on one: a busy machine is not a failure.
settings.register_profile("packwarden", derandomize=True, deadline=None)
settings.load_profile("packwarden")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say how much ran elsewhere: tests note it as a property "on ..." of their own."""
    tests: Counter[str] = Counter()
    for report in terminalreporter.stats.get("passed", []):
        for where, count in report.user_properties:
            if where.startswith("on "):
                tests[where] += count
    for where, count in sorted(tests.items()):
        terminalreporter.write_line(f"{count} tests passed {where}")
