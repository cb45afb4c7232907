"""The point outside a pack's switches where charger and load meet: its voltage, and the current from there.

Without a capacitor the node is at rest in the same instant, and every arrangement has a closed solution. The
input capacitor of a load makes it take time: it then moves from edge to edge (where a diode begins to
conduct, where the charger reaches its voltage) on exponentials, each of them exact. So a step may have any
length, and nothing oscillates. Wires have no resistance here: the pack and its switches alone limit an
inrush.

Positive current charges the pack.
"""

import math

BLOCKED_V = 1e9  # a source so far away that it never conducts
BLEEDER_OHM = 100_000.0  # across an input capacitor, so that it empties in the end

_SETTLED_V = 0.001
# A movement over before the shunt could show it to anybody: the lowest short-circuit threshold is 10 mV, and
# every other one waits for longer (datasheet 7.26).
_FAST_S = 0.001
_UNSEEN_V = 0.005

_STEPS_PER_TIME = 8
_SHORTEST_STEP_US = 10


def meet(emf: float, ohm: float, feed_a: float, siemens: float, limit_v: float, limit_a: float) -> float:
    """Current into a source behind a resistance: the charger limits its current first, its voltage then."""
    share = 1.0 + siemens * ohm
    current_a = (feed_a + limit_a - siemens * emf) / share
    if limit_a > 0.0 and emf + ohm * current_a > limit_v:
        current_a = (limit_v - emf) / ohm
        if current_a + siemens * limit_v - feed_a < 0.0:  # it would have to take current: it gives none
            current_a = (feed_a - siemens * emf) / share
    if emf + ohm * current_a < 0.0:  # no load pulls below zero
        current_a = -emf / ohm
    return current_a


class Node:
    """What hangs on the node, where the pack stands behind its switches, and what follows."""

    def __init__(self, ceiling_v: float, farad: float, shunt_ohm: float) -> None:
        self.farad = farad
        self.feed_a = 0.0  # of the load: below zero it draws, above it feeds back
        self.siemens = 0.0  # of everything that is a resistor
        self.limit_v = self.limit_a = 0.0  # of the charger
        # Below out_v the pack drives the node, above in_v it takes from it; no switch closed: never.
        self.out_v, self.out_ohm = -BLOCKED_V, 1.0
        self.in_v, self.in_ohm = BLOCKED_V, 1.0
        self.volts = 0.0
        self.current_a = 0.0  # into the pack
        self.step_us = 0  # while the capacitor moves: how often it wants to be looked at
        self._ceiling_v = ceiling_v
        self._shunt_ohm = shunt_ohm
        self._goal_v = 0.0

    def solve(self) -> None:
        """Set voltage and current for what hangs on the node now."""
        held_v = self.volts
        self._rest()
        self.step_us = 0
        if self.farad > 0.0 and abs(held_v - self.volts) > _SETTLED_V:
            self._hold(held_v)

    def flow(self, duration_s: float) -> float:
        """Let the capacitor move for a time; returns the mean current into the pack meanwhile."""
        goal_v = self._goal_v
        volts = self.volts
        passed_c = 0.0
        left_s = duration_s
        while left_s > 0.0 and volts != goal_v:
            edge_v = self._next_edge(volts)
            middle_v = 0.5 * (volts + edge_v)  # up to the edge everything is linear
            source_v, siemens = 0.0, 0.0
            if middle_v < self.out_v:
                source_v, siemens = self.out_v, 1.0 / self.out_ohm
            elif middle_v > self.in_v:
                source_v, siemens = self.in_v, 1.0 / self.in_ohm
            fed_a = self.feed_a + source_v * siemens
            if middle_v < self.limit_v:
                fed_a += self.limit_a
            far_v = fed_a / (siemens + self.siemens)
            tau_s = self.farad / (siemens + self.siemens)
            taken_s, after_v = left_s, edge_v
            rest = (edge_v - far_v) / (volts - far_v) if volts != far_v else 0.0
            if rest > 0.0 and -tau_s * math.log(rest) <= left_s:
                taken_s = -tau_s * math.log(rest)
            else:
                after_v = far_v + (volts - far_v) * math.exp(-left_s / tau_s)
            passed_c += siemens * ((far_v - source_v) * taken_s + (volts - after_v) * tau_s)
            left_s -= taken_s
            volts = after_v
        passed_c += self._through(volts) * left_s
        self.volts = volts
        return passed_c / duration_s

    def _rest(self) -> None:
        """Where the node comes to rest. One direction at a time: outward first, then inward."""
        if self.out_v > -BLOCKED_V and self._settle(self.out_v, self.out_ohm) <= 0.0:
            return
        if self.in_v < BLOCKED_V and self._settle(self.in_v, self.in_ohm) > 0.0:
            return
        self.current_a = 0.0
        self.volts = self._alone()

    def _settle(self, emf: float, ohm: float) -> float:
        self.current_a = meet(emf, ohm, self.feed_a, self.siemens, self.limit_v, self.limit_a)
        self.volts = emf + ohm * self.current_a
        return self.current_a

    def _alone(self) -> float:
        """Voltage of the node when no pack holds it."""
        feed_a = self.feed_a + self.limit_a
        if self.limit_a > 0.0 and feed_a >= self.siemens * self.limit_v:
            return self.limit_v
        if feed_a <= 0.0:
            return 0.0
        return self._ceiling_v if self.siemens * self._ceiling_v <= feed_a else feed_a / self.siemens

    def _hold(self, held_v: float) -> None:
        """The capacitor is elsewhere than the node would rest, and goes there in its own time."""
        self._goal_v = self.volts
        current_a = self._through(held_v)
        net_a = self.feed_a - self.siemens * held_v - current_a
        if held_v < self.limit_v:
            net_a += self.limit_a
        time_s = self.farad * abs(held_v - self.volts) / max(abs(net_a), 1e-9)
        if time_s < _FAST_S and abs(current_a - self.current_a) * self._shunt_ohm < _UNSEEN_V:
            return
        self.volts = held_v
        self.current_a = current_a
        self.step_us = max(_SHORTEST_STEP_US, int(time_s * 1e6) // _STEPS_PER_TIME)

    def _through(self, volts: float) -> float:
        """Current into the pack at a voltage of the node."""
        if volts < self.out_v:
            return (volts - self.out_v) / self.out_ohm
        if volts > self.in_v:
            return (volts - self.in_v) / self.in_ohm
        return 0.0

    def _next_edge(self, volts: float) -> float:
        """The nearest voltage on the way at which something begins or ceases to conduct, or the goal."""
        edge_v = self._goal_v
        for each_v in (self.out_v, self.in_v, self.limit_v):
            if volts < each_v < edge_v or edge_v < each_v < volts:
                edge_v = each_v
        return edge_v
