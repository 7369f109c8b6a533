"""What every page has: its template, its words, its preferences.

Pure: a page is a function from values to HTML. Everything that comes from outside is
escaped by the template; an undefined name is an error, not an empty place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo
from pathlib import Path
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from controller.web.roles import Access
from controller.web.words import LANGUAGES, Language, Words, words
from domain.operators import Operator

WEB: Final = Path(__file__).parents[1]
THEMES: Final = ("auto", "light", "dark")

ENVIRONMENT: Final = Environment(
    loader=FileSystemLoader(WEB / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    auto_reload=False,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """How this browser wants its pages."""

    language: Language
    theme: str = "auto"

    @property
    def other_language(self) -> Language:
        return next(one for one in LANGUAGES if one != self.language)

    @property
    def next_theme(self) -> str:
        return THEMES[(THEMES.index(self.theme) + 1) % len(THEMES)]


@dataclass(frozen=True, slots=True)
class Times:
    """Instants as people on this site read them, seen from `now`."""

    say: Words
    tz: tzinfo
    now: datetime

    def clock(self, at: datetime) -> str:
        """To the second, with the day if it isn't today."""
        return self._with_day(at, "%H:%M:%S")

    def short(self, at: datetime) -> str:
        """To the minute."""
        return self._with_day(at, "%H:%M")

    def day(self, at: datetime) -> str:
        """With the year if it isn't this one."""
        local = at.astimezone(self.tz)
        month = self.say("page.months").split()[local.month - 1]
        if local.year == self.now.astimezone(self.tz).year:
            return self.say("page.date", month=month, day=local.day)
        return self.say(
            "page.date_of_year", year=local.year, month=month, day=local.day
        )

    def weekday(self, at: datetime) -> str:
        return self.say("page.weekdays").split()[at.astimezone(self.tz).weekday()]

    def _with_day(self, at: datetime, form: str) -> str:
        local = at.astimezone(self.tz)
        text = local.strftime(form)
        if local.date() == self.now.astimezone(self.tz).date():
            return text
        return f"{self.day(at)} {text}"


def lasting(say: Words, span: timedelta) -> str:
    """A duration in words, two units at most."""
    seconds = int(span.total_seconds())
    if seconds < 60:
        return say("duration.seconds", s=seconds)
    if seconds < 3600:
        return say("duration.minutes", m=seconds // 60, s=seconds % 60)
    return say("duration.hours", h=seconds // 3600, m=seconds // 60 % 60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Who sits at this console: for the top bar, the navigation and the forms.

    `nav`: areas with their pages. `csrf` goes into each form as a hidden field.
    """

    operator: Operator
    locked: bool
    csrf: str = field(repr=False)
    nav: tuple[tuple[str, tuple[Access, ...]], ...]
    here: str  # the address of the row whose page this is
    commands: bool = False  # may ask something of doors
    acknowledges: bool = False  # may say of an alarm that they have seen it


def render(
    template: str, preferences: Preferences, context: Mapping[str, object]
) -> str:
    return ENVIRONMENT.get_template(template).render(
        say=words(preferences.language), prefs=preferences, **context
    )
