"""Take typed values out of a table, collecting every problem with its place.

    problems = Problems(SiteInvalid)
    reader = Reader(table, problems)
    name = reader.text("name")          # required: a missing one is a problem
    hours = reader.duration("after", default=timedelta(seconds=30))
    reader.finish()                     # whatever nobody asked for is refused
    problems.raise_if_any()

A reader never stops at the first problem: it notes it and goes on with a neutral
value, which nobody will use since `raise_if_any` comes before anything is returned.
Each problem reads `file:line: section.key: what is wrong; what to do`.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from difflib import get_close_matches
from enum import StrEnum
from typing import Final, TypeVar, overload

from config import durations
from config.toml_table import Item, Table, plain
from domain.errors import InputError, SiteInvalid

T = TypeVar("T")
E = TypeVar("E", bound=StrEnum)

_IDENTIFIER: Final = re.compile(r"[a-z][a-z0-9_-]{0,39}")

# Enough for a file that is wrong from end to end; more would hide the first.
_SHOWN: Final = 200


class _Required:
    """The default of a key that has none."""


REQUIRED: Final = _Required()


@dataclass(slots=True)
class Problems:
    """What is wrong with a file so far, in the order in which it was found."""

    error: type[SiteInvalid] = SiteInvalid
    found: list[str] = field(default_factory=list)

    def add(self, file: str, line: int, what: str) -> None:
        problem = f"{file}:{line}: {what}"
        if problem not in self.found:
            self.found.append(problem)

    def raise_if_any(self) -> None:
        if self.found:
            raise self.error(tuple(self.found[:_SHOWN]))


class Reader:
    """One table. Whoever reads a key names its type; `finish` refuses the rest."""

    def __init__(self, table: Table, problems: Problems) -> None:
        self.table = table
        self.problems = problems
        self._asked: set[str] = set()

    # --- what is there ---

    def has(self, key: str) -> bool:
        """Whether `key` is written; asking doesn't read it."""
        return key in self.table.items

    def problem(self, key: str | None, what: str) -> None:
        """Note that something is wrong with `key`, or with the table (None)."""
        item = self.table.items.get(key) if key is not None else None
        file, line = (
            (self.table.file, self.table.line)
            if item is None
            else (item.file, item.line)
        )
        named = ".".join(part for part in (self.table.path, key) if part)
        self.problems.add(file, line, f"{named}: {what}" if named else what)

    def finish(self) -> None:
        """Refuse every key that nobody asked for."""
        for key in self.table.items:
            if key in self._asked:
                continue
            hint = nearest(key, self._asked)
            known = ", ".join(sorted(self._asked))
            self.problem(
                key, f"unknown key; {hint or f'remove it (known here: {known})'}"
            )

    # --- plain values ---

    @overload
    def text(self, key: str) -> str: ...
    @overload
    def text(self, key: str, *, default: T) -> str | T: ...
    def text(self, key: str, *, default: object = REQUIRED) -> object:
        """A string that is not empty."""
        value = self._typed(key, str, "a text in quotes", default, "")
        if value == "" and self.has(key) and self.table.items[key].value == "":
            self.problem(key, "is empty; write something")
        return value

    @overload
    def flag(self, key: str) -> bool: ...
    @overload
    def flag(self, key: str, *, default: T) -> bool | T: ...
    def flag(self, key: str, *, default: object = REQUIRED) -> object:
        return self._typed(key, bool, "true or false", default, False)

    @overload
    def integer(self, key: str, *, least: int = ..., most: int = ...) -> int: ...
    @overload
    def integer(
        self, key: str, *, default: T, least: int = ..., most: int = ...
    ) -> int | T: ...
    def integer(
        self,
        key: str,
        *,
        default: object = REQUIRED,
        least: int = 0,
        most: int = 2**31 - 1,
    ) -> object:
        """A whole number in [least, most]."""
        value = self._typed(key, int, "a whole number", default, least)
        if self.has(key) and isinstance(value, int) and not least <= value <= most:
            self.problem(key, f"{value} is out of range; write {least} to {most}")
        return value

    @overload
    def number(self, key: str) -> float: ...
    @overload
    def number(self, key: str, *, default: T) -> float | T: ...
    def number(self, key: str, *, default: object = REQUIRED) -> object:
        value = self._typed(key, (float, int), "a number", default, 0.0)
        return float(value) if isinstance(value, int) else value

    @overload
    def duration(self, key: str) -> timedelta: ...
    @overload
    def duration(self, key: str, *, default: T) -> timedelta | T: ...
    def duration(self, key: str, *, default: object = REQUIRED) -> object:
        """`15s`, `10m`, `100h`, `93d`."""
        item = self._item(key, default)
        if item is None:
            return timedelta() if default is REQUIRED else default
        try:
            if not isinstance(item.value, str):
                raise InputError("is not a duration; write one in quotes, like `15s`")
            return durations.parse(item.value)
        except InputError as error:
            self.problem(key, str(error))
            return timedelta()

    @overload
    def choice(self, key: str, kind: type[E]) -> E: ...
    @overload
    def choice(self, key: str, kind: type[E], *, default: T) -> E | T: ...
    def choice(
        self, key: str, kind: type[StrEnum], *, default: object = REQUIRED
    ) -> object:
        """One of the values of `kind`."""
        neutral = next(iter(kind)) if default is REQUIRED else default
        if self._item(key, default) is None:
            return neutral
        value = self._typed(key, str, "a text in quotes", "", None)
        return (
            neutral if value is None else self._chosen(key, str(value), kind, neutral)
        )

    def choices(self, key: str, kind: type[E]) -> tuple[E, ...]:
        """Several values of `kind`, each once; none if the key is missing."""
        first = next(iter(kind))
        return tuple(self._chosen(key, text, kind, first) for text in self.texts(key))

    def name_of(
        self, key: str, known: Collection[str], what: str, *, optional: bool = False
    ) -> str | None:
        """A text that must be one of `known`, the ids of all `what`s."""
        if optional and not self.has(key):
            self._asked.add(key)
            return None
        value = self.text(key)
        if value:
            self.check_known(key, value, known, what)
        return value

    def identifier(self, key: str, *, default: str | None = None) -> str:
        """A name that also stands in topics, certificates and file names."""
        value = self.text(key) if default is None else self.text(key, default=default)
        if value and not _IDENTIFIER.fullmatch(value):
            self.problem(
                key,
                f"`{value}` is not an id; write a-z, 0-9, _ and -, at most 40, and "
                "begin with a letter",
            )
        return value

    def check_known(
        self, key: str, value: str, known: Collection[str], what: str
    ) -> None:
        if value not in known:
            hint = (
                nearest(value, known) or f"declare it, or use one of {_listed(known)}"
            )
            self.problem(key, f"no {what} `{value}`; {hint}")

    # --- lists ---

    def texts(self, key: str, *, repeats: bool = False) -> tuple[str, ...]:
        """A list of strings, each once unless `repeats`; empty if missing."""
        values = [
            value
            for value in self._list(key, 'a list of texts, like ["a", "b"]')
            if self._is(key, value, str, "a text in quotes")
        ]
        texts = tuple(value for value in values if isinstance(value, str))
        if repeats:
            return texts
        for text in dict.fromkeys(t for t in texts if texts.count(t) > 1):
            self.problem(key, f"`{text}` is there twice; remove one")
        return tuple(dict.fromkeys(texts))

    def days(self, key: str) -> tuple[date, ...]:
        """A list of dates; empty if the key is missing."""
        found = (self._as_day(key, v) for v in self._list(key, "a list of dates"))
        return tuple(day for day in found if day is not None)

    # --- time ---

    def day(self, key: str) -> date | None:
        """A date, or None if the key is missing."""
        item = self._item(key, None)
        return None if item is None else self._as_day(key, item.value)

    def instant(
        self, key: str, tz: tzinfo, *, through: bool = False
    ) -> datetime | None:
        """An instant in UTC, or None. Without an offset it is the site's wall clock.

        A plain date is its first instant, or with `through` the end of that day.
        """
        item = self._item(key, None)
        if item is None:
            return None
        value = _parsed(item.value)
        if isinstance(value, datetime):
            aware = value if value.tzinfo else value.replace(tzinfo=tz)
            return aware.astimezone(UTC)
        if isinstance(value, date):
            day = value + timedelta(days=1) if through else value
            return datetime.combine(day, time(), tz).astimezone(UTC)
        self.problem(key, "is not a moment; write one like 2026-11-23T08:00:00+08:00")
        return None

    # --- tables ---

    def table_at(self, key: str) -> "Reader | None":
        """The table under `key`, or None if it is missing."""
        item = self._item(key, None)
        if item is None:
            return None
        if isinstance(item.value, Table):
            return Reader(item.value, self.problems)
        self.problem(key, "is not a table; write [section] or { key = value }")
        return None

    def tables(self, key: str) -> "tuple[Reader, ...]":
        """The tables of `[[key]]`; none if it is missing."""
        return tuple(
            Reader(value, self.problems)
            for value in self._list(key, f"a list of tables; write [[{key}]]")
            if isinstance(value, Table) or self._is(key, value, Table, "a table")
            if isinstance(value, Table)
        )

    def each_table(self, key: str) -> "dict[str, Reader]":
        """The tables `[key.name]` by name; none if `key` is missing."""
        outer = self.table_at(key)
        if outer is None:
            return {}
        inner = {name: outer.table_at(name) for name in outer.table.items}
        return {name: reader for name, reader in inner.items() if reader is not None}

    def rest(self) -> dict[str, object]:
        """Whatever nobody asked for yet, as plain values: options of a driver."""
        keys = [key for key in self.table.items if key not in self._asked]
        self._asked.update(keys)
        return {key: plain(self.table.items[key].value) for key in keys}

    # --- inside ---

    def _item(self, key: str, default: object) -> Item | None:
        self._asked.add(key)
        item = self.table.items.get(key)
        if item is None and default is REQUIRED:
            self.problem(None, f"`{key}` is missing; write it")
        return item

    def _typed(
        self,
        key: str,
        kind: type | tuple[type, ...],
        called: str,
        default: object,
        neutral: object,
    ) -> object:
        item = self._item(key, default)
        if item is None:
            return neutral if default is REQUIRED else default
        return item.value if self._is(key, item.value, kind, called) else neutral

    def _is(
        self, key: str, value: object, kind: type | tuple[type, ...], called: str
    ) -> bool:
        # TOML knows true from 1; Python's bool is an int.
        if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
            return True
        self.problem(key, f"{_told(value)} is not {called}; write {called}")
        return False

    def _list(self, key: str, called: str) -> list[object]:
        item = self._item(key, None)
        if item is None:
            return []
        if isinstance(item.value, list):
            return item.value
        self.problem(key, f"{_told(item.value)} is not a list; write {called}")
        return []

    def _chosen(self, key: str, value: str, kind: type[E], neutral: T) -> E | T:
        try:
            return kind(value)
        except ValueError:
            hint = nearest(value, kind) or f"write one of {_listed(kind)}"
            self.problem(key, f"`{value}` is not known; {hint}")
            return neutral

    def _as_day(self, key: str, value: object) -> date | None:
        parsed = _parsed(value)
        if isinstance(parsed, date) and not isinstance(parsed, datetime):
            return parsed
        self.problem(key, f"{_told(value)} is not a date; write one like 2027-12-31")
        return None


def nearest(word: str, known: Iterable[str]) -> str | None:
    """`did you mean …?`, if something known is spelt nearly alike."""
    close = get_close_matches(word, tuple(known), n=1, cutoff=0.6)
    return f"did you mean `{close[0]}`?" if close else None


def _parsed(value: object) -> object:
    """A date or instant that was written as a text, else `value` itself."""
    if not isinstance(value, str):
        return value
    for parse in (date.fromisoformat, datetime.fromisoformat):
        try:
            return parse(value)
        except ValueError:
            continue
    return value


def _told(value: object) -> str:
    if isinstance(value, Table):
        return "a table"
    if isinstance(value, list):
        return "a list"
    if isinstance(value, bool):
        return f"`{str(value).lower()}`"
    return f"`{value}`"


def _listed(known: Iterable[str]) -> str:
    names = list(known)
    shown = ", ".join(names[:12])
    return f"{shown}, …" if len(names) > 12 else shown or "(there are none)"
