"""A signed undertaking (保密承诺书) on paper: the wording, who, how, when and where.

Strokes are drawn as the lines they were, scaled and never smoothed. Beside them stand
the digests by which text and signature are found in the log again. Values in, a PDF
out; the words come in the language that was signed.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from controller.papers.fonts import Fonts
from controller.papers.paper import A4, Paper

Fact: TypeAlias = tuple[str, str]
Line: TypeAlias = Sequence[tuple[int, int]]

_BOX_WIDTH: Final = 75.0  # mm
_NAMES: Final = 36.0


@dataclass(frozen=True, slots=True, kw_only=True)
class UndertakingText:
    """All that the paper says. `parts`: number of a clause or 0, and its words.
    `lines`: what was drawn in a box of `box`; `instead`: what is said where nothing
    was. `warning` stands on top of everything else; `foot` on each page."""

    title: str
    language: str
    warning: str
    version: str
    facts: tuple[Fact, ...]
    parts: tuple[tuple[int, str], ...]
    signature: str
    lines: tuple[Line, ...]
    box: tuple[int, int]
    instead: str
    proof: tuple[Fact, ...]
    foot: str


def undertaking_paper(text: UndertakingText, *, at: datetime, fonts: Fonts) -> bytes:
    paper = Paper(
        A4,
        fonts=fonts,
        title=text.title,
        language=text.language,
        at=at,
        margin=18,
        foot=text.foot,
    )
    if text.warning:
        paper.paragraph(text.warning, 12, bold=True, after=4)
    paper.paragraph(text.title, 18, bold=True, align="center", after=1)
    paper.paragraph(text.version, 9, ink=90, align="center", after=4)
    paper.facts(text.facts, 9.5, names=_NAMES)
    paper.space(4)
    for number, words in text.parts:
        if number:
            _clause(paper, number, words)
        else:
            paper.paragraph(words, 10.5, after=2)
    _signature(paper, text)
    paper.facts(text.proof, 9, names=_NAMES)
    return paper.bytes()


def _clause(paper: Paper, number: int, words: str) -> None:
    """The number hangs before its clause, on the page where that begins."""
    paper.room(6)
    paper.write(paper.margin, paper.y, f"{number}.", 10.5, ink=90)
    paper.paragraph(words, 10.5, indent=8, after=1.2)


def _signature(paper: Paper, text: UndertakingText) -> None:
    height = _BOX_WIDTH * text.box[1] / text.box[0]
    paper.room(height + 14 + 6.5 * len(text.proof))
    paper.space(4)
    paper.paragraph(text.signature, 11, bold=True, after=1)
    if not text.lines:
        paper.paragraph(text.instead, 11, after=5)
        return
    paper.box(paper.margin, paper.y, _BOX_WIDTH, height, line=0.2, ink=140)
    place = _placed(paper.margin, paper.y, _BOX_WIDTH / text.box[0])
    for line in text.lines:
        paper.stroke([place(point) for point in line], width=0.5)
    paper.space(height + 4)


def _placed(
    x: float, y: float, scale: float
) -> Callable[[tuple[int, int]], tuple[float, float]]:
    return lambda point: (x + point[0] * scale, y + point[1] * scale)
