"""A controller that can stop dead in the middle of its work, and that no watchdog starts again."""

from typing import Any

from packwarden.sim.board import MemoryFiles, VirtualBoard
from packwarden.sim.i2c import I2cBus
from packwarden.sim.world import World


class Dead(BaseException):
    """The firmware is gone. No `except Exception` of its own can hold this up."""


class _MortalBus:
    """The bus as the firmware sees it, until it sees nothing any more."""

    def __init__(self, bus: I2cBus) -> None:
        self._bus = bus
        self.left: int | None = None  # transactions still to come

    def readfrom_mem_into(self, addr: int, memaddr: int, buf: bytearray) -> None:
        self._count()
        self._bus.readfrom_mem_into(addr, memaddr, buf)

    def writeto(self, addr: int, buf: bytes | bytearray) -> int:
        self._count()
        return self._bus.writeto(addr, buf)

    def _count(self) -> None:
        if self.left is None:
            return
        if self.left == 0:
            raise Dead
        self.left -= 1


class MortalBoard(VirtualBoard):
    """`die_after`: the firmware stops for good before its next transaction but so many."""

    def __init__(self, world: World, files: MemoryFiles) -> None:
        super().__init__(world, files)
        self._mortal = _MortalBus(world.bus)
        self.bus: Any = self._mortal

    def die_after(self, transactions: int) -> None:
        self._mortal.left = transactions

    def bitten(self) -> bool:
        """A watchdog that would start it again is not what this is about."""
        return self._mortal.left is None and super().bitten()
