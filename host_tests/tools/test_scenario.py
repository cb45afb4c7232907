"""The scenario file: refusals before the first second, and each action as it reaches the world."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packwarden import bench, packfile
from packwarden.bench import PLAIN
from packwarden.builder import parameters
from packwarden.errors import InputError, sentences
from packwarden.scenario import Entry, Fault, Scenario, Story
from packwarden.sim.fault_kinds import CONTACTORS_ONLY, FETS_ONLY, KINDS, REQUIRED
from pydantic import ValidationError
from tools.sim_command import write

SPEC = packfile.world_spec(packfile.DEFAULT, parameters(packfile.DEFAULT, "x"), seed=1)


def story(folder: Path, text: str, spec: dict[str, Any] = SPEC) -> Story:
    return Story(write(folder, "story.toml", text), spec)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "story.toml: at is missing"),
        ("at = []", "at least one entry"),
        ("[at]\nt = 1", "a list of tables"),
        ("[[at]]\nload_a = 1", "at 1: t is missing"),
        ("[[at]]\nt = -1", "at 1: t = -1: must be a number from 0"),
        ("[[at]]\nt = nan", "t = nan"),
        ("[[at]]\nt = 5\n[[at]]\nt = 4", "at 2: t = 4 follows 5; times must not fall"),
        ("[[at]]\nt = 1\nlod_a = 1", "at 1: lod_a is not known here"),
        ("[[at]]\nt = 1\nload_a = '5'", "load_a = '5': must be a number"),
        ("[[at]]\nt = 1\ncharger = 'on'", "charger = 'on' must be a table"),
        ("[[at]]\nt = 1\ncharger = {v = 5}", "charger: i is missing"),
        ("[[at]]\nt = 1\ncharger = {v = 0, i = 1}", "charger: v = 0: must be a number above 0"),
        ("[[at]]\nt = 1\npress_s = 0", "press_s = 0: must be a number above 0"),
        ("[[at]]\nt = 1\npower = 'off'", "power = 'off': must be one of: cut, restore"),
        ("[[at]]\nt = 1\nclear = 'nck'", "did you mean 'nack'?"),
        ('[[at]]\nt = 1\nconsole = "a\\nb"', "one line"),
        ("[[at]]\nt = 1\nfault = {cell = 3}", "fault: kind is missing"),
        ("[[at]]\nt = 1\nfault = {kind = 'cell_shrt', cell = 3}", "did you mean 'cell_short'?"),
        ("[[at]]\nt = 1\nfault = {kind = 'cell_short'}", "at 1: fault cell_short needs 'cell'"),
        (
            "[[at]]\nt = 1\nfault = {kind = 'cell_short', cell = 17}",
            "cell = 17: must be a whole number from 1",
        ),
        (
            "[[at]]\nt = 1\nfault = {kind = 'open_tap', tap = 16}",
            "at 1: fault open_tap: tap 16 is out of range",
        ),
        ("[[at]]\nt = 1\nfault = {kind = 'impact', cell = 1}", "fault impact has no argument 'cell'"),
        ("[[at]]\nt = 1\nfault = {kind = 'nack', rate = 'x'}", "rate = 'x': must be a number"),
        ("[[at]]\nt = 1\nfault = {kind = 'stuck_bus', hold = 1}", "hold = 1 must be true or false"),
        ("[[at]]\nt = 1\nfault = {kind = 'cell_hot', cell = 1}", "at 1: fault cell_hot needs 'watts'"),
        ("[[at]]\nt = 1\nfault = {kind = 'fet_hot', watts = 0}", "watts = 0: must be a number above 0"),
        (
            "[[at]]\nt = 1\nfault = {kind = 'charger_fault', volts = 900}",
            "volts = 900: must be a number above",
        ),
        (
            "[[at]]\nt = 1\nfault = {kind = 'current_sensor_offset', amps = nan}",
            "amps = nan: must be a number",
        ),
        (
            "[[at]]\nt = 1\nfault = {kind = 'contactor_welded', which = 'dsg'}",
            "at 1: fault contactor_welded needs contactors; this pack has FETs",
        ),
        (
            "[[at]]\nt = 1\nfault = {kind = 'contactor_welded', which = 'discharge'}",
            "which = 'discharge': must be one of: chg, dsg",
        ),
        ("[[at]]\nt = 1\nsupply_v = 61", "supply_v: v = 61: must be a number from 0 to 60"),
        ("[[at]]\nt = 1\nsupply_v = 'off'", "supply_v: v = 'off': must be a number"),
        ("[[at]]\nt = 1\nsupply_v = {over_s = 3}", "supply_v: v is missing"),
        ("[[at]]\nt = 1\nsupply_v = {v = 9, over = 3}", "over is not known here; known are: v, over_s"),
        ("[[at]]\nt = 1\nprofile = {file = 'none.csv'}", "none.csv cannot be read: No such file"),
        ("[[at]]\nt = 1\nprofile = {scale = 1}", "profile: file is missing"),
        ("[[at]]\nt = 1\nprofile = {file = 'story.toml'}", "header must begin with t_s,current_a"),
        ("[[at]]\nt = 1\nexpect = {chg_fet = 'x'}", "at 1: expect: chg_fet = 'x' must be a number"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    with pytest.raises(InputError) as caught:
        story(tmp_path, text)
    assert sentence in str(caught.value)


def test_every_fault_kind_can_be_told(tmp_path: Path) -> None:
    values = {"address": 0x9275, "bit": 0, "which": "'chg'"}
    for spec, foreign in ((SPEC, CONTACTORS_ONLY), (SPEC | {"contactors": True}, FETS_ONLY)):
        text = ""
        for kind, (arguments, _) in KINDS.items():
            if kind in foreign:
                continue
            told = [
                f", {name} = {values.get(name, 1)}" for name, value in arguments.items() if value == REQUIRED
            ]
            text += f"[[at]]\nt = 1\nfault = {{kind = '{kind}'{''.join(told)}}}\n"
            text += f"[[at]]\nt = 1\nclear = '{kind}'\n"
        story(tmp_path, text, spec)


def test_every_argument_of_every_kind_can_be_told() -> None:
    known = {name for arguments, _ in KINDS.values() for name in arguments}
    assert known == set(Fault.model_fields) - {"kind"}


def test_each_action_reaches_the_world(tmp_path: Path) -> None:
    write(tmp_path, "trip.csv", "t_s,current_a\n0,-1\n10,-1\n")
    told = story(
        tmp_path,
        """
        [[at]]
        t = 0
        load_a = 3
        charger = {v = 58.4, i = 20}
        profile = {file = "trip.csv", scale = 2, repeat = true}
        ambient_c = 7
        press_s = 1.5
        supply_v = 0
        power = "cut"
        fault = {kind = "impact"}
        console = "status"
        [[at]]
        t = 0
        charger = "off"
        profile = "off"
        power = "restore"
        clear = "impact"
        """,
    )
    session = bench.session(PLAIN)
    world = session.world
    first, second = told._entries
    told._act(1, session)
    assert (world.load_a, world.charger, world.ambient_c, world.aux_v) == (3.0, (58.4, 20.0), 7.0, 0.0)
    assert world.load_profile is not None
    assert world.load_profile.current(1000.0) == -2.0
    assert world.button
    assert world.impact
    assert not world.powered
    line = bytearray(20)
    assert bytes(line[: session.board.serial.readinto(line)]) == b"status\r"
    told._act(2, session)
    assert world.charger is None
    assert world.load_profile is None
    assert world.powered
    assert not world.impact
    assert world.load_a == 3.0  # an entry that does not speak of it leaves it
    assert (first.t, second.t) == (0.0, 0.0)


def test_a_supply_that_sags(tmp_path: Path) -> None:
    text = "[[at]]\nt = 0\nsupply_v = {v = 11.8, over_s = 20}\n[[at]]\nt = 30\nsupply_v = 12.6\n"
    told = story(tmp_path, text)
    session = bench.session(PLAIN)
    world = session.world
    told._act(1, session)
    assert world.aux_v == 12.8
    session.advance(10_000_000)
    assert world.aux_v == pytest.approx(12.3)
    session.advance(20_000_000)
    assert world.aux_v == 11.8
    told._act(2, session)
    assert world.aux_v == 12.6
    assert story(tmp_path, "[[at]]\nt = 5\nsupply_v = {v = 0, over_s = 60}\n").end_s == 65.0 + 2.0


def test_the_end_leaves_time_for_all_that_was_said(tmp_path: Path) -> None:
    text = "[[at]]\nt = 1\npress_s = 30\n[[at]]\nt = 2\nexpect = {chg_fet = 0, within_s = 10, for_s = 5}\n"
    assert story(tmp_path, text).end_s == 31.0 + 2.0


VALUES = st.recursive(
    st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from([*KINDS, "off", "cut"]),
    lambda inner: (
        st.lists(inner, max_size=2)
        | st.dictionaries(
            st.sampled_from(["kind", "cell", "ohm", "tap", "v", "i", "file", "mode", "x"]), inner, max_size=3
        )
    ),
    max_leaves=6,
)
KEYS = st.sampled_from([*Entry.model_fields]) | st.text(max_size=4)


@given(st.lists(st.dictionaries(KEYS, VALUES, max_size=4), max_size=3))
def test_nothing_but_sentences_comes_of_any_tree(entries: list[dict[str, Any]]) -> None:
    said = "fuzz: at"
    try:
        Scenario.model_validate({"at": entries})
    except ValidationError as error:
        said = sentences(error, Scenario, "fuzz")
    assert said.startswith("fuzz: at")
