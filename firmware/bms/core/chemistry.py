"""What the cells themselves allow, per chemistry: absolute limits and the open-circuit voltage curve.

The absolute limits bound what an owner may configure; no parameter can lie outside them. The OCV points (25
degC, rested) give the charge of a rested pack. NMC: the OKane2022 (LG M50) parameter set of PyBaMM. LFP:
About:Energy's LFP 18650 BPX set (CC BY-SA 4.0).
"""

from array import array

NAMES = ("nmc", "lfp")

# A cell outside these is damaged or about to be. (lowest mV, highest mV)
ABSOLUTE_MV = ((2500, 4350), (2000, 3800))

# Cell temperatures that no setting may leave, charging and discharging, in 0.1 degC. Below freezing lithium
# plates, faster the colder; towards 80 degC the layer on the anode begins to dissolve itself.
CHARGE_DDEGC = ((-150, 600), (-150, 650))
DISCHARGE_DDEGC = ((-400, 750), (-400, 800))

# The curve in permille of charge, and in mV per chemistry; dense where it bends (within 5 mV of the source).
# Cells of the NMC family come to rest between 4.16 and 4.19 V when they are full, so from 900 permille up the
# NMC curve lies between them and its source, by up to 20 mV.
OCV_PERMILLE = array(
    "h",
    (
        0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 60,
        65, 75, 100, 130, 150, 165, 200, 225, 250, 300, 350, 400,
        450, 500, 550, 600, 650, 700, 750, 800, 850, 900, 925, 950, 970, 980, 990, 1000,
    ),
)  # fmt: skip
OCV_MV = (
    array(
        "h",
        (
            2500, 2604, 2720, 2837, 2915, 2970, 3015, 3057,
            3082, 3104, 3129, 3175, 3180, 3225, 3313, 3399, 3439,
            3464, 3486, 3500, 3532, 3586, 3628, 3666, 3707,
            3750, 3799, 3841, 3887, 3946, 3991, 4040, 4080, 4096,
            4098, 4115, 4136, 4148, 4161, 4180,
        ),
    ),
    array(
        "h",
        (
            2000, 2705, 2837, 2896, 2948, 2995, 3035, 3069,
            3096, 3119, 3137, 3161, 3168, 3178, 3188, 3196, 3204,
            3211, 3230, 3243, 3254, 3267, 3273, 3275, 3276,
            3278, 3281, 3286, 3295, 3306, 3314, 3318, 3320, 3322,
            3322, 3323, 3323, 3324, 3334, 3650,
        ),
    ),
)  # fmt: skip

# How far a cell of this chemistry may lie from its curve (standard deviation in mV, hysteresis included), at
# the same eleven charges as the resistances below. NMC is a family: its members differ by 50 mV in the middle
# and agree where they are full.
KNOTS_PERMILLE = array("h", (0, 50, 100, 200, 350, 500, 650, 800, 900, 970, 1000))
CURVE_SIGMA_MV = (
    array("h", (150, 130, 100, 65, 55, 60, 60, 60, 45, 25, 20)),
    array("h", (120, 40, 20, 20, 20, 20, 20, 20, 20, 22, 60)),
)

# A cell's resistance times its capacity (mohm * Ah, which is mV per C-rate) at 25 degC: ohmic, and what two
# relaxations add; fitted to the cells named above.
OHMIC_MV = (
    array("h", (209, 209, 169, 147, 135, 133, 131, 143, 142, 200, 215)),
    array("h", (232, 232, 163, 127, 120, 113, 108, 126, 122, 168, 169)),
)
FAST_MV = (
    array("h", (110, 110, 105, 61, 63, 78, 72, 78, 44, 60, 90)),
    array("h", (87, 87, 23, 26, 12, 13, 14, 11, 16, 13, 12)),
)
SLOW_MV = (
    array("h", (26, 26, 34, 37, 36, 59, 53, 69, 50, 30, 30)),
    array("h", (73, 73, 20, 25, 17, 10, 20, 12, 9, 4, 4)),
)
FAST_S = (30.0, 12.0)
SLOW_S = (320.0, 50.0)
HALVING_K = (28.0, 18.0)  # so many degrees warmer, and the resistance is half


def index(name: str) -> int:
    """Row of a chemistry in the tables here; ValueError names the known ones."""
    if name in NAMES:
        return NAMES.index(name)
    raise ValueError(f"chemistry '{name}' is not known; use one of: {', '.join(NAMES)}")


def soc_from_ocv(chemistry: int, cell_mv: int) -> int:
    """Charge in permille (0..1000) of a rested cell, linear between the points of the curve."""
    curve = OCV_MV[chemistry]
    high = len(curve) - 1
    if cell_mv <= curve[0]:
        return 0
    if cell_mv >= curve[high]:
        return 1000
    low = 0
    while high - low > 1:
        middle = (low + high) >> 1
        if cell_mv < curve[middle]:
            high = middle
        else:
            low = middle
    below = OCV_PERMILLE[low]
    return below + (OCV_PERMILLE[high] - below) * (cell_mv - curve[low]) // (curve[high] - curve[low])


def ocv_mv(chemistry: int, permille: float) -> float:
    """Open-circuit voltage at a charge; beyond the ends the curve goes on as steep as there."""
    return between(OCV_PERMILLE, OCV_MV[chemistry], permille)


def at_knot(row: "array[int]", permille: float) -> float:
    """A row of the tables above at a charge."""
    return between(KNOTS_PERMILLE, row, max(0.0, min(1000.0, permille)))


def between(places: "array[int]", row: "array[int]", at: float) -> float:
    """Linear between the points, and beyond the ends as between the last two."""
    low = 0
    high = len(places) - 1
    while high - low > 1:
        middle = (low + high) >> 1
        if at < places[middle]:
            high = middle
        else:
            low = middle
    return row[low] + (row[high] - row[low]) * (at - places[low]) / (places[high] - places[low])


def ten_s_mv(chemistry: int, permille: float) -> float:
    """What 1 C has built up after ten seconds, in a new cell at 25 degC."""
    fast = 10.0 / FAST_S[chemistry]
    slow = 10.0 / SLOW_S[chemistry]
    return (
        at_knot(OHMIC_MV[chemistry], permille)
        + at_knot(FAST_MV[chemistry], permille) * fast / (1.0 + fast)
        + at_knot(SLOW_MV[chemistry], permille) * slow / (1.0 + slow)
    )
