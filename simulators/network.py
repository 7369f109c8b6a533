"""A cable that can be cut: forwards TCP on loopback until told not to."""

import asyncio
import contextlib
from typing import Final

_HOST: Final = "127.0.0.1"
_CHUNK: Final = 64 * 1024


class Cable:
    """Stands between one client and a server. TLS passes through untouched."""

    def __init__(self, host: str, port: int) -> None:
        self._target = (host, port)
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self._whole = True

    @property
    def host(self) -> str:
        return _HOST

    @property
    def port(self) -> int:
        if self._server is None:
            raise RuntimeError("this cable is not plugged in")
        port: int = self._server.sockets[0].getsockname()[1]
        return port

    async def plug_in(self) -> None:
        self._server = await asyncio.start_server(self._serve, _HOST, 0)

    async def unplug(self) -> None:
        """For good. Idempotent."""
        self.cut()
        if self._server is not None:
            self._server.close()
            self._server = None

    def cut(self) -> None:
        """Both sides lose the connection at once, with no goodbye."""
        self._whole = False
        self.lose()

    def lose(self) -> None:
        """What goes through just now breaks off; the cable is as whole as before."""
        for writer in self._open:
            writer.transport.abort()

    def restore(self) -> None:
        self._whole = True

    async def _serve(
        self, near: asyncio.StreamReader, back: asyncio.StreamWriter
    ) -> None:
        if not self._whole:
            back.transport.abort()
            return
        try:
            far, forth = await asyncio.open_connection(*self._target)
        except OSError:
            back.transport.abort()
            return
        self._open |= {back, forth}
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(_pump(near, forth))
                group.create_task(_pump(far, back))
        finally:
            self._open -= {back, forth}


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Until one end is gone; then the other goes too."""
    with contextlib.suppress(OSError):
        while data := await source.read(_CHUNK):
            sink.write(data)
            await sink.drain()
    sink.close()
