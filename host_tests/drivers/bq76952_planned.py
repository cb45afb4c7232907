"""What the driver would write for the bench's limits with some changes, before any chip is involved."""

from bms.drivers.afe import ConfigError
from bms.drivers.bq76952_registers import ROWS, plan
from drivers.bq76952_bench import limits_with
from portable import raises


def planned(changes, address, size=1):
    """Bytes that would be written to a register."""
    image, _applied = plan(limits_with(changes))
    at = 0
    for row in ROWS:
        if row[0] == address:
            return bytes(image[at : at + size])
        at += abs(row[1])
    raise AssertionError("nothing is written to 0x%04X" % address)


def applied(changes):
    return plan(limits_with(changes))[1]


def refused(changes):
    return raises(ConfigError, plan, limits_with(changes))


def check(name, address, table, size=1):
    for asked, raw, enforced in table:
        changes = {name: asked}
        assert planned(changes, address, size) == raw, (name, asked)
        assert applied(changes)[name] == enforced, (name, asked)
