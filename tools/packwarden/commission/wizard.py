"""From bare board to armed pack: asks the firmware what is next, and the person to do it.

The firmware holds the steps, judges them and remembers them; this only leads. So it can be left at any point
and called again, on another computer too, and goes on where it was.
"""

from collections.abc import Callable
from typing import Any

from rich.console import Console

from packwarden.client import LinkError, RefusalError
from packwarden.commission.people import Person
from packwarden.errors import InputError
from packwarden.jsonvalues import an_object
from packwarden.lifeline import BACK_S, Lifeline, Line

_LONGEST_S = 900.0  # of a step: three thermistors, each with its patience


class Wizard:
    """One commissioning; `connect` opens the line, which a restart may take away."""

    def __init__(
        self, connect: Callable[[], Line], person: Person, console: Console, secret: str | None = None
    ) -> None:
        self._person = person
        self._console = console
        self._secret = secret
        self._line = Lifeline(connect)

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
            for _ in self._line.waiting(_LONGEST_S):
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
        for _ in self._line.waiting(BACK_S):
            if self._asked("version").get("parameters") != "not usable" and self._asked("status")["cells_mv"]:
                return True
        raise LinkError(f"{self._line.name}: no readings came within {BACK_S:g} s.")

    def _change(self, method: str, *words: str) -> Any:
        """Ask for something that wants `unlock`, and see to that."""
        try:
            return self._line.client.call(method, *words)
        except RefusalError as refusal:
            if not str(refusal).startswith("locked"):
                raise
        self._unlock()
        return self._line.client.call(method, *words)

    def _unlock(self) -> None:
        try:
            self._line.unlock(self._secret, self._person.finger)
        except RefusalError as refusal:
            raise InputError(f"{self._line.name}: {refusal}.") from None

    def _break_off(self) -> None:
        """Nothing is left closed or bled."""
        try:
            self._line.client.call("commission", "abort")
        except (RefusalError, InputError):
            return  # the step ends by itself
        self._console.print("Broken off. What was passed stays; call this again to go on.")

    def _asked(self, method: str) -> Any:
        """An answer, even across a restart; None from firmware that knows no commissioning."""
        try:
            return self._line.asked(method)
        except RefusalError as refusal:
            if method == "commission":
                return None
            raise InputError(f"{self._line.name}: {method}: {refusal}.") from None
