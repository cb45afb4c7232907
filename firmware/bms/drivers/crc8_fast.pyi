from bms.drivers.crc8 import unpack as unpack
from bms.drivers.crc8 import words as words
