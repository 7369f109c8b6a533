"""What a device reports, handed to whoever listens.

A driver puts, listeners iterate. Laws: a listener sees everything put after it
subscribed, in order, nothing merged; a failure reaches each listener once and does
not end it; only `close` does. A listener that is dropped without being closed is
forgotten. Everything happens on one event loop: a driver that hears from another
thread goes through `loop.call_soon_threadsafe` first.
"""

import asyncio
from collections import deque
from collections.abc import AsyncIterator
from typing import Generic, TypeVar
from weakref import WeakSet

from domain.errors import DeviceError

T = TypeVar("T")


class Feed(Generic[T]):
    """One producer, any number of listeners."""

    def __init__(self) -> None:
        self._listeners: WeakSet[_Listener[T]] = WeakSet()
        self._closed = False

    def put(self, item: T) -> None:
        for listener in tuple(self._listeners):
            listener.push(item)

    def fail(self, error: DeviceError) -> None:
        """Raise `error` once in every listener, behind what it has not read yet."""
        for listener in tuple(self._listeners):
            listener.push(error)

    def items(self) -> AsyncIterator[T]:
        """Everything from this call on."""
        listener: _Listener[T] = _Listener(ended=self._closed)
        self._listeners.add(listener)
        return listener

    @property
    def heard(self) -> bool:
        """Somebody listens."""
        return len(self._listeners) > 0

    def close(self) -> None:
        """End every listener once it has read what is there. Idempotent."""
        self._closed = True
        for listener in tuple(self._listeners):
            listener.end()


class _Listener(AsyncIterator[T]):
    def __init__(self, *, ended: bool) -> None:
        self._waiting: deque[T | DeviceError] = deque()
        self._ended = ended
        self._something = asyncio.Event()

    def push(self, item: T | DeviceError) -> None:
        self._waiting.append(item)
        self._something.set()

    def end(self) -> None:
        self._ended = True
        self._something.set()

    async def __anext__(self) -> T:
        while not self._waiting:
            if self._ended:
                raise StopAsyncIteration
            self._something.clear()
            await self._something.wait()
        item = self._waiting.popleft()
        if isinstance(item, DeviceError):
            raise item
        return item
