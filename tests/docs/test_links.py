"""Every relative link in the docs leads somewhere."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from urllib.parse import unquote

from tests.docs.files import markdown, shown

_FENCE: Final = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_CODE: Final = re.compile(r"`[^`\n]*`")
_LINK: Final = re.compile(r"\]\(\s*<?([^)\s>]+)>?[^)]*\)|^\[[^\]]+\]:\s*(\S+)", re.M)
_IMAGE: Final = re.compile(r"""<(?:img|a)\b[^>]*?(?:src|href)=["']([^"']+)["']""")
_HEADING: Final = re.compile(r"^#{1,6}\s+(.*?)\s*#*$", re.MULTILINE)
_ELSEWHERE: Final = re.compile(r"^[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def anchors(text: str) -> set[str]:
    """The names under which a page's headings can be linked to."""
    found: set[str] = set()
    for heading in _HEADING.findall(_FENCE.sub("", text)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).replace("`", "")
        words = re.sub(r"[^\w\- ]", "", plain.strip().lower())
        name = base = words.replace(" ", "-")
        count = 0
        while name in found:
            count += 1
            name = f"{base}-{count}"
        found.add(name)
    return found


def _links(text: str) -> Iterator[str]:
    prose = _CODE.sub("", _FENCE.sub("", text))
    for match in _LINK.finditer(prose):
        yield match[1] or match[2]
    yield from _IMAGE.findall(prose)


def dead_links(page: Path) -> list[str]:
    text = page.read_text("utf-8")
    dead = []
    for link in _links(text):
        if _ELSEWHERE.match(link):
            continue
        target, _, anchor = unquote(link).partition("#")
        file = (page.parent / target) if target else page
        if not file.exists() or (
            anchor
            and file.suffix == ".md"
            and anchor not in anchors(file.read_text("utf-8"))
        ):
            dead.append(link)
    return dead


def test_every_relative_link_resolves() -> None:
    dead = {shown(page): links for page in markdown() if (links := dead_links(page))}

    assert dead == {}


def test_a_dead_link_and_a_dead_anchor_are_noticed(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(
        "# One thing\n[ok](#one-thing) [ok](page.md#one-thing) [no](#two) [no](x.md)\n"
        '<img src="gone.png"> `[code](y.md)`\n```\n[fenced](z.md)\n```\n'
    )

    assert dead_links(page) == ["#two", "x.md", "gone.png"]
