"""The console port, USB or UART: bytes that have come, bytes for which there is room, and never a wait."""

import select
import sys

from micropython import const

WRITE_MOST = const(32)  # bytes at a time: 3 ms on an RP2040; a UART has long sent them by the next time


class Stdio:
    """The console port, USB or UART, by bytes and polls.

    A read of many bytes waits until all have come. A write of many waits for a stalled host, up to half a
    second, once a byte finds no room, and a poll only tells that there is room for one. Hence one at a time,
    with `ipoll`, which allocates nothing.
    """

    def __init__(self) -> None:
        self._in = sys.stdin.buffer
        self._out = sys.stdout.buffer
        self._arrived = select.poll()
        self._arrived.register(sys.stdin, select.POLLIN)
        self._room = select.poll()
        self._room.register(sys.stdout, select.POLLOUT)
        self._byte = bytearray(1)

    def readinto(self, buf: bytearray) -> int:
        """How many bytes had arrived; at most the buffer's size."""
        byte = self._byte
        for count in range(len(buf)):
            for _ in self._arrived.ipoll(0):
                self._in.readinto(byte)
                buf[count] = byte[0]
                break
            else:
                return count
        return len(buf)

    def write(self, buf: bytes) -> int:
        """How many bytes were taken: 32 at most, 0 when the reader stalls. With no reader they vanish."""
        byte = self._byte
        most = min(len(buf), WRITE_MOST)
        for count in range(most):
            for _ in self._room.ipoll(0):
                byte[0] = buf[count]
                self._out.write(byte)
                break
            else:
                return count
        return most
