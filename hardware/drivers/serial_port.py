"""One serial port on the event loop, without threads.

pyserial opens and configures the port (raw, exclusive); from then on the loop watches
its file descriptor. Laws:

- whatever disappears (no such file, unplugged, hung up) is `DeviceVanished`, and the
  descriptor is given up at once, so that a hung-up line never spins the loop;
- the next use opens the port again, at most every `BACK_OFF` seconds while that fails;
- bytes wait in a bounded buffer; a babbling device costs memory for 64 KiB, no more.

`bytes_received` and `bytes_sent` count since the object was made.
"""

import asyncio
import errno
import os
import termios
from typing import Final

import serial

from domain.errors import DeviceSilent, DeviceVanished, InputError

BACK_OFF: Final = (0.1, 0.2, 0.5, 1.0)  # seconds, the last for ever
WRITE_TIMEOUT: Final = 1.0  # seconds; a UART that takes nothing for so long is stuck

_BUFFER: Final = 65_536  # bytes; 11 s at 57,600 baud
_CHUNK: Final = 4096  # bytes; a tty never holds more


class SerialPort:
    def __init__(self, path: str, *, baud: int) -> None:
        if baud not in serial.Serial.BAUDRATES:
            raise InputError(f"`{baud}` is not a baud rate")
        self.path = path
        self.bytes_received = 0
        self.bytes_sent = 0
        self.openings = 0  # another one may be another device
        self._baud = baud
        self._serial: serial.Serial | None = None
        self._buffer = bytearray()
        self._something = asyncio.Event()  # bytes, a failure, or the end
        self._failure: DeviceVanished | None = None
        self._failures = 0  # to open, in a row
        self._not_before = 0.0  # loop time
        self._closed = False

    def open(self) -> None:
        """Open the port unless it is open.

        Raises:
            DeviceVanished: it cannot be opened, or it is too early to try again.
        """
        if self._closed:
            raise DeviceVanished(f"`{self.path}` was closed")
        if self._serial is not None:
            return
        loop = asyncio.get_running_loop()
        if loop.time() < self._not_before:
            raise DeviceVanished(f"`{self.path}` is gone")
        try:
            self._serial = _open(self.path, self._baud)
        except (OSError, ValueError, termios.error) as error:
            pause = BACK_OFF[min(self._failures, len(BACK_OFF) - 1)]
            self._failures += 1
            self._not_before = loop.time() + pause
            raise DeviceVanished(f"`{self.path}`: {_cause(error)}") from None
        self.openings += 1
        self._failures, self._failure = 0, None
        self._buffer.clear()
        loop.add_reader(self._serial.fileno(), self._on_readable)

    async def reopen(self) -> None:
        """Open the port, however long it takes; return at once if it is open.

        Raises:
            DeviceVanished: the port was closed meanwhile.
        """
        while True:
            try:
                return self.open()
            except DeviceVanished:
                if self._closed:
                    raise
            wait = self._not_before - asyncio.get_running_loop().time()
            await asyncio.sleep(max(0.0, wait))

    async def read(self) -> bytes:
        """All bytes that have come, at least one; waits for it without end.

        Cancelling loses nothing.

        Raises:
            DeviceVanished: the port is gone; raised once, then it is opened again.
        """
        self._raise_failure()
        self.open()
        while not self._buffer:
            self._something.clear()
            await self._something.wait()
            self._raise_failure()
        data = bytes(self._buffer)
        self._buffer.clear()
        return data

    def discard(self) -> None:
        """Forget what has come and was not read."""
        if self._serial is not None:
            self._on_readable()
        self._buffer.clear()

    async def write(self, data: bytes) -> None:
        """Hand `data` to the port, which sends it at its own pace.

        Raises:
            DeviceVanished: the port is gone.
            DeviceSilent: the port takes nothing any more.
        """
        self._raise_failure()
        self.open()
        rest = memoryview(data)
        while rest:
            rest = rest[self._write_some(rest) :]
            if rest:
                await self._writable()

    async def aclose(self) -> None:
        """Idempotent. Whoever reads is told that the port was closed."""
        self._closed = True
        self._release()
        self._failure = DeviceVanished(f"`{self.path}` was closed")
        self._something.set()

    def _write_some(self, data: memoryview) -> int:
        if self._serial is None:  # vanished while waiting to write
            self._raise_failure()
            raise DeviceVanished(f"`{self.path}` is gone")
        try:
            written = os.write(self._serial.fileno(), data)
        except BlockingIOError:
            return 0
        except OSError as error:
            self._vanish(error)
            self._raise_failure()
            raise
        self.bytes_sent += written
        return written

    async def _writable(self) -> None:
        if self._serial is None:
            return
        loop, fd = asyncio.get_running_loop(), self._serial.fileno()
        ready = asyncio.Event()
        loop.add_writer(fd, ready.set)
        try:
            async with asyncio.timeout(WRITE_TIMEOUT):
                await ready.wait()
        except TimeoutError:
            raise DeviceSilent(f"`{self.path}` takes no bytes") from None
        finally:
            loop.remove_writer(fd)

    def _on_readable(self) -> None:
        if self._serial is None:
            return
        try:
            data = os.read(self._serial.fileno(), _CHUNK)
        except BlockingIOError:
            return
        except OSError as error:
            return self._vanish(error)
        if not data:
            return self._vanish(OSError(errno.EIO, "hung up"))
        self.bytes_received += len(data)
        self._buffer += data
        del self._buffer[:-_BUFFER]  # the oldest
        self._something.set()

    def _vanish(self, error: OSError) -> None:
        self._release()
        # A port that opens and hangs up again must not be opened in a circle.
        self._not_before = asyncio.get_running_loop().time() + BACK_OFF[0]
        self._failure = DeviceVanished(f"`{self.path}` is gone: {_cause(error)}")
        self._something.set()

    def _release(self) -> None:
        if self._serial is None:
            return
        loop, fd = asyncio.get_running_loop(), self._serial.fileno()
        loop.remove_reader(fd)
        loop.remove_writer(fd)
        self._serial.close()
        self._serial = None

    def _raise_failure(self) -> None:
        failure = self._failure
        if failure is None:
            return
        if not self._closed:  # once; the next use opens the port again
            self._failure = None
        raise failure


def _open(path: str, baud: int) -> serial.Serial:
    port = serial.Serial(path, baud, timeout=0, write_timeout=0, exclusive=True)
    try:
        # pyserial leaves VMIN at 0, and then reading nothing may mean silence as
        # well as a hang-up.
        attributes = termios.tcgetattr(port.fileno())
        attributes[6][termios.VMIN] = 1
        termios.tcsetattr(port.fileno(), termios.TCSANOW, attributes)
    except termios.error:
        port.close()
        raise
    return port


def _cause(error: Exception) -> str:
    number = getattr(error, "errno", None)
    if number in (errno.EAGAIN, errno.EBUSY) or "exclusively lock" in str(error):
        return "another program uses it"
    return os.strerror(number).lower() if number else str(error)
