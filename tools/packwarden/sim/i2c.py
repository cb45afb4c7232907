"""The simulated I2C bus: machine.I2C's own calls in front, byte-level slaves behind.

Drivers cannot tell it from the real peripheral: same methods, same exceptions (EIO for a byte nobody
acknowledged, ETIMEDOUT for a stuck line), and every byte costs its nine clock periods of simulated time.
"""

_EIO = 5
_ETIMEDOUT = 110
_TIMEOUT_US = 50_000  # rp2 port: machine.I2C's default timeout

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Protocol

    from packwarden.sim.clock import Clock

    class I2cDevice(Protocol):
        """What a slave on this bus offers, one call per bus event."""

        def start(self, read: bool) -> bool: ...

        def write(self, byte: int) -> bool: ...

        def read(self) -> int: ...

        def stop(self) -> None: ...


class I2cBus:
    """One bus with its slaves and the ways in which it can fail."""

    def __init__(self, clock: "Clock", hz: int = 400_000) -> None:
        self.clock = clock
        self.hz = hz
        self.nack_next = 0  # this many transactions are not acknowledged
        self.stuck = False  # SDA held low: every transaction times out until recover()
        self.transactions = 0
        self._devices: "dict[int, I2cDevice]" = {}
        self._bulk_reads: "dict[int, object]" = {}

    def attach(self, address: int, device: "I2cDevice") -> None:
        if address in self._devices:
            raise ValueError("address 0x%02X is taken" % address)
        self._devices[address] = device
        self._bulk_reads[address] = getattr(device, "read_into", None)

    def at(self, address: int) -> "I2cDevice | None":
        """Who is attached there."""
        return self._devices.get(address)

    def recover(self) -> bool:
        """Nine clocks and a stop: a slave that was cut off in mid-byte lets go of SDA."""
        self.clock.elapse_us(10 * 1_000_000 // self.hz)
        self.stuck = False
        return True

    def readfrom_mem_into(self, addr: int, memaddr: int, buf: bytearray) -> None:
        device = self._begin(addr, 3 + len(buf))
        if not device.start(False):
            self._refuse(device)
        if not device.write(memaddr) or not device.start(True):
            self._refuse(device)
        bulk = self._bulk_reads[addr]
        if bulk is not None:
            bulk(buf)  # type: ignore[operator]
        else:
            for i in range(len(buf)):
                buf[i] = device.read()
        device.stop()

    def writeto(self, addr: int, buf: "bytes | bytearray") -> int:
        """Number of data bytes acknowledged, as machine.I2C counts them; a refused byte raises EIO."""
        device = self._begin(addr, 1 + len(buf))
        if not device.start(False):
            self._refuse(device)
        for byte in buf:
            if not device.write(byte):
                self._refuse(device)
        device.stop()
        return len(buf)

    def _begin(self, addr: int, byte_count: int) -> "I2cDevice":
        self.transactions += 1
        if self.stuck:
            self.clock.elapse_us(_TIMEOUT_US)
            raise OSError(_ETIMEDOUT)
        device = self._devices.get(addr)
        if self.nack_next > 0 or device is None:
            if self.nack_next > 0:
                self.nack_next -= 1
            self.clock.elapse_us(9_000_000 // self.hz)
            raise OSError(_EIO)
        self.clock.elapse_us(9_000_000 * byte_count // self.hz)
        return device

    def _refuse(self, device: "I2cDevice") -> None:
        device.stop()
        raise OSError(_EIO)
