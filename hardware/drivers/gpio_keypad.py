"""A matrix keypad (4 x 3 or 4 x 4) on GPIO pins.

A key joins one row to one column. At rest all rows are driven low and the columns
are pulled up, so the first press is an edge and an idle keypad costs nothing. Then
the rows are driven low one at a time, the others let go (two keys in one column must
not join a high output to a low one), every 10 ms until all keys are up.

A key counts once it is seen in two scans running. Three keys down at once can look
like a fourth: while more than two are seen, nothing is reported.
"""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Final

from domain.errors import DeviceError, DeviceVanished, InputError
from hardware.feed import Feed
from hardware.pins import InputPin, OutputPin

# Seconds for a column to rise through its pull-up after a row was let go: 50 kΩ
# against 5 nF of cable is 0.25 ms.
_SETTLE: Final = 0.001
_BETWEEN_SCANS: Final = 0.010
_GHOSTS_FROM: Final = 3

_Place = tuple[int, int]


class GpioKeypad:
    """`layout` names the keys row by row, e.g. ["123", "456", "789", "*0#"]."""

    def __init__(
        self,
        *,
        row_pins: Sequence[int],
        column_pins: Sequence[int],
        layout: Sequence[str] = ("123", "456", "789", "*0#"),
        board: str | None = None,
    ) -> None:
        shape = {(len(layout), len(row)) for row in layout}
        if shape != {(len(row_pins), len(column_pins))}:
            raise InputError(
                f"the keypad's layout is not {len(row_pins)} rows of "
                f"{len(column_pins)} keys"
            )
        self._layout = tuple(layout)
        self._rows = [OutputPin(pin, board=board, high=False) for pin in row_pins]
        self._columns = [InputPin(pin, board=board, pull="up") for pin in column_pins]
        self._feed: Feed[str] = Feed()
        self._pressed = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._scanner: asyncio.Task[None] | None = None
        self._broken: DeviceError | None = None
        self._closed = False

    def keys(self) -> AsyncIterator[str]:
        self._listen()
        return self._feed.items()

    async def check(self) -> None:
        if self._closed:
            raise DeviceVanished("the keypad is closed")
        self._listen()
        if self._broken is not None:
            broken, self._broken = self._broken, None
            raise broken
        self._wake()  # finds a press whose edge was lost

    async def aclose(self) -> None:
        if self._closed:
            return
        self._closed = True
        if self._scanner is not None:
            self._scanner.cancel()
            with suppress(asyncio.CancelledError):
                await self._scanner
        for pin in (*self._rows, *self._columns):
            pin.close()
        self._feed.close()

    def _listen(self) -> None:
        if self._closed:
            return
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            for column in self._columns:
                column.watch(self._edge_anywhere)
        if self._scanner is None or self._scanner.done():
            self._scanner = self._loop.create_task(self._scan_while_pressed())

    def _edge_anywhere(self, high: bool) -> None:
        if not high and self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    def _wake(self) -> None:
        self._pressed.set()

    async def _scan_while_pressed(self) -> None:
        try:
            while True:
                await self._pressed.wait()
                await self._follow_keys()
        except DeviceError as error:
            self._broken = error
            self._feed.fail(error)

    async def _follow_keys(self) -> None:
        """Report keys until all are up, then go back to rest."""
        last: frozenset[_Place] = frozenset()
        held: frozenset[_Place] = frozenset()
        while True:
            seen = await self._scan()
            steady = seen & last
            if len(seen) < _GHOSTS_FROM:
                for row, column in sorted(steady - held):
                    self._feed.put(self._layout[row][column])
                held = steady | (held & (seen | last))
            if not seen and not last:
                break
            last = seen
            await asyncio.sleep(_BETWEEN_SCANS)
        for pin in self._rows:
            pin.drive(False)
        await asyncio.sleep(_SETTLE)
        self._pressed.clear()
        if not all(column.high for column in self._columns):
            self._pressed.set()  # pressed while the rows came back

    async def _scan(self) -> frozenset[_Place]:
        seen: set[_Place] = set()
        for pin in self._rows:
            pin.float()
        for row, pin in enumerate(self._rows):
            pin.drive(False)
            await asyncio.sleep(_SETTLE)
            seen.update(
                (row, column)
                for column, sense in enumerate(self._columns)
                if not sense.high
            )
            pin.float()
        return frozenset(seen)
