"""The muster on paper: a box to tick beside each name, and what is not known first.

On one page if it fits, in grey as on the screen. Every page says of which moment it is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from controller.papers.fonts import Fonts
from controller.papers.paper import A4, Paper

_WIDTHS: Final = (12.0, 44.0, 40.0, 86.0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """One block: its heading, what is not known of it, and rows of name, since,
    remarks."""

    heading: str
    notes: tuple[str, ...]
    rows: tuple[tuple[str, str, str], ...]


def muster_list(
    *,
    title: str,
    lines: Sequence[str],
    warning: str,
    head: tuple[str, str, str, str],
    blocks: Sequence[Listed],
    end: str,
    language: str,
    at: datetime,
    fonts: Fonts,
) -> bytes:
    paper = Paper(
        A4, fonts=fonts, title=title, language=language, at=at, margin=14, foot=lines[0]
    )
    paper.paragraph(title, 18, bold=True, after=0.5)
    for line in lines:
        paper.paragraph(line, 10.5, after=0.5)
    if warning:
        paper.space(1.5)
        rows = paper.lines(warning, 10.5, paper.width - 6, bold=True)
        height = 5.6 * len(rows) + 3
        paper.box(paper.margin, paper.y, paper.width, height, line=0.7)
        for number, row in enumerate(rows):
            y = paper.y + 2 + number * 5.6
            paper.write(paper.margin + 3, y, row, 10.5, bold=True)
        paper.space(height)
    for block in blocks:
        paper.space(2)
        paper.room(16)
        top = paper.y
        paper.box(paper.margin, top, paper.width, 6.2, fill=225)
        paper.write(paper.margin + 1.5, top + 1.2, block.heading, 10.5, bold=True)
        paper.space(6.6)
        for note in block.notes:
            paper.paragraph(note, 9.5, bold=True, after=0.2, indent=1.5)
        paper.table(
            head if block is blocks[0] else (),
            [("□", *row) for row in block.rows],
            _WIDTHS,
        )
    if end:
        paper.space(2)
        paper.paragraph(end, 9.5, ink=60)
    return paper.bytes()
