"""What the cells themselves allow, per chemistry: absolute limits and the open-circuit voltage curve.

The absolute limits bound what an owner may configure; no parameter can lie outside them. The OCV points (25
degC, rested) give the charge of a rested pack. NMC: the OKane2022 (LG M50) parameter set of PyBaMM. LFP:
About:Energy's LFP 18650 BPX set (CC BY-SA 4.0).
"""

NAMES = ("nmc", "lfp")

# A cell outside these is damaged or about to be. (lowest mV, highest mV)
ABSOLUTE_MV = ((2500, 4350), (2000, 3800))

# Cell temperatures that no setting may leave, charging and discharging, in 0.1 degC. Below freezing lithium
# plates, faster the colder; towards 80 degC the layer on the anode begins to dissolve itself.
CHARGE_DDEGC = ((-150, 600), (-150, 650))
DISCHARGE_DDEGC = ((-400, 750), (-400, 800))

# fmt: off
# The curve in permille of charge, and in mV per chemistry; dense where it bends.
OCV_PERMILLE = (
    0, 10, 20, 30, 50, 75, 100, 150, 200, 250, 300, 350, 400, 450, 500, 550, 600, 650, 700, 750, 800, 850,
    900, 925, 950, 970, 980, 990, 1000,
)
OCV_MV = (
    (
        2500, 2720, 2915, 3015, 3129, 3225, 3313, 3439, 3486, 3532, 3586, 3628, 3666, 3707, 3750, 3799, 3841,
        3887, 3946, 3991, 4040, 4080, 4096, 4102, 4121, 4146, 4161, 4180, 4200,
    ),
    (
        2000, 2837, 2948, 3035, 3137, 3178, 3188, 3204, 3230, 3254, 3267, 3273, 3275, 3276, 3278, 3281, 3286,
        3295, 3306, 3314, 3318, 3320, 3322, 3322, 3323, 3323, 3324, 3334, 3650,
    ),
)
# fmt: on


def index(name: str) -> int:
    """Row of a chemistry in the tables here; ValueError names the known ones."""
    if name in NAMES:
        return NAMES.index(name)
    raise ValueError(f"chemistry '{name}' is not known; use one of: {', '.join(NAMES)}")


def soc_from_ocv(chemistry: int, cell_mv: int) -> int:
    """Charge in permille (0..1000) of a rested cell, linear between the points of the curve."""
    curve = OCV_MV[chemistry]
    if cell_mv <= curve[0]:
        return 0
    i = 1
    while i < len(curve):
        if cell_mv < curve[i]:
            below = OCV_PERMILLE[i - 1]
            span_mv = curve[i] - curve[i - 1]
            return below + (OCV_PERMILLE[i] - below) * (cell_mv - curve[i - 1]) // span_mv
        i += 1
    return 1000


def soc_uncertainty(chemistry: int, cell_mv: int) -> int:
    """Standard deviation in permille of `soc_from_ocv` for a 10 mV error: large where the curve is flat."""
    low = soc_from_ocv(chemistry, cell_mv - 10)
    high = soc_from_ocv(chemistry, cell_mv + 10)
    return max(20, (high - low) // 2)
