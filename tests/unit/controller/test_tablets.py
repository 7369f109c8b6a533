"""Tablets keep their promises on SQLite; what a finger drew is measured."""

import pytest

from controller.services.strokes import LEAST_INK, Strokes, drawn, kept
from controller.web.pages.undertaking import Part, paper
from tests.unit.controller.tablets_suite import TabletsSuite
from tests.unit.controller.test_store import OnSqlite


class TestTabletsOnSqlite(OnSqlite, TabletsSuite):
    pass


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("[[0,0,120,0]]", True),
        ("[[0,0,119,0]]", False),
        ("[[0,0,1000,440]]", True),
        ("[[0,0,1000,441]]", False),
        ("[[0,0,60,0],[0,10,60,10]]", True),
        ("[[0,0,60,0],[0,10]]", False),
        ("[[0,0,120,0],[]]", False),
        (" [[0,0,120,0]]", False),
        ("[[0,0,1e3,0]]", False),
        ("{}", False),
        ("null", False),
    ],
)
def test_a_signature_is_ink_inside_the_box(text: str, is_one: bool) -> None:
    assert (drawn(text) is not None) is is_one


def test_what_was_drawn_is_kept_as_it_came() -> None:
    strokes = Strokes((((1, 2), (300, 4)), ((5, 6),)))

    assert strokes.ink > LEAST_INK
    assert drawn(strokes.to_bytes().decode()) == strokes
    assert kept(strokes.to_bytes()) == strokes
    assert kept(b"\xff damaged") == Strokes(())


def test_clauses_stand_with_their_translation_where_both_have_the_same_form() -> None:
    chinese = "本人同意：\n\n1. 不拍照。\n2. 不录音。\n"

    assert paper(chinese, "I agree:\n1. no pictures;\n2. no recordings.").parts == (
        Part(0, "本人同意：", "I agree:"),
        Part(1, "不拍照。", "no pictures;"),
        Part(2, "不录音。", "no recordings."),
    )
    other = paper(chinese, "I agree to all of it.")
    assert [part.other for part in other.parts] == ["", "", ""]
    assert other.after == (Part(0, "I agree to all of it."),)
