"""The face engine of dlib, in a process of its own.

dlib holds the interpreter's lock for 124 ms a face; inside the agent that would stall
every door of this Pi. So a worker process computes, one thread talks to it over
pipes, and the event loop waits for neither. One engine serves its doors one picture
after the other: two threads give nothing, two processes double the memory.

A worker that dies or takes longer than `within_ms` is ended and started again on the
next call.
"""

import asyncio
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final, TypeVar

from domain.errors import (
    CallerError,
    DeviceError,
    DeviceSilent,
    DeviceVanished,
    PeerError,
)
from hardware.faces import dlib_weights, dlib_wire
from hardware.ports import FaceRead, Picture
from hardware.worker import DeviceThread

T = TypeVar("T")

NAME: Final = "dlib-resnet-v1"

_CHECK_WITHIN: Final = 1.0  # seconds; the port's promise
_ROOT: Final = Path(__file__).resolve().parents[2]


class DlibEngine:
    """Faces narrower than `min_face_px` are too far away to be recognised.

    `within_ms` bounds one picture; loading the weights on the first call may take
    `start_ms`.
    """

    name = NAME

    def __init__(
        self,
        *,
        min_face_px: int = 80,  # the smallest that dlib's detector finds
        within_ms: int = 3000,
        start_ms: int = 30_000,
    ) -> None:
        self._min_face = min_face_px
        self._within = within_ms / 1000
        self._start_within = start_ms / 1000
        self._thread = DeviceThread("face engine")
        self._worker: subprocess.Popen[bytes] | None = None
        self._starting: asyncio.Future[None] | None = None
        self._turn = asyncio.Lock()
        self._closed = False

    async def read(self, picture: Picture) -> FaceRead:
        if picture.ndim != 3 or picture.shape[2] != 3:
            raise CallerError(f"a picture is height x width x 3, not {picture.shape}")
        request = dlib_wire.request(picture, min_face=self._min_face)
        async with self._turn:
            await self._started(self._start_within)
            return await self._timed(self._within, lambda: self._ask(request))

    async def check(self) -> None:
        await self._started(_CHECK_WITHIN)

    async def aclose(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._end()
        await asyncio.get_running_loop().run_in_executor(self._thread, _nothing)
        self._thread.shutdown()

    @property
    def worker_pid(self) -> int | None:
        """For whoever measures memory, or ends the worker to see what happens."""
        return None if self._worker is None else self._worker.pid

    async def _started(self, within: float) -> None:
        """Wait for a living worker; a start goes on when its waiter gives up."""
        if self._closed:
            raise DeviceVanished("the face engine is closed")
        if self._worker is not None and self._worker.poll() is not None:
            self._end()
        if self._starting is None:
            loop = asyncio.get_running_loop()
            self._starting = loop.run_in_executor(self._thread, self._start)
            self._starting.add_done_callback(_forget)
        try:
            async with asyncio.timeout(within):
                await asyncio.shield(self._starting)
        except TimeoutError:
            raise DeviceSilent("the face engine is still loading its weights") from None
        except DeviceError:
            self._end()
            raise

    async def _timed(self, within: float, call: Callable[[], T]) -> T:
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._thread, call)
        future.add_done_callback(_forget)
        try:
            async with asyncio.timeout(within):
                return await asyncio.shield(future)
        except TimeoutError:
            self._end()  # which ends the thread's waiting, too
            raise DeviceSilent(f"the face engine took more than {within:g} s") from None
        except (OSError, PeerError) as error:
            self._end()
            raise DeviceVanished(f"the face engine died: {error}") from error

    def _start(self) -> None:
        """In the thread: start the worker and wait until it is ready."""
        dlib_weights.locate()
        worker = subprocess.Popen(
            [sys.executable, "-m", "hardware.faces.dlib_worker"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "PYTHONPATH": str(_ROOT)},
            start_new_session=True,  # Ctrl-C is for the agent, which ends us
        )
        self._worker = worker
        if self._closed:  # meanwhile
            self._end()
        if worker.stdout is None or worker.stdout.read(len(dlib_wire.HELLO)) == b"":
            raise DeviceVanished(
                f"the face engine did not start: exit code {worker.wait()}"
            )

    def _ask(self, request: bytes) -> FaceRead:
        """In the thread: one picture, one answer."""
        worker = self._worker
        if worker is None or worker.stdin is None or worker.stdout is None:
            raise DeviceVanished("the face engine is not running")
        worker.stdin.write(request)
        worker.stdin.flush()
        return dlib_wire.read_answer(worker.stdout.read(dlib_wire.ANSWER_BYTES))

    def _end(self) -> None:
        worker, self._worker, self._starting = self._worker, None, None
        if worker is None:
            return
        worker.kill()
        self._thread.submit(_bury, worker)  # behind the call that still reads


def _nothing() -> None:
    """Done once everything before it in the thread is."""


def _bury(worker: "subprocess.Popen[bytes]") -> None:
    worker.communicate()  # closes the pipes and takes the exit code


def _forget(future: "asyncio.Future[T]") -> None:
    """Take note of a late failure, so that asyncio does not report it."""
    if not future.cancelled():
        future.exception()
