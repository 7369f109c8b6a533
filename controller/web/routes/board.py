"""The live board and its stream of updates."""

import asyncio
import re
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing
from dataclasses import replace
from typing import Final

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from controller.services.event_filter import EventFilter, EventKind
from controller.services.sessions import Session
from controller.web.auth import session_of
from controller.web.console import Console
from controller.web.live import message
from controller.web.pages import board as board_page
from controller.web.pages.sight import onlooker, seen
from controller.web.preferences import known_language, settle
from domain.errors import StorageError
from domain.ids import DoorId, ZoneId
from domain.zones import ZoneLevel

_POSITION: Final = re.compile(r"[0-9]{1,18}")
# Seconds after which a stream looks again whether its session may see what it sends;
# what this or another process ends or locks is heard at once.
_LOOK: Final = 5.0


def routes(console: Console) -> list[BaseRoute]:
    async def board(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        view = _view(request)
        preferences = console.preferences(request)
        eyes = onlooker(session_of(request), preferences.language)
        whole = await console.source.board()
        if view.wanted:
            found = await console.source.events(view.wanted)
            # The browser has all of the log up to here, of which this is what it wants.
            position = max((row.position for row in whole.events), default=0)
            whole = replace(whole, events=found, position=position)
        shown = seen(whole, eyes)
        seat = console.seat(request)
        return HTMLResponse(
            board_page.page(shown, console.site, preferences, view, seat)
        )

    async def stream(request: Request) -> Response:
        query = request.query_params
        after = request.headers.get("last-event-id") or query.get("after", "")
        session = session_of(request)
        language = known_language(query.get("lang")) or console.language
        watching = await console.live.watch(
            onlooker(session, language),
            int(after) if _POSITION.fullmatch(after) else 0,
        )
        return StreamingResponse(
            _while_allowed(console, session, watching), media_type="text/event-stream"
        )

    return [Route("/", board), Route("/events/stream", stream)]


def _view(request: Request) -> board_page.View:
    """What the address asks for; of what nobody knows, nothing."""
    query = request.query_params
    kind, level = query.get("kind"), query.get("level")
    return board_page.View(
        abnormal=query.get("show") == "abnormal",
        all_events=query.get("events") == "all",
        wanted=EventFilter(
            kind=EventKind(kind) if kind in set(EventKind) else None,
            level=ZoneLevel(level) if level in set(ZoneLevel) else None,
            zone=ZoneId(query.get("zone", "")) or None,
            door=DoorId(query.get("door", "")) or None,
        ),
    )


async def _while_allowed(
    console: Console, session: Session, watching: AsyncGenerator[bytes, None]
) -> AsyncIterator[bytes]:
    """The stream, until the session ends, locks or unlocks: then the browser comes
    again, and is sent what it may see then, or to sign in."""
    sessions = console.operators.sessions
    loop = asyncio.get_running_loop()
    looked, changes = loop.time(), sessions.changes
    yield message("seat", ["locked" if session.locked else "open"])
    async with aclosing(watching):
        async for each in watching:
            if changes != sessions.changes or loop.time() - looked >= _LOOK:
                looked, changes = loop.time(), sessions.changes
                try:
                    now = await sessions.find(session.token, active=False)
                except StorageError:
                    return
                if now is None or now.locked != session.locked:
                    return
            yield each
