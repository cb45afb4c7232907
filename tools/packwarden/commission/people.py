"""Who stands in front of the pack: somebody at a terminal, or somebody simulated, who does what is asked."""

from typing import Any, Protocol

from rich.console import Console

from packwarden.hands import charger_for
from packwarden.ports import SimulatedPort
from packwarden.sim import mistakes

Row = dict[str, Any]

_FINGER_S = 3.0
_MOMENT_S, _BACK_S = 2.0, 15.0
_QUESTIONS = (
    ("chemistry", "What are the cells, nmc or lfp?"),
    ("cell_count", "How many in series?"),
    ("capacity_mah", "Capacity when new, in mAh?"),
    ("shunt_uohm", "The shunt, in microohm?"),
    ("thermistors", "How many thermistors sit on cells (1 to 3)?"),
)
STOP = "s"


class Person(Protocol):
    """Answers for whoever has the pack on the bench."""

    def describe(self) -> dict[str, Any]:
        """What the pack is, by the names of parameters; empty: no answer."""
        ...

    def finger(self) -> None:
        """Hold the button of the pack."""
        ...

    def ready(self, step: Row) -> bool:
        """Whether to begin this step."""
        ...

    def words(self, step: str) -> list[str]:
        """What to say with a step as it begins."""
        ...

    def asked(self, asks: str) -> str:
        """Do what the step asks for; what a meter shows, if it asks for that, else nothing."""
        ...

    def done(self) -> None:
        """The step is over: everything off again."""
        ...

    def again(self, says: str) -> bool:
        """Mend what was found, and try again?"""
        ...


class AtTerminal:
    """Asks whoever sits there."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._asked_for = ""

    def describe(self) -> dict[str, Any]:
        self._console.print("Nobody has told this board what it guards.")
        told: dict[str, Any] = {}
        for name, question in _QUESTIONS:
            answer = self._input(f"{question} ")
            if not answer:
                return {}
            told[name] = answer
        return told

    def finger(self) -> None:
        self._console.print("Hold the button on the pack down until this goes on.")

    def ready(self, step: Row) -> bool:
        self._console.print(f"\n[bold]{step['step']}[/bold]: {step['text']}. {step['do']}")
        return self._input(f"Enter begins, {STOP} stops here: ").lower() != STOP

    def words(self, step: str) -> list[str]:
        if step == "volts":
            return [self._input("The meter from B- to B+, in volts: ").replace(",", ".")]
        if step == "amps":
            answer = self._input("Is an ammeter or clamp on the charger? y, or Enter for the shunt's label: ")
            return [] if answer.lower().startswith("y") else ["label"]
        return []

    def asked(self, asks: str) -> str:
        if asks.startswith("amps"):
            return self._input("The meter, in amps (Enter: look again): ").replace(",", ".")
        return ""

    def done(self) -> None:
        """Nothing to do here: the next step says what has to go."""

    def again(self, says: str) -> bool:
        first = "Mend it; " if says else ""
        return self._input(f"{first}Enter tries again, {STOP} stops here: ").lower() != STOP

    def _input(self, question: str) -> str:
        try:
            return self._console.input(question, markup=False).strip()
        except EOFError:
            raise KeyboardInterrupt from None


class Simulated:
    """Plays the builder of a simulated pack, who may have got something wrong and mends it when told."""

    def __init__(self, line: SimulatedPort, given: dict[str, Any], wrong: list[tuple[str, int]]) -> None:
        self._line = line
        self._world = line.session.world
        self._given = given
        self._charger = charger_for(given["chemistry"], self._world.pack.cells, given["capacity_mah"] / 1000)
        self._wrong = list(wrong)
        for kind, number in wrong:
            mistakes.make(self._world, kind, number)

    def describe(self) -> dict[str, Any]:
        return dict(self._given)

    def finger(self) -> None:
        self._world.press(_FINGER_S)

    def ready(self, step: Row) -> bool:
        return bool(step)

    def words(self, step: str) -> list[str]:
        return [f"{sum(self._world.pack.volts):.3f}"] if step == "volts" else []

    def asked(self, asks: str) -> str:
        world = self._world
        what, _, number = asks.partition(" ")
        if what == "thermistors":
            world.touch(int(number))
        elif what == "charger" and world.charger is None:
            world.charger = self._charger
        elif what == "amps":
            return f"{abs(world.current_a):.3f}"
        return ""

    def done(self) -> None:
        self._world.charger = None
        self._world.touch(0)

    def again(self, says: str) -> bool:
        if not self._wrong:
            return False
        mistakes.mend(self._world, *self._wrong.pop(0))
        if "plugged in for a moment" in says:
            self._world.charger = self._charger
            self._line.pause(_MOMENT_S)
            self._world.charger = None
            self._line.pause(_BACK_S)
        return True
