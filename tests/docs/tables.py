"""Tables written by hand in a page, to be held against the code."""

import re
from pathlib import Path
from typing import Final

_CODE: Final = re.compile(r"`([^`]+)`")


def rows(page: Path, *, columns: int) -> list[tuple[str, ...]]:
    """The cells of every row of `page` that has this many columns."""
    found = []
    for line in page.read_text("utf-8").splitlines():
        if line.startswith("|") and line.endswith("|"):
            cells = tuple(cell.strip() for cell in line[1:-1].split("|"))
            if len(cells) == columns and not set("".join(cells)) <= set("-: "):
                found.append(cells)
    return found


def codes(cell: str) -> list[str]:
    """What stands in back-ticks."""
    return _CODE.findall(cell)
