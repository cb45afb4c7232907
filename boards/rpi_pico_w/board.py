"""Raspberry Pi Pico W with a BQ76952 module: what is soldered where, each pin once.

The pins of the `rpi_pico`: the header is the same, and the radio's pins are not on it.
"""

NAME = "rpi_pico_w"
MCU = "rp2"
MODULE = "pico_w"

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
USB_SENSE = None  # behind the radio chip

COIL_CHG = None  # FETs
COIL_DSG = None
COIL_PRECHARGE = None
SENSE_CHG = None
SENSE_DSG = None
