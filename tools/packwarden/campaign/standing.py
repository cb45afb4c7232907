"""The causes that can arise in any run, whatever was broken: what cells, path and controller meet.

What layer 1 answers for is here, with the path and the controller; what the owner asks of layer 2 is in
`owner`.
"""

from collections.abc import Callable
from dataclasses import replace

from packwarden.campaign import limits, owner
from packwarden.campaign.causes import CELLS, CURRENT, HEAT, Cause, Ends
from packwarden.campaign.limits import ABSOLUTE, BOTH, CHG, DSG, FIRMWARE_S, SLOW_S
from packwarden.campaign.owner import Pack
from packwarden.campaign.truth import Truth

_FLOWS_A = 0.05
_TRICKLE_A = 0.15  # the error of a current near zero
_SETTING_UP_S = 4.0  # set-up, three scans and a second to spare
_NEVER = -1e9


def standing(pack: Pack) -> list[Cause]:
    """All of them for this pack."""
    return [
        *_absolute(pack),
        *(replace(cause, reading=CELLS) for cause in owner.voltages(pack)),
        *(replace(cause, reading=CURRENT) for cause in owner.currents(pack)),
        *(replace(cause, reading=HEAT) for cause in owner.temperatures(pack)),
        *(replace(cause, reading=CURRENT) for cause in _path(pack)),
        *_controller(pack),
    ]


def _absolute(pack: Pack) -> list[Cause]:
    """What layer 1 answers for. None of these excuses an open path: the owner's limits are met first."""
    values: dict[str, Callable[[Truth], float]] = {
        "cell too high": lambda t: t.cell_high_v if t.current_a > _FLOWS_A else _NEVER,
        "cell too low": lambda t: -t.cell_low_v if t.current_a < -_FLOWS_A else _NEVER,
        "too hot to charge": lambda t: t.hot_c if t.current_a > _FLOWS_A else _NEVER,
        "too cold to charge": lambda t: -t.cold_c if t.current_a > _FLOWS_A else _NEVER,
        "too hot to discharge": lambda t: t.hot_c if abs(t.current_a) > _FLOWS_A else _NEVER,
        "too cold to discharge": lambda t: -t.cold_c if t.current_a < -_FLOWS_A else _NEVER,
        "charged too hard": lambda t: t.current_a,
        "overloaded": lambda t: -t.current_a,
        "heavily overloaded": lambda t: -t.current_a,
        "shorted": lambda t: -t.current_a,
    }
    low = ("cell too low", "too cold to charge", "too cold to discharge")
    return [
        Cause(
            name,
            value,
            limits.beyond(name, pack.chemistry, pack.capacity_ah) * (-1 if name in low else 1),
            set_s=0.0,
            act_s=ABSOLUTE[name].allowed_s,
            opens=ABSOLUTE[name].opens,
            may_open=0,
            silicon=True,
        )
        for name, value in values.items()
    ]


def _path(pack: Pack) -> list[Cause]:
    """Switches that do not do what they are told."""
    asked = pack.asked
    weld_a = asked("weld_ma")
    # Where a contact is sensed, it speaks before the current does.
    stray: tuple[str, ...] = ("OPEN_CURRENT",)
    if pack.contactors:
        stray += ("FET_MISMATCH", "CHG_WELDED", "DSG_WELDED")

    def past_open(t: Truth) -> float:
        """Current through a direction that is off, and has no resistor to go round by."""
        if t.gates & (CHG if t.current_a > 0.0 else DSG) or (t.current_a < 0.0 and t.precharging()):
            return 0.0
        return abs(t.current_a)

    def dropped(t: Truth) -> float:
        """Voltage across a path that is on."""
        return abs(t.outside_v - t.stack_v) if t.gates == BOTH else 0.0

    # fmt: off
    return [
        Cause("current through a switch that is off", past_open, asked("leak_ma"), 2.0, stray, BOTH,
              _TRICKLE_A, ends=Ends.PRESS),
        Cause("charge switch welded", lambda t: 0.0 if t.gates else t.current_a, weld_a, 3.0, ("CHG_WELDED",),
              BOTH, _TRICKLE_A, ends=Ends.NEVER),
        Cause("discharge switch welded", lambda t: 0.0 if t.gates else -t.current_a, weld_a, 3.0,
              ("DSG_WELDED",), BOTH, _TRICKLE_A, ends=Ends.NEVER),
        Cause("a contactor is closed that should be open", Truth.stray, 0.5, 1.8,
              ("FET_MISMATCH", "CHG_WELDED", "DSG_WELDED"), BOTH, ends=Ends.PRESS),
        Cause("a closed switch that does not conduct", dropped, asked("fet_drop_mv"), 3.0,
              ("FET_STUCK_OPEN",), BOTH, 0.05, ends=Ends.PRESS, act_s=FIRMWARE_S + 0.5),
        Cause("the load is being precharged", Truth.precharging, 0.5, 0.0, (), DSG, back_s=1.0,
              binding=False),
        Cause("the load does not come up", Truth.precharging, 0.5, asked("precharge_ms"), ("PRECHARGE",), DSG,
              ends=Ends.LOAD_GONE, act_s=FIRMWARE_S + 0.3),
    ]
    # fmt: on


def _controller(pack: Pack) -> list[Cause]:
    """The front end within reach, and a firmware that reaches for it."""
    # fmt: off
    return [
        Cause("no firmware runs yet", Truth.booting, 0.5, 0.0, back_s=_SETTING_UP_S, binding=False),
        Cause("nobody asks for the path", lambda t: float(not t.wanted), 0.5, 0.0, back_s=_SETTING_UP_S),
        Cause("no reading comes", Truth.unreachable, 0.5, pack.asked("stale_ms"), ("STALE",), early=0.4,
              binding=False),
        Cause("no reading comes for a while", Truth.unreachable, 0.5, pack.asked("stale_ms"), ("STALE",), 0,
              act_s=FIRMWARE_S + 0.5),
        # It hears no order either: its host watchdog opens.
        Cause("the AFE cannot be reached", Truth.lost, 0.5, pack.asked("silent_ms"), ("AFE_COMMS",),
              ends=Ends.PRESS, act_s=pack.host_watchdog_s + 2 * SLOW_S + limits.FET_LOOP_S),
        Cause("the watchdog has restarted the controller", lambda t: float(t.bitten), 0.5, 0.0,
              ("WATCHDOG_RESET",), 0, ends=Ends.NEVER, act_s=1.0),
        Cause("the AFE has lost its configuration", Truth.unconfigured, 0.5, 0.0, ("AFE_CONFIG",), act_s=1.0,
              back_s=14.0, silicon=True),
        # Without firmware for good, the AFE's host watchdog ends everything.
        Cause("firmware stopped dead", lambda t: 0.0 if t.dead_s is None else t.now_s - t.dead_s,
              pack.host_watchdog_s, 0.0, error=0.3, ends=Ends.NEVER, act_s=SLOW_S + limits.FET_LOOP_S,
              silicon=True),
    ]
    # fmt: on
