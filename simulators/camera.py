"""A camera in front of which anything can be put.

The scene is what stands there; it has a name, so that the story and the driver, which
the loader builds from a site file, meet at the same one. `motion` waits for the scene
to change and polls nothing: an uneventful day costs no time.
"""

import asyncio
from functools import cache
from typing import Final

import numpy as np

from domain.errors import DeviceError, DeviceSilent, DeviceVanished
from hardware.ports import Picture

_HANGS = 1.0  # seconds; a camera that hangs is given up after the port's promise


class Scene:
    """What is in front of the camera `name`, and how the camera is."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._picture = _wall()
        self._condition = "well"
        self._changes = 0
        self._watchers: set[asyncio.Event] = set()

    def show(self, picture: Picture) -> None:
        """Somebody or something comes before the camera."""
        self._picture = picture
        self._change()

    def clear(self) -> None:
        """They go; the wall stays."""
        self.show(_wall())

    def black(self) -> None:
        """The lens is covered, until something is shown."""
        self.show(np.zeros_like(_wall()))

    def die(self) -> None:
        """Unplugged."""
        self._condition = "dead"
        self._change()

    def hang(self) -> None:
        """Plugged in, but no picture ever comes."""
        self._condition = "hung"
        self._change()

    def revive(self) -> None:
        self._condition = "well"
        self._change()

    @property
    def changes(self) -> int:
        """How often the scene has changed."""
        return self._changes

    async def changed(self, since: int) -> None:
        """Return once `changes` is past `since`."""
        watcher = asyncio.Event()
        self._watchers.add(watcher)
        try:
            while self._changes == since:
                watcher.clear()
                await watcher.wait()
        finally:
            self._watchers.discard(watcher)

    async def take(self) -> Picture:
        if self._condition == "hung":
            await asyncio.sleep(_HANGS)
            raise DeviceSilent(f"camera `{self.name}` gave no picture in time")
        if self._condition == "dead":
            raise DeviceVanished(f"camera `{self.name}` is gone")
        if not self._picture.any():
            raise DeviceError(f"camera `{self.name}` sees only black")
        return self._picture

    def _change(self) -> None:
        self._changes += 1
        for watcher in self._watchers:
            watcher.set()


class SimulatedCamera:
    """The driver: looks at the scene of that name."""

    def __init__(self, *, scene: str) -> None:
        self._scene = scene_named(scene)
        self._seen = self._scene.changes
        self._closed = False

    async def frame(self) -> Picture:
        self._check_open()
        return await self._scene.take()

    async def motion(self) -> None:
        """Also returns for what changed since the last call; fails if there is no
        picture to see a change in."""
        self._check_open()
        await self._scene.changed(self._seen)
        self._seen = self._scene.changes
        await self._scene.take()

    async def check(self) -> None:
        await self.frame()

    async def aclose(self) -> None:
        self._closed = True

    def _check_open(self) -> None:
        if self._closed:
            raise DeviceVanished(f"camera `{self._scene.name}` is closed")


_SCENES: Final[dict[str, Scene]] = {}


def scene_named(name: str) -> Scene:
    """The one scene of that name in this process."""
    return _SCENES.setdefault(name, Scene(name))


def forget_scene(name: str) -> None:
    """The next scene of that name is a new one, with nobody in it. Idempotent."""
    _SCENES.pop(name, None)


@cache
def _wall() -> Picture:
    wall = np.full((240, 320, 3), 150, dtype=np.uint8)
    wall.setflags(write=False)
    return wall
