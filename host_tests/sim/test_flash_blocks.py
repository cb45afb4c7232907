"""Erases as littlefs makes them: the figures beside each case were counted on littlefs 2.11 itself."""

from packwarden.sim.flash_blocks import Blocks
from portable import raises

PICO = (352, 256, 512, 40)
ESP32 = (512, 32, 128, 40)


def filled(shape: tuple, records: int, journal: int) -> Blocks:
    """A file system with records of 300 bytes and journal files on it."""
    blocks = Blocks(*shape)
    for i in range(records):
        blocks.create("other.%d" % i)
        blocks.write("other.%d" % i, 300)
    for i in range(journal):
        blocks.create("log.%d" % i)
        blocks.write("log.%d" % i, 16000)
    return blocks


def per_save(shape: tuple, size: int, saves: int = 1000) -> float:
    blocks = filled(shape, 4, 4)
    for name in ("state.a", "state.b"):
        blocks.create(name)
    before = sum(blocks.erases)
    for i in range(saves):
        blocks.write("state." + "ab"[i % 2], size)
    return (sum(blocks.erases) - before) / saves


def per_addition(shape: tuple, added: int) -> float:
    blocks = filled(shape, 4, 0)
    before = sum(blocks.erases)
    size, number = 0, 0
    blocks.create("log.0")
    for _ in range(1000):
        blocks.append("log.%d" % number, size, added)
        size += added
        if size > 16384:
            size = 0
            number += 1
            blocks.create("log.%d" % number)
            if number >= 8:
                blocks.remove("log.%d" % (number - 8))
    return (sum(blocks.erases) - before) / 1000


def test_a_save_costs_what_littlefs_makes_of_it() -> None:
    for shape, size, counted in (
        (PICO, 100, 0.101),
        (PICO, 300, 0.168),
        (PICO, 400, 0.201),
        (PICO, 500, 0.251),
        (PICO, 520, 1.092),
        (PICO, 4000, 1.092),
        (ESP32, 300, 1.01),
        (ESP32, 900, 1.01),
    ):
        assert abs(per_save(shape, size) / counted - 1) < 0.15, (size, counted, per_save(shape, size))


def test_an_addition_costs_a_block_whatever_its_length() -> None:
    for shape, added, counted in (
        (PICO, 60, 1.078),
        (PICO, 120, 1.094),
        (PICO, 1000, 1.345),
        (ESP32, 60, 1.016),
        (ESP32, 1000, 1.246),
    ):
        assert abs(per_addition(shape, added) / counted - 1) < 0.05, (added, per_addition(shape, added))


def test_no_block_is_lost() -> None:
    blocks = Blocks(64, 256, 512, 10)
    free = blocks.free
    for _ in range(3):
        for i in range(12):
            blocks.create("f%d" % i)
            blocks.write("f%d" % i, 2000 * i)
            blocks.append("f%d" % i, 2000 * i, 3000)
        for i in range(12):
            blocks.remove("f%d" % i)
    assert free - 8 <= blocks.free <= free, "a folder may keep a few pairs"


def test_the_root_moves_on() -> None:
    blocks = Blocks(*PICO)
    blocks.create("x")
    for _ in range(20_000):
        blocks.write("x", 400)
    worn = [each for each in blocks.erases if each > 50]
    assert max(worn) <= 2 * 101
    assert len(worn) > 10


def test_a_full_file_system_refuses_and_keeps_what_it_has() -> None:
    blocks = Blocks(32, 256, 512, 20)
    blocks.create("x")
    blocks.write("x", 4096 * 4)
    free = blocks.free
    error = raises(OSError, blocks.write, "x", 4096 * 20)
    assert error.args[0] == 28
    assert blocks.free == free
    blocks.write("x", 100)
    assert blocks.free == free + 4


def test_operations_are_told() -> None:
    blocks = Blocks()
    blocks.create("x")
    told = []
    blocks.operate = told.append
    blocks.write("x", 1500)
    assert told == ["erase", "program", "program", "commit"]
    told.clear()
    blocks.write("x", 100)
    assert told == ["commit"]


def test_a_mount_goes_on_somewhere_else() -> None:
    worn = set()
    for seed in range(20):
        blocks = Blocks()
        blocks.mounted(seed)
        before = list(blocks.erases)
        blocks.create("x")
        blocks.write("x", 5000)
        worn.update([i for i in range(len(before)) if blocks.erases[i] > before[i]])
    assert len(worn) > 20
