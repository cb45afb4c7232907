"""Raspberry Pi Pico with a BQ76952 module and contactors instead of FETs: what is soldered where.

What the two Pico boards share sits on the same pins. GPIO 15 stays free, because the RP2040's work-around for
its erratum E5 borrows it while USB starts.
"""

NAME = "rpi_pico_contactors"
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
LED_RED = 13  # pin 17
BUZZER = 14  # pin 19
IMPACT = None  # none fitted
ENABLE = 12  # pin 16
AUX_SENSE = 26  # pin 31
AUX_FULL_MV = 18_810  # 3.3 V behind 47 kohm and 10 kohm
USB_SENSE = None  # not used: the coils' PWM must never stand still

COIL_CHG = 16  # pin 21
COIL_DSG = 17  # pin 22
COIL_PRECHARGE = 18  # pin 24
SENSE_CHG = 19  # pin 25
SENSE_DSG = 20  # pin 26
