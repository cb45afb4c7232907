"""ESP32-DevKitC (ESP32-WROOM-32) with a BQ76952 module: what is soldered where, each pin once.

None of these pins straps the boot, feeds the flash, is the console's, or lacks a pull-up. GPIO 16 and 17 stay
free for modules that have PSRAM on them.
"""

NAME = "esp32_devkitc"
MCU = "esp32"

AFE = "bq76952"
AFE_ADDRESS = 0x08
AFE_CRC = None  # find out

I2C_ID = 0
I2C_SDA = 21
I2C_SCL = 22
I2C_HZ = 400_000
I2C_TIMEOUT_US = 10_000  # five times the longest transaction; the chip counts to 13 ms at most

ALERT = 27
BUTTON = 26
LED = 25
IMPACT = None  # none fitted
ENABLE = None
AUX_SENSE = None
AUX_FULL_MV = 0

COIL_CHG = None  # FETs
COIL_DSG = None
COIL_PRECHARGE = None
SENSE_CHG = None
SENSE_DSG = None
