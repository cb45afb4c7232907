"""How often each file may be written, so that the flash outlives the pack.

The sum, for a Pico (W25Q16JV: 100,000 erases of a sector). littlefs has 352 sectors of 4096 bytes; firmware
and journal lie still in about 150, which leaves 200 that take turns, whatever file is written.

    a save in milli-erases        file of up to 470 bytes: lies in the folder's log, 350 at most
    (measured, see the tests)     file of up to 4096 bytes: a sector of its own, 1100
                                  addition to the journal: its last sector is copied, 1300
                                  freeze frame: a file, and one addition to it, 2400

    row        a day   each      milli-erases a day
    charge      1440    350        504,000
    state        144   1100        158,400
    history       24   1100         26,400
    codes         48   1100         52,800
    frames        24   2400         57,600
    params        12   1100         13,200
    journal      240   1300        312,000
    care          48   1100         52,800
    trial         24   1100         26,400
    pin          100    350         35,000
    commission    96    350         33,600
    together                     1,272,200, that is 1272 erases

    20 years = 7305 days x 1272 = 9.3 million erases / 200 sectors = 46,000 a sector on average. The most used
    sector is taken to have twice that: 93,000 of 100,000, so it would be worn out after 21 years.

A pack that is used less writes less: these are the most that an Allowance lets through, day for day. It knows
nothing of before a boot and starts with two saves, so a board that restarted every ten seconds would wear its
flash out in some months, and show a watchdog fault all that time. Commissioning starts with a day of them: it
takes somebody who has unlocked, and who must not be held up.

An ESP32's littlefs keeps only files of up to 128 bytes in the log; with 1100 for each larger one the sum is
2,430 a day over 512 sectors less 150, which is 49,000 a sector in 20 years, 98,000 in the most used.

littlefs moves its root only while an eighth of the file system is free: see to it that it stays so.
"""

from micropython import const

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from bms.ports import Row

NAME, PER_DAY, BURST, MILLIERASES = range(4)
ROWS: "tuple[Row, ...]" = (
    ("charge", 1440, 10, 350),
    ("state", 144, 24, 1100),
    ("history", 24, 2, 1100),
    ("codes", 48, 24, 1100),
    ("frames", 24, 8, 2400),
    ("params", 12, 12, 1100),
    ("journal", 240, 40, 1300),
    ("care", 48, 12, 1100),
    ("trial", 24, 24, 1100),
    ("pin", 100, 24, 350),
    ("commission", 96, 96, 350),
)
INLINE = const(470)  # the largest file that costs an RP2040 no sector of its own and little of the log
ENDURANCE = const(100_000)
SECTORS = const(200)
UNEVEN = const(2)
_DAY_S = const(86400)
_AT_BOOT = const(2)


def millierases_a_day() -> int:
    """The most that all files together may cost."""
    return sum([row[PER_DAY] * row[MILLIERASES] for row in ROWS])


def years() -> int:
    """Until the most used sector of an RP2040 is worn out, if every allowance is used up every day."""
    return ENDURANCE * SECTORS * 1000 // (UNEVEN * millierases_a_day() * 365)


class Allowance:
    """Saves that one file may still make: so many a day, and some at once after a quiet time."""

    def __init__(self, name: str, at_boot: int = _AT_BOOT) -> None:
        row = next(each for each in ROWS if each[NAME] == name)
        self._every_s: int = _DAY_S // row[PER_DAY]
        self._most_s: int = self._every_s * row[BURST]
        self._saved_s: int = min(self._every_s * at_boot, self._most_s)
        self._at_s = -1

    def take(self, now_s: int, must: bool = False) -> bool:
        """Whether one more save is within the budget, of which it then takes its part."""
        if self.wait_s(now_s) and not must:
            return False
        self._saved_s = max(-self._most_s, self._saved_s - self._every_s)
        return True

    def wait_s(self, now_s: int) -> int:
        """How long until one more save is within the budget."""
        if self._at_s >= 0:
            self._saved_s = min(self._most_s, self._saved_s + max(0, now_s - self._at_s))
        self._at_s = now_s
        return max(0, self._every_s - self._saved_s)
