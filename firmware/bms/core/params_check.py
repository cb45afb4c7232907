"""Whether a set of parameters may be used at all: every reason against it, or none.

A set is applied whole or refused whole, so the check never stops at the first finding: the owner should see
all of them at once. A rule is left out only where a value that it needs is missing or wrong itself. What the
AFE makes of a whole and sound set (steps, shunt range) is judged by `enforce`, with its driver.
"""

from micropython import const

from bms.core import chemistry, params, silicon

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Values

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
    ("pack_uv_clear_mv", "pack_ov_clear_mv"),
    ("full_mv", "pack_ov_mv"),
    ("cell_ov_mv", "charger_ov_mv"),
    ("charger_ov_clear_mv", "charger_ov_mv"),
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
    ("fet_ot_clear_ddegc", "fet_ot_ddegc"),
    ("board_ot_clear_ddegc", "board_ot_ddegc"),
    ("imbalance_clear_mv", "imbalance_mv"),
    ("imbalance_warn_mv", "imbalance_mv"),
    ("stale_ms", "silent_ms"),
    ("aux_min_mv", "aux_clear_mv"),
)


_LONGEST_NAME = const(24)
_IN_NAMES = "-_."  # and letters and digits of ASCII


def check(given: "Values") -> list[str]:
    """Every reason, as a sentence, why `given` (name -> value) may not be used; empty when it may."""
    reasons = []
    sound: "Values" = {}
    for name in given:
        reason = check_one(name, given[name])
        sound[name] = None if reason else given[name]
        if reason and name != params.CHEMISTRY:
            reasons.append(reason)
    kind = sound.get(params.CHEMISTRY)
    if kind is None:
        reasons.append(f"chemistry must be one of: {', '.join(chemistry.NAMES)}; set it first")
    for row in range(len(params.NAMES)):
        name = params.NAMES[row]
        if name not in given and not params.has_default(row):
            reasons.append(f"{name} is not set, and has no default")
    return reasons if kind is None else reasons + _check_together(params.resolve(sound))


def check_one(name: str, value: object) -> str:
    """Why `value` may not be that of a parameter, or an empty string."""
    if name == params.CHEMISTRY:
        known = value in chemistry.NAMES
        return "" if known else f"chemistry must be one of: {', '.join(chemistry.NAMES)}"
    if name == params.PACK_NAME:
        return _check_pack_name(value)
    row = params.index(name)
    return f"'{name}' is not a parameter; 'params' lists them" if row < 0 else check_value(row, value)


def check_value(row: int, value: object) -> str:
    """Why `value` may not be stored in a row, or an empty string."""
    name = params.NAMES[row]
    unit = params.unit(row)
    if isinstance(value, bool) or not isinstance(value, int):
        return f"{name} must be a whole number of {unit or 'units'}, not {value!r}"
    if params.LOW[row] <= value <= params.HIGH[row]:
        return ""
    unit = " " + unit if unit else ""
    return f"{name} = {value}{unit} is outside {params.LOW[row]}..{params.HIGH[row]}{unit}"


def _check_pack_name(value: object) -> str:
    fits = isinstance(value, str) and len(value) <= _LONGEST_NAME
    if isinstance(value, str) and fits:
        for letter in value:
            plain = "a" <= letter <= "z" or "A" <= letter <= "Z" or "0" <= letter <= "9"
            fits = fits and (plain or letter in _IN_NAMES)
    if fits:
        return ""
    return f"pack_name must be at most {_LONGEST_NAME} letters, digits, '-', '_' or '.', not {value!r}"


def _check_together(values: "Values") -> list[str]:
    """Rules that span rows, as far as their values are known: order, what cells stand, pins, watchdogs."""
    reasons = []
    for lesser, greater in ORDER:
        low, high = values[lesser], values[greater]
        if low is not None and high is not None and low >= high:
            reasons.append(f"{lesser} = {low} must be below {greater} = {high}")
    reasons += _check_absolute(values)
    deep_mv, cell_uv_mv = values["deep_mv"], values["cell_uv_mv"]
    if deep_mv is not None and cell_uv_mv is not None and deep_mv > cell_uv_mv - silicon.UV_MARGIN_MV:
        room_mv = cell_uv_mv - silicon.UV_MARGIN_MV
        reasons.append(
            f"deep_mv = {deep_mv} must not be above {room_mv} mV, where the AFE stops a discharge: "
            "a load's sag is no deep discharge"
        )
    if values["fet_thermistor"] and (values["thermistors"] or 0) > 2:
        reasons.append("fet_thermistor = 1 takes TS3, so at most 2 thermistors can sit on cells")
    silent_ms, hwd_s = values["silent_ms"], values["hwd_s"]
    if silent_ms is not None and hwd_s is not None and silent_ms > hwd_s * 1000:
        reasons.append(f"silent_ms = {silent_ms} must not be above hwd_s = {hwd_s} s")
    return reasons


def bounds(kind: int) -> "tuple[tuple[str, int | None, int, int], ...]":
    """What cells of a chemistry stand: (parameter, how far outside it the AFE acts, lowest, highest)."""
    low_mv, high_mv = chemistry.ABSOLUTE_MV[kind]
    charge = chemistry.CHARGE_DDEGC[kind]
    discharge = chemistry.DISCHARGE_DDEGC[kind]
    warm = silicon.TEMP_MARGIN_DDEGC
    return (
        ("cell_ov_mv", silicon.OV_MARGIN_MV, low_mv, high_mv),
        ("cell_ov_perm_mv", None, low_mv, high_mv),
        ("cell_uv_mv", -silicon.UV_MARGIN_MV, low_mv, high_mv),
        ("pack_ov_mv", None, low_mv, high_mv),
        ("pack_uv_mv", None, low_mv, high_mv),
        ("utc_ddegc", -warm, charge[0], charge[1]),
        ("otc_ddegc", warm, charge[0], charge[1]),
        ("utd_ddegc", -warm, discharge[0], discharge[1]),
        ("otd_ddegc", warm, discharge[0], discharge[1]),
    )


def _check_absolute(values: "Values") -> list[str]:
    """What the AFE will enforce, outside our own limits, must still lie inside what the cells stand."""
    reasons = []
    for name, margin, low, high in bounds(chemistry.index(values[params.CHEMISTRY])):
        value = values[name]
        if value is None or low <= value + (margin or 0) <= high:
            continue
        acts = value + (margin or 0)
        unit = params.unit(params.index(name))
        beyond = f"above the {high}" if acts > high else f"below the {low}"
        stand = f"{beyond} {unit} that {values[params.CHEMISTRY]} cells stand"
        if margin is None:
            reasons.append(f"{name} = {acts} {unit} lies {stand}")
        else:
            reasons.append(f"{name} = {value} leaves the AFE no room: it would act at {acts} {unit}, {stand}")
    return reasons
