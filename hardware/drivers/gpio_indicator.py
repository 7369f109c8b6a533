"""Green and red light and a buzzer on GPIO pins.

Each signal is a short tune of steps that ends in a steady state. It never loops for
ever: a buzzer that does not stop gets its wires cut, and a door nobody is at costs
no timer.

    signal     green        red      buzzer
    idle       off          off      off
    waiting    2 Hz, 60 s   off      one blip
    granted    on           off      one beep
    refused    off          on       three beeps
    alarm      off          on       ten beeps
    lockdown   on           on       off
"""

import asyncio
from collections.abc import Iterator
from typing import Final, NamedTuple

from domain.errors import DeviceError, DeviceVanished
from hardware.pins import OutputPin
from hardware.ports import Signal


class _Step(NamedTuple):
    lit: str  # any of "g", "r", "b"
    ms: int


_Tune = tuple[tuple[_Step, ...], str]  # steps, then what stays

_TUNES: Final[dict[Signal, _Tune]] = {
    Signal.IDLE: ((), ""),
    Signal.WAITING: (
        (_Step("gb", 50), _Step("g", 200), *((_Step("", 250), _Step("g", 250)) * 120)),
        "g",
    ),
    Signal.GRANTED: ((_Step("gb", 150),), "g"),
    Signal.REFUSED: ((_Step("rb", 100), _Step("r", 100)) * 3, "r"),
    Signal.ALARM: ((_Step("rb", 500), _Step("r", 500)) * 10, "r"),
    Signal.LOCKDOWN: ((), "gr"),
}


class GpioIndicator:
    """Pins that are not wired are left out."""

    def __init__(
        self,
        *,
        green_pin: int | None = None,
        red_pin: int | None = None,
        buzzer_pin: int | None = None,
        board: str | None = None,
    ) -> None:
        wired = {"g": green_pin, "r": red_pin, "b": buzzer_pin}
        self._pins = {
            light: OutputPin(pin, board=board, high=False)
            for light, pin in wired.items()
            if pin is not None
        }
        self._next: asyncio.TimerHandle | None = None
        self._broken: DeviceError | None = None
        self._closed = False

    async def show(self, signal: Signal) -> None:
        if self._closed:
            raise DeviceVanished("the indicator is closed")
        self._stop()
        steps, steady = _TUNES[signal]
        self._play(iter(steps), steady)
        if self._broken is not None:
            raise self._broken

    async def check(self) -> None:
        if self._broken is not None:
            raise self._broken
        for pin in self._pins.values():
            _ = pin.high

    async def aclose(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._stop()
        for pin in self._pins.values():
            pin.close()

    def _stop(self) -> None:
        self._broken = None
        if self._next is not None:
            self._next.cancel()
            self._next = None

    def _play(self, steps: Iterator[_Step], steady: str) -> None:
        step = next(steps, None)
        try:
            self._light(steady if step is None else step.lit)
        except DeviceError as error:
            self._broken = error  # a dead light ends its tune, not the loop
            return
        if step is not None:
            loop = asyncio.get_running_loop()
            self._next = loop.call_later(step.ms / 1000, self._play, steps, steady)

    def _light(self, lit: str) -> None:
        for light, pin in self._pins.items():
            pin.drive(light in lit)
