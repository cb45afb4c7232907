"""Host-controlled balancing: chapter 10 of the manual."""

import struct

from sim.bq76952_bench import Bench

AWAKE = (0x9234, 2, 0x2880)


def ready(*settings: "tuple[int, int, int]") -> Bench:
    bench = Bench()
    bench.chip.pins_c = {"TS1": 25.0}
    bench.configure(AWAKE, *settings)
    bench.wait_ms(1_500)
    return bench


def balance(bench: Bench, mask: int) -> None:
    bench.send(0x0083, struct.pack("<H", mask))


def test_it_starts_within_a_second_and_stops_after_twenty() -> None:
    bench = ready()
    balance(bench, 0x0005)
    assert bench.chip.balancing == 0
    bench.wait_ms(1_000)
    assert bench.chip.balancing == 0x0005
    assert bench.ask(0x0083) == b"\x05\x00"
    bench.wait_ms(18_900)
    assert bench.chip.balancing == 0x0005
    bench.wait_ms(200)
    assert bench.chip.balancing == 0


def test_a_new_command_restarts_the_timer() -> None:
    bench = ready()
    for _ in range(4):
        balance(bench, 0x8001)
        bench.wait_ms(15_000)
        assert bench.chip.balancing == 0x8001
    balance(bench, 0)
    assert bench.chip.balancing == 0


def test_neighbours_are_allowed_and_unused_inputs_are_not() -> None:
    bench = ready((0x9304, 2, 0x8007))
    balance(bench, 0xFFFF)
    bench.wait_ms(1_000)
    assert bench.chip.balancing == 0x8007


def test_alerts_and_faults_stop_it_at_once_but_a_cov_fault_does_not() -> None:
    bench = ready((0x9261, 1, 0x28))
    balance(bench, 0x0001)
    bench.wait_ms(1_000)
    bench.current(-9.0)  # an OCD1 alert is enough
    assert bench.chip.balancing == 0
    bench = ready((0x9261, 1, 0x08))
    bench.cells(4.5)
    bench.wait_ms(1_000)
    assert bench.u1(0x03) == 0x08
    balance(bench, 0x0001)
    bench.wait_ms(1_000)
    assert bench.chip.balancing == 0x0001


def test_config_update_stops_it_and_clears_the_times() -> None:
    bench = ready()
    balance(bench, 0x0101)
    bench.wait_ms(11_500)
    cells_1_to_8 = struct.unpack("<8I", bench.ask(0x0086))
    cells_9_to_16 = struct.unpack("<8I", bench.ask(0x0087))
    assert 9 <= cells_1_to_8[0] <= 11
    assert cells_1_to_8[1:] == (0,) * 7
    assert cells_9_to_16[0] == cells_1_to_8[0]
    assert struct.unpack("<H", bench.ask(0x0085))[0] == cells_1_to_8[0]
    bench.command(0x0090)
    assert bench.chip.balancing == 0
    bench.command(0x0092)
    assert bench.ask(0x0086) == bytes(32)


def test_temperature_limits() -> None:
    """-20 to 60 degC for cells, 70 degC for the die."""
    for cell_c, die_c, allowed in (
        (-19, 25, True),
        (-21, 25, False),
        (61, 25, False),
        (25, 69, True),
        (25, 71, False),
    ):
        bench = ready()
        bench.chip.pins_c = {"TS1": float(cell_c)}
        bench.chip.die_c = float(die_c)
        bench.wait_ms(300)
        balance(bench, 0x0002)
        bench.wait_ms(1_100)
        assert (bench.chip.balancing == 0x0002) is allowed


def test_the_command_can_be_forbidden() -> None:
    bench = ready((0x9335, 1, 0x10))
    balance(bench, 0x0001)
    bench.wait_ms(2_000)
    assert bench.chip.balancing == 0
    assert "CB_NO_CMD" in bench.chip.complaints[0]


def test_cell_checks_drop_to_once_a_second_while_balancing() -> None:
    bench = ready((0x9261, 1, 0x08))
    balance(bench, 0x0001)
    bench.wait_ms(1_050)
    bench.cells(4.5)
    assert bench.u1(0x02) == 0
    bench.wait_ms(1_000)
    assert bench.chip.protection.alert_a == 0x08 or bench.chip.protection.status_a == 0x08
    assert bench.chip.balancing == 0


def test_balancing_by_level_takes_the_highest_cells_and_no_neighbours() -> None:
    bench = ready((0x933A, 1, 2))
    bench.chip.cells_v = [3.30, 3.40, 3.39, 3.30, 3.38] + [3.30] * 11
    bench.wait_ms(200)
    bench.send(0x0084, struct.pack("<H", 3350))
    bench.wait_ms(1_000)
    assert bench.chip.balancing == 0b10010


def test_the_scan_slows_down_while_balancing() -> None:
    """CB_LOOP_SLOW 3: an eighth of the speed."""
    bench = ready((0x9234, 2, 0x28B0))
    balance(bench, 0x0001)
    bench.wait_ms(1_500)
    bench.write(0x66, 0x02, 0x00)
    scans = 0
    for _ in range(2_000):
        bench.wait_ms(1)
        if bench.chip.alarms.latched & 2:
            scans += 1
            bench.chip.alarms.latched = 0
    assert 4 <= scans <= 5  # 57 ms x 8
