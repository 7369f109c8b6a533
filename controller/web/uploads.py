"""What is in a form with a file (RFC 7578), cut out of a body that is whole already.

The body's size is limited before (`max_body` of the address), and its first field is
the mark (`controller.web.forms`).
"""

import re
from collections.abc import Iterator
from typing import Final

_BOUNDARY: Final = re.compile(r'boundary=(?:"([^"\r\n]{1,70})"|([^\s;"]{1,70}))')
_DISPOSITION: Final = re.compile(
    rb"^content-disposition: *form-data;([^\r\n]*)", re.IGNORECASE | re.MULTILINE
)
_NAME: Final = re.compile(rb'[ ;]name="([^"]*)"')


def file_of(content_type: str, body: bytes, name: str) -> bytes | None:
    """What the part `name` holds; None if there is no such part that is a file."""
    for head, content in _parts(content_type, body, name):
        if b"filename" in head:
            return content
    return None


def field_of(content_type: str, body: bytes, name: str) -> str:
    """The field `name` of such a form; empty if there is none."""
    for head, content in _parts(content_type, body, name):
        if b"filename" not in head:
            return content.decode("utf-8", "replace").strip()
    return ""


def _parts(content_type: str, body: bytes, name: str) -> Iterator[tuple[bytes, bytes]]:
    """What the parts called `name` are said to be, and hold."""
    found = _BOUNDARY.search(content_type)
    if found is None or not content_type.lower().startswith("multipart/form-data"):
        return
    boundary = b"--" + (found[1] or found[2]).encode("latin-1", "replace")
    for part in (b"\r\n" + body).split(b"\r\n" + boundary)[1:]:
        head, parted, content = part.partition(b"\r\n\r\n")
        said = _DISPOSITION.search(head)
        if not parted or said is None:
            continue
        called = _NAME.search(said[1])
        if called is not None and called[1] == name.encode():
            yield said[1], content
