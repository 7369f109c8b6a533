"""How long what is typed about a visit may be."""

from typing import Final

from domain.errors import InputError

_MAX_TEXT: Final = 500
MAX_FIELD: Final = 100


def demand_text(what: str, text: str) -> None:
    if not text.strip() or len(text) > _MAX_TEXT:
        raise InputError(f"the {what} must have 1..{_MAX_TEXT} characters")


def demand_short(what: str, text: str) -> None:
    if not text.strip() or len(text) > MAX_FIELD:
        raise InputError(f"the {what} must have 1..{MAX_FIELD} characters")
