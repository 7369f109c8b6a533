"""Everything the display says, in both languages at once: Chinese first, then English.

What a reason means at the door comes from the same words as everywhere
(`config.locales`), which never tell which factor failed.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from config.locales import display_words, words
from config.zone_sign import ZoneSign, sign_of
from domain.zones import Zone

CHINESE: Final = "zh-CN"
ENGLISH: Final = "en"


@dataclass(frozen=True, slots=True)
class Text:
    zh: str
    en: str


@dataclass(frozen=True, slots=True)
class Sign:
    """The zone's sign in both languages."""

    zh: ZoneSign
    en: ZoneSign


def say(key: str, **values: object) -> Text:
    """The display's own words, "states.granted"."""
    return Text(
        display_words(CHINESE).text(key, **values),
        sentence(display_words(ENGLISH).text(key, **values)),
    )


def reason(code: str) -> Text | None:
    """What a reason says at the door; None: nothing."""
    zh, en = words(CHINESE).door(code), words(ENGLISH).door(code)
    return None if zh is None or en is None else Text(zh, sentence(en))


def word(value: StrEnum) -> Text:
    """The word for a member of a closed set, like `ZoneLevel.CORE`."""
    return Text(words(CHINESE).of(value), sentence(words(ENGLISH).of(value)))


def sign(zone: Zone) -> Sign:
    return Sign(sign_of(zone, CHINESE), sign_of(zone, ENGLISH))


def sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
