"""The picture as HTML: escaped, in one line, and nothing of another host or inline."""

import re
from dataclasses import replace
from pathlib import Path
from typing import Final

import pytest

from domain.policy import Awaited
from edge_agent.display.page import FOLDER, fragment, lost, page
from edge_agent.display.speech import Text
from edge_agent.display.view import view
from tests.builders import LI
from tests.displays import STATES, scene, waiting

ICONS: Final = (FOLDER / "icons.svg").read_text("utf-8")

in_every_state = pytest.mark.parametrize("state", STATES)


@in_every_state
def test_a_picture_travels_as_one_line(state: str) -> None:
    assert "\n" not in fragment(view(STATES[state]))


@in_every_state
def test_nothing_is_inline_and_nothing_comes_from_elsewhere(state: str) -> None:
    text = page(view(STATES[state]))

    assert not re.search(r"<style|\sstyle=|\son\w+=|https?:|//\w|javascript:", text)
    assert re.findall(r"<script[^>]*>[^<]*", text) == [
        '<script src="/display.js" defer>'
    ]


@in_every_state
def test_every_icon_it_uses_is_there(state: str) -> None:
    used = re.findall(r'href="#(i-[\w-]+)"', page(view(STATES[state])))

    assert [icon for icon in used if f'id="{icon}"' not in ICONS] == []


def test_whatever_may_be_awaited_has_its_icon() -> None:
    for awaited in Awaited:
        [*_, step] = view(scene(waiting(awaited))).steps
        assert f'id="i-{step.icon}"' in ICONS


@in_every_state
def test_both_languages_stand_in_it(state: str) -> None:
    shown = view(STATES[state])
    text = fragment(shown)

    assert f"<h1>{shown.headline.zh}</h1>" in text
    assert re.search(r'<p class="en" lang="en">[A-Z]', text)
    assert shown.headline.en.replace("&", "&amp;") in text


def test_a_name_from_the_register_is_text_and_never_markup() -> None:
    evil = '<img src=x onerror="alert(1)">'
    shown = replace(view(STATES["granted"]), names=(evil,))

    assert "<img" not in fragment(shown)
    assert "&lt;img src=x onerror=&quot;alert(1)&quot;&gt;" in fragment(shown)


def test_a_template_character_in_a_zones_name_is_text() -> None:
    shown = replace(view(STATES["idle"]), headline=Text("$title", "$lost"))

    assert "<h1>$title</h1>" in page(shown)


def test_without_script_the_page_asks_again_every_second() -> None:
    assert '<noscript><meta http-equiv="refresh" content="1"></noscript>' in page(
        view(STATES["idle"])
    )


def test_a_page_that_lost_its_door_says_nothing_of_what_was() -> None:
    told = scene(name_of={LI: "李志远"}.get).place
    shown = replace(view(STATES["granted"]), names=("王强",))
    text = fragment(lost(shown))

    assert told.zone.name in text
    assert "门照常工作" in text
    assert "王强" not in text
    assert "请进" not in text


def test_the_script_and_the_style_name_no_other_host() -> None:
    for name in ("display.js", "display.css", "page.html"):
        text = Path(FOLDER / name).read_text("utf-8")
        assert not re.search(r"https?:|url\(|@import", text), name
