"""The console that pages are made for: who asks, in which language, in which frame.

A page family is a module in `controller.web.routes` with `routes(console)`. Its
addresses have rows in `controller.web.roles`; its handlers end in `console.page`, which
puts the top bar, the alarm band and the navigation around it. See docs/console.md.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute

from config.schema import Site
from controller.papers.fonts import Fonts, find_fonts
from controller.services.office import Office
from controller.services.operators import Operators
from controller.services.sessions import Session
from controller.services.tokens import Tokens
from controller.web.auth import session_of
from controller.web.live import Live
from controller.web.pages.board import surroundings
from controller.web.pages.board_view import board_view
from controller.web.pages.frame import Preferences, Seat, Times, render
from controller.web.pages.sight import onlooker, seen
from controller.web.preferences import preferences_of
from controller.web.roles import ACKNOWLEDGING, COMMANDING, Table
from controller.web.sources import BoardSource
from controller.web.words import Language, words
from domain.clock import Clock
from domain.operators import Operator


@dataclass(slots=True, kw_only=True)
class Console:
    """`table` is set by the app, once all routes are known. `fonts`: for papers."""

    site: Site
    source: BoardSource
    operators: Operators
    tokens: Tokens
    clock: Clock
    language: Language
    live: Live
    table: Table = field(default_factory=lambda: Table((), ()))
    fonts: Callable[[], Fonts] = find_fonts

    @property
    def office(self) -> Office:
        """The register and the log behind all pages, for services."""
        return self.operators.sessions.office

    def preferences(self, request: Request) -> Preferences:
        return preferences_of(request, self.language)

    def operator(self, request: Request) -> Operator:
        """Who asks."""
        return session_of(request).operator

    def times(self, request: Request) -> Times:
        """Instants in words, as of now."""
        say = words(self.preferences(request).language)
        return Times(say, self.site.tz, self.clock.now())

    def seat(self, request: Request) -> Seat:
        session: Session = session_of(request)
        return Seat(
            operator=session.operator,
            locked=session.locked,
            csrf=session.csrf,
            nav=self.table.nav(session.operator),
            commands=not session.operator.roles.isdisjoint(COMMANDING),
            acknowledges=not session.operator.roles.isdisjoint(ACKNOWLEDGING),
            here=request.url.path,
        )

    async def page(
        self,
        request: Request,
        template: str,
        context: Mapping[str, object],
        *,
        status: int = 200,
    ) -> Response:
        """`template`, which extends `console.html`, with everything around it.

        It finds `say`, `prefs`, `seat`, `icon` and what is in `context`.
        """
        preferences = self.preferences(request)
        eyes = onlooker(session_of(request), preferences.language)
        board = seen(await self.source.board(), eyes)
        around = surroundings(
            board_view(board, self.site, preferences.language),
            self.site,
            preferences,
            self.seat(request),
            _address(request),
        )
        html = render(template, preferences, {**around, **context})
        return HTMLResponse(html, status)


Family: TypeAlias = Callable[[Console], list[BaseRoute]]


def see(path: str) -> Response:
    """After a form: look at `path`; going back doesn't send the form again."""
    return RedirectResponse(path, 303)


def _address(request: Request) -> str:
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")
