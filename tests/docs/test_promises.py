"""What docs/console.md says is tested is tested there: the design's list, by number."""

import re
from typing import Final

from tests.docs.files import ROOT

# A row: number, what holds, links to the tests.
_ROW: Final = re.compile(r"^\| (\d+) \|[^|]+\| (.+) \|$", re.M)
_LINK: Final = re.compile(r"\]\(\.\./([^)]+)\)")
# Those of the list that concern pages of later work.
_LATER: Final = {20, 21, 22, 24, 25}


def _rows() -> list[tuple[int, list[str]]]:
    text = (ROOT / "docs" / "console.md").read_text("utf-8")
    part = text.partition("## What is tested")[2]
    return [(int(n), _LINK.findall(links)) for n, links in _ROW.findall(part)]


def test_each_number_of_the_design_has_a_row() -> None:
    assert [n for n, _ in _rows()] == [n for n in range(1, 31) if n not in _LATER]


def test_each_file_of_a_row_names_the_number() -> None:
    wrong = [
        (number, path)
        for number, paths in _rows()
        for path in paths
        if not re.search(rf"13\.{number}\b", (ROOT / path).read_text("utf-8"))
    ]

    assert wrong == []
