"""A badge reader that sends ASCII frames on a UART (EM4100 or MIFARE UID).

The reader repeats the frame while the badge is held to it: the same number within
1 s of the last frame is the same presentation. Damaged frames are counted, not raised.
"""

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from domain.errors import DeviceVanished, InputError, PeerError
from hardware.drivers.serial_port import SerialPort
from hardware.ports import BadgeRead
from hardware.protocols.badge_frame import BadgeFormat, BadgeFrame, BadgeFrameReader

SAME_BADGE: Final = 1.0  # seconds since the last frame


class SerialBadgeReader:
    """Satisfies `hardware.ports.BadgeReader`. `damaged` counts bad frames."""

    def __init__(self, *, port: str, baud: int = 9600, format: str = "em4100") -> None:
        try:
            self._format = BadgeFormat(format)
        except ValueError:
            known = ", ".join(BadgeFormat)
            raise InputError(f"no badge format `{format}`; there are {known}") from None
        self.damaged = 0
        self._port = SerialPort(port, baud=baud)
        self._frames = BadgeFrameReader(self._format)
        self._last: BadgeFrame | None = None
        self._last_at = 0.0  # loop time
        self._complained = False
        self._closed = False

    async def check(self) -> None:
        self._port.open()
        self._complained = False

    async def aclose(self) -> None:
        self._closed = True
        await self._port.aclose()

    def reads(self) -> AsyncIterator[BadgeRead]:
        return _Reads(self)

    async def next_read(self) -> BadgeRead:
        """The next presentation.

        Raises:
            StopAsyncIteration: the reader was closed.
            DeviceVanished: the port is gone; said once, then waited for.
        """
        while not self._closed:
            while (frame := self._next_frame()) is not None:
                if self._is_new(frame):
                    return BadgeRead(frame.number, str(self._format))
            try:
                if self._complained:
                    await self._port.reopen()
                data = await self._port.read()
            except DeviceVanished:
                if self._closed or self._complained:
                    continue
                self._complained = True
                raise
            self._complained = False
            self._frames.feed(data)
        raise StopAsyncIteration

    def _next_frame(self) -> BadgeFrame | None:
        while True:
            try:
                return self._frames.next_frame()
            except PeerError:
                self.damaged += 1

    def _is_new(self, frame: BadgeFrame) -> bool:
        now = asyncio.get_running_loop().time()
        held = frame == self._last and now - self._last_at < SAME_BADGE
        self._last, self._last_at = frame, now
        return not held


class _Reads(AsyncIterator[BadgeRead]):
    """Survives errors and cancellation, unlike a generator."""

    def __init__(self, reader: SerialBadgeReader) -> None:
        self._reader = reader

    async def __anext__(self) -> BadgeRead:
        return await self._reader.next_read()
