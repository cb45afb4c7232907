"""How the live view is laid out: two columns where there is room, one where there is not."""

TWO_COLUMNS = 76  # from this width on

TITLES = {
    "figures": "Pack",
    "cells": "Cells between their limits",
    "codes": "What stands, and what to do",
    "curves": "Until now",
    "events": "Events",
}

# What is shown over the screen: its title, and what an empty answer means.
CALLED = {"dtc": "trouble codes", "diagnose": "diagnosis"}
AS_TYPED = ("get", "set")
NOTHING = {
    "dtc": "No trouble codes are stored.",
    "diagnose": "Nothing wrong found: no bad charger, supply, joint or cell; no cold, no heat.",
    "faults": "No fault stands, and none has since power-up.",
}

CSS = """
Screen { layout: vertical; }
#header { height: 1; background: $surface; text-wrap: nowrap; text-overflow: clip; }
#verdict { height: auto; min-height: 1; max-height: 40%; padding: 0 1; }
#page { height: 1fr; scrollbar-size-vertical: 1; }
#pack { height: auto; }
#page Static { height: auto; padding: 0 1; border-top: solid $primary-darken-2; }
#figures, #cells, #curves { text-wrap: nowrap; text-overflow: clip; }
.-wide #pack { layout: horizontal; }
.-wide #figures { width: 45%; }
.-wide #cells { width: 55%; }
#footer { height: auto; background: $surface; padding: 0 1; }
"""
