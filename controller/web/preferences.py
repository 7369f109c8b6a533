"""How a browser wants its pages: language and theme, kept in its own cookies."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from controller.web.pages.frame import THEMES, Preferences
from controller.web.words import LANGUAGES, Language

_YEAR: Final = 366 * 24 * 3600  # seconds
_ALLOWED: Final[dict[str, Sequence[str]]] = {"lang": LANGUAGES, "theme": THEMES}


def preferences_of(request: Request, default: Language) -> Preferences:
    theme = request.cookies.get("theme", "")
    return Preferences(
        language=known_language(request.cookies.get("lang")) or default,
        theme=theme if theme in THEMES else THEMES[0],
    )


def settle(request: Request) -> Response | None:
    """Keep `?lang=` and `?theme=` in cookies, and lead on without them.

    So an address that is sent to a colleague holds filters, not taste.
    """
    query = dict(request.query_params)
    wanted = {name: query.pop(name) for name in _ALLOWED if name in query}
    if not wanted:
        return None
    rest = f"?{urlencode(query)}" if query else ""
    response = RedirectResponse(request.url.path + rest, 303)
    for name, value in wanted.items():
        if value in _ALLOWED[name]:
            response.set_cookie(
                name, value, max_age=_YEAR, httponly=True, samesite="strict"
            )
    return response


def known_language(wanted: str | None) -> Language | None:
    return next((one for one in LANGUAGES if one == wanted), None)
