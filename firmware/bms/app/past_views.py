"""How the pack's past looks to a person: trouble codes, one of them in full, and the figures of a life."""

from micropython import const

from bms.app import views
from bms.app.views import amps, degrees, duration, percent, volts, wrap

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Iterator

    from bms.ports import Fields, Json

_NEAR_MS = const(500)  # around the trip every sample is shown, further off one a second
_RATE_MS = const(950)


def dtc(result: "Json") -> "Iterator[str]":
    """The table of codes, or one of them."""
    if isinstance(result, dict):
        for line in _one(result):
            yield line
        return
    empty = True
    for row in result:
        if empty:
            yield f"  n code  {'name':<16} state     now   count {'first':>11} {'last':>11} frame"
        empty = False
        yield (
            f"{row['n']:>3} {row['code']} {row['mnemonic']:<16} {row['state']:<9} "
            f"{'fails' if row['failing'] else '-':<5} {row['count']:>5} {_when(row['first_s']):>11} "
            f"{_when(row['last_s']):>11} {'yes' if row['frame'] else '-'}"
        )
    yield "no codes are stored" if empty else "'dtc show N' explains one; times are operating time"


def _one(r: "Fields") -> "Iterator[str]":
    yield f"{r['code']} {r['mnemonic']}: {r['state']}{', and fails now' if r['failing'] else ''}"
    for line in wrap("What      ", r["text"]):
        yield line
    for line in wrap("Do        ", r["advice"]):
        yield line
    for line in wrap(
        "Status    ", f"0x{r['status']:02x}: " + (", ".join(r["flags"]) or "tested, never failed")
    ):
        yield line
    since = (
        f"first after {duration(r['first_s'])}, last after {duration(r['last_s'])}; " if r["count"] else ""
    )
    yield f"Seen      {r['count']}x; {since}{r['ever']}x ever"
    if r["state"] == "confirmed":
        yield f"Ageing    {r['clean_cycles']} clean operation cycles of 40"
    frame = r["frame"]
    if not frame:
        yield "Frame     none"
        return
    yield f"Frame     after {duration(frame['t'])}, mode {frame['mode']}, {frame['seen'] or 'no figure'}"
    yield f"Charge    {percent(frame['soc'][0])} +/- {percent(frame['soc'][1])}"
    yield f"Pack      {volts(frame['pack_mv'])}   {amps(frame['current_ma'])}"
    for line in wrap("Cells     ", " ".join([str(each) for each in frame["cells_mv"]]) + " mV"):
        yield line
    yield f"Warmth    {', '.join([degrees(each) for each in frame['temps_ddegc']])}"
    yield (
        f"Firmware  {frame['firmware']}, parameters {frame['params']}, "
        f"up {duration(frame['uptime_s'])} after {frame['cause']}"
    )
    for line in _samples(r["samples"]):
        yield line


def _samples(samples: "Iterator[list[Json]]") -> "Iterator[str]":
    """The seconds before and after the trip, closer around it."""
    yield f"{'s':>7} {'mode':<14} CHG DSG {'current':>10} {'cells':>13} {'pack':>9} {'hottest':>8}"
    shown_ms = -1 << 20
    for t_ms, low, high, current, pack, temp, fets, _, fresh, mode, _ in samples:
        if abs(t_ms) > _NEAR_MS and t_ms - shown_ms < _RATE_MS:
            continue
        shown_ms = t_ms
        sign = "-" if t_ms < 0 else "+"
        on = ["on " if fets & bit else "off" for bit in (1, 2)]
        yield (
            f"{sign}{abs(t_ms) // 1000:>3}.{abs(t_ms) % 1000 // 10:02d} {mode:<14} {on[0]} {on[1]} "
            f"{amps(current):>10} {low:>5}..{high:<6} {volts(pack):>9} {degrees(temp):>8}"
            f"{'' if fresh else ' stale'}"
        )


def history(result: "Json") -> "Iterator[str]":
    """Events, or the life."""
    return lifetime(result) if isinstance(result, dict) else views.history(result)


def lifetime(r: "Fields") -> "Iterator[str]":
    """A page of figures."""
    cycles = r["full_cycles_permille"]
    times = "" if cycles is None else f", {cycles // 1000}.{cycles % 1000 // 100} full cycles"
    yield f"Operating {duration(r['operating_s'])}, {r['operation_cycles']} operation cycles"
    yield f"Charge    {_ah(r['charged_mah'])} in, {_ah(r['discharged_mah'])} out{times}"
    for line in _bands("Warmth    ", r["temp_edges_ddegc"], r["temp_s"], " C"):
        yield line
    for line in _bands("Charge at ", r["charge_edges_permille"], r["charge_s"], " %"):
        yield line
    for head, some in (("Counts    ", r["counts"]), ("Codes     ", r["codes"])):
        told = ", ".join([f"{name.replace('_', ' ')} {some[name]}" for name in sorted(some) if some[name]])
        for line in wrap(head, told or "none"):
            yield line
    for line in wrap(
        "Bled      ", " ".join([str(each) for each in r["bled_mah"]]) + " mAh, lowest cell first"
    ):
        yield line
    for name in sorted(r["extremes"]):
        each = r["extremes"][name]
        cell = f"  cell {each['cell']}" if each["cell"] else ""
        what = name[: name.rfind("_")]
        yield f"  {what:<18} {_figure(name, each['value']):>12}  after {duration(each['t_s'])}{cell}"


def _bands(head: str, edges: "tuple[int, ...]", seconds: list[int], unit: str) -> "Iterator[str]":
    """The share of time between the edges, which are in tenths of the unit."""
    total = max(1, sum(seconds))
    told = []
    for k in range(len(seconds)):
        share = percent(seconds[k] * 1000 // total)
        if k == len(edges):
            told.append(f"from {edges[k - 1] // 10}{unit}: {share}")
        else:
            told.append(f"under {edges[k] // 10}{unit}: {share}")
    for line in wrap(head, "; ".join(told)):
        yield line


def _figure(name: str, value: int) -> str:
    if name.endswith("_ddegc"):
        return degrees(value)
    return amps(value) if name.endswith("_ma") else volts(value)


def _ah(mah: int) -> str:
    return f"{mah // 1000}.{mah % 1000 // 100} Ah"


def _when(seconds: int) -> str:
    """93784 -> 1d 02:03."""
    return duration(seconds)[:-3]
