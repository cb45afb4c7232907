"""The FET truth table of section 5.2.3, row by row, and its timing."""

from sim.bq76952_bench import Bench

AWAKE = (0x9234, 2, 0x2880)


def ready(*settings: "tuple[int, int, int]") -> Bench:
    bench = Bench()
    bench.configure(AWAKE, *settings)
    bench.fets_on()
    bench.wait_ms(1_000)
    return bench


def fets(bench: Bench) -> "tuple[bool, bool]":
    chip = bench.chip
    assert bench.u1(0x7F) & 0x0F == chip.chg_on | chip.pchg_on << 1 | chip.dsg_on << 2 | chip.pdsg_on << 3
    return chip.chg_on, chip.dsg_on


def test_a_fresh_part_is_in_fet_test_mode() -> None:
    bench = Bench()
    assert bench.ask(0x0057) == b"\x40\x00"
    bench.command(0x0096)
    bench.wait_ms(2_000)
    assert fets(bench) == (False, False)


def test_fet_enable_toggles() -> None:
    bench = Bench()
    bench.command(0x0022)
    assert bench.ask(0x0057) == b"\x50\x00"
    bench.wait_ms(260)
    assert fets(bench) == (True, True)
    bench.command(0x0022)
    assert bench.ask(0x0057) == b"\x40\x00"
    assert fets(bench) == (False, False)


def test_entering_config_update_brings_back_test_mode_and_opens() -> None:
    bench = ready()
    assert fets(bench) == (True, True)
    bench.command(0x0090)
    assert fets(bench) == (False, False)
    bench.command(0x0092)
    bench.wait_ms(1_000)
    assert bench.ask(0x0057) == b"\x40\x00"  # reloaded from Mfg Status Init (TRM 13.3.10)
    assert fets(bench) == (False, False)


def test_fet_init_off_waits_for_all_fets_on() -> None:
    bench = Bench()
    bench.configure(AWAKE, (0x9308, 1, 0x2D))
    bench.command(0x0022)
    bench.wait_ms(5_000)
    assert fets(bench) == (False, False)
    bench.command(0x0096)
    bench.wait_ms(260)
    assert fets(bench) == (True, True)


def test_fet_ctrl_en_and_charge_pump_are_needed() -> None:
    for setting in ((0x9308, 1, 0x05), (0x9309, 1, 0x00)):
        assert fets(ready(setting)) == (False, False)


def test_off_commands_act_at_once_and_latch() -> None:
    for word, expected in ((0x0093, (True, False)), (0x0094, (False, True)), (0x0095, (False, False))):
        bench = ready()
        bench.write(0x3E, word & 0xFF, word >> 8)
        assert (bench.chip.chg_on, bench.chip.dsg_on) == expected
        bench.wait_ms(10_000)
        assert fets(bench) == expected
        bench.command(0x0096)
        bench.wait_ms(260)
        assert fets(bench) == (True, True)


def test_turning_on_waits_for_the_250_ms_loop() -> None:
    bench = ready()
    bench.command(0x0095)
    boundary_us = bench.chip.sequence.loop_us
    bench.wait_us(boundary_us - bench.clock.now_us + 1_000)  # just after one round
    bench.command(0x0096)
    bench.wait_ms(240)
    assert fets(bench) == (False, False)
    bench.wait_ms(10)
    assert fets(bench) == (True, True)


def test_charge_only() -> None:
    bench = ready()
    bench.command(0x0095)
    bench.command(0x0096)
    bench.command(0x0093)
    bench.wait_ms(260)
    assert fets(bench) == (True, False)


def test_body_diode_of_the_discharge_fet() -> None:
    """Threshold 50 mA: a charge current during under-voltage turns DSG on, and off again when it ends."""
    bench = ready((0x9261, 1, 0x04))
    bench.cells(2.4)
    bench.wait_ms(600)
    assert fets(bench) == (True, False)
    bench.current(0.049)
    assert fets(bench) == (True, False)
    bench.current(0.051)
    assert fets(bench) == (True, True)
    bench.wait_ms(1_000)
    assert fets(bench) == (True, True)
    bench.current(0.0)
    assert fets(bench) == (True, False)


def test_body_diode_of_the_charge_fet_beats_the_host_and_not_two_open_fets() -> None:
    bench = ready()
    bench.command(0x0094)
    bench.current(-0.2)
    assert fets(bench) == (True, True)
    bench.current(0.0)
    assert fets(bench) == (False, True)
    bench.command(0x0095)
    bench.current(-0.2)
    assert fets(bench) == (False, False)


def test_parallel_fets_have_no_body_diode_rule() -> None:
    bench = ready((0x9308, 1, 0x0C))
    bench.command(0x0094)
    bench.current(-1.0)
    bench.wait_ms(1_000)
    assert fets(bench) == (False, True)


def test_fet_test_mode() -> None:
    bench = Bench()
    for word, expected in ((0x001F, (True, False)), (0x0020, (True, True)), (0x001F, (False, True))):
        bench.command(word)
        assert fets(bench) == expected
    assert bench.ask(0x0057) == b"\x44\x00"
    bench.current(-1.0)
    assert fets(bench) == (True, True)  # the body diode rule holds here too
    assert bench.quiet


def test_a_cleared_mask_bit_leaves_the_fet_alone() -> None:
    bench = ready((0x9265, 1, 0x80))
    bench.cells(4.6)
    bench.wait_ms(2_000)
    assert bench.u1(0x03) == 0x08
    assert fets(bench) == (True, True)


def test_cfetoff_and_dfetoff_pins_hold_only_when_configured() -> None:
    bench = ready()
    bench.chip.pins_asserted = {"CFETOFF"}
    bench.wait_ms(300)
    assert fets(bench) == (True, True)
    for pin, address, config, expected in (
        ("CFETOFF", 0x92FA, 0x02, (False, True)),
        ("DFETOFF", 0x92FB, 0x02, (True, False)),
        ("DFETOFF", 0x92FB, 0x42, (False, False)),  # BOTHOFF
    ):
        bench = ready((address, 1, config))
        bench.chip.pins_asserted = {pin}
        bench.wait_ms(300)
        assert fets(bench) == expected


def test_precharge_takes_the_place_of_the_charge_fet() -> None:
    bench = Bench()
    bench.cells(2.6)
    bench.configure(AWAKE, (0x930A, 2, 2700), (0x930C, 2, 2900))
    bench.fets_on()
    assert fets(bench) == (False, True)
    assert bench.chip.pchg_on
    assert bench.u2(0x12) & 0x0002
    bench.cells(2.8)
    bench.wait_ms(500)
    assert bench.chip.pchg_on
    bench.cells(2.95)
    bench.wait_ms(500)
    assert fets(bench) == (True, True)
    assert not bench.chip.pchg_on


def test_predischarge_comes_before_the_discharge_fet() -> None:
    bench = Bench()
    bench.chip.ld_v = 0.0
    bench.configure(AWAKE, (0x9308, 1, 0x1D), (0x930E, 1, 0))  # until LD is within 500 mV of the stack
    bench.fets_on()
    assert (bench.chip.pdsg_on, bench.chip.dsg_on) == (True, False)
    bench.wait_ms(2_000)
    assert (bench.chip.pdsg_on, bench.chip.dsg_on) == (True, False)
    bench.chip.ld_v = 52.4
    bench.wait_ms(260)
    assert (bench.chip.pdsg_on, bench.chip.dsg_on) == (False, True)


def predischarging(timeout: int, delta: int, ld_v: float = 0.0) -> Bench:
    """As FET control is released; PDSG comes with the next round of the 250 ms loop."""
    bench = Bench()
    bench.configure(AWAKE, (0x9308, 1, 0x3D), (0x930E, 1, timeout), (0x930F, 1, delta))
    bench.chip.ld_v = ld_v
    bench.command(0x0022)
    bench.wait_ms(1_000)
    bench.command(0x0096)
    while not bench.chip.pdsg_on:
        bench.wait_ms(1)
    return bench


def test_predischarge_time_out_closes_dsg_whatever_the_load_does() -> None:
    """10 ms a step (TRM 13.3.6.5)."""
    for timeout, delta in ((1, 50), (50, 50), (50, 0)):
        bench = predischarging(timeout, delta)
        bench.wait_ms(timeout * 10 - 2)
        assert (bench.chip.pdsg_on, bench.chip.dsg_on) == (True, False)
        bench.wait_ms(2)
        assert (bench.chip.pdsg_on, bench.chip.dsg_on) == (False, True)
        bench.wait_ms(1_000)
        assert (bench.chip.pdsg_on, bench.chip.dsg_on) == (False, True)


def test_predischarge_voltage_is_looked_at_every_250_ms_and_may_come_first() -> None:
    bench = predischarging(200, 50, ld_v=52.4)
    bench.wait_ms(240)
    assert (bench.chip.pdsg_on, bench.chip.dsg_on) == (True, False)
    bench.wait_ms(12)
    assert (bench.chip.pdsg_on, bench.chip.dsg_on) == (False, True)
    bench = predischarging(0, 0, ld_v=52.4)
    bench.wait_ms(5_000)
    assert (bench.chip.pdsg_on, bench.chip.dsg_on) == (True, False)
    assert "no end" in bench.chip.complaints[0]


def test_predischarge_goes_by_what_is_measured() -> None:
    bench = predischarging(0, 50)
    bench.chip.freeze = True
    bench.chip.ld_v = 52.8
    bench.wait_ms(1_000)
    assert (bench.chip.pdsg_on, bench.chip.dsg_on) == (True, False)
    bench.chip.freeze = False
    bench.wait_ms(500)
    assert (bench.chip.pdsg_on, bench.chip.dsg_on) == (False, True)


def test_predischarge_is_dropped_with_dsg_and_begins_anew() -> None:
    for word in (0x0093, 0x0095):
        bench = predischarging(100, 50)
        bench.wait_ms(900)
        bench.write(0x3E, word & 0xFF, word >> 8)
        assert not bench.chip.pdsg_on
        bench.wait_ms(1_000)
        assert not bench.chip.pdsg_on
        assert not bench.chip.dsg_on
        bench.command(0x0096)
        bench.wait_ms(800)
        assert (bench.chip.pdsg_on, bench.chip.dsg_on) == (True, False)
        bench.wait_ms(500)
        assert (bench.chip.pdsg_on, bench.chip.dsg_on) == (False, True)


def test_what_opens_dsg_opens_pdsg_too() -> None:
    bench = predischarging(0, 50)
    bench.current(-20.0)
    bench.wait_us(20)
    assert bench.u1(0x03) == 0x80
    assert not bench.chip.pdsg_on


def test_the_body_diode_rule_counts_pdsg_as_discharging_and_pchg_as_charging() -> None:
    bench = predischarging(0, 50)
    bench.write(0x3E, 0x94, 0x00)
    bench.wait_ms(300)
    bench.current(-0.2)
    assert (bench.chip.pdsg_on, bench.chip.chg_on) == (True, True)
    bench = Bench()
    bench.cells(2.6)
    bench.configure(AWAKE, (0x930A, 2, 2700), (0x930C, 2, 2900))
    bench.fets_on()
    bench.command(0x0093)
    bench.current(0.2)
    assert (bench.chip.pchg_on, bench.chip.dsg_on) == (True, True)


def test_the_ambiguous_command_is_refused() -> None:
    bench = ready()
    bench.send(0x0097, b"\x0f")
    assert fets(bench) == (True, True)
    assert "ambiguous" in bench.chip.complaints[0]
