"""The typed line: what a terminal shows of it, what a key does, and what is kept of it."""

import random

from bms.services.lineedit import LONGEST, Line

UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
HOME, END, DELETE = "\x1b[H", "\x1b[F", "\x1b[3~"


class Screen:
    """A terminal of the plainest kind: characters and backspaces, nothing else."""

    def __init__(self) -> None:
        self.line = Line()
        self.cells = []
        self.at = 0

    def type(self, keys: str) -> str:
        for key in keys:
            self.show(self.line.byte(ord(key)))
        return self.seen

    def show(self, text: str) -> None:
        for each in text:
            if each == "\b":
                self.at -= 1
                assert self.at >= 0, "the prompt is not ours"
            else:
                assert 32 <= ord(each) < 127
                self.cells[self.at : self.at + 1] = [each]
                self.at += 1

    @property
    def seen(self) -> str:
        return "".join(self.cells).rstrip(" ")

    def enter(self) -> str:
        self.cells = []
        self.at = 0
        return self.line.end()


def test_the_screen_shows_what_is_typed_wherever_the_cursor_is() -> None:
    screen = Screen()
    assert screen.type("stas" + LEFT + "tu") == "status"
    assert screen.type(HOME + "x" + END + "y") == "xstatusy"
    assert screen.type("\x7f" + HOME + DELETE) == "status"
    assert screen.type(RIGHT + RIGHT + "\x08") == "satus"
    assert screen.type("\x01t\x05!") == "tsatus!"
    assert screen.enter() == "tsatus!"


def test_earlier_lines_come_back_and_the_same_one_is_kept_once() -> None:
    screen = Screen()
    for line in ("status", "cells", "cells"):
        screen.type(line)
        screen.enter()
    assert screen.type(UP) == "cells"
    assert screen.type(UP) == "status"
    assert screen.type(UP) == "status", "there is none before it"
    assert screen.type(DOWN) == "cells"
    assert screen.type(DOWN) == ""
    assert screen.type(UP + UP + "!") == "status!"
    assert screen.enter() == "status!"
    for number in range(20):
        screen.type(f"line {number}")
        screen.enter()
    assert screen.type(UP * 20) == "line 14"


def test_secrets_are_neither_seen_nor_kept() -> None:
    screen = Screen()
    screen.type("cells")
    screen.enter()
    assert screen.type("unlock 4711" + LEFT + "\x7f2") == "unlock ****"
    assert screen.line.shown().startswith("unlock ****")
    assert screen.enter() == "unlock 4721"
    assert screen.type("  pin set 99") == "pin ******"
    assert screen.enter() == "pin set 99"
    assert screen.type(UP) == "cells"


def test_a_program_sees_no_echo_and_its_line_is_not_kept() -> None:
    screen = Screen()
    assert screen.type('{"a": 1}' + LEFT + "\x7f") == ""
    assert screen.enter() == '{"a": }'
    assert screen.type(UP) == ""
    assert screen.type("{\x7fab") == "ab", "what was not shown is not taken back either"


def test_unknown_keys_are_swallowed_whole_and_never_a_line_end() -> None:
    screen = Screen()
    assert screen.type("a\x1b[15~b\x1bOPc\x1b[1;5Cd\x1bxe\t\x00\xff") == "abcde"
    screen.type("\x1b[")
    assert screen.enter() == "abcde"
    assert screen.type("ok") == "ok"


def test_a_line_that_fits_no_screen_is_only_added_to() -> None:
    screen = Screen()
    long = "x" * 200
    screen.type(long)
    assert screen.type(LEFT + HOME + UP + "y") == long + "y"
    assert screen.type("\x7f\x7f") == long[:-1]
    screen.type("z" * LONGEST)
    assert screen.line.overflow
    assert len(screen.enter()) == LONGEST
    assert screen.type(UP) == ""


def test_whatever_is_pressed_the_screen_shows_the_line() -> None:
    keys = [UP, DOWN, LEFT, RIGHT, HOME, END, DELETE, "\x7f", "a", "b", " ", "unlock ", "c" * 30]
    random.seed(7)
    screen = Screen()
    for _ in range(3000):
        if random.random() < 0.03:
            said = screen.line.text.decode().strip()
            assert screen.enter() == said
        else:
            screen.type(keys[int(random.random() * len(keys))])
            text = screen.line.text.decode()
            if "unlock" not in text:
                assert screen.seen == text.rstrip(" "), (screen.seen, text)
            assert len(screen.line.shown()) < 200 + len(text)
