"""What all tests share: the profile for generated tests, and which files are not for CPython."""

from hypothesis import settings

# Only MicroPython runs these; host_tests/upy/test_on_micropython.py sees to it.
collect_ignore = ["upy/vm"]

# The same examples on every run, and no time limit on one: a busy machine is not a failure.
settings.register_profile("packwarden", derandomize=True, deadline=None)
settings.load_profile("packwarden")
