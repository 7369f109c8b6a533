"""The console under test: really served, on a free port of this machine.

`Told` is a board source that shows what it was last told; where a test needs the real
register behind the page, it has its own.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.parser import BytesHeaderParser
from urllib.parse import urlsplit

from controller.papers.fonts import Fonts, find_fonts
from controller.services.board import Board, EventRow
from controller.services.event_filter import EventFilter
from controller.web.app import build_app
from controller.web.console import Family
from controller.web.server import run_web
from controller.web.sources import BoardSource
from tests.boards import CALM, NOW, SITE
from tests.operators import Gate, new_gate


class Served(str):
    """The address of a console, and the gate it has."""

    __slots__ = ("gate",)
    gate: Gate

    async def cookie(self, name: str = "guard") -> dict[str, str]:
        """Of a browser in which that operator is signed in."""
        return await self.gate.cookie(name)


class Told:
    """Shows the board it was told last, and rings when told another."""

    def __init__(self, shown: Board = CALM) -> None:
        self.shown = shown
        self.asked_for = asyncio.Event()
        self._callbacks: list[Callable[[object], None]] = []

    async def board(self) -> Board:
        self.asked_for.set()
        return self.shown

    async def events(self, wanted: EventFilter) -> tuple[EventRow, ...]:
        return tuple(row for row in self.shown.events if wanted.wants(row, SITE))

    def listen(self, callback: Callable[[object], None]) -> None:
        self._callbacks.append(callback)

    def tell(self, shown: Board) -> None:
        self.shown = shown
        for callback in self._callbacks:
            callback(None)


class SetClock:
    """Stands still until it is moved."""

    def __init__(self, at: datetime = NOW) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def pass_by(self, span: timedelta) -> None:
        self.at += span


@asynccontextmanager
async def served(
    source: BoardSource,
    *,
    beat: float = 5.0,
    clock: SetClock | None = None,
    port: int = 0,
    gate: Gate | None = None,
    families: Sequence[Family] = (),
    fonts: Callable[[], Fonts] = find_fonts,
) -> AsyncIterator[Served]:
    """The address of the console over `source`, until the block ends."""
    clock = clock or SetClock()
    own = gate or await new_gate(SITE, clock)
    app = build_app(
        source,
        site=SITE,
        operators=own.operators,
        clock=clock,
        families=families,
        beat=beat,
        new_reference=lambda: "ref-1",
        fonts=fonts,
    )
    ports: list[int] = []
    serving = asyncio.create_task(
        run_web(app, host="127.0.0.1", port=port, started=ports.append)
    )
    try:
        await asyncio.sleep(0)  # the listener is made before the first await
        address = Served(f"http://127.0.0.1:{ports[0]}")
        address.gate = own
        yield address
    finally:
        serving.cancel()
        await asyncio.gather(serving, return_exceptions=True)
        if gate is None:
            await own.close()


@dataclass(frozen=True, slots=True)
class Answer:
    """What the server said to one request. Header names in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes

    @property
    def body(self) -> str:
        """A paper is no text; those who look into one take its content."""
        return self.content.decode("utf-8", "replace")

    @property
    def cookie(self) -> str:
        """What a browser would send back."""
        return self.headers["set-cookie"].partition(";")[0]


async def fetch(
    address: str,
    path: str,
    *,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
    body: str | bytes = "",
) -> Answer:
    """One plain request, following nothing."""
    host = urlsplit(address).netloc
    sent = {"host": host, "connection": "close", **(headers or {})}
    whole = body.encode() if isinstance(body, str) else body
    if whole:
        sent["content-length"] = str(len(whole))
        sent.setdefault("content-type", "application/x-www-form-urlencoded")
    lines = [f"{method} {path} HTTP/1.1", *(f"{k}: {v}" for k, v in sent.items())]
    reader, writer = await asyncio.open_connection(*host.rsplit(":", 1))
    writer.write("\r\n".join([*lines, "", ""]).encode() + whole)
    raw = await reader.read()
    writer.close()
    await writer.wait_closed()
    head, _, content = raw.partition(b"\r\n\r\n")
    status, _, fields = head.partition(b"\r\n")
    parsed = BytesHeaderParser().parsebytes(fields)
    named = {name.lower(): str(value) for name, value in parsed.items()}
    content = _unchunked(content, named)
    return Answer(int(status.split()[1]), named, content)


def _unchunked(content: bytes, headers: Mapping[str, str]) -> bytes:
    if headers.get("transfer-encoding") != "chunked":
        return content
    whole = b""
    while content:
        size, _, content = content.partition(b"\r\n")
        whole += content[: int(size, 16)]
        content = content[int(size, 16) + 2 :]
    return whole
