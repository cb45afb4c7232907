"""The owner's parameters: loaded, checked, staged and saved whole.

`set` only stages a value. `save` checks the staged set as a whole, writes it and asks for a restart, so a
running pack never works with half a change.
"""

from micropython import const

from bms.core import params, params_check, silicon
from bms.services.command import CommandError
from bms.services.storage import Record, explain

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable

    from bms.ports import Files, Values


class Settings:
    """`given` is what the owner said; `values` is the whole resolved set, or empty while it is not usable."""

    def __init__(self, files: "Files", reachable: "Callable[[dict[str, int]], list[str]]") -> None:
        self._record = Record(files, "params")
        self._reachable = reachable  # asked limits -> sentences about what the AFE cannot do
        self.given = self._record.load() or {}
        self.damage = self._record.damage
        self.reason = self._record.reason
        self.staged = self._known()
        self.reasons = self._check(self.given)
        self.values = {} if self.reasons else params.resolve(self.given)

    def stage(self, name: str, text: str) -> object:
        """Stage one value from text; returns it. CommandError with the reason if it cannot be one."""
        if name == params.CHEMISTRY:
            self.staged[name] = text
            return text
        row = params.find(name)
        if row is None:
            raise CommandError(f"'{name}' is not a parameter; 'params' lists them")
        try:
            value = int(text)
        except ValueError:
            unit = row[params.UNIT] or "units"
            raise CommandError(f"{name} must be a whole number of {unit}, not '{text}'") from None
        reason = params_check.check_value(row, value)
        if reason:
            raise CommandError(reason)
        self.staged[name] = value
        return value

    def revert(self) -> None:
        """Forget what was staged."""
        self.staged = self._known()

    def save(self) -> None:
        """Write the staged set; CommandError with every reason against it if there is one."""
        reasons = self._check(self.staged)
        if reasons:
            raise CommandError("nothing was saved: " + "; ".join(reasons))
        try:
            self._record.save(self.staged)
        except OSError as error:
            raise CommandError(f"nothing was saved: the flash refused: {explain(error)}") from None
        self.given = dict(self.staged)

    def value(self, name: str) -> object:
        """The value in force: resolved if the set is usable, else as given, else None."""
        return self.values.get(name, self.given.get(name))

    def _known(self) -> "Values":
        """What is stored, less the names that this firmware does not know: saving again gets rid of them."""
        return {n: self.given[n] for n in self.given if n == params.CHEMISTRY or params.find(n) is not None}

    def _check(self, given: "Values") -> list[str]:
        reasons = params_check.check(given)
        return reasons or self._reachable(silicon.derive(params.resolve(given)))
