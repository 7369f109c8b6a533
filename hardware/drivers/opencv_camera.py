"""A camera through OpenCV: a V4L2 index, an RTSP URL, or a folder of pictures.

Capture blocks, so each camera has its own thread and its own time-out: a camera that
hangs delays nobody, and while its thread is stuck every question is answered with
"silent" instead of queueing behind it.

"Now" means now: V4L2 and RTSP keep old frames, so frames are thrown away until one
had to be waited for. A picture as good as black (lens covered, no light) is a
failure, not a picture without a face.

`motion` compares small grey pictures every `watch_ms`; of a folder, the names, sizes
and times of its files. It remembers between calls, so what changed meanwhile counts.
"""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any, Final, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from domain.errors import DeviceError, DeviceSilent, DeviceVanished
from hardware.ports import Picture
from hardware.worker import DeviceThread

T = TypeVar("T")

_WITHIN: Final = 1.0  # seconds; the port's promise
_OPEN_MS: Final = 900  # less, so that OpenCV gives up before we stop waiting for it
_PICTURES: Final = frozenset({".bmp", ".jpeg", ".jpg", ".pgm", ".png"})
_SMALL: Final = (64, 48)
# A pixel has changed from 25 of 255 grey levels on (sensor noise stays below 10),
# and the picture from 1 % of its pixels on: half a face at the far end of a door.
_PIXEL_CHANGED: Final = 25
_PART_CHANGED: Final = 0.01
# Seconds. A buffered frame is handed over in less; one at 60 frames/s takes 16 ms.
_FROM_BUFFER: Final = 0.004
_MAX_BUFFERED: Final = 60


class _Source(Protocol):
    """Blocking; raises DeviceError."""

    def take(self) -> Picture: ...

    def look(self) -> Picture:
        """The same, without moving on."""

    def changed(self) -> bool:
        """Something is different from the last time this was asked."""

    def close(self) -> None: ...


class OpenCvCamera:
    """`source` is a number, a URL, or the path of a folder.

    A folder's pictures follow each other by name, one for each `frame`, and start
    over at the end; with `advance = false` the first one stays.
    """

    def __init__(
        self,
        *,
        source: int | str,
        watch_ms: int = 500,
        black_below: float = 8.0,
        advance: bool = True,
    ) -> None:
        self._where = f"camera {_without_password(source)}"
        self._source: _Source
        if isinstance(source, str) and "://" not in source and not _is_device(source):
            self._source = _Folder(Path(source), advance=advance)
        else:
            self._source = _Stream(source, self._where)
        self._watch = watch_ms / 1000
        self._black_below = black_below
        self._thread = DeviceThread(self._where)
        self._busy: asyncio.Future[Any] | None = None
        self._closed = False

    async def frame(self) -> Picture:
        return self._lit(await self._blocking(self._source.take))

    async def motion(self) -> None:
        # A camera has nothing to wait for but its next picture.
        while not await self._blocking(self._source.changed):  # noqa: ASYNC110
            await asyncio.sleep(self._watch)

    async def check(self) -> None:
        self._lit(await self._blocking(self._source.look))

    async def aclose(self) -> None:
        if self._closed:
            return
        self._closed = True
        self._thread.submit(self._source.close)
        self._thread.shutdown()

    def _lit(self, picture: Picture) -> Picture:
        if picture.mean() < self._black_below:
            raise DeviceError(f"{self._where} sees only black: covered, or no light")
        return picture

    async def _blocking(self, call: Callable[[], T]) -> T:
        if self._closed:
            raise DeviceVanished(f"{self._where} is closed")
        if self._busy is not None and not self._busy.done():
            raise DeviceSilent(f"{self._where} hangs")
        loop = asyncio.get_running_loop()
        future = loop.run_in_executor(self._thread, call)
        future.add_done_callback(_forget)
        try:
            # Shielded: a time-out must not make the stuck call look finished.
            async with asyncio.timeout(_WITHIN):
                return await asyncio.shield(future)
        except TimeoutError:
            self._busy = future
            raise DeviceSilent(f"{self._where} gave no picture in time") from None


class _Stream:
    """A V4L2 device or a URL. Re-opens itself on the next call after a failure."""

    def __init__(self, source: int | str, where: str) -> None:
        self._source = source
        self._where = where
        self._capture: Any = None
        self._last: NDArray[np.int16] | None = None

    def take(self) -> Picture:
        capture = self._opened()
        for _ in range(_MAX_BUFFERED):
            # This thread's own waiting, not the system's time.
            before = perf_counter()
            if not capture.grab():
                self.close()
                raise DeviceVanished(f"{self._where} stopped giving pictures")
            if perf_counter() - before > _FROM_BUFFER:
                break
        whole, picture = capture.retrieve()
        if not whole:
            self.close()
            raise DeviceError(f"{self._where} gave a damaged picture")
        return np.asarray(picture, dtype=np.uint8)

    def look(self) -> Picture:
        return self.take()

    def changed(self) -> bool:
        now = _small(self.take())
        last, self._last = self._last, now
        if last is None:
            return False
        pixels = np.abs(now - last) >= _PIXEL_CHANGED
        return bool(pixels.mean() >= _PART_CHANGED)

    def close(self) -> None:
        if self._capture is not None:
            self._capture.release()
            self._capture = None

    def _opened(self) -> Any:  # noqa: ANN401  # cv2.VideoCapture, imported lazily
        if self._capture is None:
            import cv2

            capture = cv2.VideoCapture()
            if isinstance(self._source, str) and "://" in self._source:
                opened = capture.open(
                    self._source,
                    cv2.CAP_FFMPEG,
                    [
                        *(cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _OPEN_MS),
                        *(cv2.CAP_PROP_READ_TIMEOUT_MSEC, _OPEN_MS),
                    ],
                )
            else:
                opened = capture.open(self._source, cv2.CAP_V4L2)
            if not opened:
                raise DeviceVanished(f"{self._where} cannot be opened")
            capture.set(cv2.CAP_PROP_BUFFERSIZE, 1)
            self._capture = capture
        return self._capture


class _Folder:
    def __init__(self, folder: Path, *, advance: bool) -> None:
        self._folder = folder
        self._advance = advance
        self._next = 0
        self._last: list[tuple[str, int, int]] | None = None

    def take(self) -> Picture:
        paths = self._paths()
        picture = _read(paths[self._next % len(paths)])
        if self._advance:
            self._next = (self._next + 1) % len(paths)
        return picture

    def look(self) -> Picture:
        paths = self._paths()
        return _read(paths[self._next % len(paths)])

    def changed(self) -> bool:
        try:
            now = [(path.name, path.stat()) for path in self._paths()]
        except FileNotFoundError:  # taken away while we looked
            return True
        files = [(name, stat.st_mtime_ns, stat.st_size) for name, stat in now]
        last, self._last = self._last, files
        return last is not None and last != files

    def close(self) -> None:
        """Nothing is open."""

    def _paths(self) -> list[Path]:
        try:
            paths = sorted(
                path
                for path in self._folder.iterdir()
                if path.suffix.lower() in _PICTURES
            )
        except OSError as error:
            raise DeviceVanished(
                f"folder of pictures `{self._folder}`: {error.strerror}"
            ) from error
        if not paths:
            raise DeviceVanished(f"no pictures in folder `{self._folder}`")
        return paths


def _read(path: Path) -> Picture:
    import cv2

    try:
        data = np.frombuffer(path.read_bytes(), dtype=np.uint8)
    except OSError as error:
        raise DeviceError(f"picture `{path}`: {error.strerror}") from error
    picture = cv2.imdecode(data, cv2.IMREAD_COLOR) if data.size else None
    if picture is None:
        raise DeviceError(f"picture `{path}` cannot be read")
    return np.asarray(picture, dtype=np.uint8)


def _small(picture: Picture) -> NDArray[np.int16]:
    import cv2

    grey = cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY)
    return cv2.resize(grey, _SMALL, interpolation=cv2.INTER_AREA).astype(np.int16)


def _is_device(source: str) -> bool:
    return source.startswith("/dev/")


def _without_password(source: int | str) -> str:
    return re.sub(r"://[^/@]*@", "://…@", str(source))


def _forget(future: "asyncio.Future[Any]") -> None:
    """Take note of a late failure, so that asyncio does not report it."""
    if not future.cancelled():
        future.exception()
