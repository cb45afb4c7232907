"""Trace files: good ones are read as they are, bad ones are refused with a sentence that names the line."""

import gzip
from pathlib import Path

import pytest
from packwarden.traces import DRIVE_PROFILE, load_current, load_trace

HEADER = "t_s,current_a,voltage_v,temperature_c,soc\n"
GOOD = HEADER + "0,1.0,3.5,25,0.5\n1,-1.0,3.4,25.5,0.4\n"


def write(folder: Path, text: str, name: str = "trace.csv") -> Path:
    path = folder / name
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text)
    return path


@pytest.mark.parametrize("name", ["trace.csv", "trace.csv.gz"])
def test_good_trace(tmp_path: Path, name: str) -> None:
    trace = load_trace(write(tmp_path, GOOD, name))
    assert trace.t_s == [0.0, 1.0]
    assert trace.current_a == [1.0, -1.0]
    assert trace.voltage_v == [3.5, 3.4]
    assert trace.temperature_c == [25.0, 25.5]
    assert trace.soc == [0.5, 0.4]


def test_soc_is_optional_and_all_or_nothing(tmp_path: Path) -> None:
    assert load_trace(write(tmp_path, GOOD.replace(",0.5\n", ",\n"))).soc is None
    without = "t_s,current_a,voltage_v,temperature_c\n0,1,3.5,25\n\n1,1,3.5,25\n"
    assert load_trace(write(tmp_path, without)).soc is None


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "line 1: the header must begin with t_s,current_a,voltage_v,temperature_c"),
        (GOOD.replace("voltage_v", "volts"), "line 1: the header must begin with"),
        (GOOD.replace("1,-1.0", "0,-1.0"), "line 3: time must rise, but 0 s follows 0 s."),
        (GOOD.replace("3.4", "abc"), "line 3: voltage_v 'abc' is not a number."),
        (GOOD.replace("3.4", "nan"), "line 3: voltage_v 'nan' is not finite."),
        (GOOD.replace("0.4", "inf"), "line 3: soc 'inf' is not finite."),
        (GOOD.replace(",25.5,0.4", ""), "line 3: 3 values, but the header names 5."),
        (HEADER + "0,1.0,3.5,25,0.5\n", "has 1 samples, but a trace needs at least two."),
    ],
)
def test_bad_trace(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=r"trace\.csv") as error:
        load_trace(write(tmp_path, text))
    assert sentence in str(error.value)


def test_unreadable_files(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="No such file"):
        load_trace(tmp_path / "absent.csv")
    with pytest.raises(ValueError, match="cannot be read"):
        load_trace(tmp_path)
    (tmp_path / "plain.csv.gz").write_text(GOOD)
    with pytest.raises(ValueError, match="cannot be read as CSV"):
        load_trace(tmp_path / "plain.csv.gz")
    cut = tmp_path / "cut.csv.gz"
    cut.write_bytes(gzip.compress(GOOD.encode())[:-9])
    with pytest.raises(ValueError, match="cannot be read as CSV"):
        load_trace(cut)
    (tmp_path / "binary.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(ValueError, match="cannot be read as CSV"):
        load_trace(tmp_path / "binary.csv")


def test_a_current_alone_is_a_profile(tmp_path: Path) -> None:
    assert load_current(write(tmp_path, "t_s,current_a\n0,1\n2,3\n")) == ([0.0, 2.0], [1.0, 3.0])
    assert load_current(write(tmp_path, GOOD)) == ([0.0, 1.0], [1.0, -1.0])


def test_the_drive_profile_that_comes_along() -> None:
    t_s, current_a = load_current(DRIVE_PROFILE)
    assert t_s == [float(k) for k in range(len(t_s))]
    assert min(current_a) == -10.0
    assert 3.0 < max(current_a) < 4.0
    assert DRIVE_PROFILE.stat().st_size < 120_000
    assert DRIVE_PROFILE.read_bytes()[4:8] == bytes(4)  # no time stamp: the same bytes on every build
