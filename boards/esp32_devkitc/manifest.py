"""For MicroPython's build: freezes the firmware of this board into an image (FROZEN_MANIFEST).

Run `make mpy` first: it writes what is frozen, with constants put in and the texts as a module. A `main.py`
on the chip's filesystem no longer counts then; parameters, state and journal stay there.
"""
# ruff: noqa: F821 - names that the manifest's reader provides

include("$(PORT_DIR)/boards/manifest.py")
package("bms", base_path="../../build/frozen")
module("main.py", base_path="../../firmware")
module("board.py")
