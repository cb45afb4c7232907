"""The scenario file: a story in `[[at]]` entries that acts on the simulated world and says what must follow.

Everything is checked before the first second is simulated, down to the last fault argument: a scenario with a
typing error must not look like one that passed.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any, cast

from pydantic import BeforeValidator, Field, PlainValidator, field_validator

from packwarden import tomlfile
from packwarden.errors import Flag, InputError, Table, number, one_of, whole
from packwarden.expectations import Expectation, Watch, parse
from packwarden.recorder import read
from packwarden.session import Session
from packwarden.sim.fault_kinds import KINDS, WHICH
from packwarden.sim.profile import LoadProfile
from packwarden.sim.world import World
from packwarden.tracefiles import current_of

AFTERWARDS_S = 2.0  # how long a run goes on after the last thing that its scenario says
CYCLE_US = 100_000  # expectations look once in a firmware cycle
_NEVER_US = 1 << 62
_LONGEST_S = 1e9
_CONTROL = (*range(32), 127)  # control characters: a line for the console has none


class Charger(Table):
    """Constant current up to a voltage."""

    v: Annotated[float, number(0.0, 500.0, above=True)]
    i: Annotated[float, number(0.0, 10_000.0, above=True)]


class Profile(Table):
    """A current trace as the load."""

    file: str
    scale: Annotated[float, number(-10_000.0, 10_000.0)] = 1.0
    repeat: Flag = False


class Supply(Table):
    """The auxiliary supply: a voltage, and how long it takes to get there."""

    v: Annotated[float, number(0.0, 60.0)]
    over_s: Annotated[float, number(0.0, _LONGEST_S)] = 0.0


class Fault(Table):
    """One thing that breaks, with every argument that any kind takes."""

    kind: Annotated[str, one_of(sorted(KINDS))]
    cell: Annotated[int, whole(1, 16)] | None = None
    tap: Annotated[int, whole(0, 16)] | None = None
    other: Annotated[int, whole(0, 16)] | None = None
    sensor: Annotated[int, whole(1, 3)] | None = None
    ohm: Annotated[float, number(0.0, 1e6, above=True)] | None = None
    capacity: Annotated[float, number(0.01, 10.0)] | None = None
    resistance: Annotated[float, number(0.01, 1000.0)] | None = None
    self_discharge: Annotated[float, number(0.0, 1e6)] | None = None
    amps: Annotated[float, number(-10_000.0, 10_000.0)] | None = None
    volts: Annotated[float, number(0.0, 500.0, above=True)] | None = None
    watts: Annotated[float, number(0.0, 100_000.0, above=True)] | None = None
    which: Annotated[str, one_of(WHICH)] | None = None
    count: Annotated[int, whole(1, 1_000_000)] | None = None
    rate: Annotated[float, number(0.0, 1.0)] | None = None
    hold: Flag | None = None
    address: Annotated[int, whole(0x9180, 0x937F)] | None = None
    bit: Annotated[int, whole(0, 7)] | None = None

    @property
    def arguments(self) -> dict[str, Any]:
        return self.model_dump(exclude={"kind"}, exclude_unset=True)


def _off(value: object) -> object:
    return None if value == "off" else value


def _at_once(value: object) -> object:
    """A bare voltage is a supply that gets there at once."""
    return cast("object", value) if isinstance(value, dict) else {"v": value}


class Entry(Table):
    """What happens at one moment. `None` in a field that was set means: off."""

    t: Annotated[float, number(0.0, _LONGEST_S)]
    load_a: Annotated[float, number(-10_000.0, 100_000.0)] | None = None
    charger: Annotated[Charger | None, BeforeValidator(_off)] = None
    profile: Annotated[Profile | None, BeforeValidator(_off)] = None
    ambient_c: Annotated[float, number(-60.0, 120.0)] | None = None
    press_s: Annotated[float, number(0.0, _LONGEST_S, above=True)] | None = None
    finger: Annotated[int, whole(0, 4)] | None = None  # on this thermistor; 0: on none
    supply_v: Annotated[Supply | None, BeforeValidator(_at_once)] = None
    power: Annotated[str, one_of(("cut", "restore"))] | None = None
    fault: Fault | None = None
    clear: Annotated[str, one_of(sorted(KINDS))] | None = None
    console: str | None = None
    expect: Annotated[Expectation, PlainValidator(parse)] | None = None

    @field_validator("console")
    @classmethod
    def _one_line(cls, line: str | None) -> str | None:
        if line is not None and any(ord(letter) in _CONTROL for letter in line):
            raise ValueError("must be one line without control characters")
        return line

    @property
    def end_s(self) -> float:
        """When nothing more of this entry is to come; a profile has no end of its own."""
        waits = self.expect.within_s + self.expect.for_s if self.expect else 0.0
        return self.t + max(waits, self.press_s or 0.0, self.supply_v.over_s if self.supply_v else 0.0)


class Scenario(Table):
    """A whole scenario file."""

    at: list[Entry] = Field(min_length=1)


class Story:
    """A scenario checked against one pack, and how far it has come."""

    def __init__(self, path: Path, spec: dict[str, Any]) -> None:
        self._scenario = tomlfile.load(path, Scenario)
        self._entries = self._scenario.at
        self._profiles: dict[int, LoadProfile] = {}
        self._watches: list[Watch] = []
        self._pending: list[Watch] = []
        self._done = 0
        self.pressed: Callable[[float], None] = lambda _seconds: None  # who wants to know of each press
        before_s = 0.0
        for place, entry in enumerate(self._entries, start=1):
            if entry.t < before_s:
                raise InputError(
                    f"{path.name}: at {place}: t = {entry.t:g} follows {before_s:g}; times must not fall."
                )
            before_s = entry.t
            if entry.profile is not None:
                self._profiles[place] = _profile(entry.profile, path.parent)
        self._rehearse(path.name, spec)

    @property
    def end_s(self) -> float:
        """When the run may end."""
        return max(entry.end_s for entry in self._entries) + AFTERWARDS_S

    @property
    def expectations(self) -> int:
        """How many there are."""
        return sum(1 for entry in self._entries if entry.expect)

    def step(self, session: Session) -> None:
        """Judge what is being watched, then do what is due."""
        now_us = session.world.clock.now_us
        self._look(session, now_us)
        while self._done < len(self._entries) and _us(self._entries[self._done].t) <= now_us:
            self._done += 1
            self._act(self._done, session)
            expect = self._entries[self._done - 1].expect
            if expect:
                watch = Watch(expect, self._done, self._entries[self._done - 1].t)
                self._watches.append(watch)
                self._pending = [watch]
                self._look(session, now_us)
        self._pending = [watch for watch in self._watches if watch.met is None]

    def next_us(self, now_us: int) -> int:
        """The next moment at which `step` has anything to do."""
        soonest_us = now_us + CYCLE_US if self._pending else _NEVER_US
        if self._done < len(self._entries):
            soonest_us = min(soonest_us, _us(self._entries[self._done].t))
        return soonest_us

    def failures(self) -> list[str]:
        """A sentence for each expectation that was not met, in the order of the file."""
        found = [watch.verdict() for watch in self._watches]
        for place, entry in enumerate(self._entries[self._done :], start=self._done + 1):
            if entry.expect:
                found.append(
                    f"entry {place}, t = {entry.t:g} s: expected {entry.expect}; the run ended before it"
                )
        return [sentence for sentence in found if sentence]

    def _look(self, session: Session, now_us: int) -> None:
        for watch in self._pending:
            watch.look(now_us / 1e6, lambda column: read(session, column))

    def _rehearse(self, name: str, spec: dict[str, Any]) -> None:
        """Break everything once where nobody looks; InputError for a fault that does not fit this pack."""
        world = World(spec)
        for place, entry in enumerate(self._entries, start=1):
            try:
                world.touch(entry.finger or 0)
                if entry.fault is not None:
                    world.inject(entry.fault.kind, **entry.fault.arguments)
            except ValueError as error:
                raise InputError(f"{name}: at {place}: {error}.") from None

    def _act(self, place: int, session: Session) -> None:
        """Do what entry number `place` says."""
        entry = self._entries[place - 1]
        world = session.world
        told = entry.model_fields_set
        if entry.power is not None:
            world.powered = entry.power == "restore"
        if entry.clear is not None:
            world.clear(entry.clear)
        if entry.fault is not None:
            world.inject(entry.fault.kind, **entry.fault.arguments)
        if entry.ambient_c is not None:
            world.ambient_c = entry.ambient_c
        if entry.supply_v is not None:
            world.ramp_aux(entry.supply_v.v, entry.supply_v.over_s)
        if entry.load_a is not None:
            world.load_a = entry.load_a
        if "charger" in told:
            world.charger = None if entry.charger is None else (entry.charger.v, entry.charger.i)
        if "profile" in told:
            world.load_profile = self._profiles.get(place)
        if entry.press_s is not None:
            world.press(entry.press_s)
            self.pressed(entry.press_s)
        if entry.finger is not None:
            world.touch(entry.finger)
        if entry.console is not None:
            session.board.serial.feed(entry.console.encode() + b"\r")


def _us(t_s: float) -> int:
    return round(t_s * 1e6)


def _profile(profile: Profile, folder: Path) -> LoadProfile:
    t_s, current_a = current_of(folder / profile.file)
    return LoadProfile(t_s, current_a, profile.scale, profile.repeat)
