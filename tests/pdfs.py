"""Papers read back: their pages, their text, their pictures."""

from dataclasses import dataclass
from pathlib import Path

import pypdfium2


@dataclass(frozen=True, slots=True)
class Read:
    pages: tuple[str, ...]  # the text of each
    sizes: tuple[tuple[int, int], ...]  # in whole millimetres
    title: str

    @property
    def text(self) -> str:
        """Without line ends, which fall where there is room."""
        return "".join("".join(self.pages).split("\r\n"))


def read(content: bytes) -> Read:
    document = pypdfium2.PdfDocument(content)
    try:
        pages = []
        sizes = []
        for page in document:
            text = page.get_textpage()
            pages.append(text.get_text_range())
            text.close()
            sizes.append(tuple(round(x / 72 * 25.4) for x in page.get_size()))
            page.close()
        title = document.get_metadata_dict()["Title"]
    finally:
        document.close()
    return Read(tuple(pages), tuple(sizes), title)


def picture(content: bytes, into: Path, *, scale: float = 1.5) -> None:
    """The first page, in grey, as it comes out of an office printer."""
    document = pypdfium2.PdfDocument(content)
    try:
        page = document[0]
        page.render(scale=scale, grayscale=True).to_pil().save(into)
        page.close()
    finally:
        document.close()
