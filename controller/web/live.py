"""Live updates: one rendering for all who watch, sent as server-sent events.

Whenever something was stored, and every `BEAT` besides, the board is read once and
rendered once for all who may see the same; whoever watches gets the fragments that
changed and the rows that are new. A heartbeat follows only if the board could be read,
so that a browser whose heartbeats stop tells the truth: what it shows is stale.

    id: 4711          the position in the log that the browser has after this
    event: patch      data: elements, each with its id; rows of the stream among them
    event: renew      the same, but the rows begin anew: there is a hole before them
    event: beat       data: the office's time
    event: seat       data: "open" or "locked", first of all (`routes.board`)

Laws: a watcher that joins, or comes back with Last-Event-ID, gets every state and all
rows behind its position; nothing is sent twice to one that is up to date; a watcher
that doesn't keep up is dropped, and comes back by itself.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Iterable
from dataclasses import dataclass, field
from typing import Final

from controller.services.board import Board
from controller.web.pages.board import Fragments
from controller.web.pages.sight import Onlooker
from controller.web.sources import BoardSource
from domain.errors import AccessSystemError

BEAT: Final = 5.0  # seconds; browsers call the link lost after 10
# Seconds between two renderings. The first change after a quiet moment is told at once;
# what follows is gathered: a burst of a thousand events costs two renderings a second.
GATHER: Final = 0.5
# Messages a browser may fall behind. With a heartbeat every 5 s, one that reads
# nothing at all is gone within 3 minutes; under load within seconds.
BACKLOG: Final = 32
MAX_WATCHERS: Final = 200

Render = Callable[[Board, Onlooker], Fragments]

_log = logging.getLogger(__name__)


class TooManyWatchers(AccessSystemError):
    """No more browsers can be served live; the page still works by refreshing."""

    code = "web.too_many_watchers"


@dataclass(eq=False, slots=True)
class _Watcher:
    eyes: Onlooker
    position: int
    fresh: bool = True  # has not been sent the states yet
    queue: asyncio.Queue[bytes | None] = field(
        default_factory=lambda: asyncio.Queue(BACKLOG)
    )


class Live:
    """The hub between the board and the browsers."""

    def __init__(
        self, source: BoardSource, render: Render, *, beat: float = BEAT
    ) -> None:
        self._source = source
        self._render = render
        self._beat = beat
        self._watchers: set[_Watcher] = set()
        self._sent: dict[Onlooker, Fragments] = {}
        self._changed = asyncio.Event()
        self._watched = asyncio.Event()

    @property
    def watchers(self) -> int:
        return len(self._watchers)

    def changed(self, _what: object = None) -> None:
        """Something was stored."""
        self._changed.set()

    async def run(self) -> None:
        """Serve whoever watches, until cancelled."""
        self._source.listen(self.changed)
        loop = asyncio.get_running_loop()
        told = -GATHER
        try:
            while True:
                await self._watched.wait()
                try:
                    async with asyncio.timeout(self._beat):
                        await self._changed.wait()
                    await asyncio.sleep(max(0.0, told + GATHER - loop.time()))
                    tick = False
                except TimeoutError:
                    tick = True
                self._changed.clear()
                told = loop.time()
                await self._tell(tick=tick)
        finally:
            self.close()

    def close(self) -> None:
        """End every stream; browsers will come back by themselves."""
        for watcher in tuple(self._watchers):
            self._drop(watcher)

    async def watch(self, eyes: Onlooker, after: int) -> AsyncGenerator[bytes, None]:
        """What one browser is sent; it has everything up to position `after`."""
        if len(self._watchers) >= MAX_WATCHERS:
            raise TooManyWatchers(f"{MAX_WATCHERS} browsers are watching already")
        watcher = _Watcher(eyes, after)
        self._watchers.add(watcher)
        self._watched.set()
        self._changed.set()
        return self._messages(watcher)

    async def _messages(self, watcher: _Watcher) -> AsyncGenerator[bytes, None]:
        try:
            yield b"retry: 1000\n\n"
            while (message := await watcher.queue.get()) is not None:
                yield message
        finally:
            self._forget(watcher)

    async def _tell(self, *, tick: bool) -> None:
        try:
            board = await self._source.board()
        except AccessSystemError as error:
            _log.warning("web.board_unreadable code=%s", error.code)
            return
        for eyes in {w.eyes for w in self._watchers}:
            self._tell_to(eyes, board)
        if tick:
            beat = message("beat", [board.at.isoformat()])
            for watcher in tuple(self._watchers):
                self._put(watcher, beat)

    def _tell_to(self, eyes: Onlooker, board: Board) -> None:
        now, before = self._render(board, eyes), self._sent.get(eyes)
        self._sent[eyes] = now
        patches: dict[tuple[int, bool], bytes | None] = {}
        for watcher in [w for w in self._watchers if w.eyes == eyes]:
            key = (watcher.position, watcher.fresh)
            if key not in patches:  # the same for all who are equally far
                known = {} if watcher.fresh or before is None else before.states
                patches[key] = _patch(now, known, after=watcher.position)
            patch = patches[key]
            if patch is not None:
                self._put(watcher, patch)
            watcher.position = max(watcher.position, now.position)
            watcher.fresh = False

    def _put(self, watcher: _Watcher, message: bytes) -> None:
        try:
            watcher.queue.put_nowait(message)
        except asyncio.QueueFull:
            _log.info("web.slow_watcher_dropped backlog=%d", BACKLOG)
            self._drop(watcher)

    def _drop(self, watcher: _Watcher) -> None:
        self._forget(watcher)
        while not watcher.queue.empty():
            watcher.queue.get_nowait()
        watcher.queue.put_nowait(None)

    def _forget(self, watcher: _Watcher) -> None:
        self._watchers.discard(watcher)
        if not self._watchers:
            self._watched.clear()
            self._sent.clear()


def _patch(now: Fragments, known: dict[str, str], *, after: int) -> bytes | None:
    """The message that brings a browser from `known` and `after` to `now`."""
    states = [html for key, html in now.states.items() if known.get(key) != html]
    # Oldest first: the browser puts each where its own time belongs.
    rows = [html for position, html in reversed(now.rows) if position > after]
    if not states and not rows:
        return None
    lowest = min((position for position, _ in now.rows), default=0)
    event = "renew" if 0 < after < lowest - 1 else "patch"
    # Without rows, as while locked, the browser's position stays where it is.
    return message(event, [*states, *rows], position=now.position or None)


def message(event: str, parts: Iterable[str], position: int | None = None) -> bytes:
    lines = [] if position is None else [f"id: {position}"]
    lines.append(f"event: {event}")
    lines += (f"data: {line}" for part in parts for line in part.splitlines() if line)
    return ("\n".join(lines) + "\n\n").encode()
