"""Runs portable test files on MicroPython and answers for every test that their source defines.

Two interpreters: MicroPython compiled to WebAssembly, always (one Node process, a fresh virtual machine for
each file), and a `micropython` binary where the PATH has one. A test that did not run is a failure like any
other.
"""

from __future__ import annotations

import ast
import json
import os
import re
import select
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
HOST_TESTS = ROOT / "host_tests"
PORTABLE_FOLDERS = ("core", "drivers", "services", "sim", "upy/vm")
IMPORT_PATH = ("firmware", "tools", "host_tests")
MOUNT_POINT = "/app"
HEAP_BYTES = 16 << 20
TIMEOUT_S = 300.0

BINARY = shutil.which("micropython")

_FRAME = re.compile(r'^  File "(?P<file>[^"]+)", line (?P<line>\d+)(?P<rest>.*)$', re.MULTILINE)


def portable_test_files() -> list[Path]:
    """Every test file that must pass on MicroPython too."""
    return sorted(file for folder in PORTABLE_FOLDERS for file in (HOST_TESTS / folder).rglob("test_*.py"))


def defined_tests(file: Path) -> list[str]:
    """Names of the tests of a file, by its source: what must have run, whatever the interpreter says."""
    names: list[str] = []
    for node in ast.parse(file.read_text(), str(file)).body:
        if isinstance(node, ast.ClassDef) and node.name.startswith("Test"):
            raise ValueError(f"{file.name}: class {node.name}: portable tests are plain functions")
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            if node.name in names:
                raise ValueError(f"{file.name}: {node.name} is defined twice, and only the last would run")
            names.append(node.name)
    return names


def mounted_files(test_file: Path) -> list[tuple[str, str]]:
    """(path in the virtual machine, path here) of the test and of all that it may import."""
    package = ROOT / "tools" / "packwarden"
    sources = [file for file in (ROOT / "firmware").rglob("*") if file.suffix in (".py", ".txt")]
    sources += [package / "__init__.py", *HOST_TESTS.glob("*.py")]
    sources += [HOST_TESTS / "upy" / "runner.py", HOST_TESTS / "upy" / "alloc.py"]
    sources += [file for file in (package / "sim").rglob("*") if file.suffix in (".py", ".json")]
    sources += [
        file for file in test_file.parent.glob("*.py") if not file.name.startswith(("test_", "conftest"))
    ]
    pairs = {
        f"{MOUNT_POINT}/{source.relative_to(ROOT)}": str(source)
        for source in sources
        if ROOT in source.parents
    }
    return [*pairs.items(), (_mounted(test_file), str(test_file))]


def _mounted(test_file: Path) -> str:
    inside = test_file.relative_to(ROOT) if ROOT in test_file.parents else Path("host_tests") / test_file.name
    return f"{MOUNT_POINT}/{inside}"


@dataclass
class Report:
    """What became of the tests of one file."""

    expected: list[str]
    passed: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    @classmethod
    def of(cls, file: Path, answer: dict[str, Any]) -> Report:
        report = cls(defined_tests(file))
        results: dict[str, str | None] = answer.get("results", {})
        for title, text in (("the virtual machine died", "died"), ("the file does not load", "load_error")):
            if answer.get(text):
                report.problems.append(f"{title}\n{_with_source(answer[text])}")
        for name in report.expected:
            if name in results and results[name] is None:
                report.passed.append(name)
            elif name in results:
                report.problems.append(f"{name}\n{_with_source(str(results[name]))}")
            else:
                report.problems.append(f"{name} did not run")
        extra = set(answer.get("found", ())) - set(report.expected)
        if extra:
            report.problems.append(f"found, but not plain functions of the file: {', '.join(sorted(extra))}")
        if not report.expected:
            report.problems.append("the file defines no test")
        if report.problems and answer.get("output", "").strip():
            report.problems.append(f"printed:\n{answer['output']}")
        return report

    def __str__(self) -> str:
        return "\n".join(self.problems)


def _with_source(traceback: str) -> str:
    """Name files as the project does and quote their lines; MicroPython's tracebacks have numbers only."""

    def quote(frame: re.Match[str]) -> str:
        name = frame["file"].removeprefix(f"{MOUNT_POINT}/")
        try:
            source = (ROOT / name).read_text().splitlines()[int(frame["line"]) - 1].strip()
        except (OSError, IndexError):
            source = ""
        line = f'  File "{name}", line {frame["line"]}{frame["rest"]}'
        return f"{line}\n    {source}" if source else line

    return _FRAME.sub(quote, traceback)


class VirtualMachines:
    """The Node process that makes a fresh virtual machine for each test file; started when first needed."""

    def __init__(self, timeout_s: float = TIMEOUT_S) -> None:
        self.timeout_s = timeout_s
        self._process: subprocess.Popen[bytes] | None = None

    def run(self, test_file: Path) -> Report:
        request = {
            "files": mounted_files(test_file),
            "path": [f"{MOUNT_POINT}/{folder}" for folder in IMPORT_PATH],
            "test_file": _mounted(test_file),
            "tests": defined_tests(test_file),
        }
        return Report.of(test_file, self._ask(request))

    def close(self) -> None:
        if self._process is not None:
            with self._process as process:
                process.kill()
            self._process = None

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        if self._process is None:
            self._process = self._start()
        process = self._process
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(request).encode() + b"\n")
        process.stdin.flush()
        line = b""
        while not line.endswith(b"\n"):
            ready, _, _ = select.select([process.stdout], [], [], self.timeout_s)
            chunk = os.read(process.stdout.fileno(), 1 << 16) if ready else b""
            if not chunk:
                self.close()
                reason = "it stopped answering" if ready else f"no answer within {self.timeout_s:g} s"
                return {"died": f"{reason}\n"}
            line += chunk
        answer: dict[str, Any] = json.loads(line)
        return answer

    @staticmethod
    def _start() -> subprocess.Popen[bytes]:
        modules = ROOT / "tools" / "node" / "node_modules"
        node = Path(sys.prefix) / "node"
        if not node.exists() or not modules.is_dir():
            raise RuntimeError(
                "MicroPython's virtual machine is not set up: run `make test`, which sets it up."
            )
        server = HOST_TESTS / "upy" / "vm_server.mjs"
        command = [str(node), str(server), str(modules), str(HEAP_BYTES)]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)


def run_on_binary(binary: str, test_file: Path) -> Report:
    """The same tests on a `micropython` executable."""
    tests = defined_tests(test_file)
    command = [binary, "-X", f"heapsize={HEAP_BYTES}", "host_tests/upy/runner.py", str(test_file), *tests]
    environment = {**os.environ, "MICROPYPATH": ":".join((*IMPORT_PATH, ".frozen"))}
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=TIMEOUT_S, check=False
        )
    except subprocess.TimeoutExpired:
        return Report.of(test_file, {"died": f"no answer within {TIMEOUT_S:g} s\n"})
    *output, last = done.stdout.rstrip().splitlines() or [""]
    try:
        answer: dict[str, Any] = json.loads(last)
    except ValueError:
        answer = {"died": done.stdout + done.stderr}
    return Report.of(test_file, {**answer, "output": "\n".join([*output, done.stderr])})
