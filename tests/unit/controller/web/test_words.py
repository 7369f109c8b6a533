"""Every word is there in every language, and nothing asks for one that isn't."""

import re
from enum import StrEnum
from string import Formatter
from typing import Final

import pytest

from controller.web.pages.frame import WEB
from controller.web.words import CHINESE, ENGLISH, Language, words
from domain.alarm_acts import AlarmCause, Called
from domain.credentials import Factor
from domain.operators import Bar, OperatorRole
from domain.people import PersonState, Rank
from domain.policy import Awaited
from domain.tokens import TokenScope
from domain.visit_classes import ReturnItem, VisitClass
from domain.visit_devices import DeviceKind, Disposition
from domain.visit_life import VisitState
from domain.visit_problems import VisitProblem
from domain.zones import ZoneLevel

# What a page says of a value of ours, by the family of its words.
_SAID_OF: Final[dict[str, type[StrEnum]]] = {
    "alarm.cause": AlarmCause,
    "alarm.to": Called,
    "approval.bar": Bar,
    "board.awaited": Awaited,
    "board.factor": Factor,
    "board.level": ZoneLevel,
    "desk.device": DeviceKind,
    "desk.disposition": Disposition,
    "desk.level": ZoneLevel,
    "desk.return": ReturnItem,
    "people.state": PersonState,
    "rank": Rank,
    "role": OperatorRole,
    "token.scope": TokenScope,
    "visit.class": VisitClass,
    "visit.problem": VisitProblem,
    "visit.state": VisitState,
}


def _places(sentence: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(sentence) if name}


def test_both_languages_have_the_same_keys_and_places() -> None:
    """Design 13.29."""
    chinese, english = words(CHINESE), words(ENGLISH)

    assert set(chinese) == set(english)
    assert [k for k in chinese if _places(chinese(k)) != _places(english(k))] == []


def _sources() -> str:
    files = sorted({*WEB.rglob("*.html"), *WEB.rglob("*.py")})
    return "\n".join(path.read_text("utf-8") for path in files)


# A word is asked for by its key, or by a family and a code that is only known then:
# say(f"board.look.{look}"), say("error." ~ status), say.code("board.order", order).
_BY_KEY = re.compile(r'\bsay\(\s*"([\w.]+)"\s*[,)]')
_BY_FAMILY = re.compile(r'f"([\w.]+[._])\{|"([\w.]+[._])" ~|code\(\s*"([\w.]+)"')


def test_whatever_a_page_asks_for_by_name_exists() -> None:
    assert set(_BY_KEY.findall(_sources())) - set(words(CHINESE)) == set()


def test_no_word_is_kept_that_nobody_asks_for() -> None:
    keys = set(_BY_KEY.findall(_sources()))
    families = tuple({"".join(found) for found in _BY_FAMILY.findall(_sources())})

    assert [
        key
        for key in words(CHINESE)
        if key not in keys and not key.startswith(families)
    ] == []


def test_an_alarm_says_what_it_is_and_what_to_do() -> None:
    assert words(CHINESE).alarm("door.forced") == ("门被强行打开", "立即到现场查看")
    assert words(ENGLISH).alarm("door.forced") == (
        "The door was forced",
        "Go there now",
    )


def test_a_code_nobody_has_worded_is_shown_as_it_is() -> None:
    assert words(ENGLISH).reason("rule.of_tomorrow") == "rule.of_tomorrow"


@pytest.mark.parametrize("language", [CHINESE, ENGLISH])
def test_no_value_of_ours_is_shown_as_its_code(language: Language) -> None:
    keys = set(words(language))
    wanted = {
        f"{family}.{code.removeprefix('visit.')}"
        for family, codes in _SAID_OF.items()
        for code in codes
    }

    assert wanted - keys == set()
