"""Simulated chips, pack and world. Nothing in here imports the firmware, whose independent judge it is."""
