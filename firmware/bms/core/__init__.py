"""Decisions, and nothing else: ints in, decisions out. No clock, no I/O, no `machine`."""
