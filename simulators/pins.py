"""The world at the far end of one door's pins.

`SimulatedDoorHardware` is the door itself: leaf, buttons, loops, relay, lights. It
drives and watches the mock pins of one simulated board, so the real GPIO drivers run
against it. `SimulatedMatrix` and `SimulatedWiegand` are readers on pins.

Levels are what the wiring guide says: the contact, the fire line and the tamper
switch are closed loops to ground (cut or open reads high, active); the buttons, the
handle and the touch line join to ground when used.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, Literal, NamedTuple

from hardware.feed import Feed
from hardware.pins import cut_power, simulated_pin
from hardware.protocols import wiegand


class Line(StrEnum):
    """An input of the door; `active` as in `hardware.ports.BinaryInput`."""

    CONTACT = "contact"
    EXIT_BUTTON = "exit_button"
    HANDLE = "handle"
    FIRE = "fire"
    TAMPER = "tamper"
    TOUCH = "touch"


_ACTIVE_IS_HIGH: Final = frozenset({Line.CONTACT, Line.FIRE, Line.TAMPER})
_KEPT: Final = 1000  # moves of the relay that `history` remembers


@dataclass(frozen=True, kw_only=True)
class DoorPins:
    """Which pin is what (BCM numbers). I2C (2, 3) and the UART (14, 15) stay free."""

    relay: int = 17
    feedback: int = 27
    green: int = 12
    red: int = 13
    buzzer: int = 16
    lines: dict[Line, int] = field(
        default_factory=lambda: {
            Line.CONTACT: 22,
            Line.EXIT_BUTTON: 23,
            Line.HANDLE: 24,
            Line.FIRE: 25,
            Line.TAMPER: 5,
            Line.TOUCH: 6,
        }
    )


class RelayMove(NamedTuple):
    at: float  # the loop's time in seconds; 0.0 when no loop was running
    released: bool


class SimulatedDoorHardware:
    """One door with everything at rest: shut, nothing pressed, no alarm.

    Build it before the drivers, as a real door is there before its agent.
    """

    def __init__(
        self,
        board: str,
        *,
        pins: DoorPins | None = None,
        wiring: Literal["fail_secure", "fail_safe"] = "fail_secure",
        relay_on: Literal["high", "low"] = "high",
    ) -> None:
        self.board = board
        self.pins = pins or DoorPins()
        self.history: deque[RelayMove] = deque(maxlen=_KEPT)
        self._power_holds = wiring == "fail_safe"
        self._on_is_high = relay_on == "high"
        self._jammed = False
        self._moves: Feed[bool] = Feed()
        self._relay = simulated_pin(board, self.pins.relay)
        self._feedback = simulated_pin(board, self.pins.feedback)
        self._relay_on = self._coil_powered()
        self._relay.attach(self._follow_relay)
        self._feedback.drive(not self._relay_on)  # the contact joins it to ground
        self._active: dict[Line, bool] = {}
        for line in self.pins.lines:
            self.set(line, active=False)

    # what the world does

    def set(self, line: Line, *, active: bool) -> None:
        self._active[line] = active
        pin = simulated_pin(self.board, self.pins.lines[line])
        pin.drive(active == (line in _ACTIVE_IS_HIGH))

    def open_door(self) -> None:
        """The leaf moves, whether the lock let it or not."""
        self.set(Line.CONTACT, active=True)

    def close_door(self) -> None:
        self.set(Line.CONTACT, active=False)

    def press_exit(self) -> None:
        self.set(Line.EXIT_BUTTON, active=True)

    def let_go_exit(self) -> None:
        self.set(Line.EXIT_BUTTON, active=False)

    def turn_handle(self) -> None:
        self.set(Line.HANDLE, active=True)

    def let_go_handle(self) -> None:
        self.set(Line.HANDLE, active=False)

    def start_fire(self) -> None:
        """The fire relay opens its loop, and cuts the power of a fail-safe lock."""
        self.set(Line.FIRE, active=True)

    def end_fire(self) -> None:
        self.set(Line.FIRE, active=False)

    def open_cover(self) -> None:
        self.set(Line.TAMPER, active=True)

    def close_cover(self) -> None:
        self.set(Line.TAMPER, active=False)

    def touch_glass(self) -> None:
        self.set(Line.TOUCH, active=True)

    def leave_glass(self) -> None:
        self.set(Line.TOUCH, active=False)

    def jam_relay(self) -> None:
        """The relay no longer moves, whatever the pin says."""
        self._jammed = True

    def free_relay(self) -> None:
        self._jammed = False
        self._follow_relay()

    def cut_power(self) -> None:
        """The board loses its power; the drivers of before are dead."""
        cut_power(self.board)

    # what the world sees

    @property
    def released(self) -> bool:
        """The lock lets the door be opened."""
        fire_cuts = self._power_holds and self._active.get(Line.FIRE, False)
        return fire_cuts or self._relay_on != self._power_holds

    @property
    def door_open(self) -> bool:
        return self._active[Line.CONTACT]

    @property
    def relay_on(self) -> bool:
        return self._relay_on

    @property
    def lights(self) -> frozenset[str]:
        """Which of green, red, buzzer are on."""
        outputs = {"green": self.pins.green, "red": self.pins.red}
        outputs["buzzer"] = self.pins.buzzer
        on = set()
        for name, number in outputs.items():
            pin = simulated_pin(self.board, number)
            if pin.function == "output" and pin.state:
                on.add(name)
        return frozenset(on)

    def lock_moves(self) -> AsyncIterator[bool]:
        """`released` each time the relay moves, from now on."""
        return self._moves.items()

    def _coil_powered(self) -> bool:
        pin = self._relay
        return pin.function == "output" and bool(pin.state) == self._on_is_high

    def _follow_relay(self) -> None:
        powered = self._coil_powered()
        if self._jammed or powered == self._relay_on:
            return
        self._relay_on = powered
        self._feedback.drive(not powered)
        self.history.append(RelayMove(_loop_time(), self.released))
        self._moves.put(self.released)


class SimulatedMatrix:
    """A matrix keypad: a pressed key joins its row to its column."""

    def __init__(
        self,
        board: str,
        *,
        row_pins: Sequence[int],
        column_pins: Sequence[int],
        layout: Sequence[str] = ("123", "456", "789", "*0#"),
    ) -> None:
        self._rows = [simulated_pin(board, pin) for pin in row_pins]
        self._columns = [simulated_pin(board, pin) for pin in column_pins]
        self._places = {
            key: (row, column)
            for row, keys in enumerate(layout)
            for column, key in enumerate(keys)
        }
        self._down: set[tuple[int, int]] = set()
        for pin in self._rows:
            pin.attach(self._conduct)

    def press(self, key: str) -> None:
        self._down.add(self._places[key])
        self._conduct()

    def let_go(self, key: str) -> None:
        self._down.discard(self._places[key])
        self._conduct()

    async def type(self, keys: str, *, hold: float = 0.1, pause: float = 0.1) -> None:
        """Press each key for `hold` seconds, `pause` seconds apart."""
        for key in keys:
            self.press(key)
            await asyncio.sleep(hold)
            self.let_go(key)
            await asyncio.sleep(pause)

    def _conduct(self) -> None:
        low = {
            column
            for row, column in self._down
            if self._rows[row].function == "output" and not self._rows[row].state
        }
        for number, pin in enumerate(self._columns):
            pin.drive(False if number in low else None)


class SimulatedWiegand:
    """A Wiegand reader: idles high, a pulse low on D0 is a 0, on D1 a 1."""

    GAP: Final = 0.030  # seconds after a burst

    def __init__(self, board: str, *, d0_pin: int = 20, d1_pin: int = 21) -> None:
        self._wires = (simulated_pin(board, d0_pin), simulated_pin(board, d1_pin))
        for wire in self._wires:
            wire.drive(True)

    async def present(self, number: bytes) -> None:
        """A badge: 3 bytes as 26 bits, 4 bytes as 34."""
        await self.send(wiegand.encode_card(number))
        await asyncio.sleep(self.GAP)

    async def type(self, keys: str) -> None:
        for key in keys:
            await self.send(wiegand.encode_key(key))
            await asyncio.sleep(self.GAP)

    async def send(self, bits: Sequence[bool], *, apart: float = 0.002) -> None:
        """One burst, `apart` seconds from bit to bit."""
        for bit in bits:
            self._wires[bit].drive(False)
            self._wires[bit].drive(True)
            await asyncio.sleep(apart)


def _loop_time() -> float:
    try:
        return asyncio.get_running_loop().time()
    except RuntimeError:
        return 0.0
