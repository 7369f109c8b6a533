"""TOML whose values know the line they stand on.

`tomllib` says what a file means but not where; a person who must put a file right
needs both. So `parse` reads the text twice: `tomllib` for the values, and a scan
of our own for the lines of the keys. The scan may trust that the text is valid.

A value keeps its place when tables are merged (a door over its template), so a problem
always names the line on which somebody wrote what is wrong.
"""

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, TypeAlias

from domain.errors import SiteInvalid

Path: TypeAlias = tuple[str | int, ...]

_KEY: Final = re.compile(r"""[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'""")
_BLANK: Final = re.compile(r"[ \t]*")
_SPACE: Final = re.compile(r"(?:[ \t\r\n]+|#[^\n]*)*")
_TEXT: Final = re.compile(
    r'"""(?:[^\\]|\\.)*?"{3,5}(?!")|'
    r"'''.*?'{3,5}(?!')|"
    r'"(?:[^"\\]|\\.)*"|'
    r"'[^']*'",
    re.DOTALL,
)
_BARE: Final = re.compile(r"[^,\]}#\n]+")
_AT_LINE: Final = re.compile(r" ?\(at line (\d+), column \d+\)$")


@dataclass(frozen=True, slots=True)
class Item:
    """A value as `tomllib` gives it (tables and arrays: of `Table`), and its place."""

    value: object
    file: str
    line: int


@dataclass(frozen=True, slots=True)
class Table:
    """One table. `path` is how a person would name it, "doors.rd_lab.timing"."""

    path: str
    file: str
    line: int
    items: Mapping[str, Item] = field(default_factory=dict)

    def over(self, base: "Table") -> "Table":
        """This table laid over `base`; tables inside are laid over each other."""
        items = dict(base.items)
        for key, item in self.items.items():
            below = items.get(key)
            if (
                isinstance(item.value, Table)
                and below is not None
                and isinstance(below.value, Table)
            ):
                merged = item.value.over(below.value)
                items[key] = Item(merged, item.file, item.line)
            else:
                items[key] = item
        return Table(self.path, self.file, self.line, items)


def parse(text: str, file: str) -> Table:
    """The whole of a file.

    Raises:
        SiteInvalid: it is not TOML; with the line.
    """
    try:
        values = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        message = str(error)
        where = _AT_LINE.search(message)
        line = int(where[1]) if where else text.count("\n") + 1
        what = _AT_LINE.sub("", message).removesuffix(" (at end of document)")
        what = f"{what[:1].lower()}{what[1:]}"
        raise SiteInvalid(
            (f"{file}:{line}: not valid TOML: {what}; correct this line",)
        ) from None
    return _table(values, (), "", 1, file, _Lines(text).found)


def _table(
    values: Mapping[str, object],
    at: Path,
    path: str,
    line: int,
    file: str,
    lines: Mapping[Path, int],
) -> Table:
    items: dict[str, Item] = {}
    for key, value in values.items():
        place = (*at, key)
        here = lines.get(place, line)
        named = f"{path}.{key}" if path else key
        items[key] = Item(_value(value, place, named, here, file, lines), file, here)
    return Table(path, file, line, items)


def _value(
    value: object,
    at: Path,
    path: str,
    line: int,
    file: str,
    lines: Mapping[Path, int],
) -> object:
    if isinstance(value, dict):
        return _table(value, at, path, line, file, lines)
    if isinstance(value, list):
        return [
            _value(
                each,
                (*at, number),
                f"{path}.{_name(each, number)}",
                lines.get((*at, number), line),
                file,
                lines,
            )
            for number, each in enumerate(value)
        ]
    return value


def _name(value: object, number: int) -> str:
    """How one of several tables is told apart: by its id, else counted from 1."""
    named = value.get("id") if isinstance(value, dict) else None
    return named if isinstance(named, str) and named else str(number + 1)


def plain(value: object) -> object:
    """`value` without lines: dicts, lists and scalars."""
    if isinstance(value, Table):
        return {key: plain(item.value) for key, item in value.items.items()}
    if isinstance(value, list):
        return [plain(each) for each in value]
    return value


def with_texts(table: Table, change: Callable[[str], str]) -> Table:
    """`table` with every text inside it changed; places stay."""
    return Table(
        table.path,
        table.file,
        table.line,
        {
            key: Item(_changed(item.value, change), item.file, item.line)
            for key, item in table.items.items()
        },
    )


def _changed(value: object, change: Callable[[str], str]) -> object:
    if isinstance(value, str):
        return change(value)
    if isinstance(value, Table):
        return with_texts(value, change)
    if isinstance(value, list):
        return [_changed(each, change) for each in value]
    return value


class _Lines:
    """The line of every key, table header and element of an array."""

    def __init__(self, text: str) -> None:
        # As tomllib does, so that the columns of "\r\n" files agree too.
        self._text = text.replace("\r\n", "\n")
        self._at = 0
        self._line = 1
        self.found: dict[Path, int] = {}
        self._counts: dict[Path, int] = {}
        section: Path = ()
        self._skip(_SPACE)
        while self._at < len(self._text):
            section = self._statement(section)
            self._skip(_SPACE)

    def _statement(self, section: Path) -> Path:
        line = self._line
        if not self._take("["):
            self._pair(section)
            return section
        many = self._take("[")
        keys = self._keys()
        self._skip(_BLANK)
        self._take("]]" if many else "]")
        return self._header(keys, line, many=many)

    def _header(self, keys: tuple[str, ...], line: int, *, many: bool) -> Path:
        section: Path = ()
        for depth, key in enumerate(keys, 1):
            section = (*section, key)
            if many and depth == len(keys):
                self._counts[section] = self._counts.get(section, -1) + 1
                self.found.setdefault(section, line)
                section = (*section, self._counts[section])
                self.found[section] = line
            else:
                self.found.setdefault(section, line)
                if section in self._counts:
                    section = (*section, self._counts[section])
        return section

    def _pair(self, section: Path) -> None:
        line = self._line
        place = section
        for key in self._keys():
            place = (*place, key)
            self.found.setdefault(place, line)
        self._skip(_BLANK)
        self._take("=")
        self._skip(_BLANK)
        self._value(place)

    def _value(self, place: Path) -> None:
        if self._take("{"):
            for _ in self._until("}"):
                self._pair(place)
        elif self._take("["):
            for number in self._until("]"):
                self.found[(*place, number)] = self._line
                self._value((*place, number))
        elif not self._skip(_TEXT):
            self._skip(_BARE)

    def _until(self, end: str) -> Iterator[int]:
        number = 0
        self._skip(_SPACE)
        while not self._take(end):
            yield number
            number += 1
            self._skip(_SPACE)
            self._take(",")
            self._skip(_SPACE)

    def _keys(self) -> tuple[str, ...]:
        keys: list[str] = []
        while True:
            self._skip(_BLANK)
            match = _KEY.match(self._text, self._at)
            if match is None:
                return tuple(keys)
            self._move(match.end())
            keys.append(_plain(match[0]))
            self._skip(_BLANK)
            if not self._take("."):
                return tuple(keys)

    def _take(self, word: str) -> bool:
        if not self._text.startswith(word, self._at):
            return False
        self._move(self._at + len(word))
        return True

    def _skip(self, pattern: re.Pattern[str]) -> bool:
        match = pattern.match(self._text, self._at)
        if match is None or not match[0]:
            return False
        self._move(match.end())
        return True

    def _move(self, to: int) -> None:
        self._line += self._text.count("\n", self._at, to)
        self._at = to


def _plain(key: str) -> str:
    if key[0] == "'":
        return key[1:-1]
    if key[0] == '"':
        return str(next(iter(tomllib.loads(f"{key} = 0"))))
    return key
