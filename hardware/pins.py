"""The pins of the Raspberry Pi, or of a simulated board, behind one small face.

A driver names a pin, and a board if the pin is simulated; it gets an `InputPin` or
an `OutputPin` and never sees gpiozero. Each simulated door has a board of its own,
so the pins of many doors fit into one process; simulators reach the same board by
the same name. (This is no driver, since nobody may import those.)

Laws:

- An output is claimed with its level in one call. gpiozero 2.0.1 over lgpio claims
  a line *low* and sets the level afterwards (`LGPIOPin` inherits
  `output_with_state`), which pulses a relay board that switches on low; the pin
  class below closes that gap.
- A pin belongs to one driver; a second claim is the site file's mistake.
- Which pins are real is told by the site file alone (`board`), never by gpiozero's
  environment variables.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any, Final, Literal

from gpiozero.exc import (
    GPIOPinInUse,
    GPIOZeroError,
    PinFixedPull,
    PinInvalidPin,
)
from gpiozero.pins.mock import MockFactory, MockPin

from domain.errors import DeviceError, DeviceVanished, InputError

Pull = Literal["up", "down", "none"]
OnEdge = Callable[[bool], None]

_PULLS: Final = {"up": "up", "down": "down", "none": "floating"}


class _Pin:
    """One pin, reserved for one driver."""

    def __init__(self, number: int, board: str | None) -> None:
        self.name = f"GPIO{number}" if board is None else f"GPIO{number} of `{board}`"
        self._factory = pin_factory(board)
        self._power = getattr(self._factory, "power", 0)
        self._open = True
        with pin_errors(self.name):
            self._pin = self._factory.pin(f"GPIO{number}")
            self._factory.reserve_pins(self, f"GPIO{number}")

    @property
    def high(self) -> bool:
        """The level on the wire now."""
        with self._alive():
            return bool(self._pin.state)

    def close(self) -> None:
        """Let go of the wire: an input without pull. Idempotent."""
        if not self._open:
            return
        self._open = False
        if self._powered:
            with pin_errors(self.name):
                self._pin.when_changed = None
                self._pin.close()
                self._factory.release_all(self)

    @property
    def _powered(self) -> bool:
        return bool(getattr(self._factory, "power", 0) == self._power)

    @contextmanager
    def _alive(self) -> Iterator[None]:
        if not (self._open and self._powered):
            raise DeviceVanished(f"{self.name} was let go or lost its power")
        with pin_errors(self.name):
            yield

    def _conflicts_with(self, other: object) -> bool:
        return True  # gpiozero asks: no two drivers share a pin


class InputPin(_Pin):
    def __init__(self, number: int, *, board: str | None, pull: Pull) -> None:
        super().__init__(number, board)
        self._on_edge: OnEdge | None = None
        if pull not in _PULLS:
            raise InputError(f"pull of {self.name} is `{pull}`: say up, down or none")
        with pin_errors(self.name):
            self._pin.input_with_pull(_PULLS[pull])

    def watch(self, on_edge: OnEdge) -> None:
        """Call `on_edge(high)` at each edge, *from any thread*."""
        self._on_edge = on_edge
        with pin_errors(self.name):
            self._pin.edges = "both"
            self._pin.when_changed = self._changed

    def _changed(self, _ticks: float, state: int) -> None:
        if self._on_edge is not None and self._open and self._powered:
            self._on_edge(bool(state))


class OutputPin(_Pin):
    def __init__(self, number: int, *, board: str | None, high: bool) -> None:
        super().__init__(number, board)
        self.drive(high)

    def drive(self, high: bool) -> None:
        with self._alive():
            if self._pin.function == "output":
                self._pin.state = high
            else:
                self._pin.output_with_state(high)

    def float(self, *, pull: Pull = "none") -> None:
        """Let go of the wire until the next `drive`."""
        with self._alive():
            self._pin.input_with_pull(_PULLS[pull])


class SimulatedPin(MockPin):  # type: ignore[misc]  # gpiozero has no types
    """A mock pin that the simulated world drives and watches.

    Unlike its parent it remembers no history (a door blinks for years), knows that
    a wire stronger than the pull may be attached, and behaves like lgpio when it
    becomes an output without being told a level: low.
    """

    def __init__(self, factory: Any, info: Any) -> None:  # noqa: ANN401  # untyped
        self._driven: bool | None = None
        self._watchers: list[Callable[[], None]] = []
        self._state = False
        super().__init__(factory, info)

    def attach(self, watcher: Callable[[], None]) -> None:
        """Call `watcher` after each change of level or direction."""
        self._watchers.append(watcher)

    def drive(self, high: bool | None) -> None:
        """Put the wire on a level; `None` leaves it to the pull."""
        self._driven = high
        if self._function == "input":
            self._settle()

    def output_with_state(self, state: bool) -> None:
        self._function = "output"
        self._change_state(bool(state))
        self._tell()

    def _set_function(self, value: str) -> None:
        super()._set_function(value)
        if value == "output":
            self._change_state(False)
        self._tell()

    def _set_pull(self, value: str) -> None:
        if self.info.pull and value != self.info.pull:
            raise PinFixedPull(f"{self!r} has a fixed pull resistor")
        self._pull = value
        self._settle()

    def _settle(self) -> None:
        level = self._driven
        if level is None:
            level = self._pull == "up"
        if level:
            self.drive_high()
        else:
            self.drive_low()

    def _change_state(self, value: bool) -> bool:
        if self._state == value:
            return False
        self._state = value
        self._tell()
        return True

    def _tell(self) -> None:
        for watcher in self._watchers:
            watcher()


class _SimulatedFactory(MockFactory):  # type: ignore[misc]  # gpiozero has no types
    power = 0  # counts the times that the power came back


def pin_factory(board: str | None) -> Any:  # noqa: ANN401  # gpiozero is untyped
    """gpiozero's factory of this Pi, or of the simulated board of that name."""
    return _own_factory() if board is None else _simulated_factory(board)


def simulated_pin(board: str, number: int) -> SimulatedPin:
    """The far end of a simulated pin, for simulators."""
    return pin_factory(board).pin(f"GPIO{number}")  # type: ignore[no-any-return]


def cut_power(board: str) -> None:
    """What a power cut does to a simulated board.

    Every pin is an input again and belongs to nobody; what drivers of before still
    hold is dead. The world around the board stays as it is.
    """
    factory = _simulated_factory(board)
    factory.power += 1
    factory._reservations.clear()
    for pin in factory.pins.values():
        pin.close()


def forget_board(board: str) -> None:
    """The simulated board is gone with all that was wired to it. Idempotent."""
    _BOARDS.pop(board, None)


@cache
def _own_factory() -> Any:  # noqa: ANN401  # gpiozero is untyped
    try:
        import lgpio
        from gpiozero.pins.lgpio import LGPIOFactory, LGPIOPin
    except ImportError as error:
        raise DeviceError(
            f"no GPIO here: {error} (on a Pi: install python3-lgpio)"
        ) from error

    class QuietPin(LGPIOPin):  # type: ignore[misc]  # gpiozero has no types
        def output_with_state(self, state: bool) -> None:
            self.when_changed = None
            lgpio.gpio_claim_output(self.factory._handle, self._number, int(state))

    with pin_errors("this machine's pins"):
        factory = LGPIOFactory()
        factory.pin_class = QuietPin
        return factory


_BOARDS: Final[dict[str, _SimulatedFactory]] = {}


def _simulated_factory(board: str) -> "_SimulatedFactory":
    """The board of that name; a new one has everything at rest."""
    if board not in _BOARDS:
        # A Pi 3B, since gpiozero wants to know whose pins it imitates.
        _BOARDS[board] = _SimulatedFactory(revision="a02082", pin_class=SimulatedPin)
    return _BOARDS[board]


@contextmanager
def pin_errors(name: str) -> Iterator[None]:
    """Turn what gpiozero and lgpio raise into our own errors."""
    try:
        yield
    except GPIOPinInUse as error:
        raise InputError(f"{name} is claimed twice") from error
    except (PinInvalidPin, PinFixedPull) as error:
        raise InputError(f"{name} cannot be used so: {error}") from error
    except (GPIOZeroError, OSError, *_lgpio_errors()) as error:
        raise DeviceError(f"{name} failed: {error}") from error


@cache
def _lgpio_errors() -> tuple[type[Exception], ...]:
    try:
        import lgpio
    except ImportError:
        return ()
    return (lgpio.error,)
