"""What each pin of each controller can do, from its data sheet, as data: what `check` judges a board by.

Sources, where a line does not name its own: RP2040 datasheet, 1.4.3 (GPIO functions) and 4.5.2 (PWM
channels); RP2350 datasheet, 1.2.3 and 12.5.2; ESP32 series datasheet, 2.2 (pins), 2.4 (strapping pins) and
4.1.2 (ADC); ESP32-S3 series datasheet v2.2, tables 2-1, 2-2 (power-up glitches), 2-8 (analog), 3-1
(strapping) and 2-14 (flash, PSRAM); ESP32-C3 series datasheet, the tables of the same names, and ESP32-C3
hardware design guidelines, tables 5 and 6. How many I2C blocks MicroPython offers: SOC_I2C_NUM of ESP-IDF.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field


def pins(*parts: int | range) -> frozenset[int]:
    """A set of GPIO numbers, from numbers and ranges."""
    return frozenset(pin for part in parts for pin in ([part] if isinstance(part, int) else part))


NONE: frozenset[int] = frozenset()


@dataclass(frozen=True)
class Chip:
    """A controller. Pins are GPIO numbers; `taken` says in words why a pin is not ours to use."""

    name: str
    family: str  # the hardware layer's: "rp2" or "esp32"
    gpio: frozenset[int]
    taken: Mapping[int, str]
    adc: frozenset[int]  # that can be read at any time
    adc_not: str  # why no other pin will do
    adc_full_mv: int  # up to here a reading is right
    i2c_blocks: int
    i2c_sda: Mapping[int, frozenset[int]] | None = None  # by block; None: any pin that can be driven
    i2c_scl: Mapping[int, frozenset[int]] | None = None
    input_only: frozenset[int] = NONE  # these have no pull-ups either
    rises: Mapping[int, str] = field(default_factory=dict[int, str])  # may go high before the firmware runs
    pull_down: str = "10k"  # that keeps a pin low until the firmware drives it
    pwm_shared: int = 0  # GPIO n and n + this share a PWM channel; 0: none do
    i2c_timeout_us: tuple[int, int] = (0, 0)  # least and most that a board may ask for


def _each(why: str, *parts: int | range) -> dict[int, str]:
    return dict.fromkeys(sorted(pins(*parts)), why)


# A bus time-out ends a transaction that somebody holds up. At most half of the watchdog's patience is gone
# after a handful of them. On the RP2 ports it counts microseconds. On the ESP32 port (1.29 with ESP-IDF 5.5.2
# and newer) it counts ticks of 10 ms, and the first of them may end at once: three leave a transaction 20 ms.
_RP2_TIMEOUT_US = (4_000, 50_000)
_ESP32_TIMEOUT_US = (30_000, 50_000)

_RP2_SDA = {block: pins(range(2 * block, 30, 4)) for block in (0, 1)}
_RP2_SCL = {block: pins(range(2 * block + 1, 30, 4)) for block in (0, 1)}
_NO_RP2_ADC = "has no ADC: GPIO 26 to 29 have"

RP2040 = Chip(
    "RP2040",
    "rp2",
    gpio=pins(range(30)),
    taken={15: "is borrowed while USB starts (erratum RP2040-E5)"},
    adc=pins(range(26, 30)),
    adc_not=_NO_RP2_ADC,
    adc_full_mv=3300,
    i2c_blocks=2,
    i2c_sda=_RP2_SDA,
    i2c_scl=_RP2_SCL,
    pwm_shared=16,
    i2c_timeout_us=_RP2_TIMEOUT_US,
)

# In the QFN-60 package (RP2350A), which is the one on a Pico 2. Erratum RP2350-E9: an input between its
# thresholds leaks some 120 uA upwards, against which a pull-down of more than 8.2 kohm does not hold it low.
RP2350 = Chip(
    "RP2350",
    "rp2",
    gpio=pins(range(30)),
    taken={},
    adc=pins(range(26, 30)),
    adc_not=_NO_RP2_ADC,
    adc_full_mv=3300,
    i2c_blocks=2,
    i2c_sda=_RP2_SDA,
    i2c_scl=_RP2_SCL,
    pull_down="4k7",
    pwm_shared=16,
    i2c_timeout_us=_RP2_TIMEOUT_US,
)

_STRAP = "decides how the chip boots"
_FLASH = "belongs to the flash"
_CONSOLE = "is the console's"
_RADIO = "is on no ADC that can be read while the radio is on, or on none at all: ADC1 has"

ESP32 = Chip(
    "ESP32",
    "esp32",
    gpio=pins(range(20), 21, 22, 23, 25, 26, 27, range(32, 40)),
    taken={
        **_each(_STRAP, 0, 2, 5, 12, 15),
        **_each(_CONSOLE, 1, 3),
        **_each(_FLASH, range(6, 12)),
        **_each("belongs to the PSRAM of WROVER modules", 16, 17),
    },
    adc=pins(range(32, 40)),
    adc_not=f"{_RADIO} GPIO 32 to 39",
    adc_full_mv=2450,  # ADC calibration results, attenuation 3
    i2c_blocks=2,
    input_only=pins(range(34, 40)),
    rises={14: "puts out pulses while booting"},
    i2c_timeout_us=_ESP32_TIMEOUT_US,
)

_DEBUGGER = "is the debugger's (JTAG) until the firmware takes it"

ESP32_S3 = Chip(
    "ESP32-S3",
    "esp32",
    gpio=pins(range(22), range(26, 49)),
    taken={
        **_each(_STRAP, 0, 3, 45, 46),
        **_each("is USB's", 19, 20),
        **_each(_FLASH, range(26, 33)),
        **_each("belongs to flash or PSRAM of modules with eight data lines", range(33, 38)),
        **_each(_CONSOLE, 43, 44),
        **_each("works at 1.8 V on modules whose name ends in V", 47, 48),
    },
    adc=pins(range(1, 11)),
    adc_not=f"{_RADIO} GPIO 1 to 10",
    adc_full_mv=3100,  # table 5-6, attenuation 3
    i2c_blocks=2,
    rises={18: "goes high for 60 us at power-up", **_each(_DEBUGGER, range(39, 43))},
    i2c_timeout_us=_ESP32_TIMEOUT_US,
)

ESP32_C3 = Chip(
    "ESP32-C3",
    "esp32",
    gpio=pins(range(22)),
    taken={
        **_each(_STRAP, 2, 8, 9),
        **_each(_FLASH, range(11, 18)),
        **_each("is USB's", 18, 19),
        **_each(_CONSOLE, 20, 21),
    },
    adc=pins(range(5)),
    adc_not="is on no ADC, or on ADC2, which does not work on some of these chips: ADC1 has GPIO 0 to 4",
    adc_full_mv=2500,  # hardware design guidelines, 1.3.11
    i2c_blocks=1,
    rises=_each(_DEBUGGER, range(4, 8)),
    i2c_timeout_us=_ESP32_TIMEOUT_US,
)

CHIPS = {chip.name: chip for chip in (RP2040, RP2350, ESP32, ESP32_S3, ESP32_C3)}
