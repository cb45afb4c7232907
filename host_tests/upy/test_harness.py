"""The harness itself: whatever keeps a test from passing on MicroPython is reported, never passed over."""

from collections.abc import Callable
from pathlib import Path

import pytest
from upy.virtual_machine import BINARY, Report, VirtualMachines, run_on_binary

Run = Callable[[str], Report]


@pytest.fixture(params=["virtual machine", "binary"] if BINARY else ["virtual machine"])
def run(request: pytest.FixtureRequest, tmp_path: Path, virtual_machines: VirtualMachines) -> Run:
    def run_source(source: str) -> Report:
        file = tmp_path / "test_sample.py"
        file.write_text(source)
        if request.param == "binary":
            return run_on_binary(str(BINARY), file)
        return virtual_machines.run(file)

    return run_source


def test_passing_tests_are_counted(run: Run) -> None:
    report = run("def test_a():\n    assert 1\ndef helper():\n    assert 0\ndef test_b():\n    pass\n")
    assert report.passed == ["test_a", "test_b"]
    assert not report.problems


def test_failure_is_reported_with_its_line(run: Run) -> None:
    report = run("def test_a():\n    pass\ndef test_b():\n    x = 1\n    assert x == 2, x\n")
    assert report.passed == ["test_a"]
    assert "test_b" in str(report)
    assert "line 5" in str(report)
    assert "AssertionError: 1" in str(report)


@pytest.mark.parametrize(
    "body", ["1 // 0", "raise KeyboardInterrupt", "import sys; sys.exit(0)", "test_b.x.y"]
)
def test_any_exception_is_a_failure(run: Run, body: str) -> None:
    report = run(f"def test_a():\n    {body}\n")
    assert not report.passed
    assert len(report.problems) == 1


def test_file_without_tests_is_a_failure(run: Run) -> None:
    assert "defines no test" in str(run('"""Nothing here."""\n'))


def test_file_that_does_not_load_is_a_failure(run: Run) -> None:
    report = run("import enum_that_is_not_there\ndef test_a():\n    pass\n")
    assert "does not load" in str(report)
    assert "test_a did not run" in str(report)


def test_syntax_that_micropython_lacks_is_a_failure(run: Run) -> None:
    report = run("def test_a():\n    match 1:\n        case 1:\n            pass\n")
    assert "SyntaxError" in str(report)


def test_test_that_vanishes_is_a_failure(run: Run) -> None:
    report = run("def test_a():\n    pass\ndef test_b():\n    pass\ndel test_b\n")
    assert report.passed == ["test_a"]
    assert "test_b" in str(report)


def test_same_name_twice_is_a_failure(run: Run) -> None:
    with pytest.raises(ValueError, match="test_a"):
        run("def test_a():\n    pass\ndef test_a():\n    pass\n")


def test_test_that_is_made_at_run_time_is_a_failure(run: Run) -> None:
    assert "test_made" in str(run("def test_a():\n    pass\ntest_made = test_a\n"))


def test_fixture_is_a_failure(run: Run) -> None:
    assert "TypeError" in str(run("def test_a(tmp_path):\n    pass\n"))


def test_class_of_tests_is_refused(run: Run) -> None:
    with pytest.raises(ValueError, match="plain functions"):
        run("class TestThing:\n    def test_a(self):\n        pass\n")


def test_steps_of_a_test_that_yields_all_run(run: Run) -> None:
    source = "def test_a():\n    for step in range({}):\n        yield\n    assert step == 2\n"
    assert run(source.format(3)).passed == ["test_a"]
    assert "AssertionError" in str(run(source.format(4)))


def test_garbage_is_collected_between_the_steps_of_a_test(run: Run) -> None:
    report = run(
        "import gc\n"
        "def test_a():\n"
        "    for step in range(20):\n"
        "        for i in range(1000): bytearray(1000)\n"
        "        gc.collect()\n"
        "        yield\n"
        "    assert gc.mem_alloc() < 3_000_000, gc.mem_alloc()\n"
    )
    assert report.passed == ["test_a"], str(report)


def test_machines_do_not_share_state(run: Run) -> None:
    source = "import sys\ndef test_a():\n    assert 'x' not in sys.modules\n    sys.modules['x'] = 1\n"
    assert run(source).passed == run(source).passed == ["test_a"]


def test_endless_test_is_cut_off_and_the_next_file_runs(tmp_path: Path) -> None:
    machines = VirtualMachines(timeout_s=1.0)
    endless = tmp_path / "test_endless.py"
    endless.write_text("def test_a():\n    while True: pass\n")
    fine = tmp_path / "test_fine.py"
    fine.write_text("def test_a():\n    pass\n")
    try:
        assert "no answer within 1 s" in str(machines.run(endless))
        assert machines.run(fine).passed == ["test_a"]
    finally:
        machines.close()


def test_allocation_is_caught(run: Run) -> None:
    report = run(
        "from upy.alloc import no_alloc\n"
        "class Thing:\n"
        "    def __init__(self): self.x = 0\n"
        "    def add(self, a, b): self.x = (self.x + a * b) & 0xFFFF; return self.x\n"
        "    def leak(self, a): return [a]\n"
        "thing = Thing()\n"
        "def test_add():\n    assert no_alloc(thing.add, 2, 3) == 6\n"
        "def test_leak():\n    no_alloc(thing.leak, 1)\n"
        "def test_unlocked_again():\n    assert [1, 2]\n"
    )
    assert report.passed == ["test_add", "test_unlocked_again"]
    assert "allocates" in str(report)


def test_exception_with_the_heap_locked_is_a_failure(run: Run) -> None:
    report = run("from upy.alloc import no_alloc\ndef f(): return {}['k']\ndef test_a():\n    no_alloc(f)\n")
    assert not report.passed
    assert len(report.problems) == 1
