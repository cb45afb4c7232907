"""ESP32-DevKitC (ESP32-WROOM-32) with a BQ76952 module: what is soldered where, each pin once.

None of these pins straps the boot, feeds the flash, is the console's, or lacks a pull-up. GPIO 16 and 17 stay
free for modules that have PSRAM on them.
"""

NAME = "esp32_devkitc"
MCU = "esp32"
MODULE = "esp32_devkitc"

AFE = "bq76952"
AFE_ADDRESS = 0x08
AFE_CRC = None  # find out

I2C_ID = 0
I2C_SDA = 21  # J3, pin 6
I2C_SCL = 22  # J3, pin 3
I2C_HZ = 400_000
I2C_TIMEOUT_US = 30_000  # three ticks of the port, the first of which may end at once

ALERT = 23  # J3, pin 2
ALIVE = None
BUTTON = 26  # J2, pin 10
LED = 25  # J2, pin 9
LED_RED = None  # one LED
BUZZER = None
IMPACT = None  # none fitted
ENABLE = None
AUX_SENSE = None
AUX_FULL_MV = 0
USB_SENSE = None  # none, and not used on an ESP32

COIL_CHG = None  # FETs
COIL_DSG = None
COIL_PRECHARGE = None
SENSE_CHG = None
SENSE_DSG = None
