"""The label of a visitor's badge: printed at the desk, stuck on the card.

VISITOR in both languages, who, from where, with whom, which zones and until when. No
badge number, and no purpose: whoever finds the label learns nothing that opens a door.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from controller.papers.fonts import Fonts
from controller.papers.paper import LABEL, Paper

_EDGE: Final = 4.0
_STEP: Final = 4.6


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeLabel:
    """`facts`: a word and what it says, like escort and names."""

    banner: tuple[str, str]  # in the page's language, and in the other
    name: str
    organisation: str
    facts: tuple[tuple[str, str], ...]
    until_word: str
    until: str
    foot: str
    code: str


def badge_labels(
    labels: Sequence[BadgeLabel],
    *,
    title: str,
    language: str,
    at: datetime,
    fonts: Fonts,
) -> bytes:
    """One label a page, as label printers take them."""
    paper = Paper(
        LABEL, fonts=fonts, title=title, language=language, at=at, margin=_EDGE
    )
    for number, label in enumerate(labels):
        if number:
            paper.next_page()
        _draw(paper, label)
    return paper.bytes()


def _draw(paper: Paper, label: BadgeLabel) -> None:
    middle, width = paper.size.width / 2, paper.width
    paper.box(0, 0, paper.size.width, 20, fill=0)
    first, second = label.banner
    paper.fitted(
        middle, 3.5, first, 30, width=width, bold=True, ink=255, align="center"
    )
    paper.fitted(middle, 14.5, second, 11, width=width, ink=255, align="center")
    paper.fitted(middle, 23.5, label.name, 30, width=width, bold=True, align="center")
    paper.fitted(middle, 36, label.organisation, 12, width=width, align="center")
    paper.line((_EDGE, 43), (paper.size.width - _EDGE, 43), width=0.3)
    y = 45.0
    for word, said in label.facts:
        paper.write(_EDGE, y + 0.5, word, 8, ink=60)
        for line in paper.lines(said, 10, width - 15)[:3]:
            paper.write(_EDGE + 15, y, line, 10, bold=True)
            y += _STEP
        y += 0.8
    paper.line((_EDGE, 77), (paper.size.width - _EDGE, 77), width=0.3)
    paper.write(_EDGE, 79.2, label.until_word, 8, ink=60)
    paper.fitted(_EDGE + 15, 78.4, label.until, 17, width=width - 15, bold=True)
    paper.fitted(_EDGE, 88, label.foot, 8.5, width=width)
    paper.fitted(_EDGE, 93, label.code, 9, width=width, ink=60)
