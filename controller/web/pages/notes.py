"""The small pages: asking for the token, and saying what went wrong.

An error page says whose fault it is and what to do, in one sentence, and carries a
reference under which the log knows more. It never shows what the program was doing.
"""

from typing import Final

from controller.web.pages.frame import Preferences, render

_KNOWN: Final = frozenset({404, 405, 500, 503})


def token_page(
    preferences: Preferences, *, wrong: bool = False, retry_after: int = 0
) -> str:
    return render(
        "token.html", preferences, {"wrong": wrong, "retry_after": retry_after}
    )


def error_page(preferences: Preferences, status: int, reference: str) -> str:
    """Any status; those without words of their own are told as 404 or 500."""
    known = status if status in _KNOWN else (404 if status < 500 else 500)
    return render("error.html", preferences, {"status": known, "reference": reference})
