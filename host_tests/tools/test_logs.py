"""The journal of a pack as a file: every event once, in a form that other programs read."""

import csv
import importlib.util
import io
import json
from pathlib import Path
from typing import Any

import pytest
from packwarden import finder, logs
from packwarden.client import Client, RefusalError
from packwarden.demo import pack
from packwarden.errors import InputError
from packwarden.ports import SimulatedPort

ROWS = [
    {"n": 7, "t_s": 5, "event": "start", "detail": "after power, with a comma"},
    {"n": 8, "t_s": None, "event": "journal", "detail": "", "lost": 3},
    {"n": 11, "t_s": 9, "event": "mode", "detail": 'boot -> "active"'},
]


class Pack:
    """Answers like a client."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)

    def call(self, method: str, *_: object) -> Any:
        if method != "log":
            raise RefusalError("not a command", -32601)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def download(*answers: Any) -> list[dict[str, Any]]:
    return logs.download(Pack(*answers), 100, lambda _: None)[0]  # type: ignore[arg-type]


def test_a_simulated_pack_gives_its_journal() -> None:
    port = SimulatedPort(pack.build().session)
    port.session.advance(5_000_000)
    rows, head = logs.download(Client(port), 99_999)
    events = [row["event"] for row in rows]
    assert "start" in events
    assert "mode" in events
    assert head["version"]["board"] == "sim"
    assert [row["n"] for row in rows] == sorted(row["n"] for row in rows)
    assert not logs.gaps(rows)


def test_a_journal_that_is_not_ready_is_asked_again() -> None:
    busy = RefusalError("the journal is still being looked through", -32000)
    assert download(busy, busy, ROWS) == ROWS
    with pytest.raises(InputError, match="still being looked through"):
        download(*[busy] * 9)


@pytest.mark.parametrize(
    ("answer", "sentence"),
    [(RefusalError("?", -32601), "This firmware has no journal"), ("hello", "no journal: hello")],
)
def test_a_pack_without_one(answer: Any, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        download(answer)


def test_gaps_are_named() -> None:
    assert logs.gaps(ROWS) == ["Events 9 to 10 are missing."]


def test_csv_is_whole() -> None:
    found = list(csv.DictReader(io.StringIO(logs.encode(ROWS, {}, "csv").decode())))
    assert list(found[0]) == ["n", "t_s", "event", "detail", "lost"]
    assert [row["detail"] for row in found] == [row["detail"] for row in ROWS]
    assert found[1]["t_s"] == ""


def test_json_is_whole_and_says_whose_it_is() -> None:
    found = json.loads(logs.encode(ROWS, {"version": {"board": "x"}}, "json"))
    assert found["log"] == ROWS
    assert found["version"] == {"board": "x"}
    assert found["loaded"].endswith("+00:00")


@pytest.mark.skipif(importlib.util.find_spec("pyarrow") is None, reason="pyarrow is not installed")
def test_parquet_is_whole() -> None:
    from pyarrow import parquet  # noqa: PLC0415

    table = parquet.read_table(io.BytesIO(logs.encode(ROWS, {}, "parquet")))
    assert table.to_pylist() == [{"lost": None} | row for row in ROWS]


def test_without_pyarrow_it_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(InputError, match="Parquet needs pyarrow"):
        logs.form_of(Path("x.parquet"), None)


def test_the_form_follows_the_files_name() -> None:
    assert logs.form_of(None, None) == "csv"
    assert logs.form_of(Path("x.JSON"), None) == "json"
    assert logs.form_of(Path("x"), None) == "csv"
    assert logs.form_of(Path("x.txt"), "json") == "json"
    with pytest.raises(InputError, match="--format says 'jsn'; known are"):
        logs.form_of(None, "jsn")
    with pytest.raises(InputError, match="name of --out says 'xls'"):
        logs.form_of(Path("x.xls"), None)
    with pytest.raises(InputError, match="Parquet is no text"):
        logs.form_of(None, "parquet")


def test_the_command_writes_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(finder, "the_port", lambda *_: "sim")
    monkeypatch.setattr(logs, "SerialPort", lambda _: SimulatedPort(pack.build().session))
    out = tmp_path / "log.csv"
    logs.run(None, out, None, 100)
    assert out.read_text().startswith("n,t_s,event,detail\n")
    assert "events in" in capsys.readouterr().err
    with pytest.raises(InputError, match="cannot be written"):
        logs.run(None, tmp_path / "no" / "log.csv", None, 100)
