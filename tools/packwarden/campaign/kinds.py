"""One entry for each fault kind of the simulator: how hard it strikes, what physics says must follow.

A fault that only changes the pack (a weak cell, a short) needs no causes here: what it does to voltages,
currents and temperatures is judged by the standing ones. An entry adds what can be told from nothing else,
and names the readings that the fault spoils, because nobody can protect by a reading that is not there.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from packwarden.campaign import draws
from packwarden.campaign.causes import CELLS, CURRENT, HEAT, ORDERS, Cause, Ends
from packwarden.campaign.classes import FAULTS
from packwarden.campaign.draws import Draw
from packwarden.campaign.limits import CYCLE_S, FET_LOOP_S, FIRMWARE_S, HOST_WATCHDOG_S, SCAN_S, SLOW_S
from packwarden.campaign.truth import Truth

NO_FAULT = "none"

_SEEN_S = FIRMWARE_S + 0.5  # by comparing some scans with those before
_READ_S = FIRMWARE_S + SLOW_S  # of temperatures
_CONFIG_S = 10.0  # all of the configuration is read back within this


@dataclass(frozen=True)
class Kind:
    """An entry of the plan."""

    draw: Callable[[Draw], dict[str, Any]] = draws.nothing
    causes: tuple[Cause, ...] = ()
    allows: tuple[str, ...] = ()  # what may be reported besides, while it is there
    spoils: tuple[str, ...] = ()
    holds_s: tuple[float, float] = (8.0, 15.0)
    tells: tuple[str, ...] = ()  # one of these must be reported at some time
    with_dead: bool = True  # also with the firmware stopped dead
    spec: dict[str, Any] = field(default_factory=dict[str, Any])  # what must be fitted to have it
    parameters: dict[str, int] = field(default_factory=dict[str, int])


_AS_THE_CELLS = (
    "CELL_OV",
    "CELL_OV_WARN",
    "IMBALANCE",
    "IMBALANCE_WARN",
)  # over once the real cells are calm
_CALM_S = 60.0


def allowed(fault: str) -> Cause:
    """A report that a fault may bring about while it is there, and that ends by its own rule."""
    opens, ends = FAULTS[fault]
    what = f"{fault} by what is broken"
    back_s = _CALM_S if fault in _AS_THE_CELLS else 14.0
    return Cause(what, Truth.there, 0.5, 0.0, (fault,), opens, ends=ends, back_s=back_s, binding=False)


# fmt: off
_BY_TAP = (
    "CELL_OV_WARN", "CELL_OV", "CELL_UV_WARN", "CELL_UV", "CELL_DEEP", "IMBALANCE_WARN", "IMBALANCE",
    "CELL_JUMP", "STACK_SUM", "OPEN_TAP", "TAPS_SWAPPED", "FROZEN_CELL",
)
# A flipped bit may move any limit of the AFE's, or what it measures by.
_BY_CONFIG = (
    "CELL_OV", "CELL_UV_WARN", "CELL_UV", "CELL_DEEP", "OCC", "OCD2", "SCD", "OTC", "OTD", "UTC", "UTD",
    "CELL_JUMP", "IMBALANCE_WARN", "IMBALANCE", "STACK_SUM", "OPEN_TAP", "TAPS_SWAPPED", "THERMISTOR_OPEN",
    "THERMISTOR_SHORT", "STALE", "AFE_FAULT", "HOST_SILENT", "FET_MISMATCH", "FET_STUCK_OPEN",
)

KINDS: dict[str, Kind] = {
    NO_FAULT: Kind(),
    # In the pack.
    "cell_short": Kind(
        lambda d: {"cell": d.cell, "ohm": d.between(0.05, 2.0)},
        allows=("CELL_JUMP", "FROZEN_CELL"), holds_s=(8.0, 40.0)),  # what drains it may undo what a load does
    "cell_weak": Kind(draws.weak, allows=("CELL_JUMP",)),
    "contact_resistance": Kind(
        lambda d: {"cell": d.cell, "ohm": d.between(0.001, 0.02)}, allows=("CELL_JUMP",)),
    "cell_hot": Kind(lambda d: {"cell": d.sensed, "watts": d.between(5.0, 300.0)}, holds_s=(12.0, 25.0)),
    # In what is read of it.
    "open_tap": Kind(
        lambda d: {"tap": d.tap},
        (Cause("a sense wire has sunk", lambda t: t.sunk_v() - t.spread_v(), 0.8, 1.0, _BY_TAP,
               act_s=_SEEN_S, early=0.8),),
        _BY_TAP, (CELLS,), tells=("OPEN_TAP", "CELL_JUMP", "STACK_SUM")),
    "swapped_taps": Kind(
        draws.swapped,
        (Cause("two sense wires changed places", Truth.there, 0.5, 1.0, _BY_TAP, act_s=_SEEN_S + 0.5),),
        _BY_TAP, (CELLS,), tells=("TAPS_SWAPPED",)),
    "tap_resistance": Kind(
        lambda d: {"tap": d.tap, "ohm": d.between(10.0, 10_000.0)}, (), _BY_TAP, (CELLS,)),
    "thermistor_open": Kind(
        lambda d: {"sensor": 3 if d.last else 1},
        (Cause("a thermistor is cut", Truth.there, 0.5, 1.0, ("THERMISTOR_OPEN",), act_s=_READ_S),),
        ("UTC", "UTD"), (HEAT,)),  # the AFE takes it for a very cold one
    "thermistor_short": Kind(
        lambda d: {"sensor": 3 if d.last else 1},
        (Cause("a thermistor is shorted", Truth.there, 0.5, 1.0, ("THERMISTOR_SHORT",), act_s=_READ_S),),
        ("OTC", "OTD"), (HEAT,)),  # the AFE takes it for a very hot one
    "frozen_reading": Kind(
        draws.frozen,
        (Cause("one reading stands still while the others move", Truth.drift_v, 0.10, 2.0,
               ("FROZEN_CELL", "STACK_SUM", "FROZEN_AFE"), act_s=_SEEN_S),
         Cause("nothing moves though current flows", Truth.still_a, 1.0, 30.0, ("FROZEN_AFE",),
               act_s=_SEEN_S)),
        ("FROZEN_AFE", "FET_STUCK_OPEN", "FET_MISMATCH", "THERMISTOR_OPEN", "UTC", "UTD", *_BY_TAP),
        (CELLS, HEAT, CURRENT), (12.0, 36.0)),
    "current_sensor_offset": Kind(
        lambda d: {"amps": d.between(0.1, 40.0) * d.rng.choice((-1, 1))},
        (), ("OCC_WARN", "OCC", "OCD_WARN", "OCD1", "OCD2", "RESCUE_OCC", "OPEN_CURRENT", "FET_MISMATCH",
         "CHG_WELDED", "DSG_WELDED"),  # a charger outside holds the stack's voltage as a weld would
        (CURRENT,)),
    # On the bus and in the front end.
    "nack": Kind(draws.nack, allows=("BUS_NOISY", "STALE")),
    "stuck_bus": Kind(
        lambda d: {"hold": d.rng.random() < 0.6}, (), ("BUS_NOISY",), (ORDERS,), (0.5, 10.0)),
    "afe_silent": Kind(draws.nothing, (), ("BUS_NOISY",), (ORDERS,), (0.2, 10.0)),
    "afe_brownout": Kind(
        draws.nothing, (), ("BUS_NOISY", "STALE"), (ORDERS,), (0.5, 1.5), tells=("AFE_CONFIG",)),
    "bit_flip_config": Kind(
        draws.flipped,
        (Cause("the AFE's configuration has changed", Truth.altered, 0.5, 0.0, ("AFE_CONFIG",),
               act_s=_CONFIG_S + FIRMWARE_S),),
        _BY_CONFIG, (CELLS, HEAT, CURRENT), (11.0, 13.0), tells=("AFE_CONFIG",)),
    # In the path.
    "chg_fet_stuck_on": Kind(holds_s=(8.0, 30.0)),
    "chg_fet_stuck_off": Kind(),
    "dsg_fet_stuck_on": Kind(holds_s=(8.0, 30.0)),
    "dsg_fet_stuck_off": Kind(),
    "fet_hot": Kind(
        lambda d: {"watts": d.between(10.0, 55.0)},
        holds_s=(10.0, 25.0),
        spec={"fet_thermistor": True}, parameters={"fet_thermistor": 1, "thermistors": 2}),
    "contactor_welded": Kind(
        lambda d: {"which": d.contactor}, (), ("CHG_WELDED", "DSG_WELDED"), spec={"contactors": True}),
    "contactor_stuck_open": Kind(
        lambda d: {"which": d.contactor},
        (Cause("a contact does not stay closed", Truth.apart, 0.5, 0.0, binding=False),
         Cause("a contact stays open", Truth.apart, 0.5, 1.5, ("FET_MISMATCH",), act_s=_SEEN_S,
               ends=Ends.PRESS)),
        ("FET_MISMATCH",),
        spec={"contactors": True}),
    # Outside.
    "fuse_open": Kind(),
    "charger_fault": Kind(lambda d: {"volts": d.cells * d.rng.uniform(4.0, 6.0)}),
    "external_short": Kind(lambda d: {"ohm": d.between(0.002, 0.08)}),
    "impact": Kind(
        draws.nothing,
        (Cause("an impact", Truth.there, 0.5, 0.0, ("IMPACT",), act_s=2 * CYCLE_S + SCAN_S,
               ends=Ends.NEVER),),
        holds_s=(0.5, 3.0), tells=("IMPACT",)),
    # In the controller.
    "hung_firmware": Kind(
        draws.nothing,
        (Cause("the firmware hangs", Truth.hung, 0.5, HOST_WATCHDOG_S, ("HOST_SILENT",),
               act_s=SLOW_S + FET_LOOP_S, early=0.4, back_s=14.0),),
        ("CYCLE_OVERRUN", "STALE"), (ORDERS,), (0.5, 14.0), with_dead=False),
}
# fmt: on
