"""A paper: text, lines and boxes placed in millimetres, as a PDF.

The one module that knows the PDF library. What is drawn by place (`write`, `fitted`,
`box`) goes where it is told; what flows (`paragraph`, `facts`, `table`) goes on at
`y`, onto a new page when there is no room. The same values at the same instant give
the same bytes. All text can be read out of the file again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, TypeAlias

from fpdf import FPDF
from fpdf.enums import XPos, YPos
from fpdf.fonts import TTFFont

from controller.papers.fonts import Fonts
from controller.papers.lines import broken

Align: TypeAlias = Literal["left", "center", "right"]
Point: TypeAlias = tuple[float, float]
Ink: TypeAlias = int | tuple[int, int, int]  # a grey, 0 is black; or red, green, blue

_FAMILY: Final = "paper"
_MM_PER_POINT: Final = 25.4 / 72
_LEADING: Final = 1.45  # Chinese needs air
# Of an em, above the baseline: what a capital or a Chinese character takes.
_ASCENT: Final = 0.86


@dataclass(frozen=True, slots=True)
class Size:
    """Millimetres."""

    width: float
    height: float


A4: Final = Size(210, 297)
A3: Final = Size(297, 420)
LABEL: Final = Size(62, 100)  # a common roll of label printers


class _Pages(FPDF):
    """Adds the foot to every page."""

    foot = ""

    def footer(self) -> None:
        if not self.foot:
            return
        self.set_y(-12)
        self.set_font(_FAMILY, size=8)
        self.set_text_color(90)
        self.cell(
            0, 5, f"{self.foot}   {self.page_no()} / {{nb}}", align="C",
            new_x=XPos.LMARGIN, new_y=YPos.NEXT,
        )  # fmt: skip
        self.set_text_color(0)


class Paper:
    """Sizes of type in points, all else in millimetres from the top left corner."""

    def __init__(
        self,
        size: Size,
        *,
        fonts: Fonts,
        title: str,
        language: str,
        at: datetime,
        margin: float = 18.0,
        foot: str = "",
    ) -> None:
        self.size, self.margin = size, margin
        self._fonts = fonts
        pdf = _Pages(unit="mm", format=(size.width, size.height))
        pdf.set_auto_page_break(False)
        pdf.set_margins(margin, margin, margin)
        pdf.add_font(
            _FAMILY,
            fname=fonts.regular.path,
            collection_font_number=fonts.regular.number,
        )
        pdf.add_font(
            _FAMILY,
            style="B",
            fname=fonts.bold.path,
            collection_font_number=fonts.bold.number,
        )
        pdf.set_title(title)
        pdf.set_lang(language)
        pdf.set_creation_date(at)
        pdf.foot = fonts.printable(foot)
        pdf.add_page()
        self._pdf = pdf
        self.y = margin

    @property
    def width(self) -> float:
        """Between the margins."""
        return self.size.width - 2 * self.margin

    @property
    def bottom(self) -> float:
        """Where flowing text ends."""
        return self.size.height - max(self.margin, 14 if self._pdf.foot else 0)

    @property
    def pages(self) -> int:
        return len(self._pdf.pages)

    def bytes(self) -> bytes:
        """The file. Ends the paper: nothing can be added."""
        content = bytes(self._pdf.output())
        for font in self._pdf.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()  # the library leaves that to chance
        return content

    def next_page(self) -> None:
        self._pdf.add_page()
        self.y = self.margin

    # --- by place ---

    def write(
        self,
        x: float,
        y: float,
        words: str,
        size: float,
        *,
        bold: bool = False,
        ink: Ink = 0,
        align: Align = "left",
    ) -> None:
        """One line; `y` is the top of its characters, `x` its left end, middle or
        right end."""
        line = self._fonts.printable(words)
        if not line:
            return
        x -= self.measure(line, size, bold=bold) * _SHIFT[align]
        self._pdf.set_text_color(*_rgb(ink))
        self._pdf.text(x, y + size * _MM_PER_POINT * _ASCENT, line)

    def fitted(
        self,
        x: float,
        y: float,
        words: str,
        size: float,
        *,
        width: float,
        bold: bool = False,
        ink: Ink = 0,
        align: Align = "left",
    ) -> float:
        """One line as large as `size`, or as `width` allows; tells which."""
        line = self._fonts.printable(words)
        needed = self.measure(line, size, bold=bold)
        size = size if needed <= width else size * width / needed
        self.write(x, y, line, size, bold=bold, ink=ink, align=align)
        return size

    def measure(self, words: str, size: float, *, bold: bool = False) -> float:
        self._pdf.set_font(_FAMILY, style="B" if bold else "", size=size)
        return float(self._pdf.get_string_width(words))

    def lines(
        self, words: str, size: float, width: float, *, bold: bool = False
    ) -> list[str]:
        """`words` broken into lines of at most `width`."""
        kept = "\n".join(self._fonts.printable(line) for line in words.split("\n"))
        self._pdf.set_font(_FAMILY, style="B" if bold else "", size=size)
        return broken(kept, width, lambda s: float(self._pdf.get_string_width(s)))

    def line(self, start: Point, end: Point, *, width: float, ink: Ink = 0) -> None:
        self._pdf.set_draw_color(*_rgb(ink))
        self._pdf.set_line_width(width)
        self._pdf.line(*start, *end)

    def box(
        self,
        x: float,
        y: float,
        width: float,
        height: float,
        *,
        fill: Ink | None = None,
        line: float = 0.0,
        ink: Ink = 0,
    ) -> None:
        """A rectangle, filled with a grey, outlined `line` thick, or both."""
        style = ("D" if line else "") + ("" if fill is None else "F")
        if not style:
            return
        if fill is not None:
            self._pdf.set_fill_color(*_rgb(fill))
        self._pdf.set_draw_color(*_rgb(ink))
        self._pdf.set_line_width(line or 0.1)
        self._pdf.rect(x, y, width, height, style=style)

    def ring(
        self,
        x: float,
        y: float,
        radius: float,
        *,
        fill: Ink | None = None,
        line: float = 0.0,
        ink: Ink = 0,
    ) -> None:
        """A circle around `x`, `y`."""
        if fill is not None:
            self._pdf.set_fill_color(*_rgb(fill))
        self._pdf.set_draw_color(*_rgb(ink))
        self._pdf.set_line_width(line or 0.1)
        style = ("D" if line else "") + ("" if fill is None else "F")
        self._pdf.circle(x, y, radius, style=style or "D")

    def stroke(self, points: Sequence[Point], *, width: float = 0.4) -> None:
        """One stroke of a pen, through all points; a single point is a dot."""
        self._pdf.set_draw_color(0)
        self._pdf.set_fill_color(0)
        self._pdf.set_line_width(width)
        if len(points) == 1:
            (x, y) = points[0]
            self._pdf.ellipse(x - width, y - width, 2 * width, 2 * width, style="F")
        elif points:
            self._pdf.polyline(list(points))

    # --- flowing ---

    def space(self, height: float) -> None:
        self.y += height

    def room(self, height: float) -> None:
        """Go to a new page unless there is that much room on this one."""
        if self.y + height > self.bottom and self.y > self.margin:
            self.next_page()

    def paragraph(
        self,
        words: str,
        size: float = 10.5,
        *,
        bold: bool = False,
        ink: Ink = 0,
        align: Align = "left",
        after: float = 2.0,
        indent: float = 0.0,
    ) -> None:
        """Text over the width, in as many lines and pages as it needs."""
        step = size * _MM_PER_POINT * _LEADING
        width = self.width - indent
        x = self.margin + indent + width * _SHIFT[align]
        for line in self.lines(words, size, width, bold=bold):
            self.room(step)
            self.write(x, self.y, line, size, bold=bold, ink=ink, align=align)
            self.y += step
        self.y += after

    def heading(self, words: str, size: float = 15) -> None:
        """Stays with the first lines of what follows."""
        self.room(size * _MM_PER_POINT * _LEADING + 12)
        self.paragraph(words, size, bold=True)

    def facts(
        self, rows: Sequence[tuple[str, str]], size: float = 10.5, *, names: float = 36
    ) -> None:
        """What is called how, in two columns; `names` is the width of the first."""
        self.table(
            (), rows, (names, self.width - names), size=size, rules=False, first_ink=90
        )

    def table(
        self,
        head: Sequence[str],
        rows: Sequence[Sequence[str]],
        widths: Sequence[float],
        *,
        size: float = 9.5,
        rules: bool = True,
        first_ink: Ink = 0,
    ) -> None:
        """Rows of text, each whole on one page; `head` again on each. Cells break
        into lines."""
        if head:
            self._row(head, widths, size, bold=True, rule=rules)
        for row in rows:
            before = self.pages
            self.room(self._height(row, widths, size))
            if head and self.pages > before:
                self._row(head, widths, size, bold=True, rule=rules)
            self._row(row, widths, size, rule=rules, first_ink=first_ink)

    def _height(
        self, row: Sequence[str], widths: Sequence[float], size: float
    ) -> float:
        step = size * _MM_PER_POINT * _LEADING
        tallest = max(
            len(self.lines(cell, size, width - 2))
            for cell, width in zip(row, widths, strict=True)
        )
        return tallest * step + 1.6

    def _row(
        self,
        row: Sequence[str],
        widths: Sequence[float],
        size: float,
        *,
        bold: bool = False,
        rule: bool = True,
        first_ink: Ink = 0,
    ) -> None:
        step = size * _MM_PER_POINT * _LEADING
        height = self._height(row, widths, size)
        x = self.margin
        for number, (cell, width) in enumerate(zip(row, widths, strict=True)):
            ink = 0 if number else first_ink
            for at, line in enumerate(self.lines(cell, size, width - 2, bold=bold)):
                y = self.y + 1.1 + at * step
                self.write(x, y, line, size, bold=bold, ink=ink)
            x += width
        self.y += height
        if rule:
            start, end = (self.margin, self.y), (x, self.y)
            self.line(start, end, width=0.35 if bold else 0.12, ink=110)


def _rgb(ink: Ink) -> tuple[int, int, int]:
    return (ink, ink, ink) if isinstance(ink, int) else ink


_SHIFT: Final[dict[Align, float]] = {"left": 0.0, "center": 0.5, "right": 1.0}
