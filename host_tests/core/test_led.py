"""The LED as a person reads it."""

from bms.core import button as b
from bms.core import led, path


def lit(lamp: led.Led, start: int, span: int, mode: int = path.ACTIVE, stage: int = b.IDLE) -> list:
    """Lengths of the lit and dark stretches, in ms, from 10 ms samples; the first is lit (maybe 0)."""
    stretches = [0]
    level = True
    for t in range(start, start + span, 10):
        now = lamp.level(t, mode, stage, t if stage != b.IDLE else 0) & 3 != 0
        if now != level:
            stretches.append(0)
            level = now
        stretches[-1] += 10
    return stretches


def flashes(stretches: list) -> int:
    return sum(1 for i in range(0, len(stretches), 2) if stretches[i])


def test_a_healthy_pack_beats_calmly_and_trouble_shows_more_light() -> None:
    lamp = led.Led()
    shares = []
    for mode in (path.ACTIVE, path.CHARGE_ONLY, path.FAULT):
        stretches = lit(lamp, 0, 12000, mode)
        shares.append(sum(stretches[::2]))
    assert shares[0] < shares[1] < shares[2]
    assert flashes(lit(lamp, 0, 6000)) == 2


def test_every_mode_has_a_pattern() -> None:
    lamp = led.Led()
    patterns = [lit(lamp, 0, 12000, mode) for mode in range(len(path.NAMES))]
    for mode in range(len(path.NAMES)):
        assert (flashes(patterns[mode]) == 0) == (mode == path.SHIP), path.NAMES[mode]


def test_the_hold_is_dark_then_hurries_then_solid() -> None:
    lamp = led.Led()
    assert flashes(lit(lamp, 0, 3000, stage=b.HELD)) == 0
    early = lit(lamp, 3000, 1000, stage=b.HURRY)
    late = lit(lamp, 9000, 1000, stage=b.HURRY)
    assert len(late) > 2 * len(early)
    assert lit(lamp, 10000, 5000, stage=b.RELEASE_NOW) == [5000]


def test_answers_can_be_counted_and_end() -> None:
    for count in (1, 2, 5):
        lamp = led.Led()
        lamp.answer(0, count)
        stretches = lit(lamp, 0, 800 + count * 600 - 10)
        assert flashes(stretches) == count
    lamp = led.Led()
    lamp.answer(0, 3, repeats=3)
    assert flashes(lit(lamp, 0, 3 * (800 + 3 * 600))) == 9
    lit(lamp, 3 * (800 + 3 * 600), 100)
    assert flashes(lit(lamp, 9000, 3000)) == 1  # the heartbeat is back


def test_charge_in_fifths() -> None:
    for permille, blinks in ((0, 1), (1, 1), (200, 1), (201, 2), (500, 3), (800, 4), (801, 5), (1000, 5)):
        assert led.fifths(permille) == blinks, permille


def test_the_hold_never_flickers_faster_than_a_person_can_see() -> None:
    lamp = led.Led()
    stretches = lit(lamp, 3000, 7000, stage=b.HURRY)
    assert min([each for each in stretches if each]) >= 50
    counts = [flashes(lit(lamp, second * 1000, 1000, stage=b.HURRY)) for second in range(3, 10)]
    assert counts == sorted(counts)
    assert counts[-1] == 10


def test_the_patterns_of_the_modes_as_the_manual_tells_them() -> None:
    for mode, lit_ms, dark_ms in (
        (path.BOOT, 200, 200),
        (path.SELFTEST, 200, 200),
        (path.ACTIVE, 60, 2940),
        (path.CHARGE_ONLY, 300, 1200),
        (path.DISCHARGE_ONLY, 300, 1200),
        (path.FAULT, 300, 300),
        (path.PERMANENT_FAULT, 120, 120),
    ):
        assert lit(led.Led(), 0, 2 * (lit_ms + dark_ms), mode) == [lit_ms, dark_ms] * 2, path.NAMES[mode]


def test_the_hold_hurries_in_four_steps() -> None:
    counts = [flashes(lit(led.Led(), second * 1000, 1000, stage=b.HURRY)) for second in range(3, 10)]
    assert counts == [1, 1, 2, 2, 5, 5, 10]
    for start, period in ((3000, 1000), (5000, 500), (7000, 200), (9000, 100)):
        blinks = [period // 2] * 2 * (1000 // period)
        assert lit(led.Led(), start, 1000, stage=b.HURRY) == blinks, start


def test_an_answer_waits_in_the_dark_and_blinks_slowly_enough_to_count() -> None:
    lamp = led.Led()
    lamp.answer(100000, 3)
    assert lit(lamp, 100000, 800 + 3 * 600) == [0, 800, 250, 350, 250, 350, 250, 350]


def shades(lamp: led.Led, start: int, span: int, mode: int = path.ACTIVE, stage: int = b.IDLE) -> set:
    """Every level but dark that is driven."""
    held = start if stage != b.IDLE else 0
    return {lamp.level(start + t, mode, stage, held + t) for t in range(0, span, 10)} - {led.DARK}


def test_green_is_well_red_is_not_and_a_mode_makes_no_sound() -> None:
    for mode in range(len(path.NAMES)):
        seen = shades(led.Led(), 0, 12000, mode)
        if mode in (path.ACTIVE, path.STANDBY):
            assert seen == {led.GREEN}
        elif mode in (path.FAULT, path.PERMANENT_FAULT):
            assert seen == {led.RED}
        elif mode == path.SHIP:
            assert seen == set()
        else:
            assert seen == {led.AMBER}, path.NAMES[mode]


def test_the_hold_is_amber_and_green_means_release() -> None:
    lamp = led.Led()
    assert shades(lamp, 0, 3000, stage=b.HELD) == set()
    assert shades(lamp, 3000, 7000, stage=b.HURRY) == {led.AMBER | led.SOUND}
    assert shades(lamp, 10000, 5000, stage=b.RELEASE_NOW) == {led.GREEN | led.SOUND}


def test_an_answer_has_its_colour_and_sounds() -> None:
    lamp = led.Led()
    lamp.answer(0, 3, 3, led.RED)
    assert shades(lamp, 0, 3 * (800 + 3 * 600), path.SHIP) == {led.RED | led.SOUND}
    lamp.answer(20000, 2)
    assert shades(lamp, 20000, 800 + 2 * 600, path.FAULT) == {led.GREEN | led.SOUND}


def test_yes_is_one_long_light_that_cannot_be_taken_for_a_count() -> None:
    lamp = led.Led()
    lamp.answer(100000, 0)
    assert lit(lamp, 100000, 800 + 1500) == [0, 800, 1500]
    assert flashes(lit(lamp, 102300, 3000, path.SHIP)) == 0
