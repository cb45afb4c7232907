"""Status registers of the simulated BQ76952, put together when the host looks (TRM 12.1, 12.2)."""

import struct

from packwarden.sim.bq76952_sequence import DEEPSLEEP, NORMAL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packwarden.sim.bq76952 import Bq76952


def publish_registers(chip: "Bq76952") -> None:
    """Bring the image of the direct commands up to date."""
    image = chip.image
    protection = chip.protection
    permanent = chip.permanent
    if chip.working:
        chip.meter.publish(image, chip.sequence.mode == NORMAL and not chip.sequence.sleep.resting)
    image[0x00] = (4 if chip.sequence.mode == DEEPSLEEP else 0) | (1 if chip.load_detect else 0)
    image[0x01] = 0
    image[0x02], image[0x03] = protection.alert_a, protection.status_a
    image[0x04], image[0x05] = protection.alert_b, protection.status_b
    image[0x06], image[0x07] = protection.alert_c, protection.status_c
    for group in range(4):
        image[0x0A + 2 * group] = permanent.alerts[group]
        image[0x0B + 2 * group] = permanent.statuses[group]
    struct.pack_into("<H", image, 0x12, _battery_status(chip))
    alarms = chip.alarms
    struct.pack_into("<3H", image, 0x62, alarms.latched, alarms.raw(), alarms.enable)
    image[0x7F] = chip.fets.on | (0x40 if chip.alert else 0)


def _battery_status(chip: "Bq76952") -> int:
    protection = chip.protection
    status = chip.security << 8 | 0x80  # OTPB: writing OTP is blocked
    if chip.asleep:
        status |= 0x8000
    if chip.sequence.shutting_down:
        status |= 0x2000
    if chip.permanent.failed:
        status |= 0x1000
    if protection.status_a or protection.status_b or protection.status_c:
        status |= 0x0800
    if chip.watchdog_reset:
        status |= 0x0010
    if chip.power_on_reset:
        status |= 0x0008
    if chip.sequence.sleep.enabled:
        status |= 0x0004
    if chip.fets.precharging:
        status |= 0x0002
    if chip.configuring:
        status |= 0x0001
    return status
