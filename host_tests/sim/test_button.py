"""The finger: presses last as long as asked, and bounce only at their edges, the same way every time."""

from packwarden.sim.button import Button
from portable import raises


def test_a_press_lasts_as_long_as_asked() -> None:
    button = Button()
    button.press(1_000_000, 10.5)
    assert not button.level(999_999)
    assert button.level(1_000_000)
    assert button.level(11_499_999)
    assert not button.level(11_500_000)


def test_bounce_chatters_within_its_time_only() -> None:
    button = Button()
    button.press(0, 1.0, 15)
    at_press = [button.level(t) for t in range(0, 15_000, 100)]
    assert at_press[0]
    assert not all(at_press)
    assert all(button.level(t) for t in range(15_000, 1_000_000, 1000))
    at_release = [button.level(t) for t in range(1_000_000, 1_015_000, 100)]
    assert not at_release[0]
    assert any(at_release)
    assert not any(button.level(t) for t in range(1_015_000, 1_100_000, 100))
    assert at_press == [button.level(t) for t in range(0, 15_000, 100)]


def test_a_finger_can_stay_and_presses_can_follow_each_other() -> None:
    button = Button()
    button.held = True
    assert button.level(5)
    button.held = False
    button.press(0, 0.1)
    assert button.level(50_000)
    assert not button.level(150_000)
    button.press(200_000, 0.1)
    assert button.level(250_000)
    assert not button.level(350_000)
    assert "above zero" in str(raises(ValueError, button.press, 0, 0.0))
