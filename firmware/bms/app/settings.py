"""The owner's parameters: loaded, checked, staged and saved whole.

`set` only stages a value. `save` checks the staged set as a whole, writes it and asks for a restart, so a
running pack never works with half a change. A pack that runs keeps the set that it runs on until the AFE has
been set up with the new one and read back: until then that is on trial, in a record of its own. A restart in
the middle of a trial, or an AFE that is not ready within a minute, brings the old set back, and says so.

The table and its rules are imported where they are used: with the set resolved they need not stay (overlay).
"""

from micropython import const

from bms.core import silicon
from bms.core.resolved import Resolved
from bms.services.command import CommandError
from bms.services.storage import Record, explain

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable

    from bms.ports import Files, Values
    from bms.services.storage import Migration

# Steps that bring a stored set of each earlier version up to date; a renamed or rescaled row adds one.
MIGRATIONS: "tuple[Migration, ...]" = ()

DEFAULT = "default"  # staged as a value: what the table says, whatever was given before
TRIAL_S = const(60)


def judged_by(afe: str) -> "Callable[[dict[str, int]], list[str]]":
    """`fronts.unreachable` for this AFE, which need not stay."""

    def unreachable(asked: dict[str, int]) -> list[str]:
        from bms.app import fronts  # noqa: PLC0415

        return fronts.unreachable(asked, afe)

    return unreachable


class Settings:
    """`given` is what the owner said; `values` is the whole resolved set, or empty while it is not usable."""

    def __init__(self, files: "Files", reachable: "Callable[[dict[str, int]], list[str]]") -> None:
        self._files = files
        self._record = Record(files, "params", MIGRATIONS)
        self._trial = Record(files, "trial")
        self._trial_s = 0
        self._reachable = reachable  # asked limits -> sentences about what the AFE cannot do
        self.given = self._record.load() or {}
        self.damage = self._record.damage
        self.reason = self._record.reason
        self.on_trial = False
        self.rejected = False  # the trial has failed: restart, to go back
        self._begin_trial()
        self.staged = self._known()
        self.values: "Values"
        self.values, self.reasons = self._judge(self.given)

    def stage(self, name: str, text: str) -> object:
        """Stage one value from text; returns it. CommandError with the reason if it cannot be one."""
        from bms.core import params, params_check  # noqa: PLC0415 - see above

        row = params.index(name)
        value: object = text  # of a word
        if text == DEFAULT and (row >= 0 or name == params.PACK_NAME):
            self.staged.pop(name, None)
            return text
        if row >= 0:
            try:
                value = int(text)
            except ValueError:
                value = text  # the check says what it should be
        reason = params_check.check_one(name, value)
        if reason:
            raise CommandError(reason)
        self.staged[name] = value
        return value

    @property
    def version(self) -> int:
        """How often parameters have been saved: two sets with one number are the same set."""
        return self._record.sequence + self.on_trial

    @property
    def standing(self) -> str:
        """What is to be thought of the set in force, in two words."""
        if self.on_trial:
            return "on trial"
        return "not usable" if self.reasons else "in force"

    @property
    def guarded(self) -> bool:
        """Whether anything staged may not be saved by just anybody."""
        from bms.core import params  # noqa: PLC0415

        for values in (self.staged, self.given):
            for name in values:
                if self.staged.get(name) != self.given.get(name) and not params.free(name):
                    return True
        return False

    def revert(self) -> None:
        """Forget what was staged."""
        self.staged = self._known()

    def save(self, running: bool = False) -> None:
        """Write the staged set; CommandError with every reason against it if there is one.

        `running`: the AFE works with the set in force, which is kept until the new one has proved itself.
        """
        reasons = self._judge(self.staged)[1]
        if reasons:
            raise CommandError("nothing was saved: " + "; ".join(reasons))
        try:
            if running:
                self._trial.save({"given": self.staged, "begun": False})
            else:
                self._record.save(self.staged)
                self._end_trial()
        except OSError as error:
            raise CommandError(f"nothing was saved: the flash refused: {explain(error)}") from None
        self.given = dict(self.staged)

    def to_defaults(self) -> None:
        """Keep name and chemistry: no usable set until the pack is described anew. OSError if refused."""
        from bms.core import params  # noqa: PLC0415

        kept = {name: self.given[name] for name in (params.PACK_NAME, params.CHEMISTRY) if name in self.given}
        for _ in range(2):  # both copies: an old set must not come back
            self._record.save(kept)
        self._end_trial()
        self.on_trial = False
        self.given = kept
        self.staged = dict(kept)

    def second(self, ready: bool) -> str:
        """Judge a trial, once a second; a sentence when it ends. `ready`: the AFE is set up and read back."""
        if not self.on_trial or self.rejected:
            return ""
        self._trial_s += 1
        trouble = "the AFE did not verify them"
        if ready:
            try:
                self._record.save(self.given)
            except OSError as error:
                trouble = f"the flash refused: {explain(error)}"
            else:
                self.on_trial = False
                self._end_trial()
                return "verified in the AFE, and kept"
        if self._trial_s < TRIAL_S:
            return ""
        self.rejected = True
        return f"{trouble} within {TRIAL_S} s: going back to those before"

    def settle(self) -> None:
        """All parts have been told: from now on the set is asked for seldom, and may lie closer."""
        try:
            self.values = Resolved(self.values)  # type: ignore[assignment]  # it is read like a dictionary
        except MemoryError:
            return  # it stays as it is

    def value(self, name: str) -> object:
        """The value in force: resolved if the set is usable, else as given, else None."""
        return self.values.get(name, self.given.get(name))

    def _begin_trial(self) -> None:
        """Take the set that is on trial, if there is one that has not been tried yet."""
        trial = self._trial.load()
        if trial is None:
            return
        given = trial.get("given")
        if given == self.given or not isinstance(given, dict):
            self._end_trial()
        elif trial.get("begun"):
            self._end_trial()
            self.reason = "the parameters saved last were not verified in the AFE: those before are in force"
        else:
            try:
                self._trial.save({"given": given, "begun": True})
            except OSError:
                return  # without that mark a set that fails would be tried for ever
            self.given = given
            self.on_trial = True

    def _end_trial(self) -> None:
        for name in ("trial.a", "trial.b"):
            self._files.remove(name)

    def _known(self) -> "Values":
        """What is stored, less the names that this firmware does not know: saving again gets rid of them."""
        from bms.core import params  # noqa: PLC0415

        return {name: self.given[name] for name in self.given if params.known(name)}

    def _judge(self, given: "Values") -> "tuple[Values, list[str]]":
        """The whole set, and nothing; or nothing, and every reason against it."""
        from bms.core import params, params_check  # noqa: PLC0415

        reasons = params_check.check(given)
        if reasons:
            return {}, reasons
        values = params.resolve(given)
        reasons = self._reachable(silicon.derive(values))
        return {} if reasons else values, reasons
