"""The font of printed papers: one that is installed, with Chinese in it.

We carry no font: a distribution's package has a good one. Papers embed the glyphs they
use. A face counts only if it has Chinese, Latin and figures: some fallback fonts of
small systems have no Latin.
"""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from fontTools.ttLib import TTFont, TTLibError

from domain.errors import AccessSystemError

PACKAGE: Final = "fonts-noto-cjk"  # of Debian and of Raspberry Pi OS


class FontsMissing(AccessSystemError):
    """No Chinese font is installed here, so nothing can be printed; doors go on."""

    code = "papers.fonts_missing"

    def __init__(self) -> None:
        super().__init__(
            "no Chinese font is installed on this machine, so no papers can be made:"
            f" apt install {PACKAGE}"
        )


@dataclass(frozen=True, slots=True)
class Face:
    """One face of a font file; collections (`.ttc`) have several."""

    path: Path
    number: int = 0


@dataclass(frozen=True, slots=True)
class Fonts:
    """`bold` is `regular` where there is no bold face. `glyphs`: code points both
    have."""

    regular: Face
    bold: Face
    glyphs: frozenset[int]

    def printable(self, words: str) -> str:
        """`words` with a mark in place of each character that the font lacks, so that
        the gap is seen (a rare character of a name) and no paper fails."""
        gap = "〓" if ord("〓") in self.glyphs else "?"
        line = " ".join(words.split())
        return "".join(c if ord(c) in self.glyphs else gap for c in line)


# The first goes before the second.
FOLDERS: Final = (Path("/usr/share/fonts"), Path("/usr/local/share/fonts"))
# Regular, bold, and which face of the collection writes simplified Chinese.
_KNOWN: Final = (
    ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc", 2),
    ("NotoSansCJKsc-Regular.otf", "NotoSansCJKsc-Bold.otf", 0),
    ("NotoSansSC-Regular.otf", "NotoSansSC-Bold.otf", 0),
    ("SourceHanSansSC-Regular.otf", "SourceHanSansSC-Bold.otf", 0),
    ("NotoSerifCJK-Regular.ttc", "NotoSerifCJK-Bold.ttc", 2),
    ("wqy-zenhei.ttc", "", 0),
    ("wqy-microhei.ttc", "", 0),
    ("DroidSansFallbackFull.ttf", "", 0),
)
_NEEDED: Final = frozenset(map(ord, "涉密区域门禁访客AaZz09，。（）·×"))


def find_fonts(folders: Sequence[Path] = FOLDERS) -> Fonts:
    """The best font that is installed below `folders`.

    Raises:
        FontsMissing: none has Chinese.
    """
    found = _find(tuple(folders))
    if not (found.regular.path.exists() and found.bold.path.exists()):
        _find.cache_clear()  # replaced by an update of the system
        found = _find(tuple(folders))
    return found


@cache
def _find(folders: tuple[Path, ...]) -> Fonts:
    files = {
        path.name: path
        for folder in reversed(folders)
        for path in sorted(folder.rglob("*.[ot]t[cf]"), reverse=True)
    }
    for name, bold_name, number in _KNOWN:
        if (path := files.get(name)) is None:
            continue
        regular = Face(path, number)
        glyphs = _glyphs(regular)
        bold = Face(files[bold_name], number) if bold_name in files else regular
        if bold is not regular:
            glyphs &= _glyphs(bold)
        if glyphs >= _NEEDED:
            return Fonts(regular, bold, glyphs)
    raise FontsMissing


def _glyphs(face: Face) -> frozenset[int]:
    """What the face can write; nothing if the file is no font."""
    try:
        with (
            face.path.open("rb") as file,
            TTFont(file, fontNumber=face.number, lazy=True) as font,
        ):
            return frozenset(font.getBestCmap() or ())
    except (OSError, TTLibError):
        return frozenset()


if __name__ == "__main__":
    try:
        print(find_fonts().regular.path)
    except FontsMissing as missing:
        sys.exit(str(missing))
