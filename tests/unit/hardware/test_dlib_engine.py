"""dlib's engine: the same numbers as `face_recognition`, and a worker that may die."""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from domain.errors import CallerError, DeviceError, DeviceSilent, DeviceVanished
from hardware.drivers.dlib_engine import DlibEngine
from hardware.faces import dlib_weights
from hardware.ports import FaceFound, NoFace, Picture
from simulators import orl

_GOLDEN = Path(__file__).parents[2] / "golden" / "faces" / "dlib_small.json"
_PHOTOGRAPHS: dict[str, Any] = json.loads(_GOLDEN.read_text())["photographs"]


@pytest.fixture
async def engine() -> AsyncIterator[DlibEngine]:
    made = DlibEngine()
    yield made
    await made.aclose()


async def found(engine: DlibEngine, picture: Picture) -> FaceFound:
    read = await engine.read(picture)
    assert isinstance(read, FaceFound)
    return read


def test_encodings_are_those_of_face_recognition() -> None:
    """Box and numbers of that library's small model, to its own rounding."""

    async def read_all() -> list[FaceFound]:
        engine = DlibEngine()
        try:
            return [
                await found(engine, orl.portrait(*map(int, name.split("/"))))
                for name in _PHOTOGRAPHS
            ]
        finally:
            await engine.aclose()

    reads = asyncio.run(read_all())

    for read, golden in zip(reads, _PHOTOGRAPHS.values(), strict=True):
        assert list(read.box) == golden["box"]
        # Another processor rounds differently; another network is 0.1 away.
        assert read.embedding[:8] == pytest.approx(golden["encoding"], abs=1e-3)


async def test_a_large_picture_is_searched_small_and_read_whole(
    engine: DlibEngine,
) -> None:
    small = orl.portrait(1, 1)
    large = np.repeat(np.repeat(small, 2, axis=0), 2, axis=1)

    near, far = await found(engine, large), await found(engine, small)

    assert np.abs(np.array(near.box) - 2 * np.array(far.box)).max() <= 20
    assert np.linalg.norm(near.embedding - far.embedding) < 0.3


async def test_a_face_too_small_is_no_face() -> None:
    choosy = DlibEngine(min_face_px=400)

    assert await choosy.read(orl.portrait(1, 1)) == NoFace()
    await choosy.aclose()


async def test_the_event_loop_does_not_stall_while_a_face_is_read(
    engine: DlibEngine,
) -> None:
    await engine.read(orl.empty())  # the weights are loaded
    reading = asyncio.create_task(engine.read(orl.portrait(1, 1)))
    turns = 0
    while not reading.done():
        await asyncio.sleep(0)
        turns += 1

    # In this process dlib would leave a handful of turns; a loop makes thousands.
    assert turns > 200


async def test_a_worker_that_is_killed_is_told_and_comes_back(
    engine: DlibEngine,
) -> None:
    await engine.read(orl.empty())
    pid = engine.worker_pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    reading = asyncio.create_task(engine.read(orl.portrait(1, 1)))
    await asyncio.sleep(0.05)
    os.kill(pid, signal.SIGKILL)

    with pytest.raises(DeviceVanished, match="died"):
        await reading

    assert await engine.read(orl.empty()) == NoFace()
    assert engine.worker_pid != pid


async def test_a_worker_that_hangs_is_given_up_and_replaced() -> None:
    engine = DlibEngine(within_ms=300)
    await engine.read(orl.empty())
    pid = engine.worker_pid
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    started = time.perf_counter()

    with pytest.raises(DeviceSilent):
        await engine.read(orl.empty())

    assert time.perf_counter() - started < 1
    assert await engine.read(orl.empty()) == NoFace()
    await engine.aclose()


async def test_a_reading_that_is_cancelled_does_not_answer_the_next_one(
    engine: DlibEngine,
) -> None:
    await engine.read(orl.empty())
    pid = engine.worker_pid
    first = asyncio.create_task(engine.read(orl.portrait(1, 1)))
    await asyncio.sleep(0.02)
    first.cancel()

    assert await engine.read(orl.empty()) == NoFace()
    assert engine.worker_pid == pid


async def test_checking_does_not_wait_for_the_weights(
    engine: DlibEngine,
) -> None:
    started = time.perf_counter()
    with suppress(DeviceSilent):  # unless it was that quick
        await engine.check()

    assert time.perf_counter() - started < 2  # the machine may be busy
    await engine.read(orl.empty())
    await engine.check()


async def test_closing_at_once_leaves_no_worker() -> None:
    engine = DlibEngine()
    starting = asyncio.create_task(engine.check())
    await asyncio.sleep(0)

    await engine.aclose()

    with pytest.raises(DeviceError):
        await starting
    assert engine.worker_pid is None


async def test_a_grey_picture_is_the_callers_mistake(engine: DlibEngine) -> None:
    with pytest.raises(CallerError, match="height x width x 3"):
        await engine.read(np.zeros((48, 64), dtype=np.uint8))


def test_missing_weights_name_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dlib_weights, "find_spec", lambda _: None)

    with pytest.raises(DeviceError, match="install the package"):
        dlib_weights.locate()
