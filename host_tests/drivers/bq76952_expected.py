"""Data memory as the bench's limits ask for it, worked out by hand from the TRM: address, bytes."""

EXPECTED = (
    (0x91A8, b"\x55\x30\xf2\x40"),  # CC Gain 7.5684
    (0x91AC, b"\x4d\xc7\x09\x4a"),  # Capacity Gain 2257363.2
    (0x91D4, b"\xff\xff"),  # no CUV Threshold Override
    (0x91D6, b"\xff\xff"),  # no COV Threshold Override
    (0x9234, b"\x80\x38"),  # Power Config: TS2 is a thermistor
    (0x9241, b"\x58\x02"),  # Shutdown Stack Voltage: 4 cells of 1.5 V
    (0x9248, b"\x14\x00"),  # Sleep Current 20 mA
    (0x924A, b"\x01"),  # Voltage Time 1 s
    (0x924B, b"\xf4\x01"),  # Wake Comparator Current 500 mA
    (0x924D, b"\xf0"),  # Sleep Hysteresis Time 240 s
    (0x924E, b"\xff\x7f"),  # Sleep Charger Voltage Threshold: any
    (0x925F, b"\x02\x00"),  # Protection Configuration
    (0x9261, b"\xfc"),  # Enabled Protections A: all
    (0x9262, b"\x73"),  # B: OTINT OTD OTC UTD UTC
    (0x9263, b"\x02"),  # C: HWDF
    (0x9265, b"\x98"),  # CHG FET Protections
    (0x9266, b"\xd5"),
    (0x9267, b"\x56"),
    (0x9269, b"\xe4"),  # DSG FET Protections
    (0x926A, b"\xe6"),
    (0x926B, b"\xe2"),
    (0x926D, b"\x02\xf8"),  # Default Alarm Mask
    (0x9273, b"\x32\x00"),  # Body Diode Threshold 50 mA
    (0x9275, b"\x32"),  # CUV 50 x 50.6 mV
    (0x9276, b"\x2d\x01"),  # (2 + 301) x 3.3 ms
    (0x9278, b"\x54"),  # COV 84 x 50.6 mV
    (0x9279, b"\x2d\x01"),
    (0x927B, b"\x02"),
    (0x927C, b"\x02"),
    (0x9280, b"\x06"),  # OCC 6 x 2 mV
    (0x9281, b"\x77"),  # (2 + 119) x 3.3 ms
    (0x9282, b"\x0a"),  # OCD1 20 mV
    (0x9283, b"\x58"),  # (2 + 88) x 3.3 ms
    (0x9284, b"\x0c"),  # OCD2 24 mV
    (0x9285, b"\x04"),
    (0x9286, b"\x05"),  # SCD 100 mV
    (0x9287, b"\x0b"),  # 150 us
    (0x9288, b"\x64\x00"),  # OCC recovers at rest: below +100 mA
    (0x928D, b"\x9c\xff"),  # OCD too: above -100 mA
    (0x9294, b"\x06"),  # SCD Recovery Time: longer than the watchdog's 5 s
    (0x929A, b"\x30"),  # OTC 48 degC
    (0x929B, b"\x04"),
    (0x929C, b"\x2b"),
    (0x929D, b"\x3f"),  # OTD 63 degC
    (0x929E, b"\x04"),
    (0x929F, b"\x3a"),
    (0x92A0, b"\x5f"),  # OTF 95 degC
    (0x92A1, b"\x04"),
    (0x92A2, b"\x50"),
    (0x92A3, b"\x55"),  # OTINT 85 degC
    (0x92A4, b"\x02"),
    (0x92A5, b"\x50"),
    (0x92A6, b"\x02"),  # UTC 2 degC
    (0x92A7, b"\x04"),
    (0x92A8, b"\x07"),
    (0x92A9, b"\xef"),  # UTD -17 degC
    (0x92AA, b"\x04"),
    (0x92AB, b"\xf4"),
    (0x92AF, b"\x06"),  # Recovery Time
    (0x92B2, b"\x05\x00"),  # HWD Delay
    (0x92C0, b"\x00"),  # Enabled PF A to D
    (0x92C1, b"\x00"),
    (0x92C2, b"\x07"),
    (0x92C3, b"\x00"),
    (0x92FC, b"\x82"),  # ALERT: active low, open drain
    (0x92FD, b"\x07"),
    (0x92FE, b"\x07"),
    (0x92FF, b"\x07"),
    (0x9303, b"\x05"),  # DA Configuration: 10 mV, 1 mA
    (0x9304, b"\xff\xff"),  # Vcell Mode
    (0x9308, b"\x2f"),  # FET Options with FET_INIT_OFF and SLEEPCHG
    (0x9309, b"\x01"),
    (0x930A, b"\x00\x00"),  # no precharge
    (0x930C, b"\x00\x00"),
    (0x930E, b"\x00"),  # Predischarge Timeout: none
    (0x930F, b"\x00"),
    (0x9310, b"\x64\x00"),
    (0x9312, b"\x32\x00"),
    (0x9314, b"\x05"),  # open-wire check
    (0x9335, b"\x00"),  # balancing by host command
    (0x9336, b"\xec"),
    (0x9337, b"\x30"),
    (0x9338, b"\x46"),
    (0x9339, b"\x14"),  # 20 s
    (0x9343, b"\x40\x00"),
)
