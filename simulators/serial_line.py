"""A serial line made of a pseudo-terminal: real bytes, virtual pace.

The host opens `path` as it would open a UART. The device behind the line gives its
bytes to `send` and is called with what the host sent. A pseudo-terminal has no baud
rate, so the line paces itself on the loop's time: 10 bits a byte, in both directions.

The kernel moves bytes through a pseudo-terminal in a worker of its own, a moment after
the write. A virtual clock must not jump in that moment. Polling one end makes the
kernel finish what is under way to it (n_tty_poll flushes the work), so `in_flight`
polls the device's ends, and `_deliver` polls the host's end after each write.
"""

import asyncio
import errno
import fcntl
import os
import select
import struct
import termios
import tty
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final

from simulators.clock import VirtualLoop
from simulators.serial_faults import SerialFaults

BITS_A_BYTE: Final = 10  # start, 8 data, stop

_FULL: Final = 4095  # bytes a tty holds for a reader that does not come
_MASTERS: Final = select.poll()  # the device's ends of all open lines
_DELIVERY: Final = 1000  # glances, 1 ms of real time each

OnBytes = Callable[[bytes], None]


def in_flight() -> bool:
    """Whether a host in this process sent bytes that no line has read yet."""
    return bool(_MASTERS.poll(0))


class SerialLine:
    """One line. Make it inside a running loop; `close` it at the end.

    `link`: a symbolic link to keep pointing at the pseudo-terminal, so that the host
    finds the line under the same name after `cut` and `restore`.
    """

    def __init__(self, *, baud: int = 57_600, link: Path | None = None) -> None:
        self.baud = baud
        self.to_host = SerialFaults()
        self.to_device = SerialFaults()
        self.bytes_lost = 0  # for a host that does not read
        self.bytes_from_host = 0
        self._loop = asyncio.get_running_loop()
        self._link = link
        self._on_bytes: OnBytes | None = None
        self._outgoing: deque[bytes] = deque()
        self._sending: asyncio.TimerHandle | None = None
        self._arriving: set[asyncio.TimerHandle] = set()
        self._arrived_at = 0.0  # when the last byte from the host will be here
        self._master = self._slave = -1
        self._pty = ""
        if isinstance(self._loop, VirtualLoop) and in_flight not in (
            hooks := self._loop.in_flight
        ):
            hooks.append(in_flight)
        self.restore()

    @property
    def path(self) -> str:
        """What the host opens."""
        return str(self._link) if self._link is not None else self._pty

    @property
    def connected(self) -> bool:
        return self._master >= 0

    def attach(self, on_bytes: OnBytes) -> None:
        """`on_bytes` hears what the host sends, at the pace of the line."""
        self._on_bytes = on_bytes

    def send(self, data: bytes) -> None:
        """Bytes from the device to the host; they leave behind earlier ones."""
        data = self.to_host.apply(data)
        step = max(1, self.to_host.piece)
        self._outgoing.extend(data[i : i + step] for i in range(0, len(data), step))
        self._send_next()

    def hush(self) -> None:
        """The device stops talking: what it has not sent yet is not sent."""
        self._outgoing.clear()

    def cut(self) -> None:
        """The device is unplugged. Idempotent."""
        if not self.connected:
            return
        _MASTERS.unregister(self._master)
        self._loop.remove_reader(self._master)
        os.close(self._master)
        os.close(self._slave)
        self._master = self._slave = -1
        self.hush()
        for handle in (self._sending, *self._arriving):
            if handle is not None:
                handle.cancel()
        self._sending = None
        self._arriving.clear()
        if self._link is not None:
            self._link.unlink(missing_ok=True)

    def restore(self) -> None:
        """Plugged in again: a fresh pseudo-terminal. Idempotent."""
        if self.connected:
            return
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)  # no echo, whatever the host does later
        os.set_blocking(self._master, False)
        self._pty = os.ttyname(self._slave)
        self._loop.add_reader(self._master, self._on_readable)
        _MASTERS.register(self._master, select.POLLIN)
        if self._link is not None:
            self._link.unlink(missing_ok=True)
            self._link.symlink_to(self._pty)

    def close(self) -> None:
        """Idempotent."""
        self.cut()

    def _send_next(self) -> None:
        if self._sending is None and self._outgoing and self.connected:
            wait = self._duration(self._outgoing[0]) + self.to_host.delay_s
            self._sending = self._loop.call_later(wait, self._sent)

    def _sent(self) -> None:
        self._sending = None
        if self._outgoing:
            self._deliver(self._outgoing.popleft())
        self._send_next()

    def _deliver(self, data: bytes) -> None:
        waiting = _readable(self._slave)
        try:
            written = os.write(self._master, data)
        except BlockingIOError:
            written = 0
        self.bytes_lost += len(data) - written  # an overrun, as on a real UART
        if not isinstance(self._loop, VirtualLoop):
            return
        # On virtual time the host runs on this very loop and reads nothing before we
        # return, so the bytes can be waited for.
        here = select.poll()
        here.register(self._slave, select.POLLIN)
        for _ in range(_DELIVERY):
            here.poll(0)
            if _readable(self._slave) >= min(waiting + written, _FULL):
                return
            select.select([], [], [], 0.001)

    def _on_readable(self) -> None:
        try:
            data = os.read(self._master, _FULL)
        except BlockingIOError:
            return
        except OSError as error:
            if error.errno != errno.EIO:  # nobody has the line open
                raise
            return
        self.bytes_from_host += len(data)
        piece = max(1, self.to_device.piece)
        for start in range(0, len(data), piece):
            self._arrive(data[start : start + piece])

    def _arrive(self, data: bytes) -> None:
        begins = max(self._loop.time(), self._arrived_at)
        self._arrived_at = begins + self._duration(data) + self.to_device.delay_s
        heard = self.to_device.apply(data)

        def arrived() -> None:
            self._arriving.discard(handle)
            if self._on_bytes is not None and heard:
                self._on_bytes(heard)

        handle = self._loop.call_at(self._arrived_at, arrived)
        self._arriving.add(handle)

    def _duration(self, data: bytes) -> float:
        return len(data) * BITS_A_BYTE / self.baud


def _readable(fd: int) -> int:
    answer = fcntl.ioctl(fd, termios.FIONREAD, bytes(4))
    return int(struct.unpack("i", answer)[0])
