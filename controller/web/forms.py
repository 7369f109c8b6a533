"""What a browser sends in: small, whole, and from a page that we gave to it.

Every POST of a browser carries `csrf`, the mark of its session, in the form or in the
header `x-csrf-token`; a form with files has it as its first field. It is compared in
constant time before any page sees the request.
"""

import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl, urlsplit

from starlette.requests import Request
from starlette.types import Message, Receive

CSRF_FIELD: Final = "csrf"
CSRF_HEADER: Final = "x-csrf-token"
_MAX_FIELDS: Final = 2000
_URLENCODED: Final = "application/x-www-form-urlencoded"
_MULTIPART: Final = "multipart/form-data"
# The first part of a form with files: its head, then the value on a line.
_FIRST_PART: Final = re.compile(
    rb'\A--[^\r\n]{1,70}\r\ncontent-disposition: *form-data; *name="csrf"\r\n\r\n'
    rb"([0-9a-f]{64})\r\n",
    re.IGNORECASE,
)
_UNSPEAKABLE: Final = re.compile(r"[\x00\ud800-\udfff]")
_BASE: Final = "http://console.invalid"


@dataclass(frozen=True, slots=True)
class Form:
    """The fields of a form, trimmed. A field that is absent is empty."""

    fields: Mapping[str, tuple[str, ...]]

    def __getitem__(self, name: str) -> str:
        return self.all(name)[0] if self.all(name) else ""

    def all(self, name: str) -> tuple[str, ...]:
        return self.fields.get(name, ())

    def raw(self) -> list[tuple[str, str]]:
        """Everything but the mark, to be sent once more."""
        return [
            (name, value)
            for name, values in self.fields.items()
            for value in values
            if name != CSRF_FIELD
        ]


EMPTY: Final = Form({})


def form_of(request: Request) -> Form:
    """The form that came with the request; of one with files, `request.body()`."""
    form = request.scope.get("menshen.form", EMPTY)
    return form if isinstance(form, Form) else EMPTY


async def read_body(receive: Receive, limit: int) -> bytes | None:
    """The whole body; None if it is larger than `limit` bytes or the browser left."""
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return None
        chunk: bytes = message.get("body", b"")
        body += chunk
        if len(body) > limit:
            return None
        if not message.get("more_body", False):
            return body


def replayed(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives `body` once, then goes on with the connection."""
    given = False

    async def again() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return again


def parse(content_type: str, body: bytes) -> Form:
    """The fields of a small form; of any other kind none."""
    if content_type.partition(";")[0].strip().lower() != _URLENCODED:
        return EMPTY
    fields: dict[str, tuple[str, ...]] = {}
    try:
        pairs = parse_qsl(
            body.decode("ascii", "replace"),
            keep_blank_values=True,
            max_num_fields=_MAX_FIELDS,
        )
    except ValueError:  # too many fields
        return EMPTY
    for name, value in pairs:
        clean = _UNSPEAKABLE.sub("\ufffd", value).strip()
        fields[name] = (*fields.get(name, ()), clean)
    return Form(fields)


def is_marked(request: Request, form: Form, body: bytes, csrf: str) -> bool:
    """Whether the request carries the mark of the session."""
    given = request.headers.get(CSRF_HEADER) or form[CSRF_FIELD]
    if not given and request.headers.get("content-type", "").startswith(_MULTIPART):
        first = _FIRST_PART.match(body)
        given = first[1].decode() if first else ""
    return hmac.compare_digest(given.encode(), csrf.encode())


def own_path(wanted: str) -> str:
    """`wanted` if it is an address of this console, else "/".

    A browser takes `//host`, `/\\host` and control characters for more than a path.
    """
    if not wanted.startswith("/") or re.search(r"[\x00-\x20\\\x7f]", wanted):
        return "/"
    parts = urlsplit(_BASE + wanted)
    if wanted.startswith("//") or f"{parts.scheme}://{parts.netloc}" != _BASE:
        return "/"
    return wanted
