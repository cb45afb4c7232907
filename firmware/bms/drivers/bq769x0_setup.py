"""From whatever state a BQ769x0 is in to one that is known, configured and converting; and to sleep.

The chip has no identity to ask for and no mark that says "I was reset": what tells is CC_CFG, which is 0
after any reset and 0x19 after us. Needed for a moment only, so it is loaded only then.
"""

from micropython import const

from bms.drivers.afe import AfeError, BusError, NoAnswerError
from bms.drivers.bq769x0_limits import plan
from bms.drivers.bq769x0_link import Link
from bms.drivers.bq769x0_watch import (
    ADC_EN,
    CC_CFG,
    CC_EN,
    CC_READY,
    SYS_CTRL1,
    SYS_CTRL2,
    SYS_STAT,
    TEMP_SEL,
    XREADY,
    Watch,
)
from bms.drivers.transport import Block

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Generator

_PROTECT1 = const(0x06)
_LATCHES = const(0x9F)  # SYS_STAT: all but XREADY, and the reserved bit
_RESERVED = const(0x0F)  # PROTECT3: to be left as found
_READY = const(0x18)  # SYS_CTRL1: ADC_EN, TEMP_SEL

_STEP_MS = const(2)
_POLL_MS = const(50)
_PATIENCE = const(12)  # polls: a conversion takes 250 ms
_WARM = const(3)  # conversions
_COLD = const(10)  # until cells (0.8 s, 8.3.1.1.2) and thermistors (2 s) have had their turn


def run(
    link: Link, watch: Watch, groups: int, limits: dict[str, int]
) -> "Generator[int, None, dict[str, int]]":
    """Calibration, settings, proof, conversions; what the chip then enforces. Yields milliseconds to wait."""
    yield _STEP_MS
    watch.calibrate()
    image, applied = plan(limits, groups, watch.gain_uv, watch.offset_mv)
    link.read(watch.control)
    control = watch.control.data
    faulty = control[SYS_STAT] & XREADY
    cold = faulty or control[SYS_CTRL1] & _READY != _READY or control[0x0B] != CC_CFG
    image[2] |= control[0x08] & _RESERVED
    yield _STEP_MS
    watch.hold(SYS_CTRL1, ADC_EN | TEMP_SEL)
    watch.hold(SYS_CTRL2, CC_EN)
    for index in range(len(image)):
        watch.hold(_PROTECT1 + index, image[index])
    link.write(SYS_STAT, _LATCHES)
    yield _STEP_MS
    link.read(watch.control)
    watch.verify()
    status = Block(SYS_STAT, 1)
    yield from _conversions(link, status, _COLD if cold else _WARM)
    if faulty:  # may come from a transient, and is to be cleared after a few seconds (table 8-3)
        link.write(SYS_STAT, XREADY)
        yield from _conversions(link, status, 1)
        if status.data[0] & XREADY:
            raise AfeError("the AFE reports an internal fault (DEVICE_XREADY) that does not go away")
    return applied


def shut_down(link: Link) -> None:
    """SHUT_A, SHUT_B: 00, 01, 10, in writes that follow each other (8.4.2); a repeated one spoils it."""
    status = Block(SYS_STAT, 1)
    for _ in range(2):
        try:
            for step in (0, 1, 2):
                link.write(SYS_CTRL1, ADC_EN | step)
            link.read(status)
        except BusError:
            return  # it sleeps, or is out of reach: both are the same silence
    raise NoAnswerError("go to sleep")


def _conversions(link: Link, status: Block, count: int) -> "Generator[int, None, None]":
    for _ in range(count):
        for _ in range(_PATIENCE):
            yield _POLL_MS
            link.read(status)
            if status.data[0] & CC_READY:
                link.write(SYS_STAT, CC_READY)
                break
        else:
            raise NoAnswerError("convert")
