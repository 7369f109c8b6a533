"""The words of the console, in the languages we speak: zh-CN first, en equal.

What a code means (a reason, an alarm) is said by `config.locales`, the same words as
at the door; what only pages say is in `config/locales/pages/`, a file for each family
of pages and language, where a key is the path to it, "board.title". A word that a page
asks for is there in every language (a test compares them); a code that came over the
wire may be newer than this program and is then shown as it is.
"""

import tomllib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Final, NewType, Protocol

from config import locales
from domain.errors import CallerError

Language = NewType("Language", str)

CHINESE: Final = Language("zh-CN")
ENGLISH: Final = Language("en")
LANGUAGES: Final = (CHINESE, ENGLISH)

# What separates "what it is" from "what to do" in the words of an alarm.
_THEN_DO: Final = {CHINESE: "：", ENGLISH: ": "}


class Named(Protocol):
    """Whatever has a name in both languages: a site, zone, door or person."""

    @property
    def name(self) -> str: ...
    @property
    def name_en(self) -> str: ...


class Words:
    """One language. Calling it fills a sentence's `{places}`."""

    def __init__(self, language: Language, table: Mapping[str, str]) -> None:
        self.language = language
        self._table = table
        self._codes = locales.words(language)

    def __call__(self, key: str, **places: object) -> str:
        word = self._table[key]
        return word.format(**places) if places else word

    def __iter__(self) -> Iterator[str]:
        return iter(self._table)

    def code(self, family: str, code: str) -> str:
        """The page's word for a code of a family, else the code."""
        return self._table.get(f"{family}.{code}", code)

    def reason(self, code: str) -> str:
        said = self._codes.reason(code)
        return said if said == code else _sentence(said)

    def command_refusal(self, code: str) -> str:
        return self._codes.text(f"commands.{code}")

    def alarm(self, code: str) -> tuple[str, str]:
        """What an alarm is, and what to do (empty where nothing special is)."""
        what, _, deed = self._codes.alarm(code).partition(_THEN_DO[self.language])
        return _sentence(what), _sentence(deed)

    def of(self, named: Named) -> str:
        """A name in this language, or the only one there is."""
        if self.language == ENGLISH:
            return named.name_en or named.name
        return named.name or named.name_en


@cache
def words(language: Language) -> Words:
    table: dict[str, str] = {}
    for path in sorted((locales.FOLDER / "pages").glob(f"*.{language}.toml")):
        said = dict(_flat(tomllib.loads(path.read_text("utf-8"))))
        if twice := table.keys() & said.keys():
            raise CallerError(f"{path.name} says {sorted(twice)}, which others say too")
        table |= said
    return Words(language, table)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _flat(table: Mapping[str, object], path: str = "") -> Iterator[tuple[str, str]]:
    for key, value in table.items():
        where = f"{path}.{key}" if path else key
        if isinstance(value, Mapping):
            yield from _flat(value, where)
        elif isinstance(value, str):
            yield where, value
