"""The pack file: what it may say, and that anything else is refused with a sentence."""

import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from packwarden import builder, packfile
from packwarden.errors import InputError, sentences
from packwarden.packfile import Pack
from packwarden.sim.world import World
from pydantic import ValidationError

FULL = """
chemistry = "lfp"
cells = 16
capacity_ah = 100.0
soc = 0.60
cell_model = "aelh"
[spread]
capacity = 0.01
soc = 0.02
resistance = 0.05
self_discharge_per_month = 0.02
[[weak]]
cell = 7
capacity = 0.92
[[weak]]
cell = 9
resistance = 2
self_discharge = 10.0
[environment]
ambient_c = -5
auxiliary_v = 12.8
[load]
capacitance_f = 0.01
[sensors]
current_gain_error = 0.01
current_noise_uv = 3
current_offset_a = 0.02
voltage_noise_mv = 2.0
[firmware]
believed_soc = 0.40
[parameters]
thermistors = 3
capacity_mah = 80000
"""


def loaded(folder: Path, text: str) -> Pack:
    path = folder / "pack.toml"
    path.write_text(text)
    return packfile.load(path)


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(InputError) as caught:
        loaded(folder, text)
    return str(caught.value)


def test_every_key_of_the_design_reaches_the_world(tmp_path: Path) -> None:
    pack = loaded(tmp_path, FULL)
    spec = packfile.world_spec(pack, builder.parameters(pack, "pack.toml"), seed=3)
    world = World(spec)
    assert world.pack.cells == 16
    assert world.pack.model.name == "aelh"
    assert world.ambient_c == -5.0
    assert world.aux_v == 12.8
    assert world.thermistors == ["TS1", "TS2", "TS3"]
    assert world.chip.current_gain_error == 0.01
    assert world.chip.current_offset_a == 0.02
    assert world.chip.current_noise_uv == 3.0
    assert world.chip.voltage_noise_mv == 2.0
    assert world.path.node.farad == 0.01
    sound = World(spec | {"weak": []})
    assert world.pack.capacity_ah[6] == pytest.approx(0.92 * sound.pack.capacity_ah[6])
    assert world.pack.resistance_factor[8] == pytest.approx(2 * sound.pack.resistance_factor[8])
    assert pack.firmware.believed_soc == 0.4


def test_without_a_file_the_pack_is_a_healthy_16s_lfp() -> None:
    pack = packfile.load(None)
    assert (pack.chemistry, pack.cells, pack.capacity_ah) == ("lfp", 16, 100.0)
    world = World(packfile.world_spec(pack, builder.parameters(pack, "x"), seed=1))
    assert world.contactors is None
    assert world.path.node.farad == 0.0
    assert world.chip.current_noise_uv == 5.0
    assert world.thermistors == ["TS1"]


def test_a_pack_with_contactors_and_a_thermistor_on_its_fets(tmp_path: Path) -> None:
    pack = loaded(tmp_path, "contactors = true\n" + SMALL)
    given = builder.parameters(pack, "x")
    assert World(packfile.world_spec(pack, given, seed=1)).contactors is not None
    for thermistors, pins in ((1, ["TS1", "TS3"]), (3, ["TS1", "TS2", "TS3"])):
        told = given | {"thermistors": thermistors, "fet_thermistor": 1}
        world = World(packfile.world_spec(pack, told, seed=1))
        assert world.thermometry.pins == pins
        assert "TS3" not in world.thermistors


SMALL = 'chemistry = "lfp"\ncells = 4\ncapacity_ah = 20\n'


@pytest.mark.parametrize(("afe", "cells"), [("bq76952", 4), ("bq76920", 4), ("bq76930", 8), ("bq76940", 15)])
def test_a_pack_may_name_its_front_end(tmp_path: Path, afe: str, cells: int) -> None:
    pack = loaded(tmp_path, f'afe = "{afe}"\nchemistry = "lfp"\ncells = {cells}\ncapacity_ah = 20\n')
    world = World(packfile.world_spec(pack, builder.parameters(pack, "x"), seed=1))
    assert world.front_end == afe
    assert len(world.sense.inputs) == cells
    assert world.bus.hz == (400_000 if afe == "bq76952" else 100_000)


def test_a_front_end_takes_the_cells_that_it_has_inputs_for(tmp_path: Path) -> None:
    assert "takes 9 to 15 cells, not 4" in refusal(tmp_path, 'afe = "bq76940"\n' + SMALL)
    assert "bq76940" in refusal(tmp_path, 'afe = "bq76941"\n' + SMALL)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (SMALL.replace("4", "17"), "cells = 17: must be a whole number from 3 to 16"),
        (SMALL.replace("4", "2"), "cells = 2: must be"),
        (SMALL.replace("4", "4.0"), "cells = 4.0: must be a whole number"),
        (SMALL.replace("lfp", "lfo"), "must be one of: nmc, lfp; did you mean 'lfp'?"),
        (SMALL.replace("20", "nan"), "capacity_ah = nan: must be a number from 0.5 to 1000"),
        (SMALL.replace("20", "-inf"), "capacity_ah = -inf: must be"),
        (SMALL.replace("20", "true"), "capacity_ah = True: must be"),
        (SMALL.replace("20", '"20"'), "capacity_ah = '20': must be"),
        (SMALL.replace("20", "0x" + "f" * 9000), "capacity_ah = a value too long to show"),
        (SMALL + "socc = 0.5\n", "socc is not known here; known are: chemistry, cells,"),
        (SMALL + "socc = 0.5\n", "did you mean 'soc'?"),
        (SMALL + "[spread]\ncapacty = 0.1\n", "spread: capacty is not known here"),
        (SMALL + "[[weak]]\ncapacity = 0.9\n", "weak 1: cell is missing"),
        (SMALL + "[[weak]]\ncell = 4\n[[weak]]\ncell = 5\n", "weak 2: cell = 5 is not in a pack of 4 cells"),
        (
            SMALL + "[[weak]]\ncell = 1\ncapacity = 0\n",
            "weak 1: capacity = 0: must be a number from 0.05 to 2",
        ),
        (SMALL + 'cell_model = "nmc"\n', "cell_model = 'nmc' is not lfp; there is: ael, aelh"),
        (SMALL + "[weak]\ncell = 3\n", "a list of tables"),
        (SMALL + "contactors = 1\n", "contactors = 1 must be true or false"),
        (SMALL + "[load]\ncapacitance_f = 2\n", "load: capacitance_f = 2: must be a number from 0 to 1"),
        (SMALL + "[load]\nfarad = 1\n", "load: farad is not known here; known are: capacitance_f"),
        (SMALL + "[sensors]\ncurrent_noise_uv = -1\n", "current_noise_uv = -1: must be a number from 0"),
        (SMALL + "sensors = 3\n", "sensors = 3 must be a table"),
        (SMALL + "[firmware]\nbelieved_soc = 40\n", "believed_soc = 40: must be a number from 0 to 1"),
        ("cells = 4\n", "chemistry is missing"),
        (SMALL + "cells = 4\n", "is not valid TOML"),
        (SMALL + "x = \n", "at line 4"),
        ("a = " + "[" * 5000, "nested too deeply"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, text: str, sentence: str) -> None:
    said = refusal(tmp_path, text)
    assert sentence in said
    assert said.startswith("pack.toml")


def test_all_findings_are_told_at_once(tmp_path: Path) -> None:
    assert len(refusal(tmp_path, "cells = 1\nsoc = 2\n").splitlines()) == 4


def test_a_file_that_is_not_text_is_refused(tmp_path: Path) -> None:
    (tmp_path / "pack.toml").write_bytes(bytes(range(256)))
    with pytest.raises(InputError, match="UTF-8"):
        packfile.load(tmp_path / "pack.toml")
    with pytest.raises(InputError, match="directory"):
        packfile.load(tmp_path)
    with pytest.raises(InputError, match="No such file"):
        packfile.load(tmp_path / "none.toml")
    (tmp_path / "pack.toml").write_bytes(b"\n" * 4_000_001)
    with pytest.raises(InputError, match="larger than 4000000 bytes"):
        packfile.load(tmp_path / "pack.toml")


LEAVES = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=5)
    | st.sampled_from(["lfp", "nmc", "ael", 4, 16, 0.5, math.inf])
)
KEYS = st.sampled_from(
    [*Pack.model_fields, "cell", "capacity", "ambient_c", "believed_soc", "ocd1_ma"]
) | st.text(max_size=5)
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=5),
    max_leaves=20,
)


@given(st.dictionaries(KEYS, TREES, max_size=10))
def test_nothing_but_sentences_comes_of_any_tree(tree: dict[str, Any]) -> None:
    said = "fuzz"
    try:
        pack = Pack.model_validate({"chemistry": "lfp", "cells": 4, "capacity_ah": 20.0} | tree)
        packfile.world_spec(pack, builder.parameters(pack, "fuzz"), seed=1)
    except ValidationError as error:
        said = sentences(error, Pack, "fuzz")
    except InputError as error:
        said = str(error)
    assert said.startswith("fuzz")


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_nothing_but_sentences_comes_of_any_bytes(
    tmp_path_factory: pytest.TempPathFactory, data: bytes
) -> None:
    path = tmp_path_factory.mktemp("fuzz") / "pack.toml"
    path.write_bytes(data)
    with pytest.raises(InputError):
        packfile.load(path)
