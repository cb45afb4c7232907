"""A pack guarded by the firmware on the emulated chip: what the tests here tell their stories with."""

import json
import re
from pathlib import Path
from typing import Any

from bms.core import commission, params
from bms.services.storage import encode
from packwarden.emulated import firmware
from packwarden.emulated.rig import Rig

ON_CHIP = Path(__file__).parent / "on_chip"
READY_S = 6.0  # from power-on to the path closed, with room: how long it really takes is the bench's business


class Story(Rig):
    """4S, 20 Ah LFP by default. `run_by` is a script of on_chip/; `spec` goes to the world."""

    def __init__(
        self,
        program: dict[str, bytes],
        parameters: dict[str, Any] | None = None,
        run_by: str | None = None,
        plugged: bool = True,
        **spec: Any,
    ) -> None:
        world = {"chemistry": "lfp", "cells": 4, "capacity_ah": 20.0, "soc": 0.6, "shunt_ohm": 0.001} | spec
        given = {
            "chemistry": world["chemistry"],
            "cell_count": world["cells"],
            "capacity_mah": round(world["capacity_ah"] * 1000),
            "shunt_uohm": round(world["shunt_ohm"] * 1e6),
        } | (parameters or {})
        if run_by is not None:
            program = firmware.run_by(program, ON_CHIP / run_by)
        proven = commission.vouched(params.resolve(given))
        flash = {"params.a": encode(1, given), "commission.a": encode(1, proven)}
        super().__init__(world, flash, program=program, plugged=plugged)

    def begin(self) -> None:
        """Power on, and wait until the path is closed."""
        self.power_on()
        self.until(lambda: self.fets == (True, True), READY_S)

    @property
    def fets(self) -> tuple[bool, bool]:
        """(charge, discharge) gates as the chip really drives them."""
        return self.world.chip.chg_on, self.world.chip.dsg_on

    @property
    def led(self) -> list[tuple[float, bool]]:
        """When (s) the LED was switched, and whether on."""
        return [(us / 1e6, bool(level)) for us, pin, level in self.edges if pin == self.pins["LED"]]

    def ask(self, method: str, *arguments: Any) -> Any:
        """Over the serial port, as a program would; the result, or the error object."""
        start = len(self.printed)
        request = {"jsonrpc": "2.0", "id": 1, "method": method, "params": list(arguments)}
        self.emulator.type(json.dumps(request) + "\n")

        def answers() -> list[str]:
            lines = self.printed[start:].split("\r\n")[:-1]
            return [line for line in lines if line.startswith("{") and '"id"' in line]

        self.until(answers, 3)
        answer = json.loads(answers()[0])
        return answer.get("result", answer.get("error"))

    def type(self, line: str, seconds: float = 1.0) -> str:
        """Type a line as a person would; what the screen shows afterwards, without escape sequences."""
        start = len(self.printed)
        self.emulator.type(line + "\r")
        self.run(seconds)
        return re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", self.printed[start:])

    def events(self, kind: str) -> list[str]:
        """Details of all events of one kind in the history."""
        return [row["detail"] for row in self.ask("history") if row["event"] == kind]
