"""Battery management firmware: what runs on the microcontroller between the cells and the world."""

__version__ = "0.1.0"
