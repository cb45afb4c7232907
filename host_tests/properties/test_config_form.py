"""The TOML form: what an owner has said survives being written and read; no text makes the check raise."""

import tomllib
from typing import Any

from bms.core import chemistry, params, params_check
from hypothesis import given, settings
from hypothesis import strategies as st
from packwarden.config import form, lint

ROWS = {name: st.integers(params.LOW[row], params.HIGH[row]) for row, name in enumerate(params.NAMES)}
WORDS = {
    params.CHEMISTRY: st.sampled_from(chemistry.NAMES),
    params.PACK_NAME: st.text("abcXYZ019-_.", max_size=24),
}
SETS = st.fixed_dictionaries({}, optional=ROWS | WORDS)
NAMES = st.sampled_from([*params.NAMES, *params.WORDS, "colour", "parameters", "a.b"])
VALUES = st.one_of(
    st.integers(), st.booleans(), st.floats(), st.text(), st.just("[1, 2]"), st.just("2026-01-01")
)
LINES = st.one_of(st.text(), st.builds(lambda name, value: f"{name} = {value}", NAMES, VALUES))


@given(SETS)
def test_what_is_written_reads_back_the_same(said: dict[str, Any]) -> None:
    text = form.write(said)
    draft = form.read(text)
    assert draft.wrong == []
    assert draft.values == said
    assert tomllib.loads(text)["parameters"] == said, "and it is TOML to everybody"
    assert form.write(draft.values) == text
    for name, line in draft.lines.items():
        assert text.split("\n")[line - 1].startswith(f"{name} = ")


@given(st.lists(LINES, max_size=12))
@settings(max_examples=400)
def test_no_text_makes_the_check_raise_and_every_error_has_a_line_that_is_there(lines: list[str]) -> None:
    text = "\n".join(lines)
    found = lint.judge(form.read(text))
    for line, sentence in found.errors:
        assert 0 <= line <= text.count("\n") + 1
        assert sentence
    assert found.errors, "a chemistry and three more values never come about by chance"


@given(SETS)
def test_the_file_is_judged_as_the_chip_judges(said: dict[str, Any]) -> None:
    reasons = params_check.check(said)
    found = lint.judge(form.read(form.write(said)))
    if reasons:
        assert sorted(sentence for _, sentence in found.errors) == sorted(reasons)


@given(SETS, SETS)
def test_differences_are_exactly_what_has_to_change(left: dict[str, Any], right: dict[str, Any]) -> None:
    names = form.differences(left, right)
    assert len(set(names)) == len(names)
    changed = dict(right)
    for name in names:
        if name in left:
            changed[name] = left[name]
        else:
            changed.pop(name)
    assert changed == left
    assert form.differences(left, left) == []
