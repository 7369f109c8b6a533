"""The sign at a zone's entrance (G5.3.1-2): A4 or A3, read at three metres.

Level in words and in bars, name, what is forbidden, who may enter and how, who answers
for the zone. The levels differ in ink, never in hue. What somebody at the door must
read is set in characters of 10 mm and more on A4 (a 300th of the distance).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from controller.papers.fonts import Fonts
from controller.papers.paper import A4, Ink, Paper, Size
from controller.papers.signs import forbidding
from domain.zones import Conduct, ZoneLevel

BARS: Final = {
    ZoneLevel.CORE: 3,
    ZoneLevel.IMPORTANT: 2,
    ZoneLevel.GENERAL: 1,
    ZoneLevel.NON_SECRET: 0,
}
# The band of the level, and the words on it.
_INKS: Final[dict[ZoneLevel, tuple[Ink, Ink]]] = {
    ZoneLevel.CORE: (0, 255),
    ZoneLevel.IMPORTANT: (60, 255),
    ZoneLevel.GENERAL: (100, 255),
    ZoneLevel.NON_SECRET: (255, 0),
}
_EDGE: Final = 9.0
_ROOM: Final = 9.0  # between the frame and what stands in it


@dataclass(frozen=True, slots=True)
class Said:
    """Words in the language of the sign, and small below in the other."""

    words: str
    other: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SignText:
    """All that the sign says. `steps`: what to present, in order. `visitors`,
    `together`, `responsible` may be empty; `foot` is small."""

    title: str
    language: str
    level: ZoneLevel
    level_word: Said
    name: Said
    forbidden: tuple[tuple[Conduct, Said], ...]
    who: str
    steps: tuple[str, ...]
    together: str
    visitors: str
    responsible: str
    foot: str


def zone_sign(text: SignText, size: Size, *, at: datetime, fonts: Fonts) -> bytes:
    paper = Paper(
        size, fonts=fonts, title=text.title, language=text.language, at=at, margin=0
    )
    return _Drawing(paper, text).done()


class _Drawing:
    """Blocks under each other, with equal space between them. `_k` makes a larger
    paper's sign larger."""

    def __init__(self, paper: Paper, text: SignText) -> None:
        self._paper, self._text = paper, text
        self._k = paper.size.width / A4.width
        self._middle = paper.size.width / 2
        self._width = paper.size.width - 2 * (_EDGE + _ROOM) * self._k

    def done(self) -> bytes:
        k, paper = self._k, self._paper
        edge = _EDGE * k
        top = self._level(edge)
        foot = paper.size.height - edge - 8 * k
        blocks: list[tuple[float, Callable[[float], None]]] = [
            (34 * k, self._name),
            *([(58 * k, self._forbidden)] if self._text.forbidden else []),
            (self._entry_height(), self._entry),
            *([(17 * k, self._responsible)] if self._text.responsible else []),
        ]
        gap = (foot - top - sum(height for height, _ in blocks)) / (len(blocks) + 1)
        y = top
        for height, draw in blocks:
            y += gap
            draw(y)
            y += height
        self._centred(foot + 1.5 * k, self._text.foot, 9, ink=90)
        paper.box(
            edge, edge, paper.size.width - 2 * edge, paper.size.height - 2 * edge,
            line=1.6 * k,
        )  # fmt: skip
        return paper.bytes()

    def _centred(
        self, y: float, words: str, size: float, *, bold: bool = False, ink: Ink = 0
    ) -> None:
        self._paper.fitted(
            self._middle, y, words, size * self._k, width=self._width,
            bold=bold, ink=ink, align="center",
        )  # fmt: skip

    def _level(self, y: float) -> float:
        """The band on top; tells where it ends."""
        k, paper, edge = self._k, self._paper, _EDGE * self._k
        height = 58 * k
        band, ink = _INKS[self._text.level]
        width = paper.size.width - 2 * edge
        paper.box(edge, y, width, height, fill=band, line=1.6 * k, ink=0)
        words, bars = self._text.level_word, 30 * k
        size = 72 * k
        needed = paper.measure(words.words, size, bold=True)
        room = self._width - bars - 6 * k
        taken = min(needed, room)
        x = self._middle - (bars + 6 * k + taken) / 2
        self._bars(x, y + 34 * k, ink)
        middle = x + bars + 6 * k + taken / 2
        fitted = size * min(1, room / needed)
        paper.write(
            middle, y + 22 * k - fitted * 0.15, words.words, fitted,
            bold=True, ink=ink, align="center",
        )  # fmt: skip
        self._centred(y + 44 * k, words.other, 24, ink=ink)
        return y + height

    def _bars(self, x: float, base: float, ink: Ink) -> None:
        """Three, rising; as many filled as the level has."""
        k = self._k
        filled = BARS[self._text.level]
        for number, height in enumerate((9, 16, 23)):
            self._paper.box(
                x + number * 10 * k, base - height * k, 7.5 * k, height * k,
                fill=ink if number < filled else None, line=0.9 * k, ink=ink,
            )  # fmt: skip

    def _name(self, y: float) -> None:
        self._centred(y, self._text.name.words, 62, bold=True)
        self._centred(y + 25 * self._k, self._text.name.other, 24, ink=60)

    def _forbidden(self, y: float) -> None:
        k, paper = self._k, self._paper
        column = self._width / max(3, len(self._text.forbidden))
        x = self._middle - column * (len(self._text.forbidden) - 1) / 2
        for conduct, said in self._text.forbidden:
            forbidding(paper, conduct, x, y + 17.5 * k, 17.5 * k)
            self._caption(x, y + 38 * k, said, column - 3 * k)
            x += column

    def _caption(self, x: float, y: float, said: Said, width: float) -> None:
        """In one line if that is large enough, else in two."""
        k, paper = self._k, self._paper
        lines = [said.words]
        size = 29 * k
        if paper.measure(said.words, size, bold=True) > width * 1.2:
            lines = _halves(said.words)
        step = 11.5 * k if len(lines) == 1 else 8 * k
        for line in lines:
            most = size if len(lines) == 1 else 21 * k
            paper.fitted(x, y, line, most, width=width, bold=True, align="center")
            y += step
        paper.fitted(x, y, said.other, 13 * k, width=width, ink=60, align="center")

    def _entry_height(self) -> float:
        lines = 1 + bool(self._text.together) + bool(self._text.visitors)
        return (12.5 * lines + 21) * self._k

    def _entry(self, y: float) -> None:
        k, text = self._k, self._text
        self._centred(y, text.who, 29, bold=True)
        y += 12.5 * k
        self._steps(y)
        y += 21 * k
        for words in filter(None, (text.together, text.visitors)):
            self._centred(y, words, 29)
            y += 12.5 * k

    def _steps(self, y: float) -> None:
        """Boxes from left to right, an arrow between two."""
        k, paper = self._k, self._paper
        size, gap, inset, height = 27 * k, 9 * k, 5 * k, 15 * k
        room = self._width - gap * (len(self._text.steps) - 1)
        widths = [paper.measure(s, size) + 2 * inset for s in self._text.steps]
        if (needed := sum(widths)) > room:
            size *= room / needed
            widths = [width * room / needed for width in widths]
        x = self._middle - (sum(widths) + gap * (len(widths) - 1)) / 2
        for number, (step, width) in enumerate(
            zip(self._text.steps, widths, strict=True)
        ):
            if number:
                middle = y + height / 2
                tip = x - 1.5 * k
                paper.line((x - gap + 1.5 * k, middle), (tip, middle), width=0.7 * k)
                for side in (-1.8 * k, 1.8 * k):
                    paper.line(
                        (tip - 2.2 * k, middle + side), (tip, middle), width=0.7 * k
                    )
            paper.box(x, y, width, height, line=0.7 * k)
            top = y + height / 2 - size * 0.176
            paper.write(x + width / 2, top, step, size, align="center")
            x += width + gap

    def _responsible(self, y: float) -> None:
        k, paper = self._k, self._paper
        edge = _EDGE * k
        paper.line((edge, y), (paper.size.width - edge, y), width=0.6 * k)
        self._centred(y + 4 * k, self._text.responsible, 30, bold=True)


def _halves(words: str) -> list[str]:
    """Broken at the space nearest to the middle; Chinese in the middle."""
    spaces = [n for n, c in enumerate(words) if c == " "]
    if not spaces:
        middle = (len(words) + 1) // 2
        return [words[:middle], words[middle:]]
    at = min(spaces, key=lambda n: abs(n - len(words) / 2))
    return [words[:at], words[at + 1 :]]
