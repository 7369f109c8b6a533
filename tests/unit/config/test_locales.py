"""Every code that can be shown has its words, in every language."""

import re
import string
from itertools import chain
from typing import Final

import pytest

from config.locales import SECTIONS, languages, words
from domain.alarm_events import AlarmCode
from domain.attempt import PAIR_TIMED_OUT, TIMED_OUT
from domain.errors import InputError
from domain.escort import ESCORT_TIMED_OUT
from domain.policy import FREE_EXIT, NO_PERMIT, Awaited, Verdict
from domain.policy.rules import RULES
from domain.zones import ZoneLevel

RAN_OUT: Final = (TIMED_OUT, PAIR_TIMED_OUT, ESCORT_TIMED_OUT)
REASONS: Final = frozenset(
    {r.reason for r in RULES} | {NO_PERMIT.reason, FREE_EXIT.reason, *RAN_OUT}
)
# What somebody at the door is told: why not, and what next.
AT_THE_DOOR: Final = frozenset(
    {r.reason for r in RULES if r.verdict in (Verdict.FORBID, Verdict.WAIT)}
    | {NO_PERMIT.reason, FREE_EXIT.reason, *RAN_OUT}
    | {"devices.reminder"}
)
OURS: Final = ("forms", *SECTIONS.values(), "log", "door", "alarms")

in_every_language = pytest.mark.parametrize("language", languages())


@in_every_language
def test_every_reason_has_words_for_reviewers(language: str) -> None:
    assert set(words(language).sections["log"]) == REASONS


@in_every_language
def test_every_refusal_has_words_for_the_door(language: str) -> None:
    assert set(words(language).sections["door"]) == AT_THE_DOOR


@in_every_language
def test_every_alarm_says_what_to_do(language: str) -> None:
    alarms = words(language).sections["alarms"]

    assert set(alarms) == set(AlarmCode)
    assert [code for code, text in alarms.items() if not re.search("[:：]", text)] == []


@in_every_language
def test_every_closed_set_has_a_word_for_each_member(language: str) -> None:
    sections = words(language).sections

    missing = {
        section: set(map(str, kind)) ^ set(sections[section])
        for kind, section in SECTIONS.items()
    }
    assert {s: m for s, m in missing.items() if m} == {}


def test_all_languages_have_the_same_keys_and_fields() -> None:
    def shape(language: str) -> set[tuple[str, str, frozenset[str]]]:
        return {
            (section, key, frozenset(_fields(text)))
            for section, texts in words(language).sections.items()
            for key, text in texts.items()
        }

    first, *others = (shape(language) for language in languages())
    assert [first ^ other for other in others] == [set() for _ in others]


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@in_every_language
def test_no_text_is_empty_or_has_loose_ends(language: str) -> None:
    texts = chain.from_iterable(
        words(language).sections[section].values() for section in OURS
    )

    assert [
        text for text in texts if not text.strip() or text.rstrip(".。") != text
    ] == []


@in_every_language
def test_the_door_does_not_tell_which_factor_failed(language: str) -> None:
    said = words(language)

    assert said.door("attempt.mismatch") == said.door("credential.unknown")


@in_every_language
def test_no_factor_is_named_in_a_refusal_at_the_door(language: str) -> None:
    said = words(language)
    factors = [text.lower() for text in said.sections["factors"].values()]

    named = [
        code
        for code, text in said.sections["door"].items()
        if any(factor in text.lower() for factor in factors)
    ]
    assert named == []


@in_every_language
def test_every_refused_state_of_a_person_reads_alike_at_the_door(language: str) -> None:
    """Whether somebody is frozen, left or in de-secrecy is nobody's business there."""
    codes = ("left", "suspended", "withdrawn", "de_secrecy", "de_secrecy_general")

    assert len({words(language).door(f"person.{code}") for code in codes}) == 1


def test_english_words_are_english() -> None:
    texts = [t for s in words("en").sections.values() for t in s.values()]

    assert [text for text in texts if re.search("[一-鿿]", text)] == []


def test_chinese_words_are_chinese() -> None:
    sections = words("zh-CN").sections
    texts = [t for s in OURS if s != "forms" for t in sections[s].values()]

    assert [text for text in texts if not re.search("[一-鿿]", text)] == []


def test_a_reason_cites_its_clauses() -> None:
    assert words("zh-CN").reason("person.left", ("G5.1.3-3", "G2.4")) == (
        "此人已离职（G5.1.3-3, G2.4）"
    )
    assert words("en").reason("person.left") == "the person has left the company"


def test_what_is_awaited_is_said_in_order() -> None:
    said = words("en").awaited((Awaited.FINGERPRINT, Awaited.FACE))

    assert said == "lay your finger on the reader, then look at the camera"


def test_a_member_of_a_closed_set_has_its_word() -> None:
    assert words("zh-CN").of(ZoneLevel.CORE) == "核心涉密区"


def test_a_code_of_a_newer_door_reads_as_itself() -> None:
    said = words("en")

    assert (said.reason("moon.full"), said.alarm("moon.full")) == ("moon.full",) * 2
    assert (said.door("moon.full"), said.text("moon.full")) == (None, "full")


def test_an_alarm_that_a_rule_raised_reads_like_its_reason() -> None:
    assert words("en").alarm("person.left") == "the person has left the company"


def test_a_language_nobody_wrote_is_refused() -> None:
    with pytest.raises(InputError, match="there are zh-CN, en"):
        words("de")
