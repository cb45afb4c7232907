"""Requirement trace: code, hazards, tests and the safety page know of each other, or this says who does not.

A requirement (PW-nnn) is a row of the firmware's fault table or a rule of `safety_rules`. Each has a hazard,
a place in the code and a test; each mark on a test, each limit of the AFE and each mode of the power path has
a requirement; and firmware/SAFETY.md tells what there is.
"""

import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from checks.safety_page import PAGE, page
from checks.safety_tables import ROOT, Proof, Tables, exists, marks, of_firmware

FIRST_RULE = "PW-101"  # numbers below belong to the fault table
LAYERS = ("1", "2", "3")


def orphans(tables: Tables, claims: Mapping[str, list[Proof]], firmware: Path) -> list[str]:
    """A sentence for each thing without its counterpart."""
    return [
        *_numbers(tables),
        *_hazards(tables),
        *_rules(tables, firmware),
        *_tests(tables, claims),
        *_mapping(tables, "the AFE's limit", tables.limits, tables.asked),
        *_mapping(tables, "the mode", tables.modes, tables.path_modes),
    ]


def requirements(tables: Tables) -> list[str]:
    return [fault.requirement for fault in tables.faults] + [rule.requirement for rule in tables.rules]


def _numbers(tables: Tables) -> Iterator[str]:
    for name, count in Counter(requirements(tables)).items():
        if count > 1:
            yield f"{name} stands for {count} requirements"
    for fault in tables.faults:
        if fault.requirement >= FIRST_RULE:
            yield f"{fault.mnemonic}: {fault.requirement} is a number for rules, from {FIRST_RULE} on"
    for rule in tables.rules:
        if rule.requirement < FIRST_RULE:
            yield f"{rule.requirement}: rules are numbered from {FIRST_RULE} on"


def _hazards(tables: Tables) -> Iterator[str]:
    known = {fault.requirement for fault in tables.faults}
    for fault in tables.faults:
        against = tables.against(fault.requirement)
        if not against:
            yield f"{fault.mnemonic} ({fault.requirement}) is against no hazard"
        elif len(against) > 1:
            yield f"{fault.mnemonic} ({fault.requirement}) is against {len(against)} hazards; choose one"
    for hazard in tables.hazards:
        for number in hazard.rows.split():
            if f"PW-{number}" not in known:
                yield f"hazard '{hazard.name}': no row of the fault table is PW-{number}"
        if not hazard.rows and all(rule.hazard != hazard.name for rule in tables.rules):
            yield f"nothing stands against the hazard '{hazard.name}'"


def _rules(tables: Tables, firmware: Path) -> Iterator[str]:
    names = {hazard.name for hazard in tables.hazards}
    for rule in tables.rules:
        if rule.hazard not in names:
            yield f"{rule.requirement}: there is no hazard '{rule.hazard}'"
        if rule.layers not in LAYERS:
            yield f"{rule.requirement}: there is no layer '{rule.layers}'"
        if not exists(firmware, rule.place):
            yield f"{rule.requirement}: {rule.place} does not exist"


def _tests(tables: Tables, claims: Mapping[str, list[Proof]]) -> Iterator[str]:
    known = requirements(tables)
    for name in known:
        if not claims.get(name):
            yield f"{name} has no test"
    for name, tests in sorted(claims.items()):
        if name not in known:
            yield from (f"{test.file}:{test.line}: {name} is no requirement" for test in tests)


def _mapping(
    tables: Tables, what: str, mapping: Mapping[str, str], real: frozenset[str] | tuple[str, ...]
) -> Iterator[str]:
    known = requirements(tables)
    for name in sorted(set(real) - mapping.keys()):
        yield f"{what} '{name}' serves no requirement"
    for name, serves in mapping.items():
        if name not in real:
            yield f"{what} '{name}' does not exist"
        yield from (
            f"{what} '{name}' serves {each}, which is no requirement"
            for each in serves.split()
            if each not in known
        )


def main() -> int:
    tables = of_firmware()
    claims = marks(ROOT / "host_tests")
    found = orphans(tables, claims, ROOT / "firmware")
    written = PAGE.read_text() if PAGE.is_file() else ""
    if not found and written != page(tables, claims):
        found = [f"{PAGE.relative_to(ROOT)} does not tell what there is: 'make safety' writes it anew"]
    print("\n".join(found) or f"requirements: {len(requirements(tables))}, each with hazard, code and test")
    return int(bool(found))


if __name__ == "__main__":
    sys.exit(main())
