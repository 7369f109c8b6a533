"""Who may use the API: whoever shows a token, in the header and nowhere else.

    Authorization: Bearer menshen_…

Cookies mean nothing here, so no page of another site can act through somebody's
browser, and no form needs a mark. Under `/api/` nothing is answered without a token,
not even that an address isn't there.
"""

from typing import Final

from starlette.datastructures import Headers
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from controller.services.tokens import MINUTE, Tokens, TooManyRefusals
from controller.web.api.problems import Problem, answer
from controller.web.api.table import DESCRIPTION, ENDPOINTS
from domain.errors import StorageError
from domain.tokens import Token

PREFIX: Final = "/api"
_LONGEST: Final = 200  # characters of what is looked up
_CHALLENGE: Final = {"www-authenticate": 'Bearer realm="menshen"'}
_WRONG: Final = {"www-authenticate": 'Bearer realm="menshen", error="invalid_token"'}
_ADDRESSES: Final = tuple(
    (compile_path(path)[0], path)
    for path in dict.fromkeys((DESCRIPTION, *(each.path for each in ENDPOINTS)))
)


def is_api(path: str) -> bool:
    return path == PREFIX or path.startswith(f"{PREFIX}/")


def too_many() -> Problem:
    seconds = int(MINUTE.total_seconds())
    return Problem("too_many", headers={"retry-after": str(seconds)})


def token_of(scope: Scope) -> Token:
    token: Token = scope["menshen.token"]
    return token


class TokenGate:
    """As middleware, around everything."""

    def __init__(self, app: ASGIApp, *, tokens: Tokens) -> None:
        self._app = app
        self._tokens = tokens

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_api(scope["path"]):
            await self._app(scope, receive, send)
            return
        try:
            scope["menshen.token"] = await self._admit(scope)
        except Problem as problem:
            await answer(problem)(scope, receive, send)
            return
        await self._app(scope, receive, send)

    async def _admit(self, scope: Scope) -> Token:
        given = Headers(scope=scope).getlist("authorization")
        if not given:
            raise Problem("no_token", headers=_CHALLENGE)
        scheme, _, text = given[0].partition(" ")
        if len(given) > 1 or scheme.lower() != "bearer":
            raise Problem("no_token", headers=_CHALLENGE)
        try:
            shown = await self._tokens.show(text.strip()[:_LONGEST], _act(scope))
        except TooManyRefusals:
            raise too_many() from None
        except StorageError:
            raise Problem("unavailable") from None
        if not isinstance(shown, Token):
            raise Problem("bad_token", headers=_WRONG)
        return shown


def _act(scope: Scope) -> str:
    """For the record: the address as the table has it; of others, only that."""
    known = (path for form, path in _ADDRESSES if form.match(scope["path"]))
    path = next(known, f"{PREFIX}/…")
    return f"{scope['method'][:8]} {path}"
