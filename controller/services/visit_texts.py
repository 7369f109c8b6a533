"""How long what is typed about a visit may be, and that it can be read as it stands."""

import unicodedata
from typing import Final

from domain.errors import InputError

_MAX_TEXT: Final = 500
MAX_FIELD: Final = 100
# Control, format (also U+202E), surrogate, private, unassigned.
_UNSEEN: Final = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def demand_text(what: str, text: str) -> None:
    if not text.strip() or len(text) > _MAX_TEXT:
        raise InputError(f"the {what} must have 1..{_MAX_TEXT} characters")


def demand_short(what: str, text: str) -> None:
    if not text.strip() or len(text) > MAX_FIELD:
        raise InputError(f"the {what} must have 1..{MAX_FIELD} characters")


def demand_readable(what: str, text: str) -> None:
    """No sign that is unseen or turns a line around: two names would look the same.

    Raises:
        InputError: there is one.
    """
    if any(unicodedata.category(sign) in _UNSEEN for sign in text):
        raise InputError(f"the {what} has signs that cannot be seen")
