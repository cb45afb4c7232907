"""The firmware on an emulated RP2040: MicroPython's own image, our files, a simulated world on its pins."""
