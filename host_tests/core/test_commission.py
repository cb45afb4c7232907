"""What each step must show, and what a change of the wiring undoes: verdicts on figures alone."""

from array import array

from bms.core import commission as c
from bms.services import texts

# fmt: off
VERDICTS = (
    "cells-nothing", "cells-count", "order-reversed", "order-odd", "taps-open", "thermistors-other",
    "thermistors-dead", "thermistors-broken", "fets-extra", "fets-missing", "fets-outside", "fets-silent",
    "fets-current", "shunt-reversed", "shunt-none", "shunt-past", "shunt-late", "bleed-missing",
    "bleed-wire", "volts-off", "amps-off", "amps-little", "amps-late", "step-blocked", "step-asleep",
    "ask-taps", "ask-thermistors", "ask-fets", "ask-charger", "ask-shunt", "ask-bleed", "ask-amps",
    "done-label", "done-vouched",
)
# fmt: on
WIRING = {"cell_count": 4, "thermistors": 2, "fet_thermistor": 0, "shunt_uohm": 1000}


def mv(*cells):
    return array("i", cells)


def test_as_many_cells_as_were_told():
    assert c.count(mv(3300, 3310, 3290, 3300), 13200) == ("cells", [13200])
    assert c.count(mv(3300, 3310, 3290, 3300), 13200 + 1500)[0] == "cells", (
        "less than half a cell is an error"
    )
    assert c.count(mv(3300, 3310, 3290, 3300), 16500) == ("cells-count", [16500, 13200, 5, 4])
    assert c.count(mv(3300, 3310, 3290, 3300), 9900)[1][2] == 3
    assert c.count(mv(3300, 0, 3290, 3300), 9890) == ("cells-nothing", [2, 0, 4])
    assert c.count(mv(-200, -200, -200, -200), 13200)[0] == "cells-count", "no division by what is not there"


def test_reversed_cells_name_the_wires_that_changed_places():
    assert c.order(mv(3300, 3310, 3290, 3300)) == ("order", [20])
    assert c.order(mv(3300, 5500, -200, 5500)) == ("order-reversed", [2, 3, 3])
    assert c.order(mv(5500, -200, -200, 5500)) == ("order-reversed", [1, 3, 2])
    assert c.order(mv(-200, 5500, 3300, 3300)) == ("order-reversed", [0, 1, 1])
    assert c.order(mv(3300, 6600, 3290, 3300)) == ("order-odd", [2, 6600, 3300])
    assert c.order(mv(3300, 1000, 3290, 3300))[0] == "order-odd"


def test_a_tap_that_sinks_takes_two_cells_apart():
    before = [3300, 3300, 3300, 3300]
    assert c.taps(before, mv(3301, 3299, 3300, 3300), 0, 0) == ("taps", [1])
    assert c.taps(before, mv(3300, 3260, 3340, 3300), 0, 0) == ("taps-open", [2])
    assert c.taps(before, mv(3200, 3200, 3200, 3200), 0, 0)[0] == "taps", "a load moves all of them"
    assert c.taps(before, mv(3300, 3300, 3300, 3300), 150, 3) == ("taps-open", [3]), "it had sunk before"


def test_a_finger_is_felt_by_the_right_thermistor():
    cold = [250, 250, 250]
    assert c.warmed(cold, [250, 269, 250], 1, 0) == ("", [])
    assert c.warmed(cold, [250, 270, 250], 1, 0) == ("thermistors", [2, 20])
    assert c.warmed(cold, [250, 255, 270], 1, 0) == ("thermistors-other", [3, 2])
    assert c.warmed(cold, [250, 265, 270], 1, 0) == ("", []), "both warm: the finger is between them"
    assert c.warmed(cold, [280, 250, 250], 1, 1) == ("", []), "the one before it is still warm"


def test_switches_that_follow_and_that_do_not():
    assert c.reads(1, 1)[0] == "fets"
    assert c.reads(3, 1) == ("fets-extra", ["discharge"])
    assert c.reads(0, 2) == ("fets-missing", ["discharge"])
    assert c.reads(1, 0) == ("fets-extra", ["charge"])


def test_a_charge_is_positive():
    assert c.direction(500) == ("shunt", [500])
    assert c.direction(-500) == ("shunt-reversed", [-500])


def test_bleeding_is_seen_by_read_back_and_by_no_reading():
    before = [3300, 3300, 3300, 3300]
    assert c.bled(5, 5, before, mv(3299, 3300, 3301, 3300))[0] == "bleed"
    assert c.bled(5, 1, before, mv(3300, 3300, 3300, 3300)) == ("bleed-missing", [3])
    assert c.bled(5, 5, before, mv(3300, 3300, 3200, 3400)) == ("bleed-wire", [3, -100])


def test_a_meter_may_differ_by_its_own_error():
    assert c.voltage(13200, 13210) == ("volts", [-10])
    assert c.voltage(13200, 13070)[0] == "volts"
    assert c.voltage(13200, 13000) == ("volts-off", [13200, 13000])
    assert c.voltage(3300, 3335)[0] == "volts-off"


def test_the_shunt_is_what_makes_both_agree():
    assert c.current(5000, 5000, 1000) == (("amps", [5000, 5000]), 1000)
    assert c.current(5010, 5000, 1000)[1] == 1000, "no better than the meter"
    assert c.current(5100, 5000, 1000) == (("amps", [5100, 5000]), 1020)
    assert c.current(4900, 5000, 250)[1] == 245
    assert c.current(5100, -5000, 1000)[1] == 1020, "a meter clamped the other way round"
    assert c.current(5600, 5000, 1000)[0][0] == "amps-off"


def test_the_order_of_need():
    assert c.next_step(c.ALL) == c.CELLS
    assert c.next_step(c.ALL & ~1) == c.ORDER
    assert c.next_step(1 << c.FETS | 1) == c.CELLS
    assert c.next_step(0) == -1
    for step in range(len(c.NAMES)):
        assert not c.NEEDS[step] >> step, "nothing needs itself or what comes after"


def test_what_changed_wiring_undoes():
    kept = c.vouched(WIRING)
    assert c.passed(kept, WIRING) == c.ALL
    for name, undone in (
        ("cell_count", ["cells", "order", "taps", "bleed", "volts"]),
        ("thermistors", ["thermistors"]),
        ("fet_thermistor", ["thermistors"]),
        ("shunt_uohm", ["shunt", "amps"]),
    ):
        changed = dict(WIRING)
        changed[name] += 1
        assert c.names(c.ALL & ~c.passed(kept, changed)) == undone


def test_no_content_of_a_record_proves_anything_by_accident():
    for kept in (
        {},
        {"passed": 511},
        {"passed": "511", "wiring": c.wiring(WIRING)},
        {"passed": 511, "wiring": [4]},
    ):
        assert c.passed(kept, WIRING) == 0
    assert c.passed(c.vouched(WIRING), {}) == 0
    assert c.passed(c.bare(True), WIRING) == 0


def test_who_was_in_service_before():
    assert not c.in_service(0, 0)
    assert not c.in_service(3599, 0)
    assert c.in_service(3600, 0)
    assert c.in_service(60, 1)


def test_every_step_and_every_verdict_has_its_words():
    for name in c.NAMES:
        what, advice = texts.find("commission", name)
        assert what
        assert advice.endswith("."), name
        assert texts.find("commission", "done-" + name), name
    for key in VERDICTS:
        assert texts.find("commission", key), key
