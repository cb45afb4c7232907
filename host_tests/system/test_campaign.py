"""The fault-injection campaign at work: that runs can be had again, and that its oracle misses nothing.

An oracle that finds nothing proves nothing. So firmware and silicon are sabotaged here, one protection at a
time, and each time the oracle has to say what is wrong.
"""

import pytest
from bms.core import faults as f
from bms.core.rows import Rows
from packwarden.campaign import plan
from packwarden.campaign.run import run
from packwarden.commands import app
from packwarden.sim.bq76952_protection import Protection
from packwarden.sim.bq76952_slow import SlowProtection
from typer.testing import CliRunner

NEVER_MS = 1 << 27


def judged(key: str, seed: int = 1) -> str:
    """What the oracle says of one run."""
    return "\n".join(run(plan.parse(key), seed).findings)


def change(monkeypatch: pytest.MonkeyPatch, fault: str, **columns: object) -> None:
    """Alter a row of the firmware's fault table."""
    rows = []
    for row in f.ROWS:
        fields = [row[column] for column in range(f.HARDWARE + 1)]
        if row[f.MNEMONIC] == fault:
            for name, value in columns.items():
                fields[getattr(f, name)] = value
        rows.append(tuple(fields))
    monkeypatch.setattr(f, "ROWS", Rows(tuple(rows)))


SOUND = [
    "none:resting:lfp:first:alive:0",
    "none:topping:nmc:last:alive:0",
    "none:emptying:lfp:last:alive:0",
    "none:hauling:nmc:first:dead:0",
    "cell_short:charging:nmc:first:alive:0",
    "external_short:hauling:nmc:first:alive:0",
    "afe_silent:cruising:lfp:last:alive:1",
    "impact:resting:nmc:first:alive:0",
    "hung_firmware:charging:lfp:first:alive:0",
    "bit_flip_config:cruising:nmc:last:alive:0",
    "charger_fault:topping:lfp:last:dead:0",
    "external_short:topping:nmc:last:dead:0",
    "contact_resistance:topping:nmc:last:alive:0",  # the AFE has tripped too, and releases first
]


@pytest.mark.parametrize("key", SOUND)
def test_sound_firmware_is_not_blamed(key: str) -> None:
    assert judged(key) == ""


def test_a_run_is_the_same_each_time() -> None:
    key = plan.parse("cell_short:topping:lfp:last:alive:0")
    once, again, other = run(key, 1), run(key, 1), run(key, 2)
    assert once == again
    assert once.story != other.story


def test_a_run_tells_what_happens() -> None:
    told: list[str] = []
    run(plan.parse("external_short:hauling:nmc:first:alive:0"), 1, told.append)
    assert any("SCD" in line and "! --" in line for line in told)
    assert told[-1].split()[2] == "CD"


def test_the_reaction_to_a_short_is_the_comparators() -> None:
    result = run(plan.parse("external_short:hauling:nmc:first:alive:0"), 1)
    assert result.reaction_s is not None
    assert result.reaction_s < 0.001


@pytest.mark.parametrize(
    ("fault", "columns", "key", "found"),
    [
        pytest.param(
            "CELL_OV", {"TRIP": f.NEVER, "HARDWARE": 0}, "none:topping:nmc:last:alive:0",
            "charging is on", id="a limit is not watched",
        ),
        pytest.param(
            "CELL_UV", {"SET_MS": 3500, "HARDWARE": 0}, "none:emptying:lfp:last:alive:0",
            "discharging is on", id="a delay is too long",
        ),
        pytest.param(
            "UTC", {"OPENS": 0}, "none:cold:lfp:first:alive:0", "charging is on",
            id="a direction is forgotten",
        ),
        pytest.param(
            "OTC", {"TRIP": 200, "CLEAR": 150}, "none:resting:nmc:first:alive:0",
            "reports OTC, which is not", id="a trip without a cause",
        ),
        pytest.param(
            "OTC_WARN", {"OPENS": f.s.CHG}, "none:hot:nmc:first:alive:0", "charging is open",
            id="a warning opens",
        ),
        pytest.param(
            "OTD_WARN", {"TRIP": f.NEVER}, "none:scorching:lfp:first:alive:0", "does not report OTD_WARN",
            id="a warning is not given",
        ),
        pytest.param(
            "SCD", {"CLEAR_MS": NEVER_MS}, "external_short:cruising:lfp:first:alive:0",
            "reports SCD, which is not or no longer", id="a trip does not end",
        ),
        pytest.param(
            "SCD", {"RELEASE": f.ALWAYS}, "external_short:hauling:nmc:last:alive:0",
            "discharging is on", id="a trip ends while the load is there",
        ),
        pytest.param(
            "AFE_COMMS", {"CLASS": f.TRIP_CLASS}, "stuck_bus:resting:nmc:first:alive:2",
            "the AFE cannot be reached", id="a lockout ends by itself",
        ),
        pytest.param(
            "IMPACT", {"CLASS": f.LOCKOUT}, "impact:resting:nmc:first:alive:0",
            "lists IMPACT as lockout, not as permanent", id="a permanent fault is reset",
        ),
        pytest.param(
            "CELL_OV", {"MNEMONIC": "CELL_VO"}, "none:topping:nmc:last:alive:0",
            "reports CELL_VO, which nobody has heard of", id="a code that nobody knows",
        ),
    ],
)  # fmt: skip
def test_a_sabotaged_row_is_found(
    monkeypatch: pytest.MonkeyPatch, fault: str, columns: dict[str, object], key: str, found: str
) -> None:
    change(monkeypatch, fault, **columns)
    assert found in judged(key)


def test_a_front_end_without_a_host_watchdog_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SlowProtection, "_host_watchdog", lambda *_: None)
    assert "is on" in judged("none:resting:nmc:first:dead:0")


def test_a_front_end_without_a_short_circuit_comparator_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Protection, "shunt_violations", lambda _: 0)
    for state in ("alive", "dead"):
        assert "shorted" in judged(f"external_short:resting:nmc:first:{state}:0")


def test_silicon_that_trips_early_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Protection, "cell_violations", lambda _: 0x08)
    assert "charging is open" in judged("none:charging:nmc:first:dead:3")


def test_firmware_that_crashes_is_a_finding(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("packwarden.session.build", lambda _: 1 // 0)
    assert "ZeroDivisionError" in judged("none:resting:nmc:first:alive:0")


def command(*options: str) -> tuple[int, str]:
    result = CliRunner().invoke(app, ["faults", *options])
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.output


def test_the_command_passes() -> None:
    status, shown = command("--only", SOUND[0])
    assert status == 0
    assert shown.endswith("passed\n")


def test_the_command_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    change(monkeypatch, "OTC", TRIP=200, CLEAR=150)
    assert command("--only", SOUND[0])[0] == 1
    monkeypatch.setattr(plan, "ci", lambda: [plan.parse(key) for key in SOUND[:2]])
    status, shown = command("--slice", "ci", "--jobs", "1", "--seed", "5")
    assert status == 1
    assert f"packwarden faults --seed 5 --only {SOUND[0]}" in shown
    assert "2 runs with seed 5, 2 failed" in shown


def test_the_command_refuses() -> None:
    assert command("--only", "nonsense")[0] == 2
    assert command("--slice", "half")[0] == 2
