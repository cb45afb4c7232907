"""Spot checks of the defaults against the manual's table 13.9, over all classes and widths."""

from packwarden.sim.bq76952_memory import DataMemory


def test_defaults() -> None:
    memory = DataMemory()
    for address, value in (
        (0x9234, 0x2982),  # Power Config
        (0x925F, 0x0002),  # Protection Configuration
        (0x926D, 0xF800),  # Default Alarm Mask
        (0x9276, 74),  # CUV Delay
        (0x9279, 74),  # COV Delay
        (0x92B2, 60),  # HWD Delay
        (0x92BC, 1800),  # PTO Delay
        (0x9304, 0x0000),  # Vcell Mode
        (0x9343, 0x0040),  # Mfg Status Init
        (0x9257, 0x0414),
        (0x9259, 0x3672),
        (0x925B, 0xFFFF),
    ):
        assert memory.u2(address) == value, hex(address)
    for address, value in (
        (0x9261, 0x88),
        (0x9265, 0x98),
        (0x9269, 0xE4),
        (0x9266, 0xD5),
        (0x926B, 0xE2),
        (0x9275, 50),  # CUV Threshold
        (0x9278, 86),  # COV Threshold
        (0x9280, 2),
        (0x9286, 0),
        (0x9287, 2),
        (0x92A0, 80),
        (0x92AF, 3),
        (0x92FD, 0x07),  # TS1
        (0x92FE, 0x00),
        (0x9303, 0x05),  # DA Configuration
        (0x9308, 0x0D),  # FET Options
        (0x9339, 20),
        (0x933A, 1),
    ):
        assert memory.u1(address) == value, hex(address)
    for address, value in (
        (0x9273, 50),
        (0x9288, -200),
        (0x928A, -4000),
        (0x928D, 200),
        (0x92B0, 200),
        (0x92F1, -20),
        (0x91EA, -15524),  # first coefficient of the 18K model
        (0x91FE, 11703),
        (0x9214, 17246),
    ):
        assert memory.i2(address) == value, hex(address)
    for address, value in ((0x929A, 55), (0x92A6, 0), (0x92AC, -20), (0x92AE, -15), (0x9336, -20)):
        assert memory.i1(address) == value, hex(address)
    assert abs(memory.f4(0x91A8) - 7.4768) < 1e-5
    assert abs(memory.f4(0x91AC) - 2230042.463) < 1


def test_gaps_do_not_exist() -> None:
    memory = DataMemory()
    for address in (0x917F, 0x91B4, 0x922C, 0x9264, 0x9268, 0x9306, 0x9345, 0x9400):
        assert not memory.exists(address), hex(address)
    for address in (0x9180, 0x91A8, 0x91AF, 0x9263, 0x929B, 0x9344):
        assert memory.exists(address), hex(address)


def test_the_otc_delay_is_not_where_the_public_header_puts_it() -> None:
    """0x920B is the second byte of a thermistor coefficient; the delay is at 0x929B."""
    memory = DataMemory()
    assert memory.u1(0x929B) == 2
    assert memory.i2(0x920A) == -2055


def test_reset_restores_everything() -> None:
    memory = DataMemory()
    before = bytes(memory.ram)
    for i in range(len(memory.ram)):
        if memory.exists(0x9180 + i):
            memory.ram[i] ^= 0xFF
    memory.reset()
    assert bytes(memory.ram) == before
