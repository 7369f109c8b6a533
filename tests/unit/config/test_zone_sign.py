"""What the sign at an entrance says, and the words of the display, in each language."""

import re
import string
from typing import Final

import pytest

from config.locales import display_words, languages
from config.zone_sign import sign_of
from domain.policy import Awaited
from domain.zones import LEVEL_FORBIDS, Conduct, Responsible, ZoneLevel
from tests.builders import zone

WHO: Final = Responsible(name="李志远", name_en="Li Zhiyuan", phone="6203")

in_every_language = pytest.mark.parametrize("language", languages())


def test_the_sign_of_a_core_zone_in_chinese() -> None:
    sign = sign_of(zone(ZoneLevel.CORE, name="热处理车间", responsible=WHO), "zh-CN")

    assert (sign.level, sign.name) == ("核心涉密区", "热处理车间")
    assert [text for _, text in sign.forbidden] == [
        *("禁止拍照", "禁止录音", "手机入柜", "禁带U盘"),
    ]
    assert (sign.responsible, sign.two_person) == ("责任人 李志远 · 电话 6203", "")


def test_the_sign_of_a_laboratory_in_english() -> None:
    lab = zone(ZoneLevel.CORE, name_en="Lab", responsible=WHO, two_person=True)
    sign = sign_of(lab, "en")

    assert (sign.level, sign.name) == ("core zone", "Lab")
    assert sign.forbidden[0] == (Conduct.PHOTOS, "no photos")
    assert sign.responsible == "Li Zhiyuan, phone 6203"
    assert sign.two_person == "two people together"


def test_a_zone_that_nobody_answers_for_names_nobody() -> None:
    assert sign_of(zone(ZoneLevel.NON_SECRET), "en").responsible == ""


@pytest.mark.parametrize("level", ZoneLevel)
@pytest.mark.parametrize("extra", Conduct)
def test_a_zone_may_forbid_more_than_its_level_and_never_less(
    level: ZoneLevel, extra: Conduct
) -> None:
    forbids = zone(level, forbidden=(extra,)).forbids

    assert set(forbids) == {*LEVEL_FORBIDS[level], extra}
    assert list(forbids) == [c for c in Conduct if c in forbids]


@in_every_language
def test_every_conduct_and_every_step_has_its_words(language: str) -> None:
    sections = display_words(language).sections

    assert set(sections["conduct"]) == set(Conduct)
    for section in ("steps", "prompts", "hints"):
        assert set(sections[section]) >= set(Awaited)


def test_all_languages_have_the_same_keys_and_fields() -> None:
    def shape(language: str) -> set[tuple[str, str, frozenset[str]]]:
        return {
            (section, key, frozenset(_fields(text)))
            for section, texts in display_words(language).sections.items()
            for key, text in texts.items()
        }

    first, *others = (shape(language) for language in languages())
    assert [first ^ other for other in others] == [set() for _ in others]


def _fields(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@in_every_language
def test_each_text_is_in_its_language_and_has_no_loose_end(language: str) -> None:
    texts = [t for s in display_words(language).sections.values() for t in s.values()]
    chinese = [bool(re.search("[一-鿿]", text)) for text in texts]

    assert [t for t in texts if not t.strip() or t.rstrip(".。") != t] == []
    assert set(chinese) == {language == "zh-CN"}
