"""The console: its page families, what surrounds them, what an error looks like.

Which addresses there are, and who may use them, is the table in `controller.web.roles`;
`/healthz` answers "ok" to anyone on this machine, `/static/…` has style, script, icons.
"""

import asyncio
import contextlib
import logging
import secrets
from collections.abc import AsyncIterator, Callable, Sequence
from pathlib import Path
from typing import Final

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from config.schema import Site
from controller.papers.fonts import Fonts, find_fonts
from controller.services.operators import Operators
from controller.services.tokens import Tokens
from controller.web.api.gate import TokenGate, is_api
from controller.web.api.problems import Problem, answer
from controller.web.auth import Admission
from controller.web.console import Console, Family
from controller.web.headers import SECURITY_HEADERS, Guarded
from controller.web.live import BEAT, Live, TooManyWatchers
from controller.web.pages import board as board_page
from controller.web.pages.notes import error_page
from controller.web.pages.sight import seen
from controller.web.preferences import preferences_of
from controller.web.roles import Table
from controller.web.routes import (
    alarms,
    api,
    badge_pool,
    badges,
    board,
    check_in,
    check_out,
    desk,
    doors,
    grants,
    labels,
    lobby,
    muster,
    operators,
    party,
    people,
    people_acts,
    people_csv,
    people_import,
    photos,
    posture,
    proposals,
    requests,
    review,
    session,
    tablets,
    tokens,
    undertaking_papers,
    undertakings,
    visits,
    watch,
    zones,
)
from controller.web.sources import BoardSource
from controller.web.words import CHINESE, Language
from domain.clock import Clock
from domain.errors import AccessSystemError, InputError

_STATIC: Final = Path(__file__).parent / "static"

# What every console has; those that need more of the office are given to `build_app`.
OWN: Final[tuple[Family, ...]] = (
    session.routes,
    board.routes,
    watch.routes,
    alarms.routes,
    # Its /visits/new before the desk's /visits/{visit}.
    requests.routes,
    labels.routes,
    muster.routes,
    visits.routes,
    undertakings.routes,
    doors.routes,
    proposals.routes,  # these two before a person of that name
    people_import.routes,
    people.routes,
    posture.routes,
    badges.routes,
    zones.routes,
    people_acts.routes,
    people_csv.routes,
    desk.routes,
    check_in.routes,
    party.routes,
    check_out.routes,
    photos.routes,
    badge_pool.routes,
    review.routes,
    tablets.routes,
    undertaking_papers.routes,
    lobby.routes,
    grants.routes,
    operators.routes,
    tokens.routes,
    api.routes,
)

_log = logging.getLogger(__name__)


def build_app(
    source: BoardSource,
    *,
    site: Site,
    operators: Operators,
    clock: Clock,
    families: Sequence[Family] = (),
    language: Language = CHINESE,
    beat: float = BEAT,
    new_reference: Callable[[], str] = lambda: secrets.token_hex(4),
    fonts: Callable[[], Fonts] = find_fonts,
) -> Starlette:
    """The console over `source`; its lifespan runs the live updates.

    Raises:
        CallerError: an address has no row in the table of roles.
    """
    live = Live(
        source,
        lambda board, eyes: board_page.fragments(
            seen(board, eyes), site, eyes.language
        ),
        beat=beat,
    )
    console = Console(
        site=site,
        source=source,
        operators=operators,
        tokens=Tokens(operators.sessions.office),
        clock=clock,
        language=language,
        live=live,
        fonts=fonts,
    )
    routes: list[BaseRoute] = [
        Route("/healthz", _healthz),
        Mount("/static", StaticFiles(directory=_STATIC)),
    ]
    for family in (*OWN, *families):
        routes += family(console)
    console.table = Table(routes)
    source.listen(operators.sessions.heard)

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with asyncio.TaskGroup() as group:
            running = group.create_task(live.run())
            yield
            running.cancel()

    async def failed(request: Request, error: Exception) -> Response:
        status = 500
        if isinstance(error, HTTPException):
            status = error.status_code
        elif isinstance(error, InputError):
            status = 404  # an address that names what isn't there
        elif isinstance(error, AccessSystemError):
            status = 503
        reference = new_reference()
        if status >= 500:
            code = getattr(error, "code", type(error).__name__)
            _log.error("web.failed reference=%s code=%s", reference, code)
        if is_api(request.url.path):
            return _problem(status, error, reference)
        page = error_page(preferences_of(request, language), status, reference)
        # The page of a crash is made outside of all middleware.
        return HTMLResponse(page, status, headers=SECURITY_HEADERS)

    app = Starlette(
        routes=routes,
        middleware=[
            Middleware(Guarded),
            Middleware(TokenGate, tokens=console.tokens),
            Middleware(
                Admission,
                routes=routes,
                table=console.table,
                operators=operators,
                language=language,
                failed=failed,
            ),
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
    app.state.table = console.table
    return app


def live_of(app: Starlette) -> Live:
    live: Live = app.state.live
    return live


def table_of(app: Starlette) -> Table:
    table: Table = app.state.table
    return table


def _problem(status: int, error: Exception, reference: str) -> Response:
    """The same for another system; of a crash no more than the reference."""
    codes = {404: "not_found", 405: "method", 503: "unavailable"}
    headers = dict(getattr(error, "headers", None) or {})
    code = codes.get(status, "failed")
    detail = f"reference {reference}" if status >= 500 else ""
    response = answer(Problem(code, detail, headers=headers))
    response.headers.update(SECURITY_HEADERS)
    return response


async def _healthz(_request: Request) -> Response:
    return PlainTextResponse("ok\n")
