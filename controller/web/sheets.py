"""Tables for spreadsheets: UTF-8 with a mark, and no cell that one would work out.

A cell that begins like a formula gets an apostrophe before it, which a spreadsheet
takes for "text" (also after blanks, and with the wide signs of Chinese keyboards).
Every cell is quoted, so that none is cut apart where another separator is usual.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Final

_SIGNS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_MARK: Final = "\ufeff"


def csv_of(rows: Iterable[Sequence[str]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    writer.writerows([plain(cell) for cell in row] for row in rows)
    return (_MARK + out.getvalue()).encode("utf-8", "replace")


def plain(cell: str) -> str:
    """The cell as text that nothing works out."""
    begins = cell.startswith(_SIGNS) or cell.lstrip(" ").startswith(_SIGNS)
    return f"'{cell}" if begins else cell
