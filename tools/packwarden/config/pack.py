"""A set of parameters on its way into a pack, or out of it, over JSON-RPC.

The pack itself takes a set whole or not at all: every value is staged, `save` judges them together, and a
pack that runs keeps its old set until the AFE has been set up with the new one. Here that is followed to the
end: what counts as pushed has been read back after the restart.
"""

from collections.abc import Callable
from typing import Any

from packwarden.client import LinkError, RefusalError
from packwarden.config import form
from packwarden.lifeline import BACK_S, Lifeline, Line

_DEFAULT = "default"  # as a value: what the table says, whatever was given before
_LOCKED = "locked"  # how the pack's own sentence begins
_TRIAL_S = 90.0  # the firmware's own patience is 60 s


class RefusedError(Exception):
    """The pack keeps what it has; a sentence for each reason."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__("\n".join(reasons))
        self.reasons = reasons


class Pack:
    """One pack, across its restarts. `connect` opens its line; `finger` asks for one on the button.

    `secret` is the owner's PIN, where it was said; where one is set and was not, somebody is asked.
    """

    def __init__(
        self, connect: Callable[[], Line], finger: Callable[[], None], secret: str | None = None
    ) -> None:
        self._finger = finger
        self._secret = secret
        self._line = Lifeline(connect)

    def close(self) -> None:
        """Leave the line."""
        self._line.close()

    def given(self) -> dict[str, Any]:
        """What its owner has told it, in the table's order."""
        rows = self._line.client.call("params")
        known = {row["name"]: row["value"] for row in rows if row.get("given")}
        return form.canonical(known) | known

    def push(self, wanted: dict[str, Any]) -> list[str]:
        """Make exactly this its set; the names that changed. RefusedError with every reason against it."""
        self._line.client.call("revert")
        before = self.given()
        changed = form.differences(wanted, before)
        if not changed:
            return []
        reasons = self._stage(wanted, changed)
        if any(reason.startswith(_LOCKED) for reason in reasons):
            self._unlock()
            reasons = self._stage(wanted, changed)
        if reasons:
            raise RefusedError(reasons)
        boot = self._boot()
        try:
            self._line.client.call("save")
        except RefusalError as error:
            self._line.client.call("revert")
            reasons = str(error).removeprefix("nothing was saved: ").split("; ")
            raise RefusedError(reasons) from None
        self._settle(boot)
        if form.differences(wanted, self.given()):
            raise RefusedError(["the AFE did not verify the new set: the pack went back to the one before"])
        return changed

    def _stage(self, wanted: dict[str, Any], changed: list[str]) -> list[str]:
        """Stage every change; if any is refused, all are taken back, and the reasons returned."""
        calls = [("set", [name, wanted.get(name, _DEFAULT)]) for name in changed]
        refused = [str(each) for each in self._line.client.batch(calls) if isinstance(each, RefusalError)]
        if refused:
            self._line.client.call("revert")
        return refused

    def _unlock(self) -> None:
        """A change of what protects the pack needs its PIN, or a finger on its button while none is set."""
        try:
            self._line.unlock(self._secret, self._finger)
        except RefusalError as error:
            raise RefusedError([str(error)]) from None

    def _boot(self) -> int:
        """When this run of the firmware began, in operating seconds: larger after each restart."""
        clocks = self._line.asked("time")
        return int(clocks["operating_s"]) - int(clocks["uptime_s"])

    def _settle(self, boot: int) -> None:
        """Wait for the restart, and until the new set is no longer on trial."""
        for _ in self._line.waiting(BACK_S):
            if self._boot() != boot:
                break
        else:
            raise LinkError(f"{self._line.name}: the pack did not restart within {BACK_S:g} s.")
        for _ in self._line.waiting(_TRIAL_S):
            if self._line.asked("version").get("parameters") != "on trial":
                return
        raise LinkError(f"{self._line.name}: the new set is still on trial after {_TRIAL_S:g} s.")
