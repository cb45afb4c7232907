"""From bare board to armed pack: asks the firmware what is next, and the person to do it.

The firmware holds the steps, judges them and remembers them; this only leads. So it can be left at any point
and called again, on another computer too, and goes on where it was.
"""

from collections.abc import Callable, Iterator
from typing import Any

from rich.console import Console

from packwarden import pin
from packwarden.client import Client, LinkError, RefusalError
from packwarden.commission.people import Person
from packwarden.config.pack import Line
from packwarden.errors import InputError
from packwarden.jsonvalues import an_object

_STEP_S = 0.5
_FINGER_S = 60.0
_BACK_S = 30.0  # after a restart, USB included
_READINGS_S = 15.0
_LONGEST_S = 900.0  # of a step: three thermistors, each with its patience
_PATIENCE_S = 3.0


class Wizard:
    """One commissioning; `connect` opens the line, which a restart may take away."""

    def __init__(
        self, connect: Callable[[], Line], person: Person, console: Console, secret: str | None = None
    ) -> None:
        self._connect = connect
        self._person = person
        self._console = console
        self._secret = secret
        self._line = connect()
        self._client = Client(self._line)

    def close(self) -> None:
        """Leave the line."""
        self._line.close()

    def run(self) -> bool:
        """To the end, or until somebody stops; True if the pack is commissioned."""
        try:
            return self._lead()
        except KeyboardInterrupt:
            self._person.done()
            self._break_off()
            return False

    def standing(self) -> dict[str, Any]:
        """What the pack says of its commissioning."""
        found = an_object(self._asked("commission"))
        if found is None or "steps" not in found:
            raise InputError(f"{self._line.name}: its firmware knows no commissioning: flash a newer one.")
        return found

    def summary(self) -> list[str]:
        """What to keep: what this is, and what each step has seen."""
        version = self._asked("version")
        found = self.standing()
        name = version.get("pack_name") or "(no name)"
        verdict = "commissioned" if found["commissioned"] else f"to do: {', '.join(found['missing'])}"
        lines = [
            f"Packwarden {version.get('firmware')} on {version.get('board')}, pack {name}",
            f"Commissioning: {verdict}",
        ]
        lines += [
            f"  {row['step']:<12} {row['state']:<8} {row['seen'] or row['text']}" for row in found["steps"]
        ]
        given = [row for row in self._asked("params") if row.get("given")]
        lines.append("Parameters: " + ", ".join(f"{row['name']} = {row['value']}" for row in given))
        return lines

    def _lead(self) -> bool:
        if self._asked("version").get("parameters") == "not usable" and not self._describe():
            return False
        while True:
            found = self.standing()
            if found["commissioned"]:
                return True
            step = next((row for row in found["steps"] if row["step"] == found["next"]), None)
            if step is None:
                raise InputError(f"{self._line.name}: {', '.join(found['missing'])} cannot be begun.")
            if not self._person.ready(step) or not self._pass(step["step"]):
                return False

    def _pass(self, step: str) -> bool:
        """One step, as often as it takes; False if somebody stops."""
        while True:
            try:
                self._change("commission", step, *self._person.words(step))
                failed, says = self._follow(step)
            except RefusalError as refusal:
                failed, says = True, str(refusal)
            self._person.done()
            if not failed:
                self._console.print(f"{step}: {says}", style="green", markup=False)
                return True
            self._console.print(f"{step}: {says}", style="red", markup=False)
            if not self._person.again(says):
                return False

    def _follow(self, step: str) -> tuple[bool, str]:
        """Show what it says until it has ended; (failed, its last words)."""
        says = ""
        told = False
        with self._console.status("") as live:
            for _ in self._waiting(_LONGEST_S):
                found = self.standing()
                says = found["says"] or says
                live.update(says)
                if found["running"] != step:
                    return bool(found["failed"]), says
                asks = str(found["asks"])
                if asks.startswith("amps"):
                    live.stop()
                figure = "" if told else self._person.asked(asks)
                if figure:
                    self._change("commission", step, figure)
                    told = True  # what comes of it takes a second
                live.start()
        return True, f"it has not ended within {_LONGEST_S:g} s"

    def _describe(self) -> bool:
        """The first parameters; False if nobody says what the pack is."""
        told = self._person.describe()
        if not told:
            return False
        try:
            for name, value in told.items():
                self._change("set", name, str(value))
            self._change("save")
        except RefusalError as refusal:
            raise InputError(f"The pack refuses that: {refusal}.") from None
        for _ in self._waiting(_BACK_S):
            if self._asked("version").get("parameters") != "not usable" and self._asked("status")["cells_mv"]:
                return True
        raise LinkError(f"{self._line.name}: no readings came within {_BACK_S:g} s.")

    def _change(self, method: str, *words: str) -> Any:
        """Ask for something that wants `unlock`, and see to that."""
        try:
            return self._client.call(method, *words)
        except RefusalError as refusal:
            if not str(refusal).startswith("locked"):
                raise
        self._unlock()
        return self._client.call(method, *words)

    def _unlock(self) -> None:
        """By the pack's PIN, or a finger on its button while none is set."""
        try:
            if pin.unlock(self._client, self._secret):
                return
        except RefusalError as refusal:
            raise InputError(f"{self._line.name}: {refusal}.") from None
        for attempt, _ in enumerate(self._waiting(_FINGER_S)):
            try:
                self._client.call("unlock")
            except RefusalError:
                if not attempt:
                    self._person.finger()
            else:
                return
        raise InputError(f"Nobody held the button down within {_FINGER_S:g} s: nothing was changed.")

    def _break_off(self) -> None:
        """Nothing is left closed or bled."""
        try:
            self._client.call("commission", "abort")
        except (RefusalError, InputError):
            return  # the step ends by itself
        self._console.print("Broken off. What was passed stays; call this again to go on.")

    def _asked(self, method: str) -> Any:
        """An answer, even across a restart: over USB the line goes away with it, and comes back."""
        for _ in self._waiting(_BACK_S):
            try:
                return self._client.call(method)
            except RefusalError as refusal:
                if method == "commission":
                    return None
                raise InputError(f"{self._line.name}: {method}: {refusal}.") from None
            except LinkError:
                self._line.close()
            try:
                self._line = self._connect()
                self._client = Client(self._line, _PATIENCE_S)
            except LinkError:
                continue
        raise LinkError(f"{self._line.name}: the pack did not come back within {_BACK_S:g} s.")

    def _waiting(self, most_s: float) -> Iterator[None]:
        """Yields at once and every half second, so long."""
        start_s = self._line.now_s()
        while self._line.now_s() - start_s < most_s:
            yield
            self._line.pause(_STEP_S)
