"""The transport against TI's published vectors, byte for byte on a bus that only records and replays."""

from bms.drivers.afe import BusError, CrcError
from bms.drivers.bq76952_link import BUSY, LOST, READY, Link
from bms.drivers.transport import Block
from portable import raises


class Wire:
    """Keeps what is written; answers reads from `registers`, or from `raw` just as it stands."""

    def __init__(self):
        self.written = []
        self.registers = bytearray(256)
        self.raw = None
        self.failures = []  # for the next transactions: errno, or 0 for success
        self.acknowledged = None
        self.transactions = 0

    def _begin(self):
        self.transactions += 1
        errno = self.failures.pop(0) if self.failures else 0
        if errno:
            raise OSError(errno)

    def readfrom_mem_into(self, addr, memaddr, buf):
        assert addr == 0x08
        self._begin()
        source = self.raw if self.raw is not None else self.registers[memaddr : memaddr + len(buf)]
        for index in range(len(buf)):
            buf[index] = source[index]

    def writeto(self, addr, buf):
        assert addr == 0x08
        self._begin()
        self.written.append(bytes(buf))
        return len(buf) if self.acknowledged is None else self.acknowledged


def test_direct_command_is_written_plain():
    wire = Wire()
    Link(wire, 0x08, False).write_pair(0x3E, 0x22, 0x00)
    assert wire.written == [b"\x3e\x22\x00"]


def test_write_carries_the_crc_of_ti_vector():
    # SLUAA11B: FET_ENABLE is 0x10 0x3E 0x22 (CRC 0x63) 0x00 (CRC 0x00)
    wire = Wire()
    Link(wire, 0x08, True).write_pair(0x3E, 0x22, 0x00)
    assert wire.written == [b"\x3e\x22\x63\x00\x00"]


def test_read_checks_the_crc_of_ti_vector():
    # SLUAA11B: cell 1 voltage, 0x10 0x14 0x11 0x68 (CRC 0x33) 0x0B (CRC 0x31): 2920 mV
    wire = Wire()
    wire.raw = b"\x68\x33\x0b\x31"
    block = Block(0x14, 2)
    Link(wire, 0x08, True).read(block)
    assert block.data == b"\x68\x0b"
    assert block.signed(0) == 2920


def test_any_wrong_byte_of_a_read_is_refused():
    """PW-123."""
    good = b"\x68\x33\x0b\x31"
    for index in range(4):
        for bit in range(8):
            bad = bytearray(good)
            bad[index] ^= 1 << bit
            wire = Wire()
            wire.raw = bad
            raises(CrcError, Link(wire, 0x08, True).read, Block(0x14, 2))


def test_the_crc_of_a_read_covers_the_register():
    wire = Wire()
    wire.raw = b"\x68\x33\x0b\x31"
    raises(CrcError, Link(wire, 0x08, True).read, Block(0x16, 2))


def test_signed_values():
    block = Block(0x3A, 2)
    for data, value in ((b"\x00\x00", 0), (b"\xff\xff", -1), (b"\xff\x7f", 32767), (b"\x00\x80", -32768)):
        block.data[:] = data
        assert block.signed(0) == value


def test_data_memory_write_is_ti_vector():
    # SLUAA11B: 0x307A to Cell 1 Gain 0x9180 has checksum 0x44 and length 0x06
    wire = Wire()
    link = Link(wire, 0x08, False)
    link.stage(0x9180, b"\x7a\x30")
    link.commit()
    assert wire.written == [b"\x3e\x80\x91\x7a\x30", b"\x60\x44\x06"]


def test_one_byte_data_memory_write_is_ti_vector():
    # SLUAA11B: 0x8C to Enabled Protections A 0x9261 has checksum 0x80 and length 0x05
    wire = Wire()
    link = Link(wire, 0x08, False)
    link.stage(0x9261, b"\x8c")
    link.commit()
    assert wire.written == [b"\x3e\x61\x92\x8c", b"\x60\x80\x05"]


def test_staged_word_is_the_same_as_staged_bytes():
    for crc in (False, True):
        wire = Wire()
        link = Link(wire, 0x08, crc)
        link.stage(0x9383, b"\x05\x80")
        link.commit()
        link.stage_word(0x9383, 0x8005)
        link.commit()
        assert wire.written[:2] == wire.written[2:]
        assert len(wire.written[0]) == (9 if crc else 5)


def test_a_failure_is_repeated_once():
    for crc in (False, True):
        wire = Wire()
        wire.raw = b"\x68\x33\x0b\x31"
        link = Link(wire, 0x08, crc)
        wire.failures = [5]
        link.read(Block(0x14, 2))
        wire.failures = [5]
        link.write_pair(0x3E, 0x22, 0x00)
        assert wire.transactions == 4
        assert link.errors == 2


def test_two_failures_raise_with_their_count():
    wire = Wire()
    link = Link(wire, 0x08, False)
    wire.failures = [5, 5, 5, 5]
    error = raises(BusError, link.read, Block(0x14, 2))
    assert (error.errno, error.count) == (5, 2)
    error = raises(BusError, link.write_pair, 0x3E, 0, 0)
    assert (error.errno, error.count) == (5, 4)
    assert "4 in a row" in str(error)
    for succeed in (lambda: link.write_pair(0x3E, 0, 0), lambda: link.read(Block(0x14, 2))):
        succeed()
        wire.failures = [5, 5]
        assert raises(BusError, link.write_pair, 0x3E, 0, 0).count == 2
    assert link.errors == 8


def test_a_time_out_is_not_repeated():
    for errno in (110, 116):
        wire = Wire()
        link = Link(wire, 0x08, False)
        wire.failures = [errno, errno]
        assert raises(BusError, link.read, Block(0x14, 2)).errno == errno
        assert raises(BusError, link.write_pair, 0x3E, 0, 0).errno == errno
        assert wire.transactions == 2


def test_bytes_that_nobody_acknowledged_are_a_failure():
    # a bit-banged bus reports them by its count
    wire = Wire()
    wire.acknowledged = 1
    link = Link(wire, 0x08, False)
    assert raises(BusError, link.write_pair, 0x3E, 0, 0).errno == 5
    assert wire.transactions == 2


def test_crc_error_is_a_bus_error_and_counted():
    wire = Wire()
    wire.raw = bytes(4)
    link = Link(wire, 0x08, True)
    error = raises(BusError, link.read, Block(0x14, 2))
    assert isinstance(error, CrcError)
    assert (error.errno, error.count) == (0, 2)


def answered(**registers):
    """What `answer(0x0001)` makes of TI's DEVICE_NUMBER vector with some registers changed."""
    wire = Wire()
    wire.registers[0x3E:0x42] = b"\x01\x00\x94\x76"  # a BQ76942, SLUAA11B
    wire.registers[0x60] = 0xF4
    wire.registers[0x61] = 0x06
    for name, value in registers.items():
        wire.registers[int(name[1:], 16)] = value
    link = Link(wire, 0x08, False)
    return link.answer(0x0001), link


def test_answer_is_ready_when_the_echo_matches():
    state, link = answered()
    assert state == READY
    assert link.length == 2
    assert link.answered[:2] == b"\x94\x76"


def test_answer_is_busy_while_the_echo_is_ff():
    assert answered(_3E=0xFF, _3F=0xFF)[0] == BUSY


def test_answer_is_lost_when_something_else_echoes():
    assert answered(_3E=0x96)[0] == LOST
    assert answered(_3F=0x92)[0] == LOST


def test_answer_is_lost_when_sum_or_length_are_wrong():
    assert answered(_40=0x95)[0] == LOST
    assert answered(_60=0xF5)[0] == LOST
    assert answered(_61=0x03)[0] == LOST
    assert answered(_61=0x25)[0] == LOST
    assert answered(_61=0x04)[0] == LOST  # no data: then the sum is another


def test_length_and_sum_are_never_read_together():
    # TRM 3.1: that would move the window to the next block
    wire = Wire()
    reads = []
    plain = wire.readfrom_mem_into

    def noted(addr, memaddr, buf):
        reads.append((memaddr, len(buf)))
        plain(addr, memaddr, buf)

    wire.readfrom_mem_into = noted
    wire.registers[0x3E:0x40] = b"\x01\x00"
    wire.registers[0x60:0x62] = b"\xfe\x04"
    assert Link(wire, 0x08, False).answer(0x0001) == READY
    assert reads == [(0x61, 1), (0x3E, 35)]


def test_crc_mode_is_found_by_a_plain_read():
    wire = Wire()
    wire.raw = b"\x68\x0b\x00\x00\x00\x00\x00\x01"
    link = Link(wire, 0x08, None)
    link.write_pair(0x3E, 0x22, 0x00)
    assert link.crc is False
    assert wire.written == [b"\x3e\x22\x00"]


def test_crc_mode_survives_one_disturbed_answer():
    good = bytearray([0x85, crc8(b"\x10\x12\x11\x85"), 0x01, crc8(b"\x01"), 0, 0, 0, 0])
    bad = bytearray(good)
    bad[0] ^= 0x10
    frames = [bad, good]
    wire = Wire()

    def disturbed(_addr, _memaddr, buf):
        buf[:] = frames.pop(0)

    wire.readfrom_mem_into = disturbed
    link = Link(wire, 0x08, None)
    link.detect()
    assert link.crc is True


def test_nothing_is_assumed_while_nobody_answers():
    wire = Wire()
    wire.failures = [5]
    link = Link(wire, 0x08, None)
    assert raises(BusError, link.write_pair, 0x3E, 0x22, 0x00).count == 1
    assert link.crc is None
    assert link.errors == 1
    assert wire.written == []
    wire.raw = b"\x68\x0b\x00\x00\x00\x00\x00\x01"
    block = Block(0x14, 2)
    link.read(block)
    assert link.crc is False
    assert block.signed(0) == 2920


def test_a_command_leaves_the_one_before_it_time_to_finish():
    wire = Wire()
    link = Link(wire, 0x08, False)
    reads = []
    plain = wire.readfrom_mem_into

    def noted(addr, memaddr, buf):
        reads.append(len(buf))
        plain(addr, memaddr, buf)

    wire.readfrom_mem_into = noted
    link.command(0x0095)
    link.stage_word(0x0083, 1)
    link.commit()
    link.stage(0x9234, b"\x80\x28")
    link.commit()
    link.command(0x0096)
    assert len(reads) == 5
    for size in reads:
        assert (3 + size) * 9 * 1000 // 400 > 560  # us at 400 kHz, TRM table 9-2
    link.read(Block(0x14, 40))  # any long read does
    link.command(0x0095)
    assert len(reads) == 6


def test_a_command_is_sent_even_if_the_pause_fails():
    wire = Wire()
    link = Link(wire, 0x08, False)
    link.command(0x0096)
    wire.failures = [110]
    link.command(0x0095)
    assert wire.written == [b"\x3e\x96\x00", b"\x3e\x95\x00"]


def crc8(data):
    """x^8 + x^2 + x + 1 the long way."""
    crc = 0
    for byte in data:
        for bit in range(7, -1, -1):
            top = crc >> 7 ^ byte >> bit & 1
            crc = crc << 1 & 0xFF ^ (0x07 if top else 0)
    return crc
