"""What every camera promises."""

import asyncio
import os
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from pathlib import Path

import cv2
import numpy as np
import pytest

from domain.errors import DeviceError
from hardware.drivers.opencv_camera import OpenCvCamera
from hardware.ports import Camera, Picture
from simulators.camera import SimulatedCamera, scene_named
from tests.virtual import virtual

_scenes = count()


@dataclass(frozen=True)
class Stage:
    """A camera, and what can be done in front of it."""

    camera: Camera
    show: Callable[[Picture], None]
    go: Callable[[], object]  # unplug
    come: Callable[[], object]  # plug in again


def grey(level: int) -> Picture:
    return np.full((240, 320, 3), level, dtype=np.uint8)


def folder_stage(tmp_path: Path) -> Stage:
    folder, away = tmp_path / "pictures", tmp_path / "away"
    folder.mkdir()
    times = count(1_700_000_000)

    def show(picture: Picture) -> None:
        path = folder / "1.png"
        path.write_bytes(cv2.imencode(".png", picture)[1].tobytes())
        at = next(times)  # a folder's file is new when its time is
        os.utime(path, (at, at))

    show(grey(120))
    return Stage(
        OpenCvCamera(source=str(folder)),
        show,
        lambda: folder.rename(away),
        lambda: away.rename(folder),
    )


def simulated_stage(_: Path) -> Stage:
    scene = scene_named(f"scene {next(_scenes)}")
    scene.show(grey(120))
    return Stage(SimulatedCamera(scene=scene.name), scene.show, scene.die, scene.revive)


pytestmark = pytest.mark.parametrize("make", [folder_stage, simulated_stage])
Make = Callable[[Path], Stage]


@virtual
async def test_a_frame_is_what_is_in_front_now(make: Make, tmp_path: Path) -> None:
    stage = make(tmp_path)
    levels = []

    for level in (60, 200):
        stage.show(grey(level))
        levels.append(int((await stage.camera.frame()).mean()))

    assert levels == [60, 200]
    assert (await stage.camera.frame()).shape == (240, 320, 3)
    await stage.camera.aclose()


@virtual
async def test_black_is_a_failure_and_not_a_picture(make: Make, tmp_path: Path) -> None:
    stage = make(tmp_path)
    stage.show(grey(0))

    with pytest.raises(DeviceError, match="black"):
        await stage.camera.frame()
    with pytest.raises(DeviceError, match="black"):
        await stage.camera.check()
    await stage.camera.aclose()


@virtual
async def test_motion_returns_only_when_something_changes(
    make: Make, tmp_path: Path
) -> None:
    stage = make(tmp_path)
    moved = asyncio.create_task(stage.camera.motion())

    await asyncio.sleep(60)
    before = moved.done()
    stage.show(grey(180))
    async with asyncio.timeout(1):
        await moved

    assert not before
    await stage.camera.aclose()


@virtual
async def test_a_camera_that_goes_fails_and_comes_back(
    make: Make, tmp_path: Path
) -> None:
    stage = make(tmp_path)
    await stage.camera.check()

    stage.go()
    for question in (stage.camera.check, stage.camera.frame):
        with pytest.raises(DeviceError):
            await question()
    stage.come()

    await stage.camera.check()
    await stage.camera.frame()
    await stage.camera.aclose()


@virtual
async def test_closing_twice_is_harmless(make: Make, tmp_path: Path) -> None:
    stage = make(tmp_path)

    await stage.camera.aclose()
    await stage.camera.aclose()

    with pytest.raises(DeviceError):
        await stage.camera.frame()
