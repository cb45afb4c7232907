"""A pack in a world with the production firmware on it, for tests that tell a story."""

import json
from collections.abc import Callable
from typing import Any

from bms.app.report import faults_standing
from bms.core import commission, params, path
from bms.services.storage import encode
from packwarden import builder
from packwarden.session import Session
from packwarden.sim.board import MemoryFiles, VirtualBoard
from packwarden.sim.world import World

SHUNT_OHM = 0.001


class Rig:
    """4S, 20 Ah by default: small enough to be quick, large enough to be a pack."""

    def __init__(
        self,
        chemistry: str = "lfp",
        cells: int = 4,
        capacity_ah: float = 20.0,
        soc: float = 0.6,
        parameters: dict[str, Any] | None = None,
        files: MemoryFiles | None = None,
        boot: bool = True,
        commissioned: bool = True,
        **spec: Any,
    ) -> None:
        given = {
            params.CHEMISTRY: chemistry,
            "cell_count": cells,
            "capacity_mah": int(capacity_ah * 1000),
            "shunt_uohm": int(SHUNT_OHM * 1e6),
        } | (parameters or {})
        self.values = params.resolve(given)
        self.files = files or MemoryFiles({"params.a": encode(1, given)})
        if commissioned and "commission.a" not in self.files.names():
            self.files.write("commission.a", encode(1, commission.vouched(self.values)))
        self.world = World(
            {
                "chemistry": chemistry,
                "cells": cells,
                "capacity_ah": capacity_ah,
                "soc": soc,
                "shunt_ohm": SHUNT_OHM,
            }
            | spec
        )
        builder.calibrate(self.files, self.world)
        self.board = VirtualBoard(self.world, self.files)
        self.session = Session(self.world, self.board)
        if boot:
            self.run(3.0)
            assert self.mode == "active", self.status()["why"]

    def run(self, seconds: float) -> None:
        """Let time pass."""
        self.session.advance(int(seconds * 1e6))

    def until(self, done: Callable[[], Any], seconds: float, step_s: float = 0.01) -> float:
        """Seconds until `done()`, which must come within `seconds`."""
        start = self.world.clock.now_us
        while not done():
            spent = (self.world.clock.now_us - start) / 1e6
            assert spent <= seconds, (
                f"not within {seconds} s: {self.status() if self.session.loop else 'no firmware'}"
            )
            self.run(step_s)
        return (self.world.clock.now_us - start) / 1e6

    def warm(self, celsius: float) -> None:
        """The whole pack, and the room around it, at one temperature from now on."""
        self.world.ambient_c = celsius
        self.world.pack.temp_c = [celsius] * self.world.pack.cells

    def closed(self, seconds: float = 3) -> None:
        """Both FETs conduct again within this time."""
        self.until(lambda: self.fets == (True, True), seconds)

    def status(self) -> dict[str, Any]:
        """What the firmware says of itself."""
        return self.session.parts.api.answers.status()

    @property
    def mode(self) -> str:
        assert self.session.loop is not None
        return path.NAMES[self.session.loop.mode]

    @property
    def faults(self) -> list[str]:
        return faults_standing(self.session.parts.protect)

    @property
    def cells_mv(self) -> list[int]:
        """As the firmware reads them."""
        return list(self.session.parts.snap.cells_mv)

    @property
    def fets(self) -> tuple[bool, bool]:
        """(charge, discharge) gates as they are really driven."""
        free = not self.world.watchdog.cut
        return self.world.chip.chg_on and free, self.world.chip.dsg_on and free

    def rpc(self, method: str, *arguments: Any) -> Any:
        """Ask over the serial port, as a program would; returns the result, or the error object."""
        self.board.serial.take()
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(arguments)}
        self.board.serial.feed(json.dumps(request).encode() + b"\n")
        text = ""
        for _ in range(300):
            self.run(0.01)
            text += self.board.serial.take().decode()
            for line in text.split("\r\n")[:-1]:
                if line.startswith("{"):
                    answer = json.loads(line)
                    if "id" in answer:
                        return answer.get("result", answer.get("error"))
        raise AssertionError(f"no answer to {method}: {text!r}")

    def type(self, line: str, seconds: float = 1.0) -> str:
        """Type a line as a person would; returns what the screen shows."""
        self.board.serial.take()
        self.board.serial.feed(line.encode() + b"\r")
        self.run(seconds)
        return self.board.serial.take().decode()

    def events(self, kind: str) -> list[str]:
        """Details of all events of one kind in the history."""
        return [detail for _, event, detail in self.session.parts.history.events if event == kind]
