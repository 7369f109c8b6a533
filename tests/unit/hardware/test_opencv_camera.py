"""Cameras on real streams, and cameras that hang."""

import asyncio
import socket
from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import pytest

from domain.errors import DeviceError, DeviceSilent, DeviceVanished
from hardware.drivers import opencv_camera
from hardware.drivers.opencv_camera import OpenCvCamera


@pytest.fixture(autouse=True)
def files_never_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    """On a busy machine a file's frame may take as long as a live camera's: then an
    old one would count as the newest."""
    monkeypatch.setattr(opencv_camera, "_FROM_BUFFER", 10.0)


def video(path: Path, *levels: int) -> str:
    """A film of one grey level after the other; its URL."""
    fourcc = cv2.VideoWriter.fourcc(*"MJPG")
    writer = cv2.VideoWriter(str(path), fourcc, 10, (320, 240))
    for level in levels:
        writer.write(np.full((240, 320, 3), level, dtype=np.uint8))
    writer.release()
    return f"file://{path}"


def picture(path: Path, level: int) -> None:
    shade = np.full((48, 64, 3), level, dtype=np.uint8)
    path.write_bytes(cv2.imencode(path.suffix, shade)[1].tobytes())


@pytest.fixture
def mute() -> Iterator[str]:
    """The address of something that accepts connections and never speaks."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


async def test_a_stream_gives_its_newest_picture(tmp_path: Path) -> None:
    camera = OpenCvCamera(source=video(tmp_path / "film.avi", *[40] * 59, 200))

    # A file never makes us wait: all of it counts as buffered, up to the limit.
    assert (await camera.frame()).mean() == pytest.approx(200, abs=3)
    await camera.aclose()


async def test_a_stream_that_ends_is_told_and_opened_again(tmp_path: Path) -> None:
    camera = OpenCvCamera(source=video(tmp_path / "film.avi", 40, 200))

    with pytest.raises(DeviceVanished, match="stopped giving pictures"):
        await camera.frame()
    video(tmp_path / "film.avi", *[90] * 60)

    assert (await camera.frame()).mean() == pytest.approx(90, abs=3)
    await camera.aclose()


async def test_a_camera_that_hangs_delays_no_other(mute: str, tmp_path: Path) -> None:
    hung = OpenCvCamera(source=f"rtsp://guard:secret@{mute}/door")
    picture(tmp_path / "1.png", 100)
    well = OpenCvCamera(source=str(tmp_path))
    loop = asyncio.get_running_loop()

    waiting = asyncio.create_task(hung.frame())
    await asyncio.sleep(0)
    started = loop.time()
    for _ in range(10):
        await well.frame()
    quick = loop.time() - started
    with pytest.raises(DeviceError) as caught:
        await waiting

    assert quick < 0.5
    assert loop.time() - started < 1.5
    assert "secret" not in str(caught.value)
    await asyncio.gather(hung.aclose(), well.aclose())


async def test_a_question_behind_a_stuck_one_is_answered_at_once(
    tmp_path: Path,
) -> None:
    picture(tmp_path / "1.png", 100)
    camera = OpenCvCamera(source=str(tmp_path))
    stuck = asyncio.get_running_loop().create_future()
    camera._busy = stuck  # as after a time-out

    with pytest.raises(DeviceSilent, match="hangs"):
        await camera.frame()
    stuck.set_result(None)
    await camera.frame()

    await camera.aclose()


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("/dev/video97", "cannot be opened"),
        (97, "cannot be opened"),
        ("nowhere", "folder of pictures `nowhere`: No such file or directory"),
    ],
)
async def test_a_camera_that_is_not_there_is_named(
    source: int | str, says: str
) -> None:
    camera = OpenCvCamera(source=source)

    with pytest.raises(DeviceVanished, match=says):
        await camera.frame()
    await camera.aclose()


async def test_pictures_of_a_folder_follow_each_other_and_start_over(
    tmp_path: Path,
) -> None:
    for name, level in (("b.png", 200), ("a.jpg", 100), ("note.txt", 0)):
        if name.endswith("txt"):
            (tmp_path / name).write_text("no picture")
        else:
            picture(tmp_path / name, level)
    moving = OpenCvCamera(source=str(tmp_path))
    still = OpenCvCamera(source=str(tmp_path), advance=False)

    assert [int((await moving.frame()).mean()) for _ in range(3)] == [100, 200, 100]
    assert [int((await still.frame()).mean()) for _ in range(2)] == [100, 100]
    await asyncio.gather(moving.aclose(), still.aclose())


async def test_an_empty_folder_and_a_damaged_picture_are_named(tmp_path: Path) -> None:
    camera = OpenCvCamera(source=str(tmp_path))

    with pytest.raises(DeviceVanished, match="no pictures in folder"):
        await camera.frame()
    (tmp_path / "torn.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    with pytest.raises(DeviceError, match=r"torn\.jpg` cannot be read"):
        await camera.frame()
    await camera.aclose()


async def test_motion_is_a_difference_and_not_the_noise_of_a_sensor(
    tmp_path: Path,
) -> None:
    noise = np.random.default_rng(1)
    levels = noise.integers(95, 105, size=(60, 240, 320, 1), dtype=np.uint8)
    fourcc = cv2.VideoWriter.fourcc(*"MJPG")
    path = tmp_path / "film.avi"
    writer = cv2.VideoWriter(str(path), fourcc, 10, (320, 240))
    for frame in levels:
        writer.write(np.repeat(frame, 3, axis=2))
    writer.release()
    camera = OpenCvCamera(source=f"file://{path}", watch_ms=1)

    # The film is over after one look; nothing moved before that.
    with pytest.raises(DeviceVanished):
        await camera.motion()
    await camera.aclose()
