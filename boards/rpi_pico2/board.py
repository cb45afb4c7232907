"""Raspberry Pi Pico 2 with a BQ76952 module: what is soldered where, each pin once.

The pins of the `rpi_pico`. Every input is pulled up, by the chip or from outside: its pull-downs do not hold
a pin low once it has been high (erratum RP2350-E9).
"""

NAME = "rpi_pico2"
MCU = "rp2"
MODULE = "pico2"

AFE = "bq76952"
AFE_ADDRESS = 0x08
AFE_CRC = None  # find out

I2C_ID = 0
I2C_SDA = 4  # pin 6
I2C_SCL = 5  # pin 7
I2C_HZ = 400_000
I2C_TIMEOUT_US = 10_000  # five times the longest transaction

ALERT = 6  # pin 9
ALIVE = None
BUTTON = 10  # pin 14
LED = 11  # pin 15
LED_RED = None  # one LED
BUZZER = None
IMPACT = None  # none fitted
ENABLE = None
AUX_SENSE = None
AUX_FULL_MV = 0
USB_SENSE = 24  # on the module

COIL_CHG = None  # FETs
COIL_DSG = None
COIL_PRECHARGE = None
SENSE_CHG = None
SENSE_DSG = None
