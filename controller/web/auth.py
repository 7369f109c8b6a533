"""Who may see the console until sign-in exists: whoever has the token of this start.

The token is printed when the controller starts and is different each time. It is
given once, in a form or in the printed link; the browser then keeps a cookie
*derived* from it, so that what a browser stores, or sends to another port of this
machine (cookies don't know ports), isn't the token.

Laws: compared in constant time; after `TRIES` wrong tokens within `WINDOW` every
token is refused until the window has passed (G7.2.1-3); never logged.
"""

import hashlib
import hmac
from collections import deque
from datetime import datetime, timedelta
from typing import Final

from starlette.responses import Response

from domain.clock import Clock

COOKIE: Final = "menshen_session"
TRIES: Final = 10
WINDOW: Final = timedelta(minutes=1)
# Enough that guessing is hopeless, short enough to be typed when it must be.
MIN_TOKEN: Final = 16


class TokenGate:
    """Admits by token, remembers by cookie."""

    def __init__(self, token: str, *, clock: Clock) -> None:
        if len(token) < MIN_TOKEN:
            raise ValueError(f"the token has fewer than {MIN_TOKEN} characters")
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


def forget(response: Response) -> None:
    response.delete_cookie(COOKIE, httponly=True, samesite="strict", path="/")
