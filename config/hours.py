"""Weekly hours as site files write them: `"mon-fri 08:00-18:00"`.

    [schedules.office]
    hours = ["mon-fri 08:00-18:00", "sat 09:00-12:00"]
    holidays = [2026-10-01, 2026-10-02]
    holiday_hours = ["10:00-12:00"]             # on those days instead; default: none

Half-open: at 18:00:00 it is over. Days are mon … sun, a range or a list of both with
commas; a range may pass the end of the week (`sat-mon`). Hours that end before they
begin go past midnight (`22:00-06:00`), into the morning after.
"""

import re
from typing import Final

from config.toml_reader import Reader
from domain.errors import InputError
from domain.ids import ScheduleId
from domain.schedule import MINUTES_A_DAY, Schedule, Window

_DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_HOURS: Final = re.compile(r"(?:(\S+) )?([0-9]{2}):([0-9]{2})-([0-9]{2}):([0-9]{2})")
_EXAMPLE: Final = "write days and hours like `mon-fri 08:00-18:00`"


def read_schedule(name: str, reader: Reader) -> Schedule:
    windows = _read(reader, "hours", weekly=True)
    if not reader.has("hours"):
        reader.problem(None, f"`hours` is missing; {_EXAMPLE}")
    schedule = Schedule(
        id=ScheduleId(name),
        windows=windows,
        holidays=frozenset(reader.days("holidays")),
        holiday_windows=_read(reader, "holiday_hours", weekly=False),
    )
    reader.finish()
    return schedule


def parse(text: str, *, weekly: bool = True) -> tuple[Window, ...]:
    """The windows that one line of hours means.

    Raises:
        InputError: it isn't written like one.
    """
    match = _HOURS.fullmatch(text)
    if match is None:
        raise InputError(f"`{text}` are not hours; {_EXAMPLE}")
    if weekly != (match[1] is not None):
        raise InputError(
            f"`{text}` names no days; {_EXAMPLE}"
            if weekly
            else f"`{text}` names days; write hours alone, like `10:00-12:00`"
        )
    opens = _minute(match[2], match[3], text)
    closes = _minute(match[4], match[5], text)
    if opens in (closes, MINUTES_A_DAY):
        raise InputError(f"`{text}` begin where they end; for a whole day 00:00-24:00")
    days = _days(match[1], text) if match[1] else (0,)
    if opens < closes:
        return tuple(Window(day, opens, closes) for day in days)
    evenings = tuple(Window(day, opens, MINUTES_A_DAY) for day in days)
    mornings = tuple(Window((day + 1) % 7, 0, closes) for day in days if closes)
    return evenings + mornings


def _read(reader: Reader, key: str, *, weekly: bool) -> tuple[Window, ...]:
    windows: list[Window] = []
    for text in reader.texts(key):
        try:
            windows += parse(text, weekly=weekly)
        except InputError as error:
            reader.problem(key, str(error))
    return tuple(windows)


def _minute(hour: str, minute: str, text: str) -> int:
    total = int(hour) * 60 + int(minute)
    if int(minute) > 59 or total > MINUTES_A_DAY:
        raise InputError(f"`{text}`: {hour}:{minute} is no time of day; {_EXAMPLE}")
    return total


def _days(text: str, whole: str) -> tuple[int, ...]:
    found: list[int] = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        ends = (first, last) if dash else (first,)
        for end_ in ends:
            if end_ not in _DAYS:
                raise InputError(f"`{whole}`: `{end_}` is no day; days are mon … sun")
        begin, end = _DAYS.index(first), _DAYS.index(ends[-1])
        found += [(begin + n) % 7 for n in range((end - begin) % 7 + 1)]
    return tuple(dict.fromkeys(found))
