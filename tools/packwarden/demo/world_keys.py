"""The keys that play the world around the firmware: one table, and what each row does to the pack.

An action touches only what a person could touch, and returns a sentence saying what was done. What follows
from it is the firmware's business, and is seen on the screen.
"""

from collections.abc import Callable
from typing import NamedTuple

from packwarden.demo import pack
from packwarden.demo.pace import Pace

OVERLOAD_A = 150.0
BROKEN_TAP = 7
SHORT_OHM = 0.005
_WARMER_C = 10.0
_BOUNCE_MS = 5
_UNPOWERED_US = 1_000_000


class Key(NamedTuple):
    """A row of the table: the key as Textual names it, as the footer shows it, and what it is for."""

    key: str
    shown: str
    label: str
    method: str


KEYS = (
    Key("b", "b", "button", "button"),
    Key("9", "9", "9.9 s", "press_too_short"),
    Key("0", "0", "10.5 s", "press_reset"),
    Key("c", "c", "charger", "charger"),
    Key("l", "l", "load", "load"),
    Key("o", "o", "overload", "overload"),
    Key("w", "w", "warmer", "warm"),
    Key("k", "k", "cooler", "cool"),
    Key("t", "t", "cell wire", "wire"),
    Key("s", "s", "short", "short"),
    Key("p", "p", "power", "power"),
    Key("n", "n", "new board", "new_board"),
    Key("f", "f", "finger", "finger"),
    Key("m", "m", "meter", "meter"),
    Key("plus,equals_sign,greater_than_sign,full_stop", "+", "faster", "faster"),
    Key("minus,underscore,less_than_sign,comma", "-", "slower", "slower"),
)


class Player:
    """Somebody standing beside the pack."""

    def __init__(self, demo: pack.Demo, pace: Pace) -> None:
        self.demo = demo
        self.pace = pace
        self.world = demo.world
        self._pressed_us = 0
        self._finger = False
        self.touched = 0  # the thermistor under a finger, from 1

    def play(self, method: str) -> str:
        """Do what a row of `KEYS` names."""
        action: Callable[[], str] = getattr(self, method)
        return action()

    @property
    def held_s(self) -> float | None:
        """How long the button has been down; None while it is up."""
        return (self.world.clock.now_us - self._pressed_us) / 1e6 if self.world.button else None

    @property
    def shorted(self) -> bool:
        """Whether the terminals are shorted now."""
        return self.broken("external_short")

    def broken(self, kind: str) -> bool:
        """Whether something of this kind is broken now."""
        return kind in self.world.faults.active

    def button(self) -> str:
        """Press, or let go: a terminal does not tell when a key is released."""
        self._finger = not self._finger
        if self._finger:
            self._press()
        held_s = self.held_s
        self.world.button = self._finger
        return "button pressed: b lets go" if self._finger else f"button released after {held_s or 0.0:.2f} s"

    def press_too_short(self) -> str:
        """A hold that must do nothing."""
        return self._press_for(9.9)

    def press_reset(self) -> str:
        """A hold that asks for a reset."""
        return self._press_for(10.5)

    def charger(self) -> str:
        """Plug or unplug."""
        self.world.charger = None if self.world.charger else pack.CHARGER
        volts, amps = pack.CHARGER
        return f"charger plugged: {volts} V, {amps:g} A" if self.world.charger else "charger unplugged"

    def load(self) -> str:
        """Pull everything that draws, or hang the drive on again."""
        self.demo.driving = not (self.demo.driving or self.world.load_a)
        self.world.load_a = 0.0
        return "load attached: driving" if self.demo.driving else "load pulled: nothing draws"

    def overload(self) -> str:
        """Switch a load on that is too much."""
        self.world.load_a = 0.0 if self.world.load_a else OVERLOAD_A
        return f"{OVERLOAD_A:g} A more are drawn" if self.world.load_a else "overload switched off"

    def warm(self) -> str:
        """A warmer place, and cells that have been there for a while."""
        return self._move_temperature(_WARMER_C)

    def cool(self) -> str:
        """A cooler place."""
        return self._move_temperature(-_WARMER_C)

    def wire(self) -> str:
        """Break a sense wire, or mend it."""
        where = f"wire between cells {BROKEN_TAP} and {BROKEN_TAP + 1}"
        return self._toggle("open_tap", f"{where} broke", f"{where} mended", tap=BROKEN_TAP)

    def short(self) -> str:
        """Short the terminals, or take the short away."""
        text = f"terminals shorted with {SHORT_OHM * 1000:g} mOhm"
        return self._toggle("external_short", text, "the short is gone", ohm=SHORT_OHM)

    def power(self) -> str:
        """Cut or restore the supply of the controller."""
        self.world.powered = not self.world.powered
        return "controller powered" if self.world.powered else "controller without power"

    def new_board(self) -> str:
        """A controller that knows what the pack is, and not whether it is wired right."""
        world = self.world
        world.charger = None
        world.load_a = 0.0
        self.demo.driving = False
        world.powered = False
        self.demo.session.advance(_UNPOWERED_US)
        pack.make_new(self.demo.board.files)
        world.powered = True
        self.pace.real_time()
        return "not commissioned: b, Tab, unlock, commission"

    def finger(self) -> str:
        """On the next thermistor; after the last one on none."""
        sensors = len(self.world.thermometry.pins)
        self.touched = (self.touched + 1) % (sensors + 1)
        self.world.touch(self.touched)
        return f"a finger on thermistor {self.touched}" if self.touched else "no finger on a thermistor"

    def meter(self) -> str:
        """What a good multimeter reads."""
        return f"the meter shows {sum(self.world.pack.volts):.3f} V and {self.world.current_a:.2f} A"

    def faster(self) -> str:
        """Speed simulated time up."""
        self.pace.faster()
        return ""

    def slower(self) -> str:
        """Slow simulated time down."""
        self.pace.slower()
        return ""

    def _press(self) -> None:
        self._pressed_us = self.world.clock.now_us
        self.pace.real_time()

    def _press_for(self, seconds: float) -> str:
        if self.world.button:
            return "the button is down already"
        self._press()
        self.world.press(seconds, bounce_ms=_BOUNCE_MS)
        return f"button held for {seconds} s"

    def _move_temperature(self, by_c: float) -> str:
        cells = self.world.pack
        self.world.ambient_c += by_c
        cells.temp_c = [each + by_c for each in cells.temp_c]
        return f"pack {abs(by_c):g} K {'warmer' if by_c > 0 else 'cooler'}: {cells.temp_c[0]:.0f} C"

    def _toggle(self, kind: str, broke: str, mended: str, **args: float) -> str:
        if self.broken(kind):
            self.world.clear(kind)
            return mended
        self.world.inject(kind, **args)
        return broke
