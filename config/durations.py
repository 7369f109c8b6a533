"""How durations are written in site and scenario files: `15s`, `10m`, `100h`, `93d`.

One number and one unit. A decimal point is allowed (`1.5s`), a sign is not: no
setting of this system is a negative time.
"""

import re
from datetime import timedelta
from typing import Final

from domain.errors import InputError

_UNITS: Final = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION: Final = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)([smhd])")
# Ten years: longer than anything a site keeps, short enough for any date.
_LONGEST: Final = timedelta(days=3660)


def parse(text: str) -> timedelta:
    """The duration that `text` writes.

    Raises:
        InputError: it is not a number and one of the units s, m, h, d.
    """
    match = _DURATION.fullmatch(text)
    if match is None:
        raise InputError(
            f"`{text}` is not a duration; write a number and s, m, h or d, like `15s`"
        )
    duration = timedelta(**{_UNITS[match[2]]: float(match[1])})
    if duration > _LONGEST:
        raise InputError(f"`{text}` is longer than ten years; write less")
    return duration


def written(duration: timedelta) -> str:
    """`duration` as a file writes it, in the largest unit that needs no fraction."""
    for unit, name in reversed(_UNITS.items()):
        one = timedelta(**{name: 1})
        if duration >= one and not duration % one:
            return f"{duration // one}{unit}"
    return f"{duration.total_seconds():g}s"
