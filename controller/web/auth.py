"""Who may see the console until sign-in exists: whoever has the token of this start.

The token is printed when the controller starts and is different each time. It is
given once, in a form or in the printed link; the browser then keeps a cookie
*derived* from it, so that what a browser stores, or sends to another port of this
machine (cookies don't know ports), isn't the token.

Laws: without the cookie every page leads to the form; a token is compared in constant
time; after `TRIES` wrong ones within `WINDOW` every token is refused until the window
has passed (G7.2.1-3); none is ever logged.
"""

import hashlib
import hmac
from collections import deque
from datetime import datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from domain.clock import Clock
from domain.errors import CallerError

COOKIE: Final = "menshen_session"
TRIES: Final = 10
WINDOW: Final = timedelta(minutes=1)
# Enough that guessing is hopeless, short enough to be typed when it must be.
MIN_TOKEN: Final = 16


class TokenGate:
    """Admits by token, remembers by cookie."""

    def __init__(self, token: str, *, clock: Clock) -> None:
        if len(token) < MIN_TOKEN:
            raise CallerError(f"the token has fewer than {MIN_TOKEN} characters")
        key = token.encode()
        self._token = hashlib.sha256(key).digest()
        self._session = hmac.new(key, b"menshen console session", "sha256").hexdigest()
        self._clock = clock
        self._failures: deque[datetime] = deque(maxlen=TRIES)

    def __repr__(self) -> str:
        return "TokenGate()"

    def admits(self, cookie: str | None) -> bool:
        """Whether a browser that sends `cookie` has given the token before."""
        return cookie is not None and hmac.compare_digest(
            cookie.encode(), self._session.encode()
        )

    @property
    def retry_after(self) -> int:
        """Seconds until a token is looked at again; 0: now."""
        if len(self._failures) < TRIES:
            return 0
        left = self._failures[0] + WINDOW - self._clock.now()
        return max(0, -(-left // timedelta(seconds=1)))

    def accept(self, token: str) -> bool:
        """Whether `token` is the one; a wrong one is counted."""
        if self.retry_after:
            return False
        given = hashlib.sha256(token.strip().encode()).digest()
        if hmac.compare_digest(given, self._token):
            return True
        self._failures.append(self._clock.now())
        return False

    def remember(self, response: Response) -> None:
        """Give the browser its cookie, for as long as it stays open."""
        response.set_cookie(
            COOKIE, self._session, httponly=True, samesite="strict", path="/"
        )


class Gated:
    """Let through whoever has the cookie; lead everybody else to the form.

    The printed link, `/?token=…`, is taken once and leads on to the same page
    without it, so that the token stays in no history and no bookmark.
    """

    def __init__(self, app: ASGIApp, *, gate: TokenGate) -> None:
        self._app = app
        self._gate = gate

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or _is_open(scope["path"]):
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        token = request.query_params.get("token")
        app: ASGIApp
        if token is not None:
            app = self._arrive(token)
        elif self._gate.admits(request.cookies.get(COOKIE)):
            app = self._app
        else:
            app = RedirectResponse("/token", 303)
        await app(scope, receive, send)

    def _arrive(self, token: str) -> Response:
        if not self._gate.accept(token):
            return RedirectResponse("/token?wrong=1", 303)
        response = RedirectResponse("/", 303)
        self._gate.remember(response)
        return response


def _is_open(path: str) -> bool:
    """The form itself, what it looks like, and whether we are alive."""
    return path in ("/token", "/healthz") or path.startswith("/static/")


def forget(response: Response) -> None:
    response.delete_cookie(COOKIE, httponly=True, samesite="strict", path="/")
