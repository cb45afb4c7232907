"""What the fitted AFE would make of a whole set of parameters: every reason why it cannot do what is asked.

`params_check` knows the cells and `silicon` what to ask; only the driver knows steps and shunt. A limit must
be within the AFE's reach, and its step must not bring it inside the firmware's own, which acts first.
"""

from micropython import const

from bms.drivers import bq76952_config
from bms.drivers.afe import ConfigError
from bms.drivers.bq76952_registers import ROWS, plan

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Row

# Current limits of the AFE -> the parameter that its own must not undercut. `silicon` asks OCC and OCD1 for
# five quarters of theirs, so four fifths of what is asked of OCD1 is where the firmware's last stage acts.
_WIDER: "tuple[Row, ...]" = (
    ("occ_ma", "occ_ma", "occ_ma"),
    ("ocd1_ma", "ocd1_ma", "ocd2_ma"),
    ("ocd2_ma", "ocd1_ma", "ocd2_ma"),
    ("scd_ma", "ocd1_ma", "ocd2_ma"),
)
# Where an owner's parameter has another name than the limit that `silicon` makes of it.
_MADE_OF = {"ocd1_ma": "ocd2_ma", "ocd2_ma": "scd_ma", "otf_ddegc": "fet_ot_ddegc"}


def unreachable(asked: dict[str, int]) -> list[str]:
    """Sentences about limits that the fitted AFE cannot enforce; empty when it can do all."""
    try:
        applied = plan(asked)[1]
    except ConfigError as error:
        return _refused(asked) or [str(error)]
    return _undercut(asked, applied)


def _refused(asked: dict[str, int]) -> list[str]:
    """Each rule of the AFE's registers by itself."""
    reasons: list[str] = []
    try:
        bq76952_config.check(asked)
    except ConfigError as error:
        return [str(error)]
    for row in ROWS:
        rule = row[3]
        try:
            if rule:
                rule(asked, row[4])
        except ConfigError as error:
            reason = f"{_MADE_OF.get(error.name, error.name)}: the AFE was asked for {error}"
            if reason not in reasons:
                reasons.append(reason)
    return reasons


def _undercut(asked: dict[str, int], applied: dict[str, int]) -> list[str]:
    """Current limits that the step of 2 mV on the shunt brings inside the firmware's own."""
    reasons = []
    for limit, margin, parameter in _WIDER:
        ours_ma = asked[margin] - asked[margin] // 5
        if applied[limit] < ours_ma:
            reasons.append(
                f"{parameter} = {ours_ma}: with {asked['shunt_uohm']} microohm the AFE's {limit} would act "
                f"at {applied[limit]} mA, before the firmware: fit a larger shunt"
            )
    return reasons
