"""Raspberry Pi Pico with a BQ76952 module: what is soldered where, each pin once.

Button and LED sit beside ground pins. GPIO 15 stays free, because the RP2040's work-around for its erratum E5
borrows it while USB starts.
"""

NAME = "rpi_pico"
MCU = "rp2"
MODULE = "pico"

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
