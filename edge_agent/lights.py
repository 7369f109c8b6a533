"""The lights and the buzzer of one door: always the newest signal, never in the way.

A reader's lamp hangs on the same serial line as the reader, and may take a second to
fail. The door's loop only leaves word here; the newest word wins.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence

from domain.doorway import Show
from domain.errors import DeviceError
from domain.ids import DeviceId
from edge_agent.inputs import DeviceDown, Input
from hardware.ports import Signal

Lamp = Callable[[Signal], Awaitable[None]]


class Lights:
    """`lamps`: whatever can show a signal here, with the device it belongs to."""

    def __init__(
        self, lamps: Sequence[tuple[DeviceId, Lamp]], put: Callable[[Input], None]
    ) -> None:
        self._lamps = lamps
        self._put = put
        self._wanted: Show | None = None
        self._changed = asyncio.Event()

    def show(self, show: Show) -> None:
        if show is not self._wanted:
            self._wanted = show
            self._changed.set()

    async def run(self) -> None:
        while True:
            await self._changed.wait()
            self._changed.clear()
            if self._wanted is None:
                continue
            signal = Signal(self._wanted.value)
            for device, lamp in self._lamps:
                try:
                    await lamp(signal)
                except DeviceError as error:
                    self._put(DeviceDown(device, f"{error.code}: {error}"))
