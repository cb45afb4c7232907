"""A controller at its MicroPython prompt: what it is, what is on its file system, and how that is changed.

All of it goes through mpremote's transport. What runs on the chip is kept short: it may have little memory.
"""

import ast
import contextlib
import errno
import importlib
import io
import struct
import time
from collections.abc import Callable
from typing import Any

from packwarden.errors import InputError
from packwarden.flash.fitting import What
from packwarden.flash.plan import Held

_TIMEOUT_S = 10.0
_ENTER_S = 5.0
REBOOT_MARK = "reboot.asked"  # tells the firmware that a restart was asked for
_WHAT = (
    "import sys,os;v=os.statvfs('/');i=sys.implementation;"
    "print(repr((i.name,tuple(i.version)[:3],getattr(i,'_mpy',0),sys.platform,v[0],v[3],"
    "getattr(i,'_machine',''))))"
)
_LIST = """
import os,hashlib,binascii
b=bytearray(1024)
def w(d):
 for e in os.ilistdir(d or '/'):
  p=d+'/'+e[0]
  if e[1]&0x4000:w(p)
  else:
   h=hashlib.sha256();n=0
   with open(p,'rb') as f:
    while 1:
     k=f.readinto(b)
     if not k:break
     n+=k;h.update(memoryview(b)[:k])
   print(repr((p[1:],n,binascii.hexlify(h.digest()).decode())))
w('')
"""
_FETS = """
try:
 loop.p.switch.open_path()
 loop.p.keeper.afe.read()
 print(loop.p.keeper.afe.fets)
except NameError:
 import os
 asked=getattr(globals().get('hal'),'prompt_asked',0)
 print('prompt' if asked else 'starting' if 'main.py' in os.listdir() else 'none')
except Exception as e:
 print('unknown')
"""


class Chip:
    """The prompt of one controller. Every method is an InputError where the chip or the line fails."""

    def __init__(self, port: str) -> None:
        self.port = port
        try:
            transport = importlib.import_module("mpremote.transport")
            transport_serial = importlib.import_module("mpremote.transport_serial")
        except ImportError:
            raise InputError(
                "mpremote is not installed: run `make run` again, or pip install mpremote."
            ) from None
        self._error: Any = transport.TransportError
        self._refused: Any = transport.TransportExecError
        try:
            self._line: Any = transport_serial.SerialTransport(port, timeout=_TIMEOUT_S)
        except self._error as error:
            raise InputError(f"{port} cannot be opened: {error}.") from None

    def enter(self) -> bool:
        """Interrupt what runs and get to the raw prompt; False if nothing lets itself be interrupted."""
        try:
            _quietly(lambda: self._line.enter_raw_repl(soft_reset=False, timeout_overall=_ENTER_S))
        except (self._error, OSError):
            return False
        return True

    def fets(self) -> str:
        """Open the path once more through the stopped firmware, and read it back.

        What the front end reports ("0": open), "unknown" where it says nothing, "starting" where the firmware
        had not come so far, "prompt" where it was asked to make way, "none" where there is none.
        """
        return self._run(_FETS).strip()

    def renew(self) -> None:
        """A soft reset: the memory of what ran is free, and nothing runs."""
        try:
            _quietly(lambda: self._line.enter_raw_repl(soft_reset=True))
        except (self._error, OSError) as error:
            raise self._lost(error) from None

    def what(self) -> What:
        """Which MicroPython, on which chip, with how much room."""
        return What(*self._value(_WHAT))

    def files(self) -> dict[str, Held]:
        """All that is on the file system."""
        rows = [ast.literal_eval(line) for line in self._run(_LIST).splitlines() if line.strip()]
        return {path: Held(size, digest) for path, size, digest in rows}

    def read(self, path: str) -> bytes:
        """A file's content."""
        return bytes(self._do(lambda: self._line.fs_readfile(path), path))

    def write(self, path: str, content: bytes, progress: Callable[[int], None]) -> None:
        """Replace a file; `progress` gets how many bytes of it are there."""
        for depth in range(1, path.count("/") + 1):
            self._make_folder("/".join(path.split("/")[:depth]))

        def arrived(count: int, _size: int) -> None:
            progress(count)

        self._do(lambda: self._line.fs_writefile(path, content, progress_callback=arrived), path)
        progress(len(content))

    def _make_folder(self, folder: str) -> None:
        if not self._do(lambda: self._line.fs_exists(folder), folder):
            self._do(lambda: self._line.fs_mkdir(folder), folder)

    def remove(self, path: str) -> None:
        """Delete a file."""
        self._do(lambda: self._line.fs_rmfile(path), path)

    def restart(self) -> None:
        """As `reboot` would; the port goes away with it, and comes back."""
        self.write(REBOOT_MARK, b"1", lambda _: None)
        with contextlib.suppress(self._error, OSError):
            self._line.exec_raw_no_follow("import machine;machine.reset()")
            time.sleep(0.2)

    def close(self) -> None:
        """Leave the port."""
        with contextlib.suppress(OSError):
            self._line.close()

    def _value(self, code: str) -> Any:
        text = self._run(code).strip()
        try:
            return ast.literal_eval(text)
        except (ValueError, SyntaxError):
            raise InputError(f"{self.port} answers strangely: {text[:80]!r}; is it MicroPython?") from None

    def _run(self, code: str) -> str:
        return bytes(self._do(lambda: self._line.exec(code), "")).decode("utf-8", "replace")

    def _do(self, act: Callable[[], Any], path: str) -> Any:
        try:
            return act()
        except self._refused as error:
            raise InputError(f"The chip refused {path or 'a command'}: {_last_line(error)}.") from None
        except OSError as error:
            if error.errno == errno.ENOSPC:
                raise InputError(
                    f"The chip's file system is full; {path} did not fit. Remove what you do not need with "
                    "`mpremote fs rm`, and flash again."
                ) from None
            raise self._lost(error) from None
        except (self._error, struct.error) as error:  # mpremote unpacks what did not come
            raise self._lost(error) from None

    def _lost(self, error: Exception) -> InputError:
        return InputError(
            f"The line to the chip broke off ({error}). Nothing guards the pack now; the path is open. "
            "Plug it in again and repeat the command: what is there already is not copied twice."
        )


def _last_line(error: Any) -> str:
    lines = str(getattr(error, "error_output", error)).strip().splitlines()
    return lines[-1] if lines else "no reason given"


def _quietly(act: Callable[[], object]) -> None:
    """mpremote prints what it did not understand before it raises; that belongs in no answer of ours."""
    with contextlib.redirect_stdout(io.StringIO()):
        act()
