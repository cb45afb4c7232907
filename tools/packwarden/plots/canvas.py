"""Draws a pack's past with matplotlib: one axis of time, a panel for each question, events across all.

Colours are those that people with any colour vision can tell apart (Okabe and Ito).
"""

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from packwarden.errors import InputError
from packwarden.plots.data import Past

_FORMS = (".png", ".svg", ".pdf")
_BLUE, _ORANGE, _GREEN, _RED, _GREY = "#0072B2", "#E69F00", "#009E73", "#D55E00", "#777777"
_EVENT_COLOURS = {"fault": _RED, "lockout": _RED, "fault over": _GREEN, "mode": _GREY, "reset soft": _BLUE}
_LABEL = 44  # characters
_WORDS_TAKE = 0.22  # of the width
_NEEDED = "Plots need matplotlib, which is not installed: run `make run` again, or pip install matplotlib."

_Panel = Callable[[Any, Past, list[float]], bool]  # with no axis it says whether it has anything to draw


def check(out: Path | None) -> None:
    """InputError before any work if the picture cannot be made."""
    if out is not None and out.suffix.lower() not in _FORMS:
        raise InputError(f"--out {out} must end in {', '.join(_FORMS[:-1])} or {_FORMS[-1]}.")
    try:
        importlib.import_module("matplotlib")
    except ImportError:
        raise InputError(_NEEDED) from None


def draw(past: Past, out: Path | None) -> None:
    """Into a file, or a window that stays until it is closed."""
    if out is None:
        _window(past)
        return
    figure = importlib.import_module("matplotlib.figure").Figure(layout="constrained")
    fill(figure, past)
    try:
        figure.savefig(out, dpi=120)
    except OSError as error:
        raise InputError(f"--out {out} cannot be written: {error.strerror or error}.") from None


def _window(past: Past) -> None:
    if importlib.import_module("matplotlib").get_backend().lower() == "agg":
        raise InputError("There is no screen for a window here: name a file with --out FILE.png.")
    plt = importlib.import_module("matplotlib.pyplot")
    fill(plt.figure(layout="constrained"), past)
    plt.show()


def fill(figure: Any, past: Past) -> None:
    """Put the panels into an empty figure."""
    factor, unit = _unit(past)
    times = [t_s / factor for t_s in past.times_s]
    panels: list[_Panel] = [panel for panel in (_volts, _amps, _charge, _warmth) if panel(None, past, times)]
    if past.events:
        panels.append(_events)
    figure.set_size_inches(11, 1.2 + 2.1 * len(panels))
    figure.suptitle(past.title, fontsize=11)
    axes = figure.subplots(len(panels), 1, sharex=True, squeeze=False)[:, 0]
    for axis, panel in zip(axes, panels, strict=True):
        panel(axis, past, times)
        axis.grid(alpha=0.3)
        for t_s, kind, _ in past.events if panel is not _events else ():
            if kind in ("fault", "lockout"):
                axis.axvline(t_s / factor, color=_RED, linewidth=0.8, alpha=0.6)
    axes[-1].set_xlabel(f"{unit} since {past.since}")


def _volts(axis: Any, past: Past, times: list[float]) -> bool:
    if axis is None:
        return past.has("cell_max_v") or past.has("pack_v")
    if past.has("cell_max_v"):
        _band(axis, times, past, ("cell_min_v", "cell_max_v"), _BLUE, "lowest to highest cell")
        for limit in past.cell_limits_v or ():
            axis.axhline(limit, color=_RED, linestyle="--", linewidth=0.8)
        axis.set_ylabel("cells, V")
    if past.has("pack_v"):
        other = axis.twinx() if past.has("cell_max_v") else axis
        other.plot(times, _gaps(past, "pack_v"), color=_ORANGE, linewidth=1.0, label="pack")
        other.set_ylabel("pack, V", color=_ORANGE)
        other.ticklabel_format(useOffset=False)
    axis.ticklabel_format(useOffset=False)
    return True


def _amps(axis: Any, past: Past, times: list[float]) -> bool:
    if axis is None:
        return past.has("current_a")
    axis.plot(times, _gaps(past, "current_a"), color=_BLUE, linewidth=1.0, label="current")
    if past.has("charge_limit_a"):
        axis.step(
            times,
            _gaps(past, "charge_limit_a"),
            color=_GREEN,
            linewidth=0.9,
            where="post",
            label="charge limit",
        )
        out = [-value for value in _gaps(past, "discharge_limit_a")]
        axis.step(times, out, color=_ORANGE, linewidth=0.9, where="post", label="discharge limit")
        axis.legend(loc="upper right", fontsize=8)
    axis.axhline(0.0, color=_GREY, linewidth=0.6)
    axis.set_ylabel("current, A\n(+ charges)")
    return True


def _charge(axis: Any, past: Past, times: list[float]) -> bool:
    if axis is None:
        return past.has("soc")
    soc, sigma = _gaps(past, "soc"), _gaps(past, "soc_sigma")
    low = [a - b for a, b in zip(soc, sigma, strict=True)]
    high = [a + b for a, b in zip(soc, sigma, strict=True)]
    axis.fill_between(times, low, high, color=_GREEN, alpha=0.25, linewidth=0, label="± one sigma")
    axis.plot(times, soc, color=_GREEN, linewidth=1.2, label="charge")
    if past.has("true_soc"):
        axis.plot(times, _gaps(past, "true_soc"), color=_GREY, linewidth=1.0, linestyle=":", label="truth")
    axis.legend(loc="upper right", fontsize=8)
    _at_least(axis, 5.0)
    axis.set_ylabel("charge, %")
    return True


def _warmth(axis: Any, past: Past, times: list[float]) -> bool:
    if axis is None:
        return past.has("temp_max_c")
    if past.has("temp_min_c"):
        _band(axis, times, past, ("temp_min_c", "temp_max_c"), _ORANGE, "coldest to warmest")
    else:
        axis.plot(times, _gaps(past, "temp_max_c"), color=_ORANGE, linewidth=1.0)
    _at_least(axis, 5.0)
    axis.set_ylabel("warmth, °C")
    return True


def _events(axis: Any, past: Past, times: list[float]) -> bool:
    """A lane a kind; words beside the marks where there is room."""
    factor, _ = _unit(past)
    kinds = list(dict.fromkeys(kind for _, kind, _ in past.events))
    moments = [*times, *(t_s / factor for t_s, _, _ in past.events)]
    wide = (max(moments) - min(moments)) * _WORDS_TAKE
    edge = max(moments) - 0.8 * wide
    written: dict[tuple[int, bool], float] = {}  # in a lane, above and below: up to where there are words
    for t_s, kind, words in sorted(past.events):
        lane, at = kinds.index(kind), t_s / factor
        colour = _EVENT_COLOURS.get(kind, _BLUE)
        axis.plot([at], [lane], marker="|", markersize=11, color=colour)
        for below in (False, True):
            if at >= written.get((lane, below), at):
                written[lane, below] = at + wide
                text = words if len(words) <= _LABEL else words[: _LABEL - 1] + "…"
                left = at > edge  # there would be no room to the right
                axis.annotate(
                    text,
                    (at, lane),
                    (-3 if left else 3, -9 if below else 4),
                    textcoords="offset points",
                    ha="right" if left else "left",
                    fontsize=6,
                    color=colour,
                )
                break
    axis.set_yticks(range(len(kinds)), kinds, fontsize=8)
    axis.set_ylim(-0.6, len(kinds) - 0.2)
    return True


def _band(axis: Any, times: list[float], past: Past, names: tuple[str, str], colour: str, label: str) -> None:
    low, high = (_gaps(past, name) for name in names)
    axis.fill_between(times, low, high, color=colour, alpha=0.3, linewidth=0)
    axis.plot(times, low, color=colour, linewidth=0.9)
    axis.plot(times, high, color=colour, linewidth=0.9, label=label)


def _at_least(axis: Any, span: float) -> None:
    """What hardly changes must not look as if it did."""
    low, high = axis.get_ylim()
    if high - low < span:
        middle = (low + high) / 2
        axis.set_ylim(middle - span / 2, middle + span / 2)


def _gaps(past: Past, name: str) -> list[float]:
    """A column in which what is not known draws nothing."""
    column = past.columns.get(name) or [None] * len(past.times_s)
    return [float("nan") if value is None else value for value in column]


def _unit(past: Past) -> tuple[float, str]:
    """A unit of time that suits the whole of it."""
    moments = past.times_s or [t_s for t_s, _, _ in past.events]
    span_s = max(moments) - min(moments)
    for seconds, unit in ((86_400.0, "days"), (3600.0, "hours"), (60.0, "minutes")):
        if span_s > 3 * seconds:
            return seconds, unit
    return 1.0, "seconds"
