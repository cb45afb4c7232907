from bms.drivers.bq76952_window import compare as compare
