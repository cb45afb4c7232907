"""Packwarden on the host: the `packwarden` command, and the simulator that it runs the firmware in."""

__version__ = "0.1.0"
