"""Pins: claimed once, never pulsed, on lgpio as on a simulated board."""

import sys
from collections.abc import Iterator
from itertools import count
from types import ModuleType

import pytest
from gpiozero.pins.local import LocalPiFactory

from domain.errors import DeviceError, DeviceVanished, InputError
from hardware import pins
from hardware.drivers.gpio_lock import GpioLock, Level, Wiring
from hardware.pins import InputPin, OutputPin, simulated_pin

_boards = count()


class FakeChip(ModuleType):
    """The `lgpio` module over a chip of our own: lines, directions, levels.

    The library talks to /dev/gpiochip0, which only a Pi has. gpiozero's own adapter
    runs unchanged on this one, so what it asks the kernel for is what is tested.
    """

    SET_PULL_NONE, SET_PULL_UP, SET_PULL_DOWN = 1 << 7, 1 << 5, 1 << 6
    RISING_EDGE, FALLING_EDGE, BOTH_EDGES = 1, 2, 3

    class error(Exception):  # noqa: N801  # the library's name
        pass

    def __init__(self) -> None:
        super().__init__("lgpio")
        self.outputs: dict[int, bool] = {}
        self.asked: list[tuple[int, str]] = []

    def gpiochip_open(self, _chip: int) -> int:
        return 0

    def gpio_claim_input(self, _handle: int, line: int, _flags: int = 0) -> None:
        self.outputs.pop(line, None)
        self.asked.append((line, "input"))

    def gpio_claim_output(self, _handle: int, line: int, level: int = 0) -> None:
        self.outputs[line] = bool(level)
        self.asked.append((line, f"output {level}"))

    def gpio_write(self, _handle: int, line: int, level: int) -> None:
        self.outputs[line] = bool(level)
        self.asked.append((line, f"write {int(level)}"))

    def gpio_read(self, _handle: int, line: int) -> int:
        return int(self.outputs.get(line, False))

    def gpio_get_mode(self, _handle: int, line: int) -> int:
        return 2 if line in self.outputs else 0

    def gpio_free(self, _handle: int, _line: int) -> None:
        """Nothing to say."""


@pytest.fixture
def chip(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeChip]:
    fake = FakeChip()
    monkeypatch.setitem(sys.modules, "lgpio", fake)
    sys.modules.pop("gpiozero.pins.lgpio", None)
    monkeypatch.setattr("gpiozero.pins.local.get_pi_revision", lambda: 0xA02082)
    _forget_the_pi()
    yield fake
    _forget_the_pi()
    sys.modules.pop("gpiozero.pins.lgpio", None)


def _forget_the_pi() -> None:
    pins._own_factory.cache_clear()
    pins._lgpio_errors.cache_clear()
    LocalPiFactory.pins.clear()  # gpiozero keeps one chip's pins for the process
    LocalPiFactory._reservations.clear()


@pytest.mark.parametrize(
    ("wiring", "relay_on", "secured"),
    [
        ("fail_secure", "high", 0),
        ("fail_secure", "low", 1),
        ("fail_safe", "high", 1),
        ("fail_safe", "low", 0),
    ],
)
async def test_on_a_pi_the_relay_is_claimed_at_its_secured_level(
    chip: FakeChip, wiring: Wiring, relay_on: Level, secured: int
) -> None:
    lock = GpioLock(pin=17, wiring=wiring, relay_on=relay_on)
    claimed = [what for line, what in chip.asked if line == 17]

    await lock.release()
    await lock.secure()
    await lock.aclose()

    assert claimed == ["input", f"output {secured}"]
    moves = [what for line, what in chip.asked if line == 17][len(claimed) :]
    off = int(relay_on == "low")
    assert moves[:2] == [f"write {1 - secured}", f"write {secured}"]
    assert moves[2:] == [f"write {off}", "input"]


def test_a_chip_that_fails_is_a_device_error(
    chip: FakeChip, monkeypatch: pytest.MonkeyPatch
) -> None:
    pin = OutputPin(17, board=None, high=False)

    def broken(*_: object) -> None:
        raise chip.error("GPIO is dead")

    monkeypatch.setattr(chip, "gpio_write", broken)
    with pytest.raises(DeviceError, match="GPIO17 failed: GPIO is dead"):
        pin.drive(True)


def test_without_gpio_the_message_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "lgpio", None)
    pins._own_factory.cache_clear()

    with pytest.raises(DeviceError, match="install python3-lgpio"):
        InputPin(4, board=None, pull="up")


def test_the_environment_cannot_make_pins_simulated(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "lgpio", None)
    monkeypatch.setenv("GPIOZERO_PIN_FACTORY", "mock")
    pins._own_factory.cache_clear()

    with pytest.raises(DeviceError):
        InputPin(4, board=None, pull="up")


def test_boards_have_pins_of_their_own() -> None:
    first, second = f"pins {next(_boards)}", f"pins {next(_boards)}"
    ours = InputPin(22, board=first, pull="up")
    theirs = InputPin(22, board=second, pull="up")

    simulated_pin(first, 22).drive(False)

    assert (ours.high, theirs.high) == (False, True)
    ours.close()
    theirs.close()


def test_a_wire_is_stronger_than_the_pull_and_stays_when_a_driver_comes() -> None:
    board = f"pins {next(_boards)}"
    simulated_pin(board, 22).drive(False)

    pin = InputPin(22, board=board, pull="up")

    assert not pin.high
    simulated_pin(board, 22).drive(None)
    assert pin.high
    pin.close()


def test_a_closed_pin_is_gone_and_free_for_another() -> None:
    board = f"pins {next(_boards)}"
    pin = OutputPin(17, board=board, high=True)
    pin.close()
    pin.close()

    with pytest.raises(DeviceVanished):
        pin.drive(True)
    OutputPin(17, board=board, high=False).close()


@pytest.mark.parametrize(("number", "pull"), [(22, "sideways"), (2, "down")])
def test_a_pull_that_cannot_be_is_the_site_files_mistake(
    number: int, pull: pins.Pull
) -> None:
    with pytest.raises(InputError):
        InputPin(number, board=f"pins {next(_boards)}", pull=pull)
