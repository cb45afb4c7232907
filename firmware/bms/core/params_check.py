"""Whether a set of parameters may be used at all: every reason against it, or none.

A set is applied whole or refused whole, so the check never stops at the first finding: the owner should see
all of them at once. What the AFE cannot reach (steps, shunt range) is added by its driver, which alone knows.
"""

from micropython import const

from bms.core import chemistry, params, silicon

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Row, Values

# (lesser, greater): each pair must be in this order, whatever the owner chose.
ORDER = (
    ("cell_ov_clear_mv", "cell_ov_mv"),
    ("cell_uv_mv", "cell_uv_clear_mv"),
    ("cell_uv_clear_mv", "cell_ov_clear_mv"),
    ("full_mv", "cell_ov_mv"),
    ("cell_uv_clear_mv", "full_mv"),
    ("cell_ov_warn_mv", "cell_ov_mv"),
    ("cell_ov_mv", "cell_ov_perm_mv"),
    ("cell_uv_mv", "cell_uv_warn_mv"),
    ("cell_uv_warn_mv", "cell_ov_warn_mv"),
    ("no_return_mv", "deep_mv"),
    ("deep_mv", "cell_uv_mv"),
    ("deep_mv", "deep_clear_mv"),
    ("deep_clear_mv", "cell_uv_clear_mv"),
    ("pack_ov_clear_mv", "pack_ov_mv"),
    ("pack_uv_mv", "pack_uv_clear_mv"),
    ("full_mv", "pack_ov_mv"),
    ("cell_ov_mv", "charger_ov_mv"),
    ("balance_min_mv", "cell_ov_mv"),
    ("cell_uv_clear_mv", "balance_min_mv"),
    ("occ_warn_ma", "occ_ma"),
    ("rescue_ma", "occ_ma"),
    ("ocd_warn_ma", "ocd1_ma"),
    ("ocd1_ma", "ocd2_ma"),
    ("ocd2_ma", "scd_ma"),
    ("full_ma", "occ_ma"),
    ("leak_ma", "weld_ma"),
    ("utc_ddegc", "utc_clear_ddegc"),
    ("utc_clear_ddegc", "otc_clear_ddegc"),
    ("otc_clear_ddegc", "otc_ddegc"),
    ("otc_warn_ddegc", "otc_ddegc"),
    ("otc_ddegc", "otd_ddegc"),
    ("otd_warn_ddegc", "otd_ddegc"),
    ("otd_ddegc", "ot_perm_ddegc"),
    ("utd_ddegc", "utd_clear_ddegc"),
    ("utd_ddegc", "utc_ddegc"),
    ("otd_clear_ddegc", "otd_ddegc"),
    ("imbalance_clear_mv", "imbalance_mv"),
    ("imbalance_warn_mv", "imbalance_mv"),
    ("stale_ms", "silent_ms"),
)


def check(given: "Values") -> list[str]:
    """Every reason, as a sentence, why `given` (name -> value) may not be used; empty when it may."""
    reasons = _check_names(given)
    for row in params.ROWS:
        name = row[params.NAME]
        if name in given:
            reason = check_value(row, given[name])
            if reason:
                reasons.append(reason)
    return reasons or _check_together(params.resolve(given))


def check_value(row: "Row", value: object) -> str:
    """Why `value` may not be stored in `row`, or an empty string."""
    name = row[params.NAME]
    if isinstance(value, bool) or not isinstance(value, int):
        return f"{name} must be a whole number of {row[params.UNIT] or 'units'}, not {value!r}"
    if not row[params.LOW] <= value <= row[params.HIGH]:
        unit = row[params.UNIT]
        return f"{name} = {value} {unit} is outside {row[params.LOW]}..{row[params.HIGH]} {unit}"
    return ""


def _check_names(given: "Values") -> list[str]:
    """Unknown names, and values that have no default and were not given."""
    reasons = []
    for name in given:
        if name != params.CHEMISTRY and params.find(name) is None:
            reasons.append(f"'{name}' is not a parameter; 'params' lists them")
    if given.get(params.CHEMISTRY) not in chemistry.NAMES:
        reasons.append(f"chemistry must be one of: {', '.join(chemistry.NAMES)}; set it first")
    for row in params.ROWS:
        if row[params.NMC] == params.UNSET and row[params.NAME] not in given:
            reasons.append(f"{row[params.NAME]} is not set: {row[params.HELP]}")
    return reasons


def _check_together(values: "Values") -> list[str]:
    """Rules that span rows: order, the chemistry's absolute limits, the AFE's watchdog after ours."""
    reasons = []
    for lesser, greater in ORDER:
        if values[lesser] >= values[greater]:
            reasons.append(f"{lesser} = {values[lesser]} must be below {greater} = {values[greater]}")
    reasons += _check_silicon(values)
    room_mv = silicon.derive(values)["cell_uv_mv"]
    if values["deep_mv"] > room_mv:
        reasons.append(
            f"deep_mv = {values['deep_mv']} must not be above {room_mv} mV, where the AFE stops a discharge: "
            "a load's sag is no deep discharge"
        )
    if values["fet_thermistor"] and values["thermistors"] > 2:
        reasons.append("fet_thermistor = 1 takes TS3, so at most 2 thermistors can sit on cells")
    if values["silent_ms"] > values["hwd_s"] * 1000:
        reasons.append(f"silent_ms = {values['silent_ms']} must not be above hwd_s = {values['hwd_s']} s")
    return reasons


def _check_silicon(values: "Values") -> list[str]:
    """What the AFE will enforce, outside our own limits, must still lie inside what the cells stand."""
    kind = chemistry.index(values[params.CHEMISTRY])
    asked = silicon.derive(values)
    reasons = []
    bounds: "tuple[tuple[str, str, int, int], ...]" = (
        ("cell_ov_mv", "mV", 0, chemistry.ABSOLUTE_MV[kind][1]),
        ("cell_ov_perm_mv", "mV", 0, chemistry.ABSOLUTE_MV[kind][1]),
        ("cell_uv_mv", "mV", chemistry.ABSOLUTE_MV[kind][0], values["cell_ov_mv"]),
        ("utc_ddegc", "ddegC", chemistry.CHARGE_DDEGC[kind][0], values["otc_ddegc"]),
        ("otc_ddegc", "ddegC", values["utc_ddegc"], chemistry.CHARGE_DDEGC[kind][1]),
        ("utd_ddegc", "ddegC", chemistry.DISCHARGE_DDEGC[kind][0], values["otd_ddegc"]),
        ("otd_ddegc", "ddegC", values["utd_ddegc"], chemistry.DISCHARGE_DDEGC[kind][1]),
    )
    for name, unit, low, high in bounds:
        acts: int = asked[name] if name in asked else values[name]
        if low <= acts <= high:
            continue
        beyond = f"above the {high}" if acts > high else f"below the {low}"
        stand = f"{beyond} {unit} that {values[params.CHEMISTRY]} cells stand"
        if name in asked:
            reasons.append(
                f"{name} = {values[name]} leaves the AFE no room: it would act at {acts} {unit}, {stand}"
            )
        else:
            reasons.append(f"{name} = {acts} {unit} lies {stand}")
    return reasons
