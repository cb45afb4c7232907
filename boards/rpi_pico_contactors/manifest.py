"""For MicroPython's build: freezes the firmware of this board into an image (FROZEN_MANIFEST).

Run `make mpy` first: it writes the texts as a module that can be frozen. A `main.py` on the chip's filesystem
no longer counts then; parameters, state and journal stay there.
"""
# ruff: noqa: F821 - names that the manifest's reader provides

include("$(PORT_DIR)/boards/manifest.py")
package("bms", base_path="../../firmware")
package("bms", files=("services/frozen_texts.py",), base_path="../../build/frozen")
module("main.py", base_path="../../firmware")
module("board.py")
