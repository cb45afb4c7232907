"""`packwarden flash`: firmware, texts and a board file onto a controller, through its MicroPython prompt."""
