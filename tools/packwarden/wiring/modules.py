"""The modules that controllers come on, as they lie on the bench: which pin of the header is what.

Sources: Raspberry Pi Pico, Pico W and Pico 2 datasheets, figure 2 of each (pinout); Espressif's user guides
of ESP32-DevKitC V4, ESP32-S3-DevKitC-1 v1.1 and ESP32-C3-DevKitM-1, section "Header Block", whose numbering
this is. What a pin is named is what is printed beside it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from packwarden.wiring.chips import ESP32, ESP32_C3, ESP32_S3, RP2040, RP2350, Chip

GROUND = "GND"
LOGIC = "3V3"


@dataclass(frozen=True)
class Pin:
    """A pin of a header: its number in the data sheet, what is printed there, and its GPIO if it is one."""

    number: str
    name: str
    gpio: int | None = None


@dataclass(frozen=True)
class Module:
    """A board with a controller on it, seen from above and held as its data sheet's figure shows it.

    `supply` is the pin for 5 V, `advice` how to feed it, `image` what MicroPython's download is called.
    """

    key: str
    title: str
    chip: Chip
    left: tuple[Pin, ...]  # from the top
    right: tuple[Pin, ...]
    supply: str
    advice: str
    image: str
    usb_below: bool  # the socket is at the lower edge
    used: Mapping[int, str] = field(default_factory=dict[int, str])  # GPIOs that the module itself needs
    usb_sense: int | None = None  # of these the one that is high while a USB cable is plugged in

    @property
    def header(self) -> dict[int, Pin]:
        """The pins that are GPIOs, by GPIO."""
        return {pin.gpio: pin for pin in (*self.left, *self.right) if pin.gpio is not None}

    def called(self, name: str) -> list[Pin]:
        """All pins with that name, such as GND."""
        return [pin for pin in (*self.left, *self.right) if pin.name == name]


def _column(words: str, prefix: str, first: int = 1, step: int = 1) -> tuple[Pin, ...]:
    """Pins in a column from the top; `GP4` or `VP=36` is GPIO 4 or 36, other words are supplies and such."""
    column: list[Pin] = []
    for place, word in enumerate(words.split()):
        name, _, gpio = word.partition("=")
        if not gpio and name.removeprefix("GP").isdigit():
            gpio = name.removeprefix("GP")
        column.append(Pin(f"{prefix}{first + step * place}", name, int(gpio) if gpio else None))
    return tuple(column)


_PICO_LEFT = _column(
    "GP0 GP1 GND GP2 GP3 GP4 GP5 GND GP6 GP7 GP8 GP9 GND GP10 GP11 GP12 GP13 GND GP14 GP15", ""
)
_PICO_RIGHT = _column(
    "VBUS VSYS GND 3V3_EN 3V3 ADC_VREF GP28 AGND GP27 GP26 RUN GP22 GND GP21 GP20 GP19 GP18 GND GP17 GP16",
    "",
    40,
    -1,
)
_PICO_FEED = "through a Schottky diode"
_ESP_FEED = "not together with USB"
_PICO_USES: dict[int, str] = {
    23: "the regulator's",
    24: "USB's sense",
    25: "the LED's",
    29: "the supply's sense",
}
_PICO_W_USES: dict[int, str] = dict.fromkeys((23, 24, 25, 29), "the radio's")

MODULES = {
    module.key: module
    for module in (
        Module("pico", "Raspberry Pi Pico", RP2040, _PICO_LEFT, _PICO_RIGHT, "VSYS", _PICO_FEED, "RPI_PICO",
               False, _PICO_USES, 24),
        Module("pico_w", "Raspberry Pi Pico W", RP2040, _PICO_LEFT, _PICO_RIGHT, "VSYS", _PICO_FEED,
               "RPI_PICO_W", False, _PICO_W_USES),
        Module("pico2", "Raspberry Pi Pico 2", RP2350, _PICO_LEFT, _PICO_RIGHT, "VSYS", _PICO_FEED,
               "RPI_PICO2", False, _PICO_USES, 24),
        Module(
            "esp32_devkitc", "ESP32-DevKitC V4", ESP32,
            _column("3V3 EN VP=36 VN=39 34 35 32 33 25 26 27 14 12 GND 13 D2=9 D3=10 CMD=11 5V", "J2-"),
            _column("GND 23 22 TX=1 RX=3 21 GND 19 18 5 17 16 4 0 2 15 D1=8 D0=7 CLK=6", "J3-"),
            "5V", _ESP_FEED, "ESP32_GENERIC", True,
        ),
        Module(
            "esp32_s3_devkitc", "ESP32-S3-DevKitC-1 v1.1", ESP32_S3,
            _column("3V3 3V3 RST 4 5 6 7 15 16 17 18 8 3 46 9 10 11 12 13 14 5V GND", "J1-"),
            _column("GND TX=43 RX=44 1 2 42 41 40 39 38 37 36 35 0 45 48 47 21 20 19 GND GND", "J3-"),
            "5V", _ESP_FEED, "ESP32_GENERIC_S3", True,
            {38: "the coloured LED's", 48: "the coloured LED's (v1.0)"},
        ),
        Module(
            "esp32_c3_devkitm", "ESP32-C3-DevKitM-1", ESP32_C3,
            _column("GND 3V3 3V3 2 3 GND RST GND 0 1 10 GND 5V 5V GND", "J1-"),
            _column("GND TX=21 RX=20 GND 9 8 GND 7 6 5 4 GND 18 19 GND", "J3-"),
            "5V", _ESP_FEED, "ESP32_GENERIC_C3", True, {8: "the coloured LED's"},
        ),
    )
}  # fmt: skip
