"""The BQ76952's gates by its latching commands: what is allowed is exact, and off comes before all else.

An off-command latches one side, with its precharge FET; only ALL_FETS_ON releases, and always both (TRM
5.2.3). What is released closes within 250 ms if nothing else forbids it. The chip itself puts PDSG in front
of DSG, and PCHG in place of CHG while a cell is too empty, where such FETs are fitted. Never used:
FET_CONTROL 0x0097, whose bit order the TRM gives twice and differently.
"""

from micropython import const

from bms.drivers import afe
from bms.drivers.bq76952_link import Link

_DSG_PDSG_OFF = const(0x0093)
_CHG_PCHG_OFF = const(0x0094)
_ALL_FETS_OFF = const(0x0095)
_ALL_FETS_ON = const(0x0096)

_OPEN_TRIES = const(3)


class Gates:
    """The host's side of the FET control of one chip."""

    def __init__(self, link: Link) -> None:
        self._link = link
        self._released = 0  # gates that no off-command of ours holds

    def allow(self, wanted: int) -> None:
        """Allow CHG, DSG, both or none.

        One side is released by ALL_FETS_ON with the other side's off-command right behind it, and only if it
        is not released yet: to repeat a command must not let the other gate blink. If a half fails, the path
        is opened.
        """
        if not wanted:
            self.open()
            return
        try:
            if wanted & ~self._released or wanted == afe.BOTH:
                self._released = afe.BOTH
                self._link.command(_ALL_FETS_ON)
                if wanted == afe.BOTH:
                    return
            self._link.command(_DSG_PDSG_OFF if wanted == afe.CHG else _CHG_PCHG_OFF)
            self._released = wanted
        except afe.BusError:
            self.open()
            raise

    def open(self) -> None:
        """All four off. Raises BusError only if no attempt got through.

        Sent twice, because without CRC one disturbed bit makes another command of it.
        """
        self._released = 0
        sent = 0
        failed = None
        for _ in range(_OPEN_TRIES):
            try:
                self._link.command(_ALL_FETS_OFF)
                sent += 1
                if sent == 2:
                    return
            except afe.BusError as error:
                failed = error
        if not sent and failed:
            raise failed
