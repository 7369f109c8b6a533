"""The number of a badge as somebody types it: the same rule for all who get one.

Readers give 3 to 10 bytes; with fewer, one badge would soon be taken for another.
"""

from typing import Final

from domain.errors import InputError

_LENGTHS: Final = range(3, 33)  # bytes


def number_of(text: str) -> bytes:
    """
    Raises:
        InputError: it is no number of a badge. The number isn't in the message.
    """
    try:
        raw = bytes.fromhex(text)
    except ValueError:
        raise InputError("a badge number is hexadecimal digits") from None
    return demand_number(raw)


def demand_number(raw: bytes) -> bytes:
    """
    Raises:
        InputError: too short or too long.
    """
    if len(raw) not in _LENGTHS:
        raise InputError("a badge number has 3 to 32 bytes")
    return raw
