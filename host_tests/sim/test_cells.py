"""Cell figures: they are the published ones inside the fits, and behave like a cell outside them."""

import math

from packwarden.sim import cells
from portable import raises


def test_every_model_carries_its_source() -> None:
    for name in cells.MODELS:
        model = cells.load(name)
        assert model.name == name
        expected = "PyBaMM" if name == "nmc" else "About:Energy"
        assert expected in model.attribution


def test_open_circuit_voltage_spans_the_limits_of_the_cell() -> None:
    for name in cells.MODELS:
        model = cells.load(name)
        assert abs(model.ocv(0.0) - model.v_min) < 0.001
        assert abs(model.ocv(1.0) - model.v_max) < 0.001
        volts = [model.ocv(k / 1000.0) for k in range(-300, 1300)]
        assert all(volts[k + 1] >= volts[k] - 1e-4 for k in range(1599))  # the NMC source dips by 0.3 mV


def test_known_points() -> None:
    # From the exact tables: LFP rests near 3.28 V half full, NMC at 2.60445 V with half a percent left.
    assert 3.25 < cells.load("ael").ocv(0.5) < 3.30
    assert abs(cells.load("nmc").ocv(0.005) - 2.60445) < 1e-4


def test_overcharge_climbs_past_any_threshold_and_deep_discharge_collapses() -> None:
    for name in cells.MODELS:
        model = cells.load(name)
        assert model.ocv(1.03) > model.v_max + 0.3
        assert model.ocv(1.5) < 6.0
        assert model.ocv(-0.07) == 0.0
        assert model.ocv(-1.0) == 0.0
        assert model.resistances(-0.05, 25.0)[0] > 1.9 * model.resistances(0.0, 25.0)[0]


def test_resistances_hit_the_fit_at_its_temperatures_and_go_on_beyond() -> None:
    model = cells.load("nmc")
    r0, r1, r2 = model.resistances(0.5, 25.0)
    assert abs(r0 - 0.025953) < 1e-6
    assert abs(r1 - 0.015246) < 1e-6
    assert abs(r2 - 0.011559) < 1e-6
    assert abs(model.resistances(0.5, 10.0)[0] - 0.037661) < 1e-6
    for name in cells.MODELS:
        model = cells.load(name)
        ohms = [model.resistances(0.5, float(t))[0] for t in range(-30, 90, 5)]
        assert all(ohms[k] >= ohms[k + 1] > 0.0 for k in range(23))
        assert 2.0 < ohms[4] / ohms[11] < 10.0  # -10 against 25 degC
        assert all(
            min(model.resistances(k / 50.0, float(t))) >= 0.0 for k in range(51) for t in (-30, 25, 90)
        )
        assert all(tau >= 1.0 and math.isfinite(tau) for tau in model.taus(-40.0) + model.taus(120.0))


def test_temperature_moves_the_open_circuit_voltage_where_the_source_knows_it() -> None:
    lfp = cells.load("ael")
    assert lfp.ocv(0.1, 45.0) != lfp.ocv(0.1, 25.0)
    nmc = cells.load("nmc")
    assert nmc.ocv(0.1, 45.0) == nmc.ocv(0.1, 25.0)


def test_presets_choose_a_cell_and_unknown_names_are_refused() -> None:
    assert cells.default_model("nmc") == "nmc"
    assert cells.default_model("lfp") == "ael"
    assert "nmc" in str(raises(ValueError, cells.default_model, "lead"))
    assert "aelh" in str(raises(ValueError, cells.load, "xyz"))
