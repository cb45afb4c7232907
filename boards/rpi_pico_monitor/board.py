"""Raspberry Pi Pico with ADS1115 and INA226 modules: **no silicon protects, this firmware alone does.**

At most eight cells. What has to stand beside it is in the README: an external watchdog on ALIVE, a fuse, and
better a protector of its own. Gates and ADC inputs sit on the side away from the bus.
"""

NAME = "rpi_pico_monitor"
MCU = "rp2"
MODULE = "pico"

AFE = "ads1115"
AFE_ADDRESS = 0x48  # of the first
AFE_CRC = False  # there is none
METER_ADDRESS = 0x40  # INA226 or INA228
TAP_CHIPS = 2
# Upper and lower resistor of each tap, the lowest first: 4.3 V a cell make some 3 V.
TAP_KOHM = (
    (47, 100), (180, 100), (330, 100), (470, 100), (620, 100), (750, 100), (910, 100), (1000, 100),
)  # fmt: skip
STACK_FULL_MV = 36_300  # 3.3 V behind 100 kohm and 10 kohm

I2C_ID = 0
I2C_SDA = 4  # pin 6
I2C_SCL = 5  # pin 7
I2C_HZ = 400_000
I2C_TIMEOUT_US = 10_000  # five times the longest transaction

ALERT = 6  # pin 9
ALIVE = 7  # pin 10
BUTTON = 10  # pin 14
LED = 11  # pin 15
LED_RED = None  # one LED
BUZZER = None
IMPACT = None  # none fitted
ENABLE = None
AUX_SENSE = None  # the three inputs are taken
AUX_FULL_MV = 0
USB_SENSE = 24  # on the module

GATE_CHG = 16  # pin 21
GATE_DSG = 17  # pin 22
STACK_SENSE = 28  # pin 34
THERMISTOR_1 = 26  # pin 31
THERMISTOR_2 = 27  # pin 32

COIL_CHG = None  # FETs
COIL_DSG = None
COIL_PRECHARGE = None
SENSE_CHG = None
SENSE_DSG = None
