"""What every paper must do: say what it was given, with the font that is there."""

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from shutil import copyfile
from unicodedata import category

import pytest
from hypothesis import given
from hypothesis import strategies as st

from controller.papers.fonts import Face, Fonts, FontsMissing, find_fonts
from controller.papers.lines import broken
from controller.papers.paper import A3, A4, LABEL, Paper, Size
from tests.pdfs import read

AT = datetime(2026, 11, 23, 9, 30, tzinfo=UTC)


def paper(size: Size = A4, *, foot: str = "", at: datetime = AT) -> Paper:
    return Paper(
        size, fonts=find_fonts(), title="标识", language="zh-CN", at=at, foot=foot
    )


def narrow(text: str) -> float:
    """As a printer of fixed pitch: Chinese is two wide."""
    return sum(2.0 if c > "\u2e80" else 1.0 for c in text)


@pytest.mark.parametrize(
    ("size", "millimetres"), [(A4, (210, 297)), (A3, (297, 420)), (LABEL, (62, 100))]
)
def test_a_paper_has_its_size_its_title_and_text_that_can_be_read_out(
    size: Size, millimetres: tuple[int, int]
) -> None:
    one = paper(size)
    one.write(10, 10, "核心涉密区", 12, bold=True)
    one.write(10, 20, "no photos", 12)
    got = read(one.bytes())

    assert got.sizes == (millimetres,)
    assert got.title == "标识"
    assert "核心涉密区" in got.text
    assert "no photos" in got.text


def test_the_same_values_at_the_same_instant_give_the_same_bytes() -> None:
    def made(at: datetime) -> bytes:
        one = paper(foot="x", at=at)
        one.paragraph("保密承诺书")
        return one.bytes()

    assert made(AT) == made(AT)
    assert made(AT) != made(AT.replace(hour=10))


def test_a_table_goes_on_over_pages_that_each_have_a_foot_and_its_head() -> None:
    one = paper(foot="轴承厂")
    one.heading("名单")
    one.table(("姓名", "区域"), [(f"张{n}", "热处理") for n in range(60)], (60, 114))
    got = read(one.bytes())

    assert len(got.pages) == 2
    assert all("姓名" in page for page in got.pages)
    assert "轴承厂" in got.pages[0]
    assert ["".join(page.split())[-3:] for page in got.pages] == ["1/2", "2/2"]
    assert [f"张{n}" in got.text for n in range(60)] == [True] * 60


def test_a_line_is_made_as_small_as_its_place_and_never_larger_than_asked() -> None:
    one = paper()

    assert one.fitted(10, 10, "短", 20, width=100) == 20
    size = one.fitted(10, 30, "很长的名字" * 9, 20, width=60)
    assert one.measure("很长的名字" * 9, size) == pytest.approx(60, rel=0.01)
    assert "短" in read(one.bytes()).text


def test_no_character_of_a_name_stops_a_paper() -> None:
    """Every 61st there is, whatever it is: controls, halves of pairs, right to left."""
    one = paper(LABEL)
    all_ = "".join(map(chr, range(0, sys.maxunicode + 1, 61)))
    for name in (all_[start : start + 400] for start in range(0, len(all_), 400)):
        one.paragraph(name, 4)
    one.fitted(5, 5, "\u202e\ud800\x00\ufffe" * 9, 20, width=40)
    one.table(("a",), [("\u0627\u0644\u0301",), ("",)], (26,))

    assert read(one.bytes()).pages


def test_a_character_that_the_font_lacks_is_seen_as_a_gap() -> None:
    fonts = Fonts(Face(Path("x")), Face(Path("x")), frozenset(map(ord, "张伟 〓")))

    assert fonts.printable("张\U0003fff0伟") == "张〓伟"
    assert fonts.printable("张\r\n\x00 伟") == "张 〓 伟"


def test_a_machine_without_a_chinese_font_is_told_which_package_has_one(
    tmp_path: Path,
) -> None:
    (tmp_path / "NotoSansCJK-Regular.ttc").write_bytes(b"no font")

    with pytest.raises(FontsMissing, match="fonts-noto-cjk"):
        find_fonts([tmp_path])


def test_a_font_is_found_anywhere_below_and_serves_as_bold_where_there_is_none(
    tmp_path: Path,
) -> None:
    known = find_fonts().regular.path
    path = tmp_path / "opentype" / "noto" / known.name
    path.parent.mkdir(parents=True)
    copyfile(known, path)
    found = find_fonts([tmp_path])

    assert found.regular.path == path
    assert found.bold == found.regular
    path.unlink()
    with pytest.raises(FontsMissing):
        find_fonts([tmp_path])


@pytest.mark.parametrize(
    ("text", "width", "lines"),
    [
        ("核心涉密区", 6, ["核心涉", "密区"]),
        ("禁止拍照，禁止录音", 8, ["禁止拍", "照，禁止", "录音"]),
        ("在（核心）区", 4, ["在", "（核", "心）", "区"]),
        ("no photos here", 9, ["no photos", "here"]),
        ("拍 10 秒", 5, ["拍 10", "秒"]),
        ("abcdefgh", 3, ["abc", "def", "gh"]),
        ("", 5, [""]),
        ("一\n二", 9, ["一", "二"]),
        ("核", 1, ["核"]),
    ],
)
def test_lines_break_where_a_typesetter_would(
    text: str, width: float, lines: list[str]
) -> None:
    assert broken(text, width, narrow) == lines


@given(
    st.text(
        st.characters(codec="utf-8").filter(lambda c: category(c)[0] != "C"),
        max_size=60,
    ),
    st.integers(2, 30),
)
def test_no_character_is_lost_and_no_line_is_too_wide(text: str, width: int) -> None:
    lines = broken(text, width, narrow)

    assert "".join("".join(lines).split()) == "".join(text.split())
    assert all(narrow(line) <= width for line in lines)


def test_a_closing_mark_begins_a_line_only_where_nothing_else_fits() -> None:
    measure: Callable[[str], float] = narrow

    assert broken("啊。。。。", 4, measure) == ["啊。", "。。", "。"]
