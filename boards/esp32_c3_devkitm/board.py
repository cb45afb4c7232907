"""ESP32-C3-DevKitM-1 with a BQ76952 module: what is soldered where, each pin once.

None of these pins straps the boot, feeds the flash, or is USB's or the console's. GPIO 4 to 7 are the
debugger's until the firmware takes them, which an input or a bus does not mind. GPIO 3 and 4 stay free for
analog inputs.
"""

NAME = "esp32_c3_devkitm"
MCU = "esp32"
MODULE = "esp32_c3_devkitm"

AFE = "bq76952"
AFE_ADDRESS = 0x08
AFE_CRC = None  # find out

I2C_ID = 0
I2C_SDA = 7  # J3, pin 8
I2C_SCL = 6  # J3, pin 9
I2C_HZ = 400_000
I2C_TIMEOUT_US = 30_000  # three ticks of the port, the first of which may end at once

ALERT = 5  # J3, pin 10
ALIVE = None
BUTTON = 1  # J1, pin 10
LED = 10  # J1, pin 11
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
