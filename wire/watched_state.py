"""The visible state of a link, and those who watch it."""

import asyncio
from collections.abc import AsyncIterator

from wire.link import LinkState


class WatchedState:
    """Holds the `LinkState` and tells every watcher of each change, in order."""

    def __init__(self) -> None:
        self.now = LinkState(connected=False, failures=0, problem=None)
        self._watchers: set[asyncio.Queue[bool]] = set()

    def connected(self) -> None:
        self._set(LinkState(connected=True, failures=0, problem=None))

    def failed(self, problem: str) -> None:
        """An attempt failed, or the connection was lost."""
        failures = self.now.failures + 1
        self._set(LinkState(connected=False, failures=failures, problem=problem))

    def stopped(self) -> None:
        self._set(LinkState(connected=False, failures=0, problem=None))

    async def changes(self) -> AsyncIterator[bool]:
        queue: asyncio.Queue[bool] = asyncio.Queue()
        queue.put_nowait(self.now.connected)
        self._watchers.add(queue)
        try:
            while True:
                yield await queue.get()
        finally:
            self._watchers.discard(queue)

    async def wait_connected(self) -> None:
        queue: asyncio.Queue[bool] = asyncio.Queue()
        self._watchers.add(queue)
        try:
            while not self.now.connected:
                await queue.get()
        finally:
            self._watchers.discard(queue)

    def _set(self, state: LinkState) -> None:
        changed = state.connected != self.now.connected
        self.now = state
        if changed:
            for queue in self._watchers:
                queue.put_nowait(state.connected)
