"""What the temperature inputs of the front end see: thermistors on cells, and its own die.

Sensors sit evenly along the stack, each on one cell: a hot cell between two of them goes unseen, as in life.
"""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from packwarden.sim.bq76952 import Bq76952
    from packwarden.sim.pack import Pack

# The die is warmer than the room, and every balancing switch that conducts adds to it.
DIE_RISE_C = 3.0
_DIE_RISE_PER_BLEED_C = 4.0


def push_temperatures(
    chip: "Bq76952", pack: "Pack", pins: "list[str]", broken: "dict[str, str | None]", die_rise_c: float
) -> None:
    """Put the temperatures of now on the pins; a broken sensor is None (open) or 'short'."""
    temp_c = pack.temp_c
    for k, pin in enumerate(pins):
        chip.pins_c[pin] = temp_c[(2 * k + 1) * len(temp_c) // (2 * len(pins))]
    for pin, state in broken.items():
        chip.pins_c[pin] = state
    bleeds = 0
    for k in range(16):
        bleeds += chip.balancing >> k & 1
    chip.die_c = pack.ambient_c + die_rise_c + _DIE_RISE_PER_BLEED_C * bleeds
