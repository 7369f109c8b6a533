"""Waiting for the touch line of a fingerprint module.

Keeps one subscription for its whole life, so that no touch between two waits is lost
and a cancelled wait costs nothing.
"""

import asyncio
from collections.abc import AsyncIterator

from domain.errors import DeviceVanished
from hardware.ports import BinaryInput


class TouchWatch:
    def __init__(self, line: BinaryInput) -> None:
        self._line = line
        self._changes: AsyncIterator[bool] | None = None
        self._next: asyncio.Future[bool] | None = None
        self._closing = asyncio.Event()
        self._ignored = False  # the finger that is there now was dealt with

    @property
    def active(self) -> bool:
        return self._line.active

    def forget(self) -> None:
        """Whatever touched until now is no new touch."""
        self._drop()
        self._ignored = self._line.active

    async def touched(self) -> None:
        """Return once for each time the line becomes active; at once if it is
        active when first asked.

        Raises:
            DeviceError: the line is gone.
        """
        while True:
            if self._changes is None:
                self._changes = self._line.changes()
                self._expect_next(self._changes)
                if self._line.active and not self._ignored:
                    return
            if await self._change():
                return

    async def aclose(self) -> None:
        """Idempotent. Does not close the line: it has its own owner."""
        self._closing.set()
        self._drop()

    async def _change(self) -> bool:
        following = self._next
        if following is None or self._changes is None or self._closing.is_set():
            raise DeviceVanished("the touch line was closed")
        closing: asyncio.Future[bool] = asyncio.ensure_future(self._closing.wait())
        try:
            await asyncio.wait(
                {following, closing}, return_when=asyncio.FIRST_COMPLETED
            )
        finally:
            closing.cancel()
        if following.cancelled():  # forgotten meanwhile: subscribe again
            return False
        if not following.done():
            raise DeviceVanished("the touch line was closed")
        self._next = None
        try:
            level = following.result()
        except BaseException:
            self._changes = None
            raise
        self._expect_next(self._changes)
        self._ignored = self._ignored and level
        return level

    def _expect_next(self, changes: AsyncIterator[bool]) -> None:
        self._next = asyncio.ensure_future(_first(changes))

    def _drop(self) -> None:
        if self._next is not None:
            self._next.cancel()
        self._next = self._changes = None


async def _first(changes: AsyncIterator[bool]) -> bool:
    async for level in changes:
        return level
    raise DeviceVanished("the touch line has ended")
