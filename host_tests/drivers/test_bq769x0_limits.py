"""What the BQ769x0 is asked for, what its registers then say, and what it refuses.

The scales are those of the datasheet, written out here; a register's value is decoded again and must never
mean something looser than was asked.
"""

from bms.drivers.afe import ConfigError
from bms.drivers.bq769x0_gates import inputs_of
from bms.drivers.bq769x0_limits import check, plan
from drivers.bq769x0_bench import CONNECTIONS, LIMITS
from packwarden.sim.bq769x0 import inputs_of as connected
from portable import raises

SCD_MV = ((22, 33, 44, 56, 67, 78, 89, 100), (44, 67, 89, 111, 133, 155, 178, 200))
OCD_MV = (
    (8, 11, 14, 17, 19, 22, 25, 28, 31, 33, 36, 39, 42, 44, 47, 50),
    (17, 22, 28, 33, 39, 44, 50, 56, 61, 67, 72, 78, 83, 89, 94, 100),
)


def limits_with(**changes):
    result = dict(LIMITS)
    result.update(changes)
    return result


def refusal(groups=3, **changes):
    return str(raises(ConfigError, plan, limits_with(**changes), groups, 380, 0))


def test_every_connection():
    """As the simulated chip has them, whose own tests hold them against the datasheet."""
    for groups, cells in CONNECTIONS:
        assert list(inputs_of(groups, cells)) == connected(groups, cells)


def test_registers_of_one_example():
    """Worked out by hand: 50 mV and 111 mV need the upper range; (4300 - 30) / 0.38 = 0x2BE4."""
    image, applied = plan(LIMITS, 3, 380, 30)
    assert bytes(image) == bytes((0x80 | 1 << 3 | 3, 5 << 4 | 6, 0x00, 0xBD, 0x97, 0x19))
    assert applied["cell_ov_mv"] == (0x2008 + 0xBD * 16) * 380 // 1000 + 30
    assert applied["cell_uv_mv"] == (0x1000 + 0x97 * 16) * 380 // 1000 + 30
    assert (applied["ocd1_ma"], applied["ocd1_ms"]) == (50_000, 320)
    assert (applied["scd_ma"], applied["scd_us"]) == (111_000, 100)
    for absent in ("occ_ma", "ocd2_ma", "otc_ddegc", "utd_ddegc", "hwd_s", "otf_ddegc", "series_fets"):
        assert absent not in applied, "it does not do that"


def test_cells_are_never_let_further_than_asked():
    for gain in (365, 379, 396):
        for offset in (-40, 0, 47):
            for asked in range(3300, 4450, 7):
                image, applied = plan(limits_with(cell_ov_mv=asked), 3, gain, offset)
                means_uv = (0x2008 | image[3] << 4) * gain + offset * 1000
                assert 0 <= asked * 1000 - means_uv < 16 * gain + 1000
                assert abs(applied["cell_ov_mv"] * 1000 - means_uv) < 1000
            for asked in range(1750, 2900, 7):
                image, applied = plan(limits_with(cell_uv_mv=asked), 3, gain, offset)
                means_uv = (0x1000 | image[4] << 4) * gain + offset * 1000
                assert 0 <= means_uv - asked * 1000 < 16 * gain + 1000
                assert abs(applied["cell_uv_mv"] * 1000 - means_uv) < 1000


def test_currents_are_never_let_further_than_asked():
    for shunt in (100, 250, 500, 1000, 2000):
        for asked_mv in range(8, 101):
            asked = asked_mv * 1_000_000 // shunt + 1
            for short_mv in (asked_mv + 44, 2 * asked_mv + 60, 300):
                short = short_mv * 1_000_000 // shunt + 1
                limits = limits_with(shunt_uohm=shunt, ocd1_ma=asked, scd_ma=short, occ_ma=1000)
                image, applied = plan(limits, 3, 380, 0)
                high = image[0] >> 7
                ocd_mv, scd_mv = OCD_MV[high][image[1] & 15], SCD_MV[high][image[0] & 7]
                assert ocd_mv <= asked_mv
                assert scd_mv <= short_mv
                assert applied["ocd1_ma"] == ocd_mv * 1_000_000 // shunt
                assert applied["scd_ma"] == scd_mv * 1_000_000 // shunt
                steps = [step for step in OCD_MV[high] if step <= asked_mv]
                assert ocd_mv == steps[-1]


def test_delays_are_never_longer_than_asked():
    for asked, expected in ((1000, 1000), (1999, 1000), (2000, 2000), (7999, 4000), (9000, 8000)):
        image, applied = plan(limits_with(cell_ov_ms=asked), 3, 380, 0)
        assert applied["cell_ov_ms"] == expected
        assert (1000, 2000, 4000, 8000)[image[2] >> 4 & 3] == expected
    for asked, expected in ((1000, 1000), (4000, 4000), (8100, 8000), (20000, 16000)):
        image, applied = plan(limits_with(cell_uv_ms=asked), 3, 380, 0)
        assert applied["cell_uv_ms"] == expected
        assert (1000, 4000, 8000, 16000)[image[2] >> 6] == expected
    for asked, expected in ((8, 8), (19, 8), (400, 320), (5000, 1280)):
        assert plan(limits_with(ocd1_ms=asked), 3, 380, 0)[1]["ocd1_ms"] == expected
    for asked, expected in ((70, 70), (99, 70), (450, 400)):
        assert plan(limits_with(scd_us=asked), 3, 380, 0)[1]["scd_us"] == expected


def test_refusals_say_what_would_do():
    for groups, low, high in ((1, 3, 5), (2, 6, 10), (3, 9, 15)):
        for cells in (low - 1, high + 1):
            assert f"{low} to {high} cells" in refusal(groups, cell_count=cells, thermistors=1)
        for cells in (low, high):
            plan(limits_with(cell_count=cells, thermistors=1), groups, 380, 0)
    assert "between" in refusal(cell_ov_mv=4800)
    assert "between" in refusal(cell_uv_mv=3300)
    assert "waits for 1000 at least" in refusal(cell_ov_ms=900)
    assert "waits for 70 at least" in refusal(scd_us=60)
    assert "the shunt is too large" in refusal(ocd1_ma=110_000)
    assert "the shunt is too small" in refusal(ocd1_ma=7_000)
    assert "the shunt is too small" in refusal(scd_ma=40_000, ocd1_ma=60_000)
    assert "the shunt is too large" in refusal(occ_ma=201_000)
    assert "thermistor input" in refusal(2, cell_count=8, thermistors=7)
    assert "TS3" in refusal(2, cell_count=8, thermistors=1, fet_thermistor=1)
    assert "TS3" in refusal(3, thermistors=7, fet_thermistor=1)
    assert "precharg" in refusal(precharge_delta_mv=500)
    assert "precharg" in refusal(pchg_start_mv=2500)
    assert "contactors" in refusal(series_fets=0)
    for name in LIMITS:
        limits = dict(LIMITS)
        del limits[name]
        if name not in ("ocd2_ma", "ocd2_ms", "otc_ddegc", "utc_ddegc", "otd_ddegc", "utd_ddegc", "temp_s",
                        "hwd_s", "otf_ddegc", "pchg_stop_mv", "occ_ms"):  # fmt: skip
            assert "missing" in str(raises(ConfigError, plan, limits, 3, 380, 0)), name


def test_what_some_chip_of_the_family_cannot_do_is_refused_beforehand():
    """4.5 V is within reach at a gain of 396, not at 365."""
    limits = limits_with(cell_ov_mv=4500)
    plan(limits, 3, 396, 0)
    assert "between" in str(raises(ConfigError, check, limits, 3))
    assert check(LIMITS, 3)["ocd1_ma"] == 50_000
