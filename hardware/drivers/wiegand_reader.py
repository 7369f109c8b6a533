"""A Wiegand reader on two GPIO pins: badges, and keys if it has a keypad.

Both wires idle high; a low pulse of some 50 µs on D0 is a 0, on D1 a 1, 1 to 2 ms
apart; 25 ms without a pulse end a burst. Each edge is stamped with the loop's time in
the thread that saw it, so that a loop that was busy neither joins two bursts nor
splits one.

One device, two ports: a site file that names it as reader and as keypad with the same
options gets the same object (`hardware.loader.load_all`). Damaged bursts are counted.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from domain.errors import DeviceError, DeviceVanished, PeerError
from hardware.feed import Feed
from hardware.pins import InputPin
from hardware.ports import BadgeRead
from hardware.protocols import wiegand

_GAP: Final = 0.025  # seconds
_LONGEST: Final = 64  # bits; more is noise on a wire, and must not fill the memory


class WiegandReader:
    """Its outputs are 5 V: a level shifter belongs between it and the Pi's pins."""

    def __init__(self, *, d0_pin: int, d1_pin: int, board: str | None = None) -> None:
        self._wires = tuple(
            InputPin(pin, board=board, pull="up") for pin in (d0_pin, d1_pin)
        )
        self._badges: Feed[BadgeRead] = Feed()
        self._keys: Feed[str] = Feed()
        self._bits: list[bool] = []
        self._last = 0.0
        self._loop: asyncio.AbstractEventLoop | None = None
        self._end: asyncio.TimerHandle | None = None
        self._closed = False
        self.damaged = 0

    def reads(self) -> AsyncIterator[BadgeRead]:
        self._listen()
        return self._badges.items()

    def keys(self) -> AsyncIterator[str]:
        self._listen()
        return self._keys.items()

    async def check(self) -> None:
        """Both wires idle high. A cut wire looks the same: the pull holds it up."""
        if self._closed:
            raise DeviceVanished("the Wiegand reader is closed")
        self._listen()
        if self._bits:
            return  # in the middle of a burst: alive
        for wire in self._wires:
            if not wire.high:
                raise DeviceError(f"the Wiegand wire on {wire.name} is held low")

    async def aclose(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._end is not None:
            self._end.cancel()
        for wire in self._wires:
            wire.close()
        self._badges.close()
        self._keys.close()

    def _listen(self) -> None:
        if self._loop is None and not self._closed:
            self._loop = asyncio.get_running_loop()
            zero, one = self._wires
            zero.watch(lambda high: self._pulse_anywhere(high, bit=False))
            one.watch(lambda high: self._pulse_anywhere(high, bit=True))

    def _pulse_anywhere(self, high: bool, *, bit: bool) -> None:
        """In lgpio's thread on a Pi."""
        if not high and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._pulse, bit, self._loop.time())

    def _pulse(self, bit: bool, at: float) -> None:
        if self._closed or self._loop is None:
            return
        if self._bits and at - self._last >= _GAP:
            self._finish()
        if len(self._bits) < _LONGEST:
            self._bits.append(bit)
        self._last = at
        if self._end is not None:
            self._end.cancel()
        self._end = self._loop.call_at(at + _GAP, self._finish)

    def _finish(self) -> None:
        if self._end is not None:
            self._end.cancel()
        bits, self._bits, self._end = self._bits, [], None
        try:
            match wiegand.decode(bits):
                case wiegand.Card(format_, number):
                    self._badges.put(BadgeRead(number, format_))
                case wiegand.Key(key):
                    self._keys.put(key)
        except PeerError:
            self.damaged += 1
