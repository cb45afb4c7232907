"""What a power cut leaves, on a file system that commits and on one that does not."""

from packwarden.sim.flash import PowerCut, SimulatedFlash
from packwarden.sim.flash_fat import SECTOR, FatFlash
from portable import raises

KINDS = (SimulatedFlash, FatFlash)


def left_by_cuts(flash: SimulatedFlash, act: object, *arguments: object) -> list:
    """The files after a cut at each operation of a call, in every way."""
    found = []

    def watch(at: SimulatedFlash, _kind: str) -> None:
        for seed in range(200):
            files = at.survivor(seed).files
            if files not in found:
                found.append(files)

    flash.watch = watch
    act(*arguments)
    flash.watch = None
    return found


def test_files_hold_what_they_were_given() -> None:
    for kind in KINDS:
        flash = kind()
        assert flash.read("x") is None
        assert flash.size("x") == -1
        flash.write("x", b"one")
        flash.append("x", b" two")
        flash.append("y", b"three")
        assert flash.read("x") == b"one two"
        assert flash.size("x") == 7
        assert flash.read_at("x", 4, 2) == b"tw"
        assert flash.read_at("x", 9, 2) == b""
        assert sorted(flash.names()) == ["x", "y"]
        flash.write("x", b"")
        flash.remove("y")
        flash.remove("y")
        assert flash.survivor().files == {"x": b""}
        assert raises(OSError, flash.read_at, "y", 0, 1).args[0] == 2


def test_littlefs_leaves_the_old_or_the_new() -> None:
    for old, new in ((b"a" * 100, b"b" * 200), (b"a" * 9000, b"b" * 5000), (b"a", b"b" * 9000)):
        flash = SimulatedFlash({"x": old})
        assert left_by_cuts(flash, flash.write, "x", new) == [{"x": old}, {"x": new}]
        assert left_by_cuts(flash, flash.append, "x", b"c") == [{"x": new}, {"x": new + b"c"}]
        assert left_by_cuts(flash, flash.remove, "x") == [{"x": new + b"c"}, {}]


def test_littlefs_makes_a_name_before_the_content() -> None:
    flash = SimulatedFlash()
    assert left_by_cuts(flash, flash.write, "x", b"new") == [{}, {"x": b""}, {"x": b"new"}]


def test_fat_leaves_pieces() -> None:
    old, new = b"a" * (2 * SECTOR), b"b" * (2 * SECTOR + 10)
    flash = FatFlash({"x": old, "y": b"y"})
    left = [each["x"] for each in left_by_cuts(flash, flash.write, "x", new)]
    assert old in left
    assert new in left
    assert b"" in left
    assert new[:SECTOR] + old[SECTOR:] in left, "out of order"
    torn = [each for each in left if each[:SECTOR] not in (old[:SECTOR], new[:SECTOR], b"")]
    assert torn
    assert flash.survivor().files == {"x": new, "y": b"y"}, "settled by the sync"


def test_fat_may_tear_what_stood_before_an_addition_but_in_its_sector_only() -> None:
    old = b"a" * (SECTOR + 100)
    flash = FatFlash({"x": old})
    left = [each["x"] for each in left_by_cuts(flash, flash.append, "x", b"b" * 50)]
    assert [each for each in left if each[: len(old)] != old]
    for each in left:
        assert each[:SECTOR] == old[:SECTOR]
        assert len(each) in (len(old), len(old) + 50)


def test_fat_removes_or_does_not() -> None:
    flash = FatFlash({"x": b"a", "y": b"y"})
    left = left_by_cuts(flash, flash.remove, "x")
    assert {"y": b"y"} in left
    assert {"x": b"a", "y": b"y"} in left
    assert len(left) == 2


def test_a_watch_may_end_what_goes_on() -> None:
    def cut(_flash: SimulatedFlash, kind: str) -> None:
        if kind == "commit":
            raise PowerCut

    flash = SimulatedFlash({"x": b"old"})
    flash.watch = cut
    raises(PowerCut, flash.write, "x", b"new")
    assert flash.survivor(0).files == {"x": b"old"}
    assert flash.survivor(1).files == {"x": b"new"}


def test_a_flash_that_refuses_says_why() -> None:
    for kind in KINDS:
        flash = kind({"x": b"old"})
        flash.full = True
        assert raises(OSError, flash.write, "x", b"new").args[0] == 28
        assert raises(OSError, flash.append, "x", b"new").args[0] == 28
        flash.full = False
        flash.read_only = True
        assert raises(OSError, flash.write, "x", b"new").args[0] == 30
        flash.remove("x")
        assert flash.read("x") == b"old"
        flash.unreadable.add("x")
        assert raises(OSError, flash.read, "x").args[0] == 5


def test_one_bit_rots() -> None:
    for kind in KINDS:
        flash = kind({"x": bytes(4)})
        flash.rot("x", 13)
        assert flash.files == flash.survivor().files == {"x": b"\0\x20\0\0"}


def test_erases_are_counted() -> None:
    flash = SimulatedFlash()
    for i in range(100):
        flash.write("x", bytes(1000))
        assert flash.operations["commit"] == i + 2
    assert 100 <= flash.operations["erase"] <= 115
    assert sum(flash.blocks.erases) >= flash.operations["erase"]
