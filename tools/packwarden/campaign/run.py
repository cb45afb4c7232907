"""One run: builds a pack in a situation, breaks it at a random moment, mends it, and asks the oracle."""

import traceback
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from random import Random

from bms.core import path

from packwarden.campaign.causes import Ends
from packwarden.campaign.classes import FAULTS
from packwarden.campaign.draws import Draw
from packwarden.campaign.kinds import KINDS, NO_FAULT
from packwarden.campaign.mortal import Dead
from packwarden.campaign.oracle import Oracle
from packwarden.campaign.plan import Key
from packwarden.campaign.scene import Scene
from packwarden.campaign.situations import SITUATIONS
from packwarden.campaign.truth import Truth
from packwarden.sim.bq76952_sequence import SHUTDOWN

_TICK_US = 100_000
_WITNESS_S = 13.0  # the situation goes on for this long after the fault, mended or not
_REST_S = 16.0  # then nothing is asked of the pack, and what ends by itself ends
_CHARGE_S = 9.0  # then what waits for a charger
_PRESS_S = 10.6  # then a person presses the button ...
_AFTER_S = 7.0  # ... and sees what comes of it
_READY_S = 3.0
_DEAD_WITNESS_S = 14.0
_MOST_TRANSACTIONS = 12  # of a cycle, between which the firmware may stop


@dataclass(frozen=True)
class Result:
    """What one run came to."""

    key: Key
    findings: tuple[str, ...]
    reaction_s: float | None
    story: str
    simulated_s: float


def run(key: Key, seed: int, tell: Callable[[str], None] | None = None) -> Result:
    """Do it; anything that goes wrong in the doing is a finding too. `tell` hears what changes on the way."""
    one = _Run(key, Random(f"{seed} {key}"))
    one.tell = tell
    try:
        one.play()
    except Exception:  # noqa: BLE001 - a campaign of thousands goes on and says which one it was
        one.oracle.findings.append(traceback.format_exc(limit=-3).strip())
    oracle = one.oracle
    return Result(key, tuple(oracle.findings), oracle.reaction_s, one.story, one.world.clock.now_us * 1e-6)


class _Run:
    """Everything of one run."""

    def __init__(self, key: Key, rng: Random) -> None:
        self.key = key
        self.rng = rng
        self.tell: Callable[[str], None] | None = None
        self._told: object = None
        self._awake = False
        self.ready = False  # the firmware had seen the pack before the fault struck
        self.kind = kind = KINDS[key.kind]
        self.situation = situation = SITUATIONS[key.situation]
        fitted, given = {**situation.spec, **kind.spec}, {**situation.parameters, **kind.parameters}
        self.scene = scene = Scene(key.chemistry, key.last, key.dead, rng, fitted, given)
        self.world = scene.world
        self.board = scene.board
        self.session = scene.session
        self.truth = Truth(scene.world, scene.sensors)
        self.oracle = Oracle(scene.pack, self.truth, kind)
        draw = Draw(rng, scene.pack.cells, key.last, scene.sensed + 1, key.dead)
        self.arguments = kind.draw(draw)
        self.story = f"{scene.pack.cells} cells, {key.kind} {self.arguments}"

    def play(self) -> None:
        """From power-on to the end."""
        situation, rng = self.situation, self.rng
        situation.prepare(self.scene)
        self.truth.wanted = self.board.enable
        self.world.watcher = self._watch
        strikes_s = rng.uniform(*situation.strikes_s)
        holds_s = rng.uniform(*self.kind.holds_s)
        self.story += f" at {strikes_s:.3f} s"
        events: list[tuple[float, Callable[[], None]]] = [
            (situation.starts_s, partial(situation.start, self.scene)),
            (strikes_s, self._strike),
        ]
        if self.key.dead:
            dies_s = max(rng.uniform(strikes_s - 4.5, strikes_s + 3.0), situation.strikes_s[0])
            self.story += f", firmware dead from {dies_s:.3f} s"
            events.append((dies_s, self._die))
            ends_s = max(dies_s, strikes_s, situation.starts_s) + _DEAD_WITNESS_S
        else:
            events.append((strikes_s + holds_s, self._mend))
            ends_s = max(strikes_s + max(holds_s + 1.0, _WITNESS_S), situation.starts_s + _WITNESS_S)
        for at_s, act in sorted(events, key=lambda event: event[0]):
            self._until(at_s)
            act()
        self._until(ends_s)
        if not self.key.dead:
            self._recover()

    def _recover(self) -> None:
        """Take away load, charger and weather; then do what the codes on the screen ask for."""
        world = self.world
        world.load_a = 0.0
        world.charger = None
        world.path.node.farad = 0.0
        self._temper()
        self.board.enable = self.truth.wanted = True
        self._wait(_REST_S)
        if self._asks(Ends.CHARGING):
            self.scene.charge(0.03 if "CELL_DEEP" in self.oracle.reported else 0.3)
            self._wait(_CHARGE_S)
            world.charger = None
            self._wait(_REST_S / 4)
        if self._asks(Ends.PRESS, Ends.NEVER) or any(map(self.oracle.locked_out, self.oracle.reported)):
            world.press(_PRESS_S)
            self._wait(_PRESS_S + 0.1)
            self.truth.pressed_s = self.truth.now_s
            self._wait(_AFTER_S)
        tells = self.kind.tells
        if tells and self.ready and not self.oracle.heard & set(tells):
            self.oracle.findings.append(f"never reported {' or '.join(tells)}")
        for row in self.session.parts.api.answers.faults():
            self.oracle.classed(row["mnemonic"], row["class"])

    def _asks(self, *ends: Ends) -> bool:
        """Something is reported that ends so."""
        return any(FAULTS[name][1] in ends for name in self.oracle.reported if name in FAULTS)

    def _temper(self) -> None:
        """The weather turns: heat to where charging is allowed, great cold no faster than a pack may warm."""
        pack = self.scene.pack
        low_c = pack.asked("utc_clear_ddegc") + 1.5
        if self.world.ambient_c < pack.asked("utd_ddegc"):
            low_c = pack.asked("utd_clear_ddegc") + 1.5
        high_c = pack.asked("otc_clear_ddegc") - 3.0
        cells = self.world.pack
        cells.temp_c = [min(high_c, max(low_c, c)) for c in cells.temp_c]
        self.world.ambient_c = min(high_c, max(low_c, self.world.ambient_c))

    def _strike(self) -> None:
        if not self.key.dead and not self.situation.reached(self.scene):
            self.oracle.findings.append(f"{self.truth.now_s:.3f} s: this is not {self.situation.title}")
        self.truth.remember(self.arguments.get("cell"))
        self.ready = not self.truth.unconfigured() and self.truth.now_s > _READY_S
        self.oracle.strike(there=True)
        if self.key.kind != NO_FAULT:
            self.world.inject(self.key.kind, **self.arguments)

    def _mend(self) -> None:
        if self.key.kind != NO_FAULT:
            self.world.clear(self.key.kind)
        if self.truth.chip.sequence.mode == SHUTDOWN:  # the plug has to be pulled to mend that
            self.world.inject("afe_brownout")
        self.oracle.strike(there=False)

    def _die(self) -> None:
        """The firmware stops for good, between two transactions of its next cycle."""
        self.board.die_after(self.rng.randrange(_MOST_TRANSACTIONS))

    def _note_firmware(self) -> None:
        """Whether it runs, and since when."""
        truth = self.truth
        truth.running = self.session.loop is not None
        awake = truth.running and not self.world.firmware_hung
        if awake and not self._awake:
            truth.started_s = self.world.clock.now_us * 1e-6
            truth.bitten = truth.bitten or self.board.cause == "watchdog"
        self._awake = awake

    def _watch(self, at_us: int) -> None:
        self.oracle.look(at_us)
        if self.tell is None:
            return
        truth = self.truth
        loop = self.session.loop
        mode = "hung" if self.world.firmware_hung else path.NAMES[loop.mode] if loop else "off"
        faults = " ".join(sorted(self.oracle.reported))
        changed = (truth.gates, truth.broken, mode, faults, self.world.load_a, self.world.charger)
        if changed != self._told:
            self._told = changed
            self.tell(f"{truth}  {mode:14} {faults}")

    def _wait(self, seconds: float) -> None:
        self._until(self.world.clock.now_us * 1e-6 + seconds)

    def _until(self, at_s: float) -> None:
        end_us = round(at_s * 1e6)
        clock = self.world.clock
        while clock.now_us < end_us:
            try:
                self.session.advance(min(_TICK_US, end_us - clock.now_us))
            except Dead:
                self.world.firmware_hung = True
                self.oracle.bury()
            self._note_firmware()
            if self.session.loop is not None and not self.world.firmware_hung:
                self.oracle.hear(frozenset(self.session.parts.api.answers.status()["faults"]))
