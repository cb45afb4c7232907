"""The line that somebody types: cursor keys, a few lines to go back to, and secrets that nobody sees.

What is sent back is plain characters and backspaces only, so that it looks right in every terminal. A key
that this does not know is swallowed whole; a line end never is. Lines for programs, which begin with a brace
or a bracket, are not echoed, and not remembered. Only a line that fits a screen can be edited within: what a
key costs is bounded, whoever sends a flood of them.
"""

from micropython import const

LONGEST = const(1024)
_KEPT = const(6)  # lines to go back to
_SHORT = const(74)  # characters; with the prompt they fit a screen
_SECRET = (b"unlock ", b"pin ")  # what follows is nobody's business

_BACKSPACE = b"\x08\x7f"
_HOME = const(1)  # Ctrl-A
_END = const(5)  # Ctrl-E
_ESCAPE = const(27)
_PLAIN = const(0)  # where in an escape sequence we are: in none, ...
_BEGUN = const(1)  # ... behind ESC, ...
_INSIDE = const(2)  # ... behind ESC [ or ESC O


class Line:
    """`text` is what was typed so far; `byte` takes one more and returns what to send back."""

    def __init__(self) -> None:
        self.text = bytearray()
        self.overflow = False
        self._at = 0  # the cursor
        self._kept: list[bytes] = []
        self._back = 0  # how many lines back we are
        self._state = _PLAIN
        self._number = 0

    @property
    def is_json(self) -> bool:
        """Whether a program sends it."""
        return self.text[:1] in (b"{", b"[")  # type: ignore[comparison-overlap]  # they compare by content

    def shown(self) -> str:
        """What stands behind the prompt, to be sent again after something came between."""
        return "" if self.is_json else self._seen(0) + "\b" * (len(self.text) - self._at)

    def end(self) -> str:
        """The line is over: what it says. It can be gone back to, secrets apart."""
        text = bytes(self.text)
        forget = self.is_json or self._hidden() or len(text) > _SHORT or not text.strip()
        if not forget and self._kept[-1:] != [text]:
            self._kept = self._kept[1 - _KEPT :] + [text]
        self.drop()
        return text.decode().strip()

    def drop(self) -> None:
        """Begin anew."""
        self.text = bytearray()
        self.overflow = False
        self._at = self._back = 0
        self._state = _PLAIN

    def byte(self, byte: int) -> str:
        """One byte that is no line end."""
        quiet = self.is_json
        echo = self._take(byte)
        return "" if quiet or self.is_json else echo

    def _take(self, byte: int) -> str:
        if self._state and 32 <= byte < 127:
            return self._escape(byte)
        self._state = _PLAIN
        if 32 <= byte < 127:
            return self._insert(byte)
        if byte == _ESCAPE:
            self._state = _BEGUN
        elif byte in _BACKSPACE:
            return self._remove(self._at - 1)
        elif byte == _HOME or byte == _END:
            return self._move(len(self.text) if byte == _END else 0)
        return ""

    def _escape(self, byte: int) -> str:
        """Cursor keys as VT100 and its heirs send them: ESC [ A, ESC O A, ESC [ 3 ~."""
        if self._state == _BEGUN:
            self._state = _INSIDE if byte in b"[O" else _PLAIN
            self._number = 0
            return ""
        if byte < 64:
            self._number = byte - 48
            return ""
        self._state = _PLAIN
        if byte in b"AB":
            return self._recall(self._back + (1 if byte == 65 else -1))
        if byte in b"CD":
            return self._move(self._at + (1 if byte == 67 else -1))
        if byte in b"HF" or (byte == 126 and self._number in (1, 4, 7, 8)):
            home = byte == 72 or (byte == 126 and self._number in (1, 7))
            return self._move(0 if home else len(self.text))
        if byte == 126 and self._number == 3:
            return self._remove(self._at)
        return ""

    def _insert(self, byte: int) -> str:
        at = self._at
        if len(self.text) >= LONGEST:
            self.overflow = True
            return ""
        if (byte == 32 and not at) or (at < len(self.text) and len(self.text) >= _SHORT):
            return ""
        self._at += 1
        if at == len(self.text):
            self.text.append(byte)
            return self._seen(at)
        self.text = self.text[:at] + bytes((byte,)) + self.text[at:]
        return self._seen(at) + "\b" * (len(self.text) - self._at)

    def _remove(self, at: int) -> str:
        if not 0 <= at < len(self.text):
            return ""
        back = "" if at == self._at else "\b"
        self.text = self.text[:at] + self.text[at + 1 :]
        self._at = at
        return back + self._seen(at) + " " + "\b" * (len(self.text) - at + 1)

    def _move(self, to: int) -> str:
        to = max(0, min(len(self.text), to))
        at = self._at
        if len(self.text) > _SHORT:
            return ""
        self._at = to
        return "\b" * (at - to) if to <= at else self._seen(at)[: to - at]

    def _recall(self, back: int) -> str:
        if self.is_json or len(self.text) > _SHORT or not 0 <= back <= len(self._kept):
            return ""
        self._back = back
        before = len(self.text)
        lead = "\b" * self._at
        self.text = bytearray(self._kept[-back] if back else b"")
        self._at = len(self.text)
        more = max(0, before - self._at)
        return lead + self._seen(0) + " " * more + "\b" * more

    def _hidden(self) -> int:
        """From where on nobody sees what is typed; 0: everything is seen."""
        for word in _SECRET:
            if bytes(self.text[: len(word)]) == word:
                return len(word)
        return 0

    def _seen(self, start: int) -> str:
        """The line from there on, as it is shown."""
        hidden = self._hidden() or len(self.text)
        return self.text[start : max(start, hidden)].decode() + "*" * (len(self.text) - max(start, hidden))
