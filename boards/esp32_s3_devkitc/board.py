"""ESP32-S3-DevKitC-1 with a BQ76952 module: what is soldered where, each pin once.

None of these pins straps the boot, feeds flash or PSRAM, is USB's or the console's, or drives the LED that is
on the board. GPIO 7 to 10 stay free for analog inputs.
"""

NAME = "esp32_s3_devkitc"
MCU = "esp32"
MODULE = "esp32_s3_devkitc"

AFE = "bq76952"
AFE_ADDRESS = 0x08
AFE_CRC = None  # find out

I2C_ID = 0
I2C_SDA = 4  # J1, pin 4
I2C_SCL = 5  # J1, pin 5
I2C_HZ = 400_000
I2C_TIMEOUT_US = 30_000  # three ticks of the port, the first of which may end at once

ALERT = 6  # J1, pin 6
ALIVE = None
BUTTON = 11  # J1, pin 17
LED = 12  # J1, pin 18
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
