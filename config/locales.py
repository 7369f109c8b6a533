"""The words of each language: what doors, console and reports say of one code.

One file per language in `config/locales/`, the same keys in each. A reason has two
texts: `log`, for reviewers, says everything; `door`, for whoever stands there, says
what to do next and never which factor failed: factors that disagree read like a
credential nobody knows (a test holds them equal). Notes that are shown to nobody have
no text for the door.

Other sections are for `text("section.key", …)`; their `{names}` are filled in.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path
from typing import Final

from domain.commands import CommandRefusal
from domain.credentials import Factor
from domain.door import Phase
from domain.errors import InputError
from domain.people import PersonState, Rank
from domain.policy import Awaited, Outcome, Side
from domain.zones import ZoneLevel

FOLDER: Final = Path(__file__).with_suffix("")
DEFAULT: Final = "zh-CN"

# Closed sets and the section that words them.
SECTIONS: Final[Mapping[type[StrEnum], str]] = {
    ZoneLevel: "levels",
    Phase: "phases",
    PersonState: "states",
    Rank: "ranks",
    Factor: "factors",
    Side: "sides",
    Outcome: "outcomes",
    Awaited: "awaited",
    CommandRefusal: "commands",
}


@dataclass(frozen=True, slots=True)
class Words:
    """One language. A code nobody has worded reads as itself, so that an old page
    still shows what a newer door says."""

    language: str  # "zh-CN", "en"
    sections: Mapping[str, Mapping[str, str]]

    def reason(self, code: str, clauses: Iterable[str] = ()) -> str:
        """What a reason means, for reviewers, with its clauses."""
        said = self._said("log", code)
        cited = ", ".join(clauses)
        if not cited:
            return said
        return self.text("forms.cited", said=said, clauses=cited)

    def door(self, code: str) -> str | None:
        """What a reason says to whoever stands at the door; None: nothing."""
        return self.sections["door"].get(code)

    def alarm(self, code: str) -> str:
        """What an alarm means and what to do; rules alarm by their reason."""
        return self.sections["alarms"].get(code) or self._said("log", code)

    def awaited(self, waiting_for: Iterable[Awaited]) -> str:
        """What to do next at the door, in order."""
        steps = [self.of(one) for one in waiting_for]
        return self.text("forms.then").join(steps)

    def of(self, value: StrEnum) -> str:
        """The word for a member of a closed set, like `ZoneLevel.CORE`."""
        section = SECTIONS.get(type(value))
        return self._said(section, str(value)) if section else str(value)

    def text(self, key: str, **values: object) -> str:
        """The text under "section.key", its `{names}` filled in."""
        section, _, name = key.partition(".")
        form = self._said(section, name)
        return form.format_map(values) if values else form

    def _said(self, section: str, key: str) -> str:
        return self.sections.get(section, {}).get(key, key)


def languages() -> tuple[str, ...]:
    """Every language there is a file for, the default first."""
    # "display.en.toml" beside it holds the words of door display and sign: no language
    # of its own.
    stems = (path.stem for path in FOLDER.glob("*.toml"))
    found = sorted(stem for stem in stems if "." not in stem)
    return (DEFAULT, *(name for name in found if name != DEFAULT))


@cache
def words(language: str) -> Words:
    """The words of `language`.

    Raises:
        InputError: there is no such language.
    """
    if language not in languages():
        raise InputError(
            f"no words for language `{language}`; there are {', '.join(languages())}"
        )
    return Words(language, _read(f"{language}.toml"))


@cache
def display_words(language: str) -> Words:
    """What only the display at a door and the zone's sign say."""
    return Words(language, _read(f"display.{language}.toml"))


def _read(name: str) -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads((FOLDER / name).read_text("utf-8"))
