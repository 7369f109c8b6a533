"""Who may pass: before any page, whatever its address.

1. Which row of the table is it? An address without one is told as not found, to those
   who are signed in; nobody else learns what exists.
2. Is somebody signed in? If not: to the form, and back here afterwards.
3. Is the console locked? Then only what shows no names; what was sent is kept, and
   sent on when its sender is back and says so.
4. May one of their roles do it? If not, that is recorded, and told calmly.
5. Does a form carry the mark of this session?

The cookie is a random token; the register knows its digest (`services.sessions`).
Before signing in a browser has a cookie too, which opens nothing: its forms are marked
by it, and each step of signing in replaces it.
"""

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import BaseRoute, Match, Mount, Route
from starlette.types import ASGIApp, Receive, Scope, Send

from controller.services.operators import Operators
from controller.services.sessions import Session, csrf_of
from controller.web.api.gate import is_api
from controller.web.forms import EMPTY, Form, is_marked, parse, read_body, replayed
from controller.web.pages.frame import Preferences
from controller.web.pages.notes import Kept, Note, locked_page, note_page
from controller.web.preferences import preferences_of
from controller.web.roles import SESSION_COOKIE, Access, Table
from controller.web.words import Language
from domain.errors import AccessSystemError

COOKIE: Final = SESSION_COOKIE
# A page that renews itself without script says so: nobody is using it.
RENEWED: Final = "renewed"
_TOKEN: Final = re.compile(r"[0-9a-f]{64}")
_SAFE: Final = frozenset({"GET", "HEAD"})


def token_of(request: Request, cookie: str = COOKIE) -> str:
    """The browser's token, empty if it has none of our form."""
    token = request.cookies.get(cookie, "")
    return token if _TOKEN.fullmatch(token) else ""


def session_of(request: Request) -> Session:
    """Who is signed in, on a page that only those see."""
    session: Session = request.scope["menshen.session"]
    return session


def maybe_session_of(request: Request) -> Session | None:
    session: Session | None = request.scope.get("menshen.session")
    return session


def give_cookie(response: Response, token: str) -> None:
    """Until the browser is closed."""
    response.set_cookie(COOKIE, token, httponly=True, samesite="strict", path="/")


def drop_cookie(response: Response) -> None:
    response.delete_cookie(COOKIE, httponly=True, samesite="strict", path="/")


class Admission:
    """The order above, as middleware."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        routes: Sequence[BaseRoute],
        table: Table,
        operators: Operators,
        language: Language,
        failed: Callable[[Request, Exception], Awaitable[Response]],
    ) -> None:
        self._app = app
        self._routes = routes
        self._table = table
        self._operators = operators
        self._language = language
        self._failed = failed

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or is_api(scope["path"]):  # whose gate is its own
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        body = b""
        row = self._row(scope)
        if request.method not in _SAFE:
            limit = 0 if row is None else row.max_body
            read = await read_body(receive, limit)
            if read is None:
                note = self._note(request, None, Note.TOO_BIG)
                await note(scope, receive, send)
                return
            body, receive = read, replayed(read, receive)
        try:
            answer = await self._answer(request, row, body)
        except AccessSystemError as error:  # the register does not answer
            answer = await self._failed(request, error)
        await (answer or self._app)(scope, receive, send)

    async def _answer(
        self, request: Request, row: Access | None, body: bytes
    ) -> Response | None:
        """None: let it through."""
        session = await self._session(request, row)
        form = parse(request.headers.get("content-type", ""), body) if body else EMPTY
        request.scope["menshen.session"] = session
        request.scope["menshen.form"] = form
        return await self._refusal(request, row, session, form, body)

    async def _session(self, request: Request, row: Access | None) -> Session | None:
        token = token_of(request)
        if not token or (row is not None and request.url.path.startswith("/static/")):
            return None
        if row is not None and row.cookie != COOKIE:
            return None  # a tablet's page: no operator uses it
        used = RENEWED not in request.query_params and not (
            row is not None and row.path in ("/events/stream", "/healthz")
        )
        return await self._operators.sessions.find(token, active=used)

    async def _refusal(
        self,
        request: Request,
        row: Access | None,
        session: Session | None,
        form: Form,
        body: bytes,
    ) -> Response | None:
        if session is None and (row is None or row.roles is not None):
            return _to_sign_in(request)
        if row is None:
            return None  # not found, or not by this method: the app says which
        if session is not None and row.roles is not None:
            if session.locked and not row.locked:
                return self._locked(request, session, form)
            if not row.allows(session.operator):
                act = f"{row.method} {row.path}"
                await self._operators.refuse(session.operator, act)
                return self._note(request, session, Note.NO_ROLE, row)
        if request.method not in _SAFE:
            token = token_of(request, row.cookie)
            csrf = csrf_of(token or "nobody")
            if not token or not is_marked(request, form, body, csrf):
                return self._note(request, session, Note.CSRF)
        return None

    def _row(self, scope: Scope) -> Access | None:
        method = "GET" if scope["method"] == "HEAD" else scope["method"]
        for route in self._routes:
            match, _ = route.matches(scope)
            if match is Match.FULL and isinstance(route, Route | Mount):
                return self._table.rows.get((method, route.path))
        return None

    def _locked(self, request: Request, session: Session, form: Form) -> Response:
        kept = None
        address = request.url.path
        if request.method not in _SAFE:
            kept = Kept(address, form.raw())
        elif request.url.query:
            address += f"?{request.url.query}"
        page = locked_page(
            self._preferences(request), csrf=session.csrf, back=address, kept=kept
        )
        return HTMLResponse(page, 423)

    def _note(
        self,
        request: Request,
        session: Session | None,
        note: Note,
        row: Access | None = None,
    ) -> Response:
        page = note_page(
            self._preferences(request),
            note,
            has=() if session is None else sorted(session.operator.roles),
            may=() if row is None or row.roles is None else sorted(row.roles),
        )
        return HTMLResponse(page, note.status)

    def _preferences(self, request: Request) -> Preferences:
        return preferences_of(request, self._language)


def _to_sign_in(request: Request) -> Response:
    """And, from a page that can be opened again, back to it."""
    back = request.url.path
    if request.url.query:
        back += f"?{request.url.query}"
    if request.method not in _SAFE or back == "/" or "stream" in back:
        return RedirectResponse("/sign-in", 303)
    return RedirectResponse(f"/sign-in?{urlencode({'next': back})}", 303)
