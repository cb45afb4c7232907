"""Holds a board file against the tables of its chip and module: a sentence for everything that is wrong."""

from packwarden.packfile import AFES
from packwarden.wiring.chips import Chip
from packwarden.wiring.roles import ANALOG, COILS, GATES, MONITOR, MONITOR_ANALOG, SENSES, USB_SENSE, Board

LONGEST_TRANSACTION_BITS = 9 * (
    3 + 2 * 40
)  # 40 registers with a CRC each, behind two addresses and a register
SMALL_INT = 1 << 30  # what MicroPython holds without allocating
_FASTEST_HZ = {"bq76952": 400_000, MONITOR: 400_000}  # others: 100 kHz
_SLOW_HZ = 100_000
TAPS_AT, TAP_CHIPS_MOST, METER_AT = 0x48, 4, 0x40
MOST_CELLS = AFES[MONITOR][1]
HIGHEST_CELL_V = 4.3
LEAST_V, MOST_V = 2.0, 3.3  # where a tap of full cells may stand: much less wastes resolution


def problems(board: Board) -> list[str]:
    """Everything that this hardware cannot do as the board file says; empty when all is well."""
    return [
        *_family(board),
        *(sentence for role, pin in board.pins.items() for sentence in _pin(board, role, pin)),
        *_shared(board),
        *_bus(board),
        *_coils(board),
        *_aux(board),
        *_usb(board),
        *(_monitor(board) if board.constants["AFE"] == MONITOR else ()),
    ]


def _family(board: Board) -> list[str]:
    mcu, chip = board.constants.get("MCU"), board.module.chip
    said = f"MCU is {mcu!r}, but the {board.module.title} has an {chip.name}: '{chip.family}'"
    found = [] if mcu == chip.family else [said]
    name, afe = board.constants.get("NAME"), board.constants.get("AFE")
    if name != board.name:
        found.append(f"NAME is {name!r}, but the folder is '{board.name}'")
    return found if afe in AFES else [*found, f"AFE is {afe!r}; known are: {', '.join(AFES)}"]


def _pin(board: Board, role: str, pin: int) -> list[str]:
    chip, module = board.module.chip, board.module
    start = f"{role} = {pin}: GPIO {pin}"
    if pin not in chip.gpio:
        return [f"{start} does not exist on the {chip.name}"]
    if pin in module.used:
        return [f"{start} is {module.used[pin]} on the {module.title}"]
    if pin not in module.header:
        return [f"{start} is not on the header of the {module.title}"]
    if pin in chip.taken:
        return [f"{start} {chip.taken[pin]}"]
    return [f"{start} {reason}" for reason in _unfit(chip, role, pin, board.constants["I2C_ID"])]


def _unfit(chip: Chip, role: str, pin: int, block: int) -> list[str]:
    """Why a pin that is free cannot play this role."""
    if role in (*ANALOG, *MONITOR_ANALOG):
        return [] if pin in chip.adc else [chip.adc_not]
    if pin in chip.input_only:
        return [f"is an input without a pull-up, and {role} needs more"]
    if role in (*COILS, *GATES) and pin in chip.rises:
        return [f"{chip.rises[pin]}: no place for a {'coil' if role in COILS else 'gate'}"]
    lines = {"I2C_SDA": chip.i2c_sda, "I2C_SCL": chip.i2c_scl}.get(role)
    if lines is None or pin in lines.get(block, ()):
        return []
    fit = ", ".join(str(each) for each in sorted(lines.get(block, ())))
    return [f"is not the {role.removeprefix('I2C_')} of I2C {block}; these are: {fit}"]


def _shared(board: Board) -> list[str]:
    users: dict[int, list[str]] = {}
    for role, pin in board.pins.items():
        users.setdefault(pin, []).append(role)
    return [f"GPIO {pin} is {' and '.join(roles)} at once" for pin, roles in users.items() if len(roles) > 1]


def _bus(board: Board) -> list[str]:
    values, chip = board.constants, board.module.chip
    found: list[str] = []
    if values["I2C_ID"] not in range(chip.i2c_blocks):
        found.append(f"I2C_ID = {values['I2C_ID']}: the {chip.name} has {chip.i2c_blocks}, counted from 0")
    if not 0x08 <= values["AFE_ADDRESS"] <= 0x77:
        found.append(f"AFE_ADDRESS = {values['AFE_ADDRESS']} is no bus address: 0x08 to 0x77")
    fastest = _FASTEST_HZ.get(values["AFE"], _SLOW_HZ)
    if not 0 < values["I2C_HZ"] <= fastest:
        return [*found, f"I2C_HZ = {values['I2C_HZ']}: a {values['AFE']} takes up to {fastest}"]
    longest_us = LONGEST_TRANSACTION_BITS * 1_000_000 // values["I2C_HZ"]
    least, most = chip.i2c_timeout_us
    least = max(least, 2 * longest_us)
    if not least <= values["I2C_TIMEOUT_US"] <= most:
        found.append(f"I2C_TIMEOUT_US = {values['I2C_TIMEOUT_US']}: {least} to {most} suit the {chip.name}")
    return found


def _coils(board: Board) -> list[str]:
    pins, chip = board.pins, board.module.chip
    found: list[str] = []
    if ("COIL_CHG" in pins) != ("COIL_DSG" in pins):
        found.append("COIL_CHG and COIL_DSG belong together")
    if "COIL_DSG" not in pins:
        lone = [role for role in ("COIL_PRECHARGE", *SENSES) if role in pins]
        found += [f"{role} has no contactors to go with" for role in lone]
    if chip.pwm_shared:
        channels: dict[int, list[str]] = {}
        for role in COILS:
            if role in pins:
                channels.setdefault(pins[role] % chip.pwm_shared, []).append(role)
        found += [
            f"{' and '.join(roles)} share a PWM channel" for roles in channels.values() if len(roles) > 1
        ]
    return found


def _aux(board: Board) -> list[str]:
    full_mv = board.constants["AUX_FULL_MV"]
    if ("AUX_SENSE" in board.pins) != (full_mv > 0):
        return ["AUX_SENSE and AUX_FULL_MV belong together; without an input the second is 0"]
    if 4095 * full_mv >= SMALL_INT:
        return [f"AUX_FULL_MV = {full_mv} is too much: {SMALL_INT // 4095} at most"]
    return []


def _usb(board: Board) -> list[str]:
    pin, module = board.constants[USB_SENSE], board.module
    if pin is None or pin == module.usb_sense:
        return []
    if module.usb_sense is None:
        return [f"USB_SENSE = {pin}: the {module.title} has no pin that tells its chip of USB; say None"]
    return [f"USB_SENSE = {pin}: on the {module.title} GPIO {module.usb_sense} tells of USB, and no other"]


def _monitor(board: Board) -> list[str]:
    """Converters behind dividers: what has no silicon to protect it needs more of the board."""
    values, pins, found = board.constants, board.pins, list[str]()
    chips, dividers = values["TAP_CHIPS"], values["TAP_KOHM"]
    taken = range(values["AFE_ADDRESS"], values["AFE_ADDRESS"] + chips)
    if not (1 <= chips <= TAP_CHIPS_MOST and taken[0] >= TAPS_AT and taken[-1] < TAPS_AT + TAP_CHIPS_MOST):
        found.append(f"TAP_CHIPS = {chips}: 1 to 4 ADS1115, at addresses in a row from 0x48 to 0x4B")
    if not METER_AT <= values["METER_ADDRESS"] < METER_AT + 16 or values["METER_ADDRESS"] in taken:
        found.append(f"METER_ADDRESS = {values['METER_ADDRESS']}: 0x40 to 0x4F, and no ADS1115's")
    if not 3 <= len(dividers) <= min(4 * chips, MOST_CELLS):
        found.append(f"TAP_KOHM: {len(dividers)} taps; 3 to {MOST_CELLS}, and no more than four a chip")
    for tap, (upper, lower) in enumerate(dividers, start=1):
        volts = tap * HIGHEST_CELL_V * lower / (upper + lower)
        if not LEAST_V <= volts <= MOST_V:
            found.append(
                f"TAP_KOHM: tap {tap} would reach {volts:.2f} V; {LEAST_V} to {MOST_V} V suit the ADS1115"
            )
    reach_mv = values["STACK_FULL_MV"] * board.module.chip.adc_full_mv // 3300
    if reach_mv < 1000 * HIGHEST_CELL_V * len(dividers):
        found.append(
            f"STACK_FULL_MV = {values['STACK_FULL_MV']}: {len(dividers)} cells exceed what the ADC reads"
        )
    if board.contactors == any(gate in pins for gate in GATES) or ("GATE_CHG" in pins) != (
        "GATE_DSG" in pins
    ):
        found.append("GATE_CHG and GATE_DSG belong together, and are there unless contactors are")
    if "ALIVE" not in pins:
        found.append(
            "ALIVE is missing: nothing else opens the path of a front end without silicon protection"
        )
    return found
