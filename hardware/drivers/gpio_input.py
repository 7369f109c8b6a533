"""A contact, button, handle, fire, tamper or touch line on a GPIO pin.

`active` is what the name says (contact *open*, fire *alarm*), so the site file says
at which level that is. Lines that must not be cut unnoticed are closed loops to
ground that read high, active, when opened or cut: contact, fire, tamper. That is the
default.

Bounce is dealt with on the event loop: the first edge opens a window of `bounce_ms`,
and the level at its end counts. Edges inside the window do not prolong it, so a line
that chatters for ever is still read, and an activation that holds for two windows is
always reported: hence at most 200 ms, for the port's 400 ms.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Final, Literal

from domain.errors import DeviceVanished, InputError
from hardware.feed import Feed
from hardware.pins import InputPin, Pull

_MAX_BOUNCE_MS: Final = 200


class GpioInput:
    def __init__(
        self,
        *,
        pin: int,
        active_when: Literal["high", "low"] = "high",
        pull: Pull = "up",
        bounce_ms: int = 30,
        board: str | None = None,
    ) -> None:
        if active_when not in ("high", "low"):
            raise InputError(f"active_when is `{active_when}`: say high or low")
        if not 0 <= bounce_ms <= _MAX_BOUNCE_MS:
            raise InputError(f"bounce_ms is {bounce_ms}: say 0 to {_MAX_BOUNCE_MS}")
        self._active_is_high = active_when == "high"
        self._bounce = bounce_ms / 1000
        self._pin = InputPin(pin, board=board, pull=pull)
        self._feed: Feed[bool] = Feed()
        self._closed = False
        self._level = False
        self._loop: asyncio.AbstractEventLoop | None = None
        self._window: asyncio.TimerHandle | None = None

    @property
    def active(self) -> bool:
        return self._level if self._loop is not None else self._raw()

    def changes(self) -> AsyncIterator[bool]:
        self._listen()
        return self._feed.items()

    async def check(self) -> None:
        """Read the line; also finds a change whose edge was lost."""
        if self._closed:
            raise DeviceVanished(f"{self._pin.name} is closed")
        self._listen()
        self._edge()

    async def aclose(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._window is not None:
            self._window.cancel()
        self._pin.close()
        self._feed.close()

    def _raw(self) -> bool:
        return self._pin.high == self._active_is_high

    def _listen(self) -> None:
        """Bind to the running loop, once: edges before that are nobody's news."""
        if self._loop is None and not self._closed:
            self._level = self._raw()
            self._loop = asyncio.get_running_loop()
            self._pin.watch(self._edge_anywhere)

    def _edge_anywhere(self, _high: bool) -> None:
        """lgpio calls this from its own thread, the mock from ours."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._edge)

    def _edge(self) -> None:
        if self._closed or self._window is not None or self._loop is None:
            return
        if self._raw() != self._level:
            self._window = self._loop.call_later(self._bounce, self._settle)

    def _settle(self) -> None:
        self._window = None
        level = self._raw()
        if level != self._level:
            self._level = level
            self._feed.put(level)
