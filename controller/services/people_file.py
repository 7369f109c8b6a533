"""A file with a list of people: bytes in, rows of text out.

CSV in UTF-8 (with or without a mark), UTF-16 or GB18030, separated by comma, semicolon
or tab; or XLSX, of which the first sheet is read. Whatever a cell looks like it is
text: a formula is what is written, never what it would come to. What a stranger could
make of a file is limited before it is read: bytes, parts and bytes of an archive, rows,
columns, characters; an XLSX that declares entities is refused unread.
"""

import csv
import io
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Final
from xml.etree.ElementTree import ParseError

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_ROWS: Final = 5_000
MAX_COLUMNS: Final = 30
MAX_CELL: Final = 200  # characters
_MAX_PARTS: Final = 200
_MAX_UNPACKED: Final = 32 * 1024 * 1024
_ARCHIVE: Final = b"PK\x03\x04"
_UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
_DECLARES: Final = (b"<!DOCTYPE", b"<!ENTITY", b"<!doctype", b"<!entity")
# All that openpyxl was seen to raise on archives that are damaged or no workbook.
_DAMAGED: Final = (
    zipfile.BadZipFile,
    zlib.error,
    InvalidFileException,
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    AttributeError,
    IndexError,
    OSError,
    EOFError,
    NotImplementedError,
)


class FileFault(StrEnum):
    EMPTY = "empty"
    TOO_BIG = "too_big"
    NO_TABLE = "no_table"
    ENCODING = "encoding"
    TOO_MANY_ROWS = "too_many_rows"
    TOO_MANY_COLUMNS = "too_many_columns"
    UNSAFE = "unsafe"


@dataclass(frozen=True, slots=True)
class Row:
    """`line`: as the file counts it, the head is line 1."""

    line: int
    cells: tuple[str, ...]


def read(data: bytes) -> tuple[Row, ...] | FileFault:
    """All rows that aren't blank, the head first."""
    if not data:
        return FileFault.EMPTY
    if len(data) > MAX_BYTES:
        return FileFault.TOO_BIG
    found = _workbook(data) if data.startswith(_ARCHIVE) else _text(data)
    if isinstance(found, FileFault):
        return found
    return _limited(found)


def _limited(rows: Iterable[Row]) -> tuple[Row, ...] | FileFault:
    kept = []
    for row in rows:
        if len(row.cells) > MAX_COLUMNS:
            return FileFault.TOO_MANY_COLUMNS
        if row.line > MAX_ROWS + 1:
            return FileFault.TOO_MANY_ROWS
        kept.append(row)
    return tuple(kept) if kept else FileFault.EMPTY


# --- CSV ---


def _text(data: bytes) -> list[Row] | FileFault:
    for encoding in (
        ("utf-16",) if data.startswith(_UTF_16) else ("utf-8-sig", "gb18030")
    ):
        try:
            text = data.decode(encoding)
        except UnicodeDecodeError:
            continue
        break
    else:
        return FileFault.ENCODING
    if "\0" in text:
        return FileFault.NO_TABLE
    head = text.lstrip().partition("\n")[0]
    separator = max(",\t;", key=head.count)
    try:
        return list(_lines(text, separator))
    except csv.Error:
        return FileFault.NO_TABLE


def _lines(text: str, separator: str) -> Iterator[Row]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    line = 1
    for cells in reader:
        if row := _row(line, cells):
            yield row
        line = reader.line_num + 1
        if line > MAX_ROWS + 100:
            return


# --- XLSX ---


def _workbook(data: bytes) -> list[Row] | FileFault:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            if fault := _dangers(archive):
                return fault
        book = load_workbook(
            io.BytesIO(data), read_only=True, data_only=False, keep_links=False
        )
        try:
            sheet = book.worksheets[0]
            rows = sheet.iter_rows(
                max_row=MAX_ROWS + 2, max_col=MAX_COLUMNS + 1, values_only=True
            )
            found = [_row(n, map(_said, cells)) for n, cells in enumerate(rows, 1)]
        finally:
            book.close()
    except _DAMAGED:
        return FileFault.NO_TABLE
    return [row for row in found if row is not None]


def _dangers(archive: zipfile.ZipFile) -> FileFault | None:
    """The sizes are those that are unpacked at most: more than declared is damage."""
    parts = archive.infolist()
    if len(parts) > _MAX_PARTS or sum(p.file_size for p in parts) > _MAX_UNPACKED:
        return FileFault.UNSAFE
    for part in parts:
        if not part.filename.endswith((".xml", ".rels")):
            continue
        content = archive.read(part)
        if content.startswith(_UTF_16) or any(word in content for word in _DECLARES):
            return FileFault.UNSAFE
    return None


def _said(value: object) -> str:
    match value:
        case None:
            return ""
        case datetime() | date():
            return value.isoformat()[:10]
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)


def _row(line: int, cells: Iterable[str]) -> Row | None:
    said = [cell.strip() for cell in cells]
    while said and not said[-1]:
        said.pop()
    return Row(line, tuple(said)) if said else None
