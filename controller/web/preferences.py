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
    query = request.query_params.multi_items()
    wanted = {name: value for name, value in query if name in _ALLOWED}
    if not wanted:
        return None
    kept = [(name, value) for name, value in query if name not in _ALLOWED]
    rest = f"?{urlencode(kept)}" if kept else ""
    response = RedirectResponse(request.url.path + rest, 303)
    for name, value in wanted.items():
        if value in _ALLOWED[name]:
            response.set_cookie(
                name, value, max_age=_YEAR, httponly=True, samesite="strict"
            )
    return response


def known_language(wanted: str | None) -> Language | None:
    return next((one for one in LANGUAGES if one == wanted), None)
