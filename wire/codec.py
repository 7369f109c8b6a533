"""Frozen dataclasses to JSON and back, driven by the types of their fields.

    str, NewType of str   text                  datetime     RFC 3339, UTC
    bool, int, float      as they are           date         2026-11-23
    StrEnum               its value             timedelta    whole ms, key `…_ms`
    bytes                 base64                Digest       hex, 64 digits
    Body                  as it is
    tuple, frozenset      array                 Mapping      object
    dataclass             object                X | None     null
    union of dataclasses  object with `type`
    VisitorRight          visit and visitor: whoever reads it makes it anew from those

Laws: unknown keys are ignored, since later versions add; a key that is missing means
the field's default, or None where that is allowed; everything else that does not fit
is `MessageMalformed` with the path of the trouble, `body.findings[2].verdict`. Text
that a database could not hold (NUL, unpaired surrogates) is refused on the way in and
replaced on the way out: a device's odd error text must not stop a journal.
"""

import base64
import binascii
import dataclasses
import functools
import re
import types
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from math import isfinite
from typing import Any, Final, NewType, TypeAlias, Union, get_args, get_origin
from typing import get_type_hints as hints_of

from domain.errors import CallerError, MessageMalformed, UnknownMessageType
from domain.ids import PersonId
from domain.visits import Visit, VisitorRight, right_of
from wire.canonical import Json, JsonObject, instant, instant_text

Digest = NewType("Digest", bytes)  # 32 bytes
Body = NewType("Body", dict[str, Json])  # JSON as it is

# What a field's declared type says is only known at run time.
_Value: TypeAlias = Any
_Encode: TypeAlias = Callable[[_Value], Json]
_Decode: TypeAlias = Callable[[Json, str], _Value]

_MILLISECOND: Final = timedelta(milliseconds=1)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_UNSPEAKABLE: Final = re.compile("[\x00\ud800-\udfff]")
_LIMIT: Final = 2**63  # what a database holds in one number


@dataclass(frozen=True, slots=True)
class Codec:
    """How one type is said. `key` is appended to the name of a field of it."""

    encode: _Encode
    decode: _Decode
    key: str = ""


def type_name(cls: type) -> str:
    """`AccessGranted` is called `access_granted`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()


@functools.cache
def codec_of(tp: _Value) -> Codec:
    """The codec of a type; made once.

    Raises:
        CallerError: a type that this table does not have.
    """
    simple = _SIMPLE.get(tp)
    if simple is not None:
        return simple
    if isinstance(tp, NewType):
        return codec_of(tp.__supertype__)
    origin: object = get_origin(tp)
    args = get_args(tp)
    if origin in (Union, types.UnionType):
        return _union(args)
    if origin is tuple and len(args) == 2 and args[1] is Ellipsis:
        return _array(codec_of(args[0]), tuple)
    if origin is frozenset:
        return _array(codec_of(args[0]), frozenset)
    if origin is Mapping:
        return _mapping(codec_of(args[1]))
    if isinstance(tp, type) and issubclass(tp, StrEnum):
        return _enum(tp)
    if tp is VisitorRight:
        return _right(codec_of(Visit))
    if isinstance(tp, type) and dataclasses.is_dataclass(tp):
        return _object(tp)
    raise CallerError(f"no JSON for `{tp}`")


def fields_codec(cls: type, *, without: frozenset[str] = frozenset()) -> Codec:
    """The codec of a dataclass, leaving out the fields in `without`.

    `decode` then gives a dict of the fields instead of the finished value.
    """
    hints = hints_of(cls)
    plan = []
    for each in dataclasses.fields(cls):
        if each.name in without:
            continue
        codec = codec_of(hints[each.name])
        if each.default is not dataclasses.MISSING:
            absent: _Value = each.default
        else:
            absent = None if _optional(hints[each.name]) else dataclasses.MISSING
        plan.append((each.name, each.name + codec.key, codec, absent))

    def encode(value: _Value) -> Json:
        return {key: c.encode(getattr(value, name)) for name, key, c, _ in plan}

    def decode(json: Json, path: str) -> dict[str, _Value]:
        if not isinstance(json, dict):
            raise MessageMalformed(f"`{path}` is not an object")
        found = {}
        for name, key, codec, absent in plan:
            if key in json:
                found[name] = codec.decode(json[key], f"{path}.{key}")
            elif absent is not dataclasses.MISSING:
                found[name] = absent
            else:
                raise MessageMalformed(f"`{path}.{key}` is missing")
        return found

    return Codec(encode, decode)


def encode(value: _Value) -> JsonObject:
    """A dataclass as a JSON object."""
    kind: _Value = type(value)
    json = codec_of(kind).encode(value)
    if not isinstance(json, dict):
        raise CallerError(f"`{type(value).__name__}` is no dataclass")
    return json


def _object(cls: type) -> Codec:
    fields = fields_codec(cls)

    def decode(json: Json, path: str) -> _Value:
        return cls(**fields.decode(json, path))

    return Codec(fields.encode, decode)


def _union(args: tuple[_Value, ...]) -> Codec:
    others = tuple(a for a in args if a is not types.NoneType)
    if len(others) == 1:
        return _nullable(codec_of(others[0]))
    by_name = {type_name(each): codec_of(each) for each in others}

    def encode(value: _Value) -> Json:
        name = type_name(type(value))
        fields = by_name[name].encode(value)
        if not isinstance(fields, dict):
            raise CallerError(f"`{name}` is no dataclass")
        return {**fields, "type": name}

    def decode(json: Json, path: str) -> _Value:
        if not isinstance(json, dict):
            raise MessageMalformed(f"`{path}` is not an object")
        name = _text(json.get("type"), f"{path}.type")
        if name not in by_name:
            raise UnknownMessageType(f"`{path}.type` is `{name[:64]}`, not known here")
        return by_name[name].decode(json, path)

    return Codec(encode, decode)


def _nullable(inner: Codec) -> Codec:
    return Codec(
        lambda value: None if value is None else inner.encode(value),
        lambda json, path: None if json is None else inner.decode(json, path),
        inner.key,
    )


def _array(inner: Codec, make: type) -> Codec:
    in_order = make is tuple

    def encode(value: _Value) -> Json:
        items = [inner.encode(each) for each in value]
        return items if in_order else sorted(items, key=repr)

    def decode(json: Json, path: str) -> _Value:
        if not isinstance(json, list):
            raise MessageMalformed(f"`{path}` is not an array")
        return make(inner.decode(each, f"{path}[{n}]") for n, each in enumerate(json))

    return Codec(encode, decode, inner.key)


def _mapping(inner: Codec) -> Codec:
    def decode(json: Json, path: str) -> _Value:
        if not isinstance(json, dict):
            raise MessageMalformed(f"`{path}` is not an object")
        return {
            _text(key, path): inner.decode(each, f"{path}.{key}")
            for key, each in json.items()
        }

    return Codec(lambda value: {k: inner.encode(v) for k, v in value.items()}, decode)


def _enum(cls: type[StrEnum]) -> Codec:
    members = {str(each): each for each in cls}

    def decode(json: Json, path: str) -> _Value:
        text = _text(json, path)
        if text not in members:
            raise MessageMalformed(
                f"`{path}` is `{text[:64]}`, none of {list(members)}"
            )
        return members[text]

    return Codec(str, decode)


def _right(visit: Codec) -> Codec:
    """INVARIANT: no right is read, only what it is made from."""

    def encode(value: _Value) -> Json:
        right: VisitorRight = value
        return {"visit": visit.encode(right.visit), "visitor": right.person}

    def decode(json: Json, path: str) -> VisitorRight:
        if not isinstance(json, dict):
            raise MessageMalformed(f"`{path}` is not an object")
        parts = visit.decode(json.get("visit"), f"{path}.visit")
        visitor = _text(json.get("visitor"), f"{path}.visitor")
        right = right_of(parts, PersonId(visitor))
        if isinstance(right, VisitorRight):
            return right
        lacks = ", ".join(right.problems)
        raise MessageMalformed(f"`{path}` is no right of anybody: {lacks}")

    return Codec(encode, decode)


def _optional(tp: _Value) -> bool:
    return types.NoneType in get_args(tp)


def _text(json: Json, path: str) -> str:
    if not isinstance(json, str):
        raise MessageMalformed(f"`{path}` is not text")
    if _UNSPEAKABLE.search(json):
        raise MessageMalformed(f"`{path}` has a character that no database holds")
    return json


def _bool(json: Json, path: str) -> bool:
    if not isinstance(json, bool):
        raise MessageMalformed(f"`{path}` is not true or false")
    return json


def _int(json: Json, path: str) -> int:
    if not isinstance(json, int) or isinstance(json, bool):
        raise MessageMalformed(f"`{path}` is not a whole number")
    if not -_LIMIT <= json < _LIMIT:
        raise MessageMalformed(f"`{path}` is too large")
    return json


def _float(json: Json, path: str) -> float:
    if isinstance(json, bool) or not isinstance(json, int | float):
        raise MessageMalformed(f"`{path}` is not a number")
    if abs(json) > _LIMIT or not isfinite(json):
        raise MessageMalformed(f"`{path}` is too large")
    return float(json)


def _instant(json: Json, path: str) -> datetime:
    return instant(_text(json, path), f"`{path}`")


def _date(json: Json, path: str) -> date:
    text = _text(json, path)
    try:
        if _DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise MessageMalformed(f"`{path}` is not a date")


def _duration(json: Json, path: str) -> timedelta:
    try:
        return timedelta(milliseconds=_int(json, path))
    except OverflowError:
        raise MessageMalformed(f"`{path}` is too large") from None


def _bytes(json: Json, path: str) -> bytes:
    try:
        return base64.b64decode(_text(json, path), validate=True)
    except (binascii.Error, ValueError):
        raise MessageMalformed(f"`{path}` is not base64") from None


def _digest(json: Json, path: str) -> bytes:
    text = _text(json, path)
    if not re.fullmatch("[0-9a-f]{64}", text):
        raise MessageMalformed(f"`{path}` is not 64 hex digits")
    return bytes.fromhex(text)


def _raw(json: Json, path: str) -> dict[str, Json]:
    if not isinstance(json, dict):
        raise MessageMalformed(f"`{path}` is not an object")
    return json


_SIMPLE: Final[dict[_Value, Codec]] = {
    str: Codec(lambda value: _UNSPEAKABLE.sub("\ufffd", value), _text),
    bool: Codec(lambda value: value, _bool),
    int: Codec(lambda value: value, _int),
    float: Codec(lambda value: value, _float),
    datetime: Codec(instant_text, _instant),
    date: Codec(lambda value: value.isoformat(), _date),
    timedelta: Codec(lambda value: round(value / _MILLISECOND), _duration, "_ms"),
    bytes: Codec(lambda value: base64.b64encode(value).decode(), _bytes),
    Digest: Codec(lambda value: value.hex(), _digest),
    Body: Codec(lambda value: value, _raw),
}
