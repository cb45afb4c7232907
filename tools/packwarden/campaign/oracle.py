"""Judges one run: what is true against what the path does and what the firmware says.

Four questions, asked at every event of the simulation. Is a direction closed that physics, or its owner,
wants open by now? Is one open for no reason, or for no reason that is told? Is something reported that is
not the case? Does it come back when the reason is gone, and not before?
"""

from packwarden.campaign import classes
from packwarden.campaign.causes import ORDERS, Cause, Watch
from packwarden.campaign.kinds import Kind, allowed
from packwarden.campaign.limits import CHG, DSG
from packwarden.campaign.owner import Pack
from packwarden.campaign.standing import standing
from packwarden.campaign.truth import Truth

_GRACE_S = 0.7  # three scans before closing, and the tenths of a second between two reports
_DOUBT_S = 3.0  # the self-test waits while something that would open is only suspected: its longest delay
_TURNING_S = 0.3  # a FET that spared a body diode opens this soon after the current has turned (TRM 5.2.3)
_START_S = 3.0  # until the firmware has readings
_FLOWS_A = 0.05
_MOST_FINDINGS = 5
NAMES = {CHG: "charging", DSG: "discharging"}


class Oracle:
    """Follows all causes through one run and collects what is wrong."""

    def __init__(self, pack: Pack, truth: Truth, kind: Kind) -> None:
        self.truth = truth
        self.findings: list[str] = []
        self.reaction_s: float | None = None  # of the slowest opening, after what called for it
        self.reported: frozenset[str] = frozenset()
        self.heard: frozenset[str] = frozenset()  # at any time
        self._usual = [Watch(cause) for cause in standing(pack)]
        self._special = [Watch(cause) for cause in (*kind.causes, *map(allowed, kind.allows))]
        self._watches = self._usual + self._special
        self._spoils = kind.spoils
        self._closed_s: dict[int, float | None] = {CHG: None, DSG: None}  # dangerously closed since then
        self._idle_s: dict[int, float | None] = {CHG: None, DSG: None}  # open without a reason since then
        self._reachable = True
        self._dangerous = 0  # directions that are on, and in which current could harm
        self._turned = 0  # those that became so because the current turned, not because they were switched on
        self._waived = 0  # directions in which nothing need close any more
        self._unfounded: dict[str, float] = {}
        self._came: dict[str, int] = {}  # how often each fault has been reported anew since the last press
        self._silent: dict[Cause, float] = {}
        self._said: set[object] = set()

    def look(self, at_us: int) -> None:
        """Something has changed in the world."""
        truth = self.truth
        was, had = self._dangerous, truth.gates
        truth.look(at_us)
        self._dangerous = sum(direction for direction in (CHG, DSG) if self._is_dangerous(direction))
        # The current that called for an opening is gone with it: ask before the causes look again.
        self._time_openings(was & ~self._dangerous & ~truth.gates)
        reachable = not truth.unreachable()
        if reachable != self._reachable:
            self._reachable = reachable
            truth.started_s = truth.now_s  # the firmware has to find its way again
            self._blindfold()
        for watch in self._watches:
            watch.look(truth)
        self._turned = self._turned & self._dangerous | (had & self._dangerous & ~was)
        for direction in (CHG, DSG):
            self._judge(direction)

    def strike(self, there: bool) -> None:
        """The fault is there from now on, or is gone."""
        self.truth.broken = there
        self._blindfold()

    def bury(self) -> None:
        """The firmware is dead: layer 1 is alone, and what is open now stays open."""
        self.truth.dead_s = self.truth.now_s
        for direction in (CHG, DSG):
            self._waived |= 0 if self.truth.gates & direction else direction
        self._blindfold()

    def _blindfold(self) -> None:
        """Who cannot see a cause, or cannot act, does not answer for it."""
        dead = self.truth.dead_s is not None
        deaf = not self._reachable or (self.truth.broken and ORDERS in self._spoils)
        for watch in self._usual:
            reading = watch.cause.reading
            spoilt = bool(reading) and (deaf or (self.truth.broken and reading in self._spoils))
            watch.blind = not watch.cause.silicon and (dead or spoilt)
        for watch in self._special:
            watch.blind = dead and not watch.cause.silicon

    def hear(self, reported: frozenset[str]) -> None:
        """What the firmware says stands, a few times a second."""
        for name in reported - self.reported:
            self._came[name] = self._came.get(name, 0) + 1
        if self.truth.pressed_s > 0.0:
            self._came.clear()
        self.reported = reported
        self.heard |= reported
        now_s = self.truth.now_s
        for watch in self._watches:
            watch.hear(reported, now_s)
        self._unfounded = {name: since_s for name, since_s in self._unfounded.items() if name in reported}
        for name in reported:
            if name not in classes.FAULTS:
                self._find(name, f"reports {name}, which nobody has heard of")
            elif self.locked_out(name) or any(name in w.cause.faults for w in self._watches if w.may):
                self._unfounded.pop(name, None)
            elif now_s - self._unfounded.setdefault(name, now_s) >= _GRACE_S:
                self._find(name, f"reports {name}, which is not or no longer the case")

        if self.truth.dead_s is None:
            for watch in self._watches:
                self._judge_silence(watch, now_s)

    def _judge_silence(self, watch: Watch, now_s: float) -> None:
        """What must be seen by now must also be told, once the firmware has had time to look."""
        cause = watch.cause
        ready_s = self.truth.started_s + _START_S + cause.set_s + cause.act_s
        told = any(name in self.reported for name in cause.faults)
        asked = cause.binding and cause.faults and not cause.silicon and watch.overdue_s(now_s) > 0.0
        if told or not asked or now_s < ready_s:
            self._silent.pop(cause, None)
        elif now_s - self._silent.setdefault(cause, now_s) > _GRACE_S:
            if watch.unsettle():
                return
            self._find((cause, "told"), f"does not report {' or '.join(cause.faults[:3])}: {cause.what}")

    def classed(self, fault: str, as_class: str) -> None:
        """The class under which the firmware lists a fault."""
        if fault in classes.FAULTS and as_class != classes.class_of(fault):
            self._find((fault, "class"), f"lists {fault} as {as_class}, not as {classes.class_of(fault)}")

    def _is_dangerous(self, direction: int) -> bool:
        """It is on, and not only to spare a body diode that carries the other direction's current."""
        truth = self.truth
        other_way = -truth.current_a if direction == CHG else truth.current_a
        return bool(truth.gates & direction) and other_way <= _FLOWS_A

    def _judge(self, direction: int) -> None:
        now_s = self.truth.now_s
        if not self._dangerous & direction:
            self._closed_s[direction] = None
        else:
            since_s = self._closed_s[direction]
            if since_s is None:
                self._closed_s[direction] = since_s = now_s
            self._judge_closed(direction, since_s)
        if self.truth.gates & direction:
            self._idle_s[direction] = None
        else:
            self._judge_open(direction)

    def _judge_closed(self, direction: int, closed_s: float) -> None:
        now_s = self.truth.now_s
        for watch in self._watches:
            cause = watch.cause
            if watch.since_s is None or not cause.binding or not cause.opens & direction:
                continue
            late_s = watch.overdue_s(now_s)
            if self._turned & direction:
                late_s = min(late_s, now_s - closed_s - _TURNING_S)
            if late_s > 0.0 and not watch.unsettle():
                since_ms = (now_s - watch.since_s) * 1000
                self._find(
                    (cause, direction),
                    f"{NAMES[direction]} is on {since_ms:.1f} ms after: {cause.what}"
                    f" (allowed: {(cause.set_s + cause.act_s) * 1000:g} ms)",
                )

    def _time_openings(self, opened: int) -> None:
        """These directions have just opened: how long after the moment that called for it?"""
        for direction in (CHG, DSG):
            closed_s = self._closed_s[direction]
            if not opened & direction or closed_s is None:
                continue
            for watch in self._watches:
                called_s = watch.since_s
                took_s = watch.opened(self.truth.now_s) if watch.cause.opens & direction else None
                if took_s is not None and called_s is not None and called_s >= closed_s:
                    self.reaction_s = max(self.reaction_s or 0.0, took_s)

    def _judge_open(self, direction: int) -> None:
        now_s = self.truth.now_s
        if self._excused(direction):
            self._idle_s[direction] = None
            return
        since_s = self._idle_s[direction]
        if since_s is None:
            self._idle_s[direction] = now_s
            return
        reasons = ", ".join(sorted(w.cause.what for w in self._watches if _opens(w, direction)))
        doubt = any(_opens(watch, direction) for watch in self._special)
        if now_s - since_s >= (_DOUBT_S if doubt else _GRACE_S):
            told = ", ".join(sorted(self.reported)) or "nothing"
            why = f"for which there is a cause: {reasons}" if reasons else "without a cause"
            self._find((direction, told), f"{NAMES[direction]} is open with {told} reported, {why}")

    def _excused(self, direction: int) -> bool:
        """Some cause may have opened it, and the firmware, where it runs, says so; or it waits for one."""
        if self._waived & direction:
            return True
        if any(self.locked_out(name) and classes.FAULTS[name][0] & direction for name in self.reported):
            return True
        mute = self.truth.mute
        now_s = self.truth.now_s
        for watch in self._watches:
            if watch.pending(now_s, self.truth.started_s):
                return True
            if _opens(watch, direction):
                faults = watch.cause.faults
                if mute or not faults or any(name in self.reported for name in faults):
                    return True
        return False

    def locked_out(self, fault: str) -> bool:
        """It has come so often that it stays until somebody presses the button."""
        return fault in classes.RETRIES and self._came.get(fault, 0) > classes.RETRIES[fault]

    def _find(self, once: object, what: str) -> None:
        if once not in self._said and len(self.findings) < _MOST_FINDINGS:
            self._said.add(once)
            self.findings.append(f"{self.truth.now_s:.3f} s: {what}")


def _opens(watch: Watch, direction: int) -> bool:
    cause: Cause = watch.cause
    opens = cause.opens if cause.may_open is None else cause.may_open
    return watch.may and bool(opens & direction)
