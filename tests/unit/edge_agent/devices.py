"""Devices of one door in memory, by their ports. Nothing waits unless told to."""

import asyncio
from collections.abc import AsyncIterator

import numpy as np

from domain.errors import DeviceError, DeviceRefused, DeviceSilent, DeviceVanished
from hardware.feed import Feed
from hardware.ports import (
    BadgeRead,
    Climate,
    FaceRead,
    FingerMatched,
    FingerRead,
    NoFace,
    Picture,
    SensorInfo,
    Signal,
)


class _Device:
    """`dead`: answers nothing."""

    def __init__(self) -> None:
        self.dead = False
        self.closed = False
        self.checks = 0

    async def check(self) -> None:
        self.checks += 1
        if self.dead:
            raise DeviceSilent("unplugged")

    async def aclose(self) -> None:
        self.closed = True


class Lock(_Device):
    def __init__(self) -> None:
        super().__init__()
        self.released = False
        self.releases = 0
        self.broken = False

    async def release(self) -> None:
        if self.broken:
            raise DeviceSilent("the relay did not confirm")
        self.released = True
        self.releases += 1

    async def secure(self) -> None:
        self.released = False


class Line(_Device):
    def __init__(self, *, active: bool = False) -> None:
        super().__init__()
        self.active = active
        self._feed: Feed[bool] = Feed()

    def changes(self) -> AsyncIterator[bool]:
        return self._feed.items()

    def set(self, *, active: bool) -> None:
        self.active = active
        self._feed.put(active)


class Reader(_Device):
    def __init__(self) -> None:
        super().__init__()
        self._feed: Feed[BadgeRead] = Feed()

    def reads(self) -> AsyncIterator[BadgeRead]:
        return self._feed.items()

    def present(self, number: bytes) -> None:
        self._feed.put(BadgeRead(number, "em4100"))

    def vanish(self) -> None:
        self.dead = True
        self._feed.fail(DeviceVanished("the port is gone"))


class Keypad(_Device):
    def __init__(self) -> None:
        super().__init__()
        self._feed: Feed[str] = Feed()

    def keys(self) -> AsyncIterator[str]:
        return self._feed.items()

    def press(self, keys: str) -> None:
        for key in keys:
            self._feed.put(key)


class Module(_Device):
    """A fingerprint module: templates are matched by being equal."""

    def __init__(self, *, capacity: int = 20, system_id: int = 9) -> None:
        super().__init__()
        self.templates: dict[int, bytes] = {}
        self.system_id = system_id
        self.capacity = capacity
        self.refuses: frozenset[bytes] = frozenset()
        self.signals: list[Signal] = []
        self._feed: Feed[FingerRead] = Feed()
        self.fails_after: int | None = None  # writes until the module is gone

    def lay(self, template: bytes) -> None:
        slot = next(s for s, held in self.templates.items() if held == template)
        self._feed.put(FingerMatched(slot, 100))

    def fingers(self) -> AsyncIterator[FingerRead]:
        return self._feed.items()

    async def info(self) -> SensorInfo:
        await self.check()
        return SensorInfo(
            system_id=self.system_id,
            capacity=self.capacity,
            security=3,
            packet_bytes=128,
            templates=len(self.templates),
        )

    async def occupied(self) -> frozenset[int]:
        await self.check()
        return frozenset(self.templates)

    async def enrol(self, slot: int) -> None:
        raise DeviceRefused("nobody enrols here", answer=1)

    async def read_template(self, slot: int) -> bytes:
        return self.templates[slot]

    async def write_template(self, slot: int, template: bytes) -> None:
        await self.check()
        if template in self.refuses:
            raise DeviceRefused("a bad template", answer=0x0D)
        if self.fails_after is not None:
            self.fails_after -= 1
            if self.fails_after < 0:
                raise DeviceSilent("gone in the middle")
        self.templates[slot] = template

    async def delete(self, slot: int) -> None:
        await self.check()
        self.templates.pop(slot, None)

    async def clear(self) -> None:
        self.templates.clear()

    async def glow(self, signal: Signal) -> None:
        self.signals.append(signal)


class Indicator(_Device):
    def __init__(self) -> None:
        super().__init__()
        self.signals: list[Signal] = []

    async def show(self, signal: Signal) -> None:
        self.signals.append(signal)


class Camera(_Device):
    """Shows whatever the engine is to read."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: FaceRead = NoFace()
        self._moved = asyncio.Event()
        self.frames = 0

    def show(self, read: FaceRead) -> None:
        self.seen = read
        self._moved.set()

    def fail(self) -> None:
        self.dead = True
        self._moved.set()

    async def frame(self) -> Picture:
        await self.check()
        self.frames += 1
        return np.zeros((1, 1, 3), np.uint8)

    async def motion(self) -> None:
        await self._moved.wait()
        self._moved.clear()
        await self.check()


class Engine(_Device):
    """Reads what its camera shows."""

    name = "memory"

    def __init__(self, camera: Camera) -> None:
        super().__init__()
        self._camera = camera
        self.error: DeviceError | None = None

    async def read(self, picture: Picture) -> FaceRead:
        await self.check()
        return self._camera.seen


class ClimateSensor(_Device):
    def __init__(self) -> None:
        super().__init__()
        self.climate = Climate(22.0, 45.0)

    async def read(self) -> Climate:
        await self.check()
        return self.climate
