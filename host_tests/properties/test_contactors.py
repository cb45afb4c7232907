"""What must hold of contactors whatever is commanded, sensed and measured, at any cadence, from any tick."""

from bms.core import contactor as c
from bms.core import ticks
from bms.core.snapshot import CHG, DSG
from hypothesis import given
from hypothesis import strategies as st

TICK = st.integers(0, (1 << 30) - 1)
# One poll: ms since the last, wanted, contacts, and what a scan finds the load short of, if there is one.
POLL = st.tuples(
    st.one_of(st.integers(0, 60), st.integers(0, 700), st.integers(2400, 9000)),
    st.sampled_from([0, 1, 2, 3, 3, 3, 3]),
    st.sampled_from([-1, 0, 1, 2, 3, 4, 4, 4]),  # 4: they obey
    st.sampled_from([None, 0, 500, 501, 48000]),
)


@given(
    start=TICK,
    fitted=st.integers(0, 1),
    rest_ms=st.sampled_from([0, 250, 500, 2000]),
    polls=st.lists(POLL, max_size=300),
)
def test_contactors_under_any_treatment(
    start: int, fitted: int, rest_ms: int, polls: list[tuple[int, int, int, int | None]]
) -> None:
    pair = c.Contactors(start)
    pair.configure(
        {
            "precharge_fitted": fitted,
            "precharge_delta_mv": 500,
            "coil_pull_ms": 100,
            "coil_hold_permille": 300,
            "coil_rest_ms": rest_ms,
        }
    )
    rest_ms = max(rest_ms, c.RELEASE_MS)
    coils = {CHG: pair.chg, DSG: pair.dsg, 8: pair.relay}
    off_since = dict.fromkeys(coils, 0)
    full_since = dict.fromkeys(coils, 0)
    was = dict.fromkeys(coils, 0)
    near = t = 0
    for step_ms, wanted, contacts, short_mv in polls:
        t += step_ms
        sensed = contacts
        if contacts == 4:
            sensed = (CHG if was[CHG] else 0) | (DSG if was[DSG] else 0)
        if short_mv is not None:
            near = near + 1 if short_mv <= 500 and was[8] == 300 else 0
            pair.scan(48000, 48000 - short_mv, 0)
        pair.step(ticks.add(start, t), wanted, sensed)
        for which, coil in coils.items():
            now = coil.permille
            direction = DSG if which == 8 else which
            assert now in {0, 300, 1000}
            if now:
                assert wanted & direction, "nothing is driven against the command"
                assert step_ms < c.BLIND_MS, "nor after a silence"
                assert not (pair.welded | pair.failed) & direction, "nor a contact that does not obey"
            if now and not was[which]:
                assert now == 1000, "holding drive does not pull in"
                assert t - off_since[which] >= rest_ms
                full_since[which] = t
                if which == DSG and fitted:
                    assert near >= c.NEAR_SCANS, "no contact closes onto an empty load"
                if which != 8 and sensed >= 0:
                    assert not sensed & which
            if now == 1000:
                assert t == full_since[which] or t - full_since[which] < 100
            if was[which] and not now:
                off_since[which] = t
            was[which] = now
        if not was[8]:
            near = 0
        assert pair.precharging == (was[8] > 0)
        assert not pair.welded & pair.failed
        assert not pair.moving & (pair.welded | pair.failed)
        assert pair.moving & ~wanted == 0
        assert pair.closed & ~wanted == 0
