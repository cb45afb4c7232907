"""Open-circuit voltage to charge: the curve is monotone, its ends hold, and its flat part owns up to it."""

from bms.core import chemistry
from portable import raises


def test_known_points_of_the_curves() -> None:
    nmc = chemistry.index("nmc")
    lfp = chemistry.index("lfp")
    assert chemistry.soc_from_ocv(nmc, 3750) == 500
    assert chemistry.soc_from_ocv(nmc, 4200) == 1000
    assert chemistry.soc_from_ocv(nmc, 2500) == 0
    assert chemistry.soc_from_ocv(lfp, 3278) == 500
    assert chemistry.soc_from_ocv(lfp, 3137) == 50


def test_beyond_the_ends() -> None:
    for kind in range(2):
        assert chemistry.soc_from_ocv(kind, -500) == 0
        assert chemistry.soc_from_ocv(kind, 5000) == 1000


def test_never_falls_as_the_voltage_rises() -> None:
    for kind in range(2):
        last = 0
        for mv in range(1900, 4400):
            soc = chemistry.soc_from_ocv(kind, mv)
            assert last <= soc <= 1000
            last = soc


def test_an_unknown_chemistry_is_refused_with_the_known_ones() -> None:
    assert "nmc, lfp" in str(raises(ValueError, chemistry.index, "lead"))


def test_the_foot_of_the_curve_is_not_yet_empty() -> None:
    assert chemistry.soc_from_ocv(chemistry.index("lfp"), 2837) == 10
    assert chemistry.soc_from_ocv(chemistry.index("nmc"), 2720) == 10
