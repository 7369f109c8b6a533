"""The small pages: signing in, the lock, and saying what went wrong.

An error page says whose fault it is and what to do, in one sentence, and carries a
reference under which the log knows more. It never shows what the program was doing. A
refusal names the roles that may, so that whoever it is knows whom to ask.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from controller.web.pages.frame import Preferences, render
from domain.operators import OperatorRole

_KNOWN: Final = frozenset({404, 405, 500, 503})


class Note(StrEnum):
    NO_ROLE = "no_role"
    CSRF = "csrf"
    TOO_BIG = "too_big"

    @property
    def status(self) -> int:
        return 413 if self is Note.TOO_BIG else 403


@dataclass(frozen=True, slots=True)
class Kept:
    """A form that came while the console was locked: where to, and its fields."""

    to: str
    fields: Sequence[tuple[str, str]]


def sign_in_page(
    preferences: Preferences,
    *,
    csrf: str,
    back: str,
    problem: str = "",
    said: str = "",
    retry_after: int = 0,
) -> str:
    """`problem` and `said` are words of `sign_in.…`."""
    context = {
        "csrf": csrf,
        "back": back,
        "problem": problem,
        "said": said,
        "retry_after": retry_after,
    }
    return render("sign_in.html", preferences, context)


def code_page(
    preferences: Preferences,
    *,
    csrf: str,
    back: str,
    recovery: bool,
    problem: str = "",
    retry_after: int = 0,
) -> str:
    context = {
        "csrf": csrf,
        "back": back,
        "recovery": recovery,
        "problem": problem,
        "retry_after": retry_after,
    }
    return render("code.html", preferences, context)


def locked_page(
    preferences: Preferences,
    *,
    csrf: str,
    back: str,
    kept: Kept | None,
    wrong: bool = False,
    retry_after: int = 0,
) -> str:
    context = {
        "csrf": csrf,
        "back": back,
        "kept": kept,
        "wrong": wrong,
        "retry_after": retry_after,
    }
    return render("locked.html", preferences, context)


def kept_page(preferences: Preferences, kept: Kept, *, csrf: str) -> str:
    return render("kept.html", preferences, {"kept": kept, "csrf": csrf})


def note_page(
    preferences: Preferences,
    note: Note,
    *,
    has: Sequence[OperatorRole] = (),
    may: Sequence[OperatorRole] = (),
) -> str:
    return render("note.html", preferences, {"note": note, "has": has, "may": may})


def error_page(preferences: Preferences, status: int, reference: str) -> str:
    """Any status; those without words of their own are told as 404 or 500."""
    known = status if status in _KNOWN else (404 if status < 500 else 500)
    return render("error.html", preferences, {"status": known, "reference": reference})
