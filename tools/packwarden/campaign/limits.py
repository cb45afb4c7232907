"""What cells stand, what their owner asks, and how fast each layer is: the campaign's own figures.

Nothing here is read from the firmware. The owner's limits are written to the simulated controller's flash as
its parameters, so that both sides speak of the same pack; whether they are kept is judged on the true
voltages, temperatures and currents of that pack.
"""

from dataclasses import dataclass

CHEMISTRIES = ("nmc", "lfp")
CHG, DSG, BOTH = 1, 2, 3

# How long a layer takes, besides the delay that its protection was given.
SCAN_S = 0.063  # the AFE's ADC goes round once (TRM 4.1.1, with three thermistors)
CYCLE_S = 0.1  # the firmware decides ten times a second
FIRMWARE_S = SCAN_S + CYCLE_S + 0.1  # and a cycle may begin late
SLOW_S = 1.0  # the AFE looks at temperatures and its host watchdog once a second (TRM 6.9)
BALANCING_S = 1.0  # and, while it bleeds cells, no more often at their voltages (TRM 10.2)
FET_LOOP_S = 0.25  # what the AFE does not switch at once it switches within this (TRM 5.2.3)
HOST_WATCHDOG_S = 5.0  # unless the owner asks for more
LONGEST_WATCHDOG_S = 10.0


@dataclass(frozen=True)
class Limit:
    """A state in which current harms the cells: it may last `allowed_s`, then the path must be open."""

    unit: str
    beyond: tuple[float, float]  # NMC, LFP; "C": times the capacity
    allowed_s: float
    opens: int  # the direction in which current harms
    source: str


_VOLTS_S = 1.1 + BALANCING_S + FET_LOOP_S
_HEAT_S = 5.0 + 2 * SLOW_S + FET_LOOP_S

# Layer 1 alone must keep the cells inside these, whatever the firmware does.
ABSOLUTE = {
    "cell too high": Limit(
        "V", (4.35, 3.80), _VOLTS_S, CHG,
        "100 mV beyond what cell data sheets let a charger do: NMC 4.20 + 0.05 V, LFP 3.65 + 0.05 V",
    ),
    "cell too low": Limit(
        "V", (2.50, 2.00), _VOLTS_S, DSG,
        "the cut-off voltages of cell data sheets; below them the copper of the anode begins to dissolve",
    ),
    "too hot to charge": Limit(
        "degC", (50.0, 60.0), _HEAT_S, CHG, "the cell's surface while charging, in cell data sheets"
    ),
    "too cold to charge": Limit(
        "degC", (-5.0, -5.0), _HEAT_S, CHG, "5 K below the 0 degC of cell data sheets: lithium plates"
    ),
    "too hot to discharge": Limit(
        "degC", (70.0, 70.0), _HEAT_S, BOTH, "10 K below the 80 degC that cell data sheets give the surface"
    ),
    "too cold to discharge": Limit(
        "degC", (-25.0, -25.0), _HEAT_S, DSG, "5 K below the -20 degC of cell data sheets"
    ),
    "charged too hard": Limit(
        "C", (1.4, 1.1), 0.5, CHG, "energy cells take 1 C; half a second is the AFE's slowest comparator"
    ),
    "overloaded": Limit(
        "C", (4.0, 2.8), 0.5, DSG, "a third above the pulse rate of energy cells: NMC 3 C, LFP 2 C"
    ),
    "heavily overloaded": Limit(
        "C", (6.0, 4.2), 0.04, DSG, "twice the pulse rate: in 40 ms as much heat as in half a second of 1.7 C"
    ),
    "shorted": Limit(
        "C", (8.2, 6.2), 0.001, DSG, "what FETs stand for a millisecond; IEC 62619 7.2.1 is the cell's side"
    ),
}  # fmt: skip

# What the owner asks of layer 2, by parameter: NMC, LFP. Volts, seconds, degC; currents in C.
OWNER: dict[str, tuple[float, float]] = {
    "cell_ov_warn_mv": (4.215, 3.66),
    "cell_ov_mv": (4.25, 3.70),
    "cell_ov_clear_mv": (4.15, 3.50),
    "cell_ov_perm_mv": (4.35, 3.80),
    "cell_ov_ms": (1.0, 1.0),
    "cell_ov_clear_ms": (3.0, 3.0),
    "cell_uv_warn_mv": (2.95, 2.65),
    "cell_uv_mv": (2.80, 2.50),
    "cell_uv_clear_mv": (3.10, 2.90),
    "cell_uv_ms": (2.0, 2.0),
    "cell_uv_clear_ms": (2.0, 2.0),
    "deep_mv": (2.50, 2.00),
    "deep_clear_mv": (2.60, 2.10),
    "no_return_mv": (1.50, 1.50),
    "pack_ov_mv": (4.27, 3.72),
    "pack_ov_clear_mv": (4.15, 3.50),
    "pack_uv_mv": (2.75, 2.45),
    "pack_uv_clear_mv": (3.10, 2.90),
    "charger_ov_mv": (4.40, 3.90),
    "imbalance_warn_mv": (0.50, 0.50),
    "imbalance_mv": (0.80, 0.80),
    "imbalance_clear_mv": (0.50, 0.50),
    "imbalance_ms": (10.0, 10.0),
    "jump_mv": (0.50, 0.50),
    "stack_error_mv": (0.05, 0.05),
    "stack_error_ms": (2.0, 2.0),
    "fet_drop_mv": (0.50, 0.50),
    "occ_warn_ma": (0.95, 0.665),
    "occ_ma": (1.0, 0.7),
    "occ_ms": (2.0, 2.0),
    "ocd_warn_ma": (1.9, 1.14),
    "ocd1_ma": (2.0, 1.2),
    "ocd1_ms": (5.0, 5.0),
    "ocd2_ma": (3.0, 2.0),
    "ocd2_ms": (0.5, 0.5),
    "scd_ma": (8.0, 6.0),
    "weld_ma": (0.03, 0.03),
    "leak_ma": (0.015, 0.015),
    "rescue_ma": (0.05, 0.05),
    "otc_warn_ddegc": (42.0, 47.0),
    "otc_ddegc": (45.0, 50.0),
    "otc_clear_ddegc": (40.0, 45.0),
    "utc_ddegc": (0.0, 0.0),
    "utc_clear_ddegc": (3.0, 3.0),
    "otd_warn_ddegc": (57.0, 57.0),
    "otd_ddegc": (60.0, 60.0),
    "otd_clear_ddegc": (55.0, 55.0),
    "utd_ddegc": (-20.0, -20.0),
    "utd_clear_ddegc": (-15.0, -15.0),
    "ot_perm_ddegc": (85.0, 85.0),
    "fet_ot_ddegc": (90.0, 90.0),
    "temp_spread_ddegc": (15.0, 15.0),
    "temp_rise_ddegc": (10.0, 10.0),  # within a minute
    "temp_ms": (3.0, 3.0),
    "stale_ms": (0.5, 0.5),
    "silent_ms": (3.0, 3.0),
    "precharge_ms": (2.0, 2.0),
}
_PER_UNIT = {"mv": 1000.0, "ms": 1000.0, "ma": 1000.0, "ddegc": 10.0}


def asked(name: str, chemistry: str, capacity_ah: float) -> float:
    """The owner's figure: volts, seconds, degC or amperes."""
    value = OWNER[name][CHEMISTRIES.index(chemistry)]
    return value * capacity_ah if name.endswith("_ma") else value


def parameters(chemistry: str, capacity_ah: float) -> dict[str, int]:
    """All that the owner asks, as the firmware stores it."""
    return {
        name: round(asked(name, chemistry, capacity_ah) * _PER_UNIT[name.rpartition("_")[2]])
        for name in OWNER
    }


def beyond(name: str, chemistry: str, capacity_ah: float) -> float:
    """An absolute limit: volts, degC or amperes."""
    limit = ABSOLUTE[name]
    value = limit.beyond[CHEMISTRIES.index(chemistry)]
    return value * capacity_ah if limit.unit == "C" else value
