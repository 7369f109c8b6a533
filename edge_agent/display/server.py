"""Serves one display's page on loopback: a few lines of HTTP/1.1, no library.

Four addresses: the page, its style, its script, and the stream of its pictures
(server-sent events). Reads only: nothing that is sent here changes anything.

- Only loopback is listened on, only loopback names are answered (a foreign name that
  resolves to this machine gets 421), and only GET and HEAD.
- Everything that is not ours is forbidden to the page: no inline script or style, no
  other host, no framing.
- A request is small and quick, and so is a reader of the stream, or it is dropped.
"""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Final

from edge_agent.display.door_display import DoorDisplay
from edge_agent.display.page import FOLDER, fragment, page

log = logging.getLogger(__name__)

HOST: Final = "127.0.0.1"
_NAMES: Final = frozenset({"127.0.0.1", "localhost"})
_CONNECTIONS: Final = 16  # a kiosk has one stream; a guard may look in besides
_HEAD: Final = 8192  # bytes of a request
_PATIENCE: Final = 5.0  # seconds for a request to come, and for a reader to read
_RETRY: Final = 30.0  # seconds until a port that was taken is tried again

CONTENT_SECURITY_POLICY: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "base-uri 'none'",
    )
)
_HEADERS: Final = (
    ("content-security-policy", CONTENT_SECURITY_POLICY),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("referrer-policy", "no-referrer"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("cache-control", "no-store"),
    ("connection", "close"),
)
_REASONS: Final = {
    200: "OK",
    204: "No Content",
    400: "Bad Request",
    404: "Not Found",
    405: "Method Not Allowed",
    421: "Misdirected Request",
    503: "Service Unavailable",
}


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    path: str
    host: str


class DisplayServer:
    def __init__(self, display: DoorDisplay, *, port: int) -> None:
        self._display = display
        self._port = port
        self._serving: set[asyncio.Task[None]] = set()

    async def run(self, started: Callable[[int], None] = lambda port: None) -> None:
        """Serve until cancelled. `started` hears the port, also if it was 0. While
        the port is taken the door goes on without its display."""
        server = await self._listen()
        port: int = server.sockets[0].getsockname()[1]
        started(port)
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            server.close()
            for task in self._serving:
                task.cancel()
            await asyncio.gather(*self._serving, return_exceptions=True)

    async def _listen(self) -> asyncio.Server:
        door = self._display.place.door.id
        while True:
            try:
                return await asyncio.start_server(
                    self._accept, HOST, self._port, limit=_HEAD
                )
            except OSError as error:
                log.error(
                    "display.unavailable",
                    extra={"door": door, "port": self._port, "cause": str(error)},
                )
                await asyncio.sleep(_RETRY)

    def _accept(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.create_task(self._serve(reader, writer))
        self._serving.add(task)
        task.add_done_callback(self._serving.discard)

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            with suppress(OSError, TimeoutError):  # a reader that went away
                await self._answer(await _read(reader), writer)
        finally:
            writer.close()

    async def _answer(
        self, request: _Request | None, writer: asyncio.StreamWriter
    ) -> None:
        if len(self._serving) > _CONNECTIONS:
            return await _send(writer, 503, "text/plain", b"too many readers\n")
        if request is None:
            return await _send(writer, 400, "text/plain", b"not understood\n")
        if request.host not in _NAMES:
            return await _send(writer, 421, "text/plain", b"not served here\n")
        if request.method not in ("GET", "HEAD"):
            return await _send(writer, 405, "text/plain", b"only reading\n")
        head_only = request.method == "HEAD"
        match request.path:
            case "/":
                body = page(self._display.view()).encode()
                await _send(writer, 200, "text/html", body, head_only=head_only)
            case "/display.css":
                style = _file("display.css")
                await _send(writer, 200, "text/css", style, head_only=head_only)
            case "/display.js":
                script = _file("display.js")
                await _send(writer, 200, "text/javascript", script, head_only=head_only)
            case "/live" if not head_only:
                await self._stream(writer)
            case "/favicon.ico":
                await _send(writer, 204, "", b"")
            case _:
                await _send(writer, 404, "text/plain", b"nothing here\n")

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        writer.write(_head(200, "text/event-stream", None) + b"retry: 1000\n\n")
        async for picture in self._display.pictures():
            writer.write(f"event: picture\ndata: {fragment(picture)}\n\n".encode())
            await _drained(writer)


async def _read(reader: asyncio.StreamReader) -> _Request | None:
    """The request, or None if it is none that we understand."""
    try:
        async with asyncio.timeout(_PATIENCE):
            head = await reader.readuntil(b"\r\n\r\n")
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError):
        return None
    first, *fields = head.decode("latin-1").split("\r\n")
    parts = first.split(" ")
    if len(parts) != 3 or not parts[2].startswith("HTTP/1."):
        return None
    host = ""
    for field in fields:
        name, _, value = field.partition(":")
        if name.strip().lower() == "host":
            host = value.strip().rsplit(":", 1)[0].lower()
    return _Request(parts[0], parts[1].partition("?")[0], host)


async def _send(
    writer: asyncio.StreamWriter,
    status: int,
    kind: str,
    body: bytes,
    *,
    head_only: bool = False,
) -> None:
    writer.write(_head(status, kind, len(body)) + (b"" if head_only else body))
    await _drained(writer)


async def _drained(writer: asyncio.StreamWriter) -> None:
    async with asyncio.timeout(_PATIENCE):
        await writer.drain()


def _head(status: int, kind: str, length: int | None) -> bytes:
    fields = list(_HEADERS)
    if kind:
        fields.append(("content-type", f"{kind}; charset=utf-8"))
    if length is not None:
        fields.append(("content-length", str(length)))
    lines = [f"HTTP/1.1 {status} {_REASONS[status]}", *(f"{k}: {v}" for k, v in fields)]
    return "\r\n".join([*lines, "", ""]).encode()


@cache
def _file(name: str) -> bytes:
    return (FOLDER / name).read_bytes()
