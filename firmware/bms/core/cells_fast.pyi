from bms.core.cells import compare as compare
from bms.core.cells import extremes as extremes
