"""What the owner of the pack asks of layer 2, as causes: each of his limits with its delay and its way back.

The AFE's own limits, a step outside the owner's, appear here too where they may act first: they excuse an
open path, but what they must do is in `limits.ABSOLUTE`.
"""

from dataclasses import dataclass

from packwarden.campaign import limits
from packwarden.campaign.causes import Cause, Ends, Value
from packwarden.campaign.limits import BOTH, CHG, DSG, FIRMWARE_S, SLOW_S
from packwarden.campaign.truth import Truth

# The error of a measurement: of a cell and its rounding, of a thermistor, of the current and its share.
_VOLT = 0.010
_KELVIN = 1.0
_AMPERE = 0.3
_AMPERE_SHARE = 0.025
# Steps of the AFE's comparators, rounded to the safe side (TRM 5.2.4, 5.2.6); those of the short-circuit
# threshold lie that share apart (TRM 5.2.7: 60, 80, 100 mV).
_CELL_STEP_V = 0.0506
_SHUNT_STEP_V = 0.002
_SHORT_STEP = 0.35


@dataclass(frozen=True)
class Pack:
    """What the oracle knows of the pack before the run."""

    chemistry: str
    cells: int
    capacity_ah: float
    shunt_ohm: float
    host_watchdog_s: float
    fet_sensor: bool = False
    contactors: bool = False

    def asked(self, name: str) -> float:
        """A figure of the owner's."""
        return limits.asked(name, self.chemistry, self.capacity_ah)


# fmt: off
def voltages(pack: Pack) -> list[Cause]:
    """Of cells, pack and charger."""
    asked = pack.asked
    knee_v = asked("cell_uv_clear_mv")
    n = pack.cells
    high_s, low_s = asked("cell_ov_ms"), asked("cell_uv_ms")
    # An AFE that has tripped releases a second later than its host watchdog would bite, by a clock that beats
    # once a second (TRM 5.2.16); only then does the firmware's own delay begin.
    afe_s = pack.host_watchdog_s + 2.0

    def apart(t: Truth) -> float:
        """An empty cell falls away from the others as it should; what counts is how far these are above."""
        return t.high_v - max(t.low_v, knee_v)

    return [
        Cause("cell above its limit", lambda t: t.high_v, asked("cell_ov_mv"), high_s, ("CELL_OV",), CHG,
              _VOLT, clear=asked("cell_ov_clear_mv")),
        Cause("cell below its limit", lambda t: -t.low_v, -asked("cell_uv_mv"), low_s, ("CELL_UV",), DSG,
              _VOLT, clear=-asked("cell_uv_clear_mv"), ends=Ends.CHARGING),
        Cause("cell above the AFE's limit", lambda t: t.high_v, asked("cell_ov_mv") + 0.06, 1.0, ("CELL_OV",),
              CHG, _VOLT, _CELL_STEP_V, asked("cell_ov_clear_mv"),
              back_s=afe_s + asked("cell_ov_clear_ms"), binding=False),
        Cause("cell below the AFE's limit", lambda t: -t.low_v, -asked("cell_uv_mv") + 0.1, 1.0, ("CELL_UV",),
              DSG, _VOLT, _CELL_STEP_V, -asked("cell_uv_clear_mv"), Ends.CHARGING,
              back_s=afe_s + asked("cell_uv_clear_ms"), binding=False),
        Cause("cell near its upper limit", lambda t: t.high_v, asked("cell_ov_warn_mv"), 2.0,
              ("CELL_OV_WARN",), 0, _VOLT, clear=asked("cell_ov_warn_mv") - 0.02),
        Cause("cell near its lower limit", lambda t: -t.low_v, -asked("cell_uv_warn_mv"), 5.0,
              ("CELL_UV_WARN",), 0, _VOLT, clear=-asked("cell_uv_warn_mv") - 0.05),
        Cause("cell ruined by over-voltage", lambda t: t.high_v, asked("cell_ov_perm_mv"), 5.0,
              ("CELL_OV_PERM",), BOTH, _VOLT, ends=Ends.NEVER),
        Cause("cell deeply discharged", lambda t: -t.low_v, -asked("deep_mv"), 2.0, ("CELL_DEEP",), DSG,
              _VOLT, clear=-asked("deep_clear_mv"), ends=Ends.CHARGING),
        Cause("cell beyond return", lambda t: -t.low_v, -asked("no_return_mv"), 30.0, ("CELL_DEAD",), BOTH,
              _VOLT, clear=-asked("deep_mv"), ends=Ends.NEVER),
        Cause("pack above its limit", lambda t: t.stack_v / n, asked("pack_ov_mv"), 2.0, ("PACK_OV",), CHG,
              _VOLT, clear=asked("pack_ov_clear_mv")),
        Cause("pack below its limit", lambda t: -t.stack_v / n, -asked("pack_uv_mv"), 5.0, ("PACK_UV",), DSG,
              _VOLT, clear=-asked("pack_uv_clear_mv"), ends=Ends.CHARGING),
        Cause("charger far too high", lambda t: t.outside_v / n, asked("charger_ov_mv"), 1.0, ("CHARGER_OV",),
              CHG, 2 * _VOLT, clear=asked("charger_ov_mv") - 0.05),
        Cause("cells drift apart", lambda t: t.high_v - t.low_v, asked("imbalance_warn_mv"), 10.0,
              ("IMBALANCE_WARN",), 0, 2 * _VOLT, clear=asked("imbalance_warn_mv") - 0.05, binding=False),
        Cause("cells drift apart while none is empty", apart, asked("imbalance_warn_mv"), 10.0,
              ("IMBALANCE_WARN",), 0, 2 * _VOLT, clear=asked("imbalance_warn_mv") - 0.05),
        Cause("cells far apart", apart, asked("imbalance_mv"), asked("imbalance_ms"), ("IMBALANCE",), BOTH,
              2 * _VOLT, clear=asked("imbalance_clear_mv")),
    ]


def currents(pack: Pack) -> list[Cause]:
    """Both ways, by the firmware's slow readings and by the AFE's fast comparators."""
    asked = pack.asked
    step_a = _SHUNT_STEP_V / pack.shunt_ohm
    deep_v = asked("deep_mv")

    def error(amperes: float) -> float:
        return _AMPERE + _AMPERE_SHARE * amperes

    return [
        Cause("charged harder than asked", lambda t: t.current_a, asked("occ_ma"), asked("occ_ms"), ("OCC",),
              CHG, error(asked("occ_ma")), clear=_AMPERE, ends=Ends.CHARGER_GONE),
        Cause("long overload", lambda t: -t.current_a, asked("ocd1_ma"), asked("ocd1_ms"), ("OCD1",), DSG,
              error(asked("ocd1_ma")), clear=_AMPERE, ends=Ends.LOAD_GONE),
        Cause("overload", lambda t: -t.current_a, asked("ocd2_ma"), asked("ocd2_ms"), ("OCD2",), DSG,
              error(asked("ocd2_ma")), clear=_AMPERE, ends=Ends.LOAD_GONE),
        Cause("charge current beyond the AFE's limit", lambda t: t.current_a, 1.25 * asked("occ_ma"), 0.4,
              ("OCC",), CHG, error(0.0), step_a, _AMPERE, Ends.CHARGER_GONE, binding=False),
        Cause("overload beyond the AFE's limit", lambda t: -t.current_a, 1.25 * asked("ocd2_ma"), 0.4,
              ("OCD2",), DSG, error(0.0), step_a, _AMPERE, Ends.LOAD_GONE, binding=False),
        Cause("heavy overload", lambda t: -t.current_a, (asked("ocd2_ma") + asked("scd_ma")) / 2, 0.02,
              ("OCD2",), DSG, error(0.0), step_a, _AMPERE, Ends.LOAD_GONE, act_s=0.02),
        Cause("short circuit", lambda t: -t.current_a, asked("scd_ma"), 0.00012, ("SCD",), DSG, error(0.0),
              _SHORT_STEP * asked("scd_ma"), _AMPERE, Ends.LOAD_GONE, act_s=0.0005, back_s=14.0,
              may_open=BOTH),
        Cause("charger near its limit", lambda t: t.current_a, asked("occ_warn_ma"), 2.0, ("OCC_WARN",), 0,
              error(asked("occ_warn_ma"))),
        Cause("load near its limit", lambda t: -t.current_a, asked("ocd_warn_ma"), 2.0, ("OCD_WARN",), 0,
              error(asked("ocd_warn_ma"))),
        Cause("deeply discharged and charged hard",
              lambda t: t.current_a if t.low_v < deep_v + _VOLT else 0.0, asked("rescue_ma"), 2.0,
              ("RESCUE_OCC",), CHG, _AMPERE, clear=_AMPERE, ends=Ends.CHARGER_GONE,
              act_s=FIRMWARE_S + 2.5),
    ]


def temperatures(pack: Pack) -> list[Cause]:
    """Of the cells that carry a sensor, of FETs and front end."""
    asked = pack.asked
    set_s = asked("temp_ms")
    act_s = FIRMWARE_S + SLOW_S

    def cause(what: str, value: Value, name: str, clear: str, fault: str, opens: int) -> Cause:
        sign = -1 if "cold" in what else 1
        return Cause(what, value, sign * asked(name), set_s, (fault,), opens, _KELVIN,
                     clear=sign * asked(clear), act_s=act_s, back_s=12.0,
                     may_open=BOTH if opens == DSG else opens)

    def warning(what: str, value: Value, name: str, band: float, fault: str, hold_s: float) -> Cause:
        clear = asked(name) - band
        return Cause(what, value, asked(name), hold_s, (fault,), 0, _KELVIN, clear=clear, act_s=act_s)

    return [
        cause("too hot to charge", lambda t: t.hot_c, "otc_ddegc", "otc_clear_ddegc", "OTC", CHG),
        cause("too hot to discharge", lambda t: t.hot_c, "otd_ddegc", "otd_clear_ddegc", "OTD", BOTH),
        cause("too cold to charge", lambda t: -t.cold_c, "utc_ddegc", "utc_clear_ddegc", "UTC", CHG),
        cause("too cold to discharge", lambda t: -t.cold_c, "utd_ddegc", "utd_clear_ddegc", "UTD", DSG),
        Cause("as hot as cells that burn", lambda t: t.hot_c, asked("ot_perm_ddegc"), 5.0, ("OT_PERM",), BOTH,
              _KELVIN, ends=Ends.NEVER, act_s=act_s),
        # Within a minute, looked at every ten seconds: what rose more slowly is seen in part.
        Cause("warming far too fast", lambda t: t.rise_c, asked("temp_rise_ddegc"), 5.0, ("TEMP_RISE",), BOTH,
              _KELVIN, clear=asked("temp_rise_ddegc") - 3.0, back_s=20.0, binding=False),
        Cause("warming much too fast", lambda t: t.rise_c, asked("temp_rise_ddegc") + 3.0, 5.0,
              ("TEMP_RISE",), BOTH, act_s=act_s + 10.0, may_open=0),
        warning("nearly too hot to charge", lambda t: t.hot_c, "otc_warn_ddegc", 2.0, "OTC_WARN", 3.0),
        warning("nearly too hot to discharge", lambda t: t.hot_c, "otd_warn_ddegc", 2.0, "OTD_WARN", 3.0),
        warning("one end much warmer", Truth.spread_c, "temp_spread_ddegc", 3.0, "TEMP_SPREAD", 10.0),
        Cause("FETs too hot", lambda t: t.fet_c if pack.fet_sensor else 0.0, asked("fet_ot_ddegc"), 2.0,
              ("FET_OT",), BOTH, _KELVIN, clear=asked("fet_ot_ddegc") - 15.0, act_s=act_s, back_s=12.0),
        Cause("front end too hot", lambda t: t.world.chip.die_c, 80.0, 2.0, ("BOARD_OT",), BOTH, _KELVIN,
              clear=70.0, act_s=act_s),
    ]
# fmt: on
