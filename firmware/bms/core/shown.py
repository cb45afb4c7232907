"""The charge that people see: what is believed, without its jumps.

Evidence may move what is believed by a third of the pack at once: a full charge, a rested voltage, a reset. A
gauge that leaps is not trusted even when it has just become right, so what is shown counts every coulomb as
it flows and goes after a correction at 5 % a minute: whatever it was off by, it is there within the twenty
minutes of use that people are told. Nothing but eyes goes by this figure.
"""

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.core.soc import ChargeCounter

PER_MIN = const(50)  # permille
SETTLE_MIN = const(20)  # of use, from a reset without rest until the voltage has agreed
_RATE = 50.0 / 60.0  # permille a second
_SEEN = const(10)  # permille: less than this is no gliding that anybody would notice
# What is believed is this unsure after such a reset, and sure enough again at that, in permille.
_BEGIN = const(150)
_END = const(60)


class Shown:
    """What is shown, as the distance from what is believed."""

    def __init__(self, soc: "ChargeCounter") -> None:
        self._soc = soc
        self.gap = 0.0  # permille above what is believed
        self._before = -1  # what was believed a second ago; -1: nothing yet

    @property
    def permille(self) -> int:
        """What a person is told, 0..1000."""
        if self._before < 0:
            return self._soc.permille
        return max(0, min(1000, self._before + int(self.gap + (0.5 if self.gap > 0.0 else -0.5))))

    @property
    def sigma_permille(self) -> int:
        """How far that may be from the truth: what is still to go counts in full."""
        sigma = self._soc.sigma_permille
        return min(300, int((sigma * sigma + self.gap * self.gap) ** 0.5 + 0.5))

    @property
    def settling(self) -> bool:
        """Unsure after a reset, or on its way to what is believed."""
        return self._soc.settling or self.gap > _SEEN or self.gap < -_SEEN

    def second(self) -> None:
        """Once a second, after the charge has been looked at. Allocates nothing but floats."""
        soc = self._soc
        believed = soc.permille
        if self._before >= 0:
            gap = self.gap + self._before + soc.moved_share * 1000.0 - believed
            gap = max(gap - _RATE, min(0.0, gap + _RATE))
            self.gap = max(-believed * 1.0, min(1000.0 - believed, gap))
        if soc.known:
            self._before = believed

    def left_min(self) -> int:
        """Minutes of use, about, until it has settled; 0 if it has."""
        if not self.settling:
            return 0
        glide_min = abs(self.gap) / PER_MIN
        unsure = (self._soc.sigma_permille - _END) / (_BEGIN - _END) if self._soc.settling else 0.0
        return 1 + int(max(glide_min, SETTLE_MIN * max(0.0, min(1.0, unsure)) - 0.5))
