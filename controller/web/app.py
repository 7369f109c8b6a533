"""The console: routes, middleware and what an error looks like.

GET  /                 the live board; filters in the address, complete without script
GET  /events/stream    its live updates (server-sent events)
GET  /token   POST     asks for the token of this start; POST /token/forget
GET  /healthz          answers "ok" to anyone on this machine
GET  /static/…         style, script, icons
"""

import asyncio
import contextlib
import logging
import re
import secrets
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import (
    HTMLResponse,
    PlainTextResponse,
    RedirectResponse,
    Response,
    StreamingResponse,
)
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from config.schema import Site
from controller.web.auth import Gated, TokenGate, forget
from controller.web.headers import SECURITY_HEADERS, Guarded
from controller.web.live import BEAT, Live, TooManyWatchers
from controller.web.pages import board as board_page
from controller.web.pages.frame import Preferences
from controller.web.pages.notes import error_page, token_page
from controller.web.preferences import known_language, preferences_of, settle
from controller.web.sources import BoardSource
from controller.web.words import CHINESE, Language
from domain.clock import Clock
from domain.errors import AccessSystemError

_STATIC: Final = Path(__file__).parent / "static"
_MAX_FORM: Final = 4096  # bytes: a token and a few words

_POSITION: Final = re.compile(r"[0-9]{1,18}")

_log = logging.getLogger(__name__)


def build_app(
    board_source: BoardSource,
    *,
    site: Site,
    token: str,
    clock: Clock,
    language: Language = CHINESE,
    beat: float = BEAT,
    new_reference: Callable[[], str] = lambda: secrets.token_hex(4),
) -> Starlette:
    """The console over `board_source`; its lifespan runs the live updates."""
    gate = TokenGate(token, clock=clock)
    live = Live(
        board_source,
        lambda board, lang: board_page.fragments(board, site, lang),
        beat=beat,
    )

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            running = group.create_task(live.run())
            yield
            running.cancel()

    async def board(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        query = request.query_params
        view = board_page.View(
            abnormal=query.get("show") == "abnormal",
            all_events=query.get("events") == "all",
            door=query.get("door", ""),
        )
        shown = await board_source.board()
        return HTMLResponse(board_page.page(shown, site, preferences(request), view))

    async def stream(request: Request) -> Response:
        query = request.query_params
        after = request.headers.get("last-event-id") or query.get("after", "")
        watching = await live.watch(
            known_language(query.get("lang")) or language,
            int(after) if _POSITION.fullmatch(after) else 0,
        )
        return StreamingResponse(watching, media_type="text/event-stream")

    async def ask_token(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        wrong, wait = "wrong" in request.query_params, gate.retry_after
        if request.method == "POST":
            if gate.accept(await _field(request, "token")):
                response: Response = RedirectResponse("/", 303)
                gate.remember(response)
                return response
            wrong, wait = True, gate.retry_after
        page = token_page(preferences(request), wrong=wrong, retry_after=wait)
        if wait:
            return HTMLResponse(page, 429, headers={"retry-after": str(wait)})
        return HTMLResponse(page, 403 if wrong else 200)

    async def forget_token(_request: Request) -> Response:
        response = RedirectResponse("/token", 303)
        forget(response)
        return response

    def preferences(request: Request) -> Preferences:
        return preferences_of(request, language)

    async def failed(request: Request, error: Exception) -> Response:
        status = 500
        if isinstance(error, HTTPException):
            status = error.status_code
        elif isinstance(error, AccessSystemError):
            status = 503
        reference = new_reference()
        if status >= 500:
            code = getattr(error, "code", type(error).__name__)
            _log.error("web.failed reference=%s code=%s", reference, code)
        page = error_page(preferences(request), status, reference)
        # The page of a crash is made outside of all middleware.
        return HTMLResponse(page, status, headers=SECURITY_HEADERS)

    app = Starlette(
        routes=[
            Route("/", board),
            Route("/events/stream", stream),
            Route("/token", ask_token, methods=["GET", "POST"]),
            Route("/token/forget", forget_token, methods=["POST"]),
            Route("/healthz", _healthz),
            Mount("/static", StaticFiles(directory=_STATIC)),
        ],
        middleware=[
            Middleware(Guarded),
            Middleware(Gated, gate=gate),
            Middleware(GZipMiddleware, minimum_size=1024),
        ],
        exception_handlers={
            HTTPException: failed,
            TooManyWatchers: failed,
            AccessSystemError: failed,
            Exception: failed,
        },
        lifespan=lifespan,
    )
    app.state.live = live
    return app


def live_of(app: Starlette) -> Live:
    live: Live = app.state.live
    return live


async def _field(request: Request, name: str) -> str:
    """One field of a small form; empty if absent or the form is not small."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > _MAX_FORM:
            return ""
    return parse_qs(body.decode("utf-8", "replace")).get(name, [""])[0]


async def _healthz(_request: Request) -> Response:
    return PlainTextResponse("ok\n")
