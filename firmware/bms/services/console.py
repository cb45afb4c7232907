"""The serial console: lines in, a few lines out, and never in the way of protection.

Each poll takes a bounded number of bytes, finishes at most one line, and sends one piece of one answer. Input
that is too long, binary or endless costs nothing but itself. A line that starts with a brace or a bracket is
JSON-RPC and is not echoed; anything else is a person's, with echo, cursor keys (`lineedit`) and a prompt.
"""

from micropython import const

from bms.services.command import METHOD, VIEW, CommandError, Commands, folded
from bms.services.lineedit import LONGEST, Line
from bms.services.outbox import Outbox

TYPE_CHECKING = const(False)
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bms.ports import Serial

PROMPT = "pw> "
_PER_POLL = const(64)
_PIECE_ROOM = const(512)  # ask for the next piece of an answer when this much fits

_TOO_LONG = "\r\nthere is no memory left for this answer: ask for less, or again in a minute\r\n" + PROMPT
_CTRL_C = const(3)
_CTRL_U = const(21)


class Console:
    """Line editor and dispatcher between a serial port and a command table."""

    def __init__(self, serial: "Serial", commands: Commands, out: "Outbox | None" = None) -> None:
        self._serial = serial
        self._commands = commands
        self.out = out or Outbox(serial)
        self._chunk = bytearray(_PER_POLL)
        self._taken = 0  # bytes of the chunk already looked at
        self._filled = 0
        self._line = Line()
        self._last = 0
        self._job: "Iterator[str] | None" = None
        self._untold = ""  # came up while an answer was under way
        self._prompted = False  # a prompt stands on the current line
        self.heard = False  # something has arrived, until whoever wants to know has seen this
        self.paint: "Callable[[str], str]" = plain  # what a person is shown goes through it

    def poll(self) -> None:
        """One bounded slice of console work."""
        self.out.pump()
        if self._job is not None:
            self._continue()
        else:
            self._read()

    @property
    def busy(self) -> bool:
        """An answer is under way: nothing else may be put between its pieces."""
        return self._job is not None

    def greet(self, text: str) -> None:
        """The first line of all, and the first prompt."""
        self.out.put("\r\n" + text + "\r\n" + PROMPT)
        self._prompted = True

    def say(self, text: str) -> None:
        """Tell a person something unasked, without disturbing a half-typed line; programs are not told."""
        if self.busy:
            self._untold = text  # the latest is the one that matters; the history has them all
        elif self._prompted:
            lead = "\r\n" if self._line.text else "\r"  # a bare prompt is simply written over
            told = self.paint("\r\n".join(folded(text)))
            self.out.put(lead + told + "\r\n" + PROMPT + self._line.shown())

    def stream(self, pieces: "Iterator[str]") -> None:
        """Send a line of our own that is made in pieces; dropped when an answer is under way."""
        if not self.busy:
            self._job = self._with_lead("\r\n" if self._prompted else "", pieces)
            self._prompted = False

    def _continue(self) -> None:
        """Send the next piece of the answer under way."""
        if self.out.room < _PIECE_ROOM or self._job is None:
            return
        job = self._job
        self._job = None  # should the piece raise, the answer is over
        try:
            self.out.put(next(job))
        except MemoryError:  # an answer that does not fit is no reason to open the path
            self.out.put(_TOO_LONG)
            self._prompted = True
            return
        except StopIteration:
            untold = self._untold
            self._untold = ""
            if untold:
                self.say(untold)
            return
        self._job = job

    def _read(self) -> None:
        if self._taken >= self._filled:
            self._filled = self._serial.readinto(self._chunk) or 0
            self._taken = 0
            self.heard = self.heard or self._filled > 0
        while self._taken < self._filled and self._job is None:
            byte = self._chunk[self._taken]
            self._taken += 1
            self._byte(byte)

    def _byte(self, byte: int) -> None:
        """One byte of input."""
        after_return = self._last == 13
        self._last = byte
        if byte == 13 or byte == 10:
            if byte == 13 or not after_return:  # CR LF is one line end
                self._end_of_line()
        elif byte == _CTRL_C or byte == _CTRL_U:
            self._line.drop()
            self.out.put("\r\n" + PROMPT)
            self._prompted = True
        else:
            echo = self._line.byte(byte)
            if echo:
                self.out.put(echo)

    def _end_of_line(self) -> None:
        overflow = self._line.overflow
        machine = self._line.is_json
        line = self._line.end()
        if machine:
            lead = "\r\n" if self._prompted else ""
            self._prompted = False
            self._job = self._with_lead(lead, self._program("" if overflow else line))
        else:
            self._prompted = True
            self._job = self._person(line, overflow)

    def _with_lead(self, lead: str, job: "Iterator[str]") -> "Iterator[str]":
        """A JSON answer must start on a line of its own, but silence must stay silence."""
        for piece in job:
            if piece:
                whole = lead + piece
                lead = ""
                for start in range(0, len(whole), _PIECE_ROOM):  # what does not fit at once would be lost
                    yield whole[start : start + _PIECE_ROOM]
            else:
                yield ""  # a pause, in which the answer's next piece is looked for

    def _program(self, line: str) -> "Iterator[str]":
        """Answer a line of JSON-RPC."""
        for pause in self._commands.load():
            yield pause
        from bms.services import rpc  # noqa: PLC0415 - for programs only

        for piece in rpc.answer(line, self._commands):
            yield piece

    def _person(self, line: str, overflow: bool) -> "Iterator[str]":
        """Answer a typed line, then prompt again."""
        yield "\r\n"
        if overflow:
            yield f"that line was longer than {LONGEST} characters and was not used\r\n"
        elif line:
            for pause in self._commands.load():
                yield pause
            for text in self._run(line):
                yield "" if text is None else self.paint(text) + "\r\n"
        yield PROMPT

    def _run(self, line: str) -> "Iterator[str | None]":
        """The lines of an answer, None for a pause."""
        words = line.split()
        try:
            command = self._commands.find(words[0])
            if command is None:
                raise CommandError(self._commands.unknown(words[0]))
            for _ in self._commands.ready(command[METHOD]):
                yield None
            result = self._commands.call(command, words[1:])
            for _ in self._commands.ready(command[VIEW]):
                yield None
            for text in command[VIEW](result):
                yield text
        except CommandError as error:
            for text in folded(str(error)):
                yield text


def plain(text: str) -> str:
    """The paint of a screen without colours."""
    return text
