"""Dataclasses as JSON schemas, and JSON read into dataclasses by the same rules.

    str       Annotated[str, Text(...)]     bool, int     Annotated[int, Whole(...)]
    StrEnum   one of its values             datetime      RFC 3339 with a time zone
    date      2026-11-23                    X | None      null
    tuple     Annotated[tuple[X, ...], Many(...)]         dataclass   object

Laws: the description and the behaviour come from one place, the types of the fields.
Reading is strict: an unknown key is a fault, as is a missing one without a default;
every fault is told at once, each with where it is. Text holds no control characters.
What is written (`wire.codec.encode`) follows the same table; an instant in UTC.
"""

import dataclasses
import re
import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import Annotated, Any, Final, TypeAlias, Union, get_args, get_origin
from typing import get_type_hints as hints_of

from domain.errors import CallerError
from wire.canonical import Json
from wire.codec import Body

# What a field's declared type says is only known at run time.
_Value: TypeAlias = Any
Schema: TypeAlias = dict[str, Any]

_BLANKLESS: Final = r"[^\s\x00-\x1f\x7f]"
# Begins and ends with something visible, no control characters between.
WORDS: Final = rf"^{_BLANKLESS}([^\x00-\x1f\x7f]*{_BLANKLESS})?$"
_INSTANT: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)", re.ASCII
)
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_LARGEST: Final = 2**31 - 1  # what every column of ours holds
_ENDLESS: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """How many characters, and which; `least` 0 lets it be empty."""

    most: int
    least: int = 1
    pattern: str = WORDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Whole:
    least: int = 0
    most: int = _LARGEST


@dataclass(frozen=True, slots=True, kw_only=True)
class Many:
    most: int
    least: int = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """`where`: `body.visitors[2].name`; `what` is wrong there."""

    where: str
    what: str


@dataclass(frozen=True, slots=True)
class _Field:
    name: str
    type: _Value
    needed: bool
    default: _Value


def fields_of(cls: type) -> list[_Field]:
    hints = hints_of(cls, include_extras=True)
    missing = dataclasses.MISSING
    return [
        _Field(f.name, hints[f.name], f.default is missing, f.default)
        for f in dataclasses.fields(cls)
    ]


# --- the description ---


def schema_of(tp: _Value, named: dict[str, Schema]) -> Schema:
    """The schema of a type; dataclasses go into `named` and are referred to."""
    tp, limit = _plain(tp)
    if limit == () and tp is str:
        return {"type": "string"}
    match tp:
        case _ if tp is str and isinstance(limit, Text):
            pattern = limit.pattern if limit.least else f"^$|{limit.pattern}"
            return {
                "type": "string",
                "minLength": limit.least,
                "maxLength": limit.most,
                "pattern": pattern,
            }
        case _ if tp is bool:
            return {"type": "boolean"}
        case _ if tp is int:
            within = limit if isinstance(limit, Whole) else None
            limits = {} if within is None else _limits(within)
            return {"type": "integer", **limits}
        case _ if tp is datetime:
            return {"type": "string", "format": "date-time"}
        case _ if tp is date:
            return {"type": "string", "format": "date"}
        case _ if tp is Body:
            return {"type": "object"}
        case _ if _origin(tp) is tuple:
            items = schema_of(get_args(tp)[0], named)
            most = {"maxItems": limit.most} if isinstance(limit, Many) else {}
            least = {"minItems": limit.least} if isinstance(limit, Many) else {}
            return {"type": "array", "items": items, **least, **most}
        case _ if (inner := _optional(tp)) is not None:
            return {"anyOf": [schema_of(inner, named), {"type": "null"}]}
        case _ if isinstance(tp, type) and issubclass(tp, StrEnum):
            return {"type": "string", "enum": [str(each) for each in tp]}
        case _ if dataclasses.is_dataclass(tp):
            return _object_schema(tp, named)
    raise CallerError(f"no schema for `{tp}`")


def _limits(within: Whole) -> Schema:
    return {"minimum": within.least, "maximum": within.most}


def _object_schema(cls: _Value, named: dict[str, Schema]) -> Schema:
    name = cls.__name__
    if name not in named:
        named[name] = {}  # so that it may refer to itself
        fields = fields_of(cls)
        named[name] |= {
            "type": "object",
            "description": " ".join((cls.__doc__ or "").split()),
            "properties": {f.name: schema_of(f.type, named) for f in fields},
            "required": [f.name for f in fields if f.needed],
            "additionalProperties": False,
        }
    return {"$ref": f"#/components/schemas/{name}"}


# --- reading ---


def read(tp: _Value, json: Json, where: str, faults: list[Fault]) -> _Value:
    """What `json` says; where it doesn't fit, None and a fault."""
    tp, limit = _plain(tp)
    if (inner := _optional(tp)) is not None:
        return None if json is None else _read(inner, (), json, where, faults)
    return _read(tp, limit, json, where, faults)


def _read(
    tp: _Value, limit: object, json: Json, where: str, faults: list[Fault]
) -> _Value:
    tp, own = _plain(tp)
    limit = own or limit
    found: _Value = None
    what = ""
    if tp is str:
        found, what = _text(json, limit)
    elif tp is bool:
        found, what = json, "" if isinstance(json, bool) else "is not true or false"
    elif tp is int:
        found, what = _whole(json, limit if isinstance(limit, Whole) else Whole())
    elif tp is datetime:
        found, what = _instant(json)
    elif tp is date:
        found, what = _date(json)
    elif _origin(tp) is tuple:
        return _many(get_args(tp)[0], limit, json, where, faults)
    elif isinstance(tp, type) and issubclass(tp, StrEnum):
        known = {str(each): each for each in tp}
        found = known.get(json) if isinstance(json, str) else None
        what = "" if found is not None else f"is none of {', '.join(known)}"
    elif dataclasses.is_dataclass(tp):
        return _object(tp, json, where, faults)
    else:
        raise CallerError(f"nobody reads `{tp}`")
    if what:
        faults.append(Fault(where, what))
    return found


def _object(cls: _Value, json: Json, where: str, faults: list[Fault]) -> _Value:
    if not isinstance(json, Mapping):
        faults.append(Fault(where, "is not an object"))
        return None
    fields = fields_of(cls)
    before = len(faults)
    for key in sorted(set(json) - {f.name for f in fields}):
        faults.append(Fault(f"{where}.{key[:64]}", "is not known here"))
    values = {}
    for each in fields:
        place = f"{where}.{each.name}"
        if each.name in json:
            values[each.name] = read(each.type, json[each.name], place, faults)
        elif each.needed:
            faults.append(Fault(place, "is missing"))
    return None if len(faults) > before else cls(**values)


def _many(
    inner: _Value, limit: object, json: Json, where: str, faults: list[Fault]
) -> _Value:
    most, least = (_ENDLESS, 0)
    if isinstance(limit, Many):
        most, least = limit.most, limit.least
    if not isinstance(json, Sequence) or isinstance(json, str):
        faults.append(Fault(where, "is not an array"))
        return None
    if not least <= len(json) <= most:
        faults.append(Fault(where, f"has {len(json)} items, not {least} to {most}"))
        return None
    return tuple(
        read(inner, each, f"{where}[{n}]", faults) for n, each in enumerate(json)
    )


def _text(json: Json, limit: object) -> tuple[str | None, str]:
    if not isinstance(json, str):
        return None, "is not text"
    if not isinstance(limit, Text):
        raise CallerError("text that is read has limits")
    if not limit.least <= len(json) <= limit.most:
        return None, f"has {len(json)} characters, not {limit.least} to {limit.most}"
    # `$` of a pattern would also stand before a last line feed.
    pattern = limit.pattern.removeprefix("^").removesuffix("$")
    if json and re.fullmatch(pattern, json) is None:
        return None, "has a blank or a character where none may be"
    return json, ""


def _whole(json: Json, limit: Whole) -> tuple[int | None, str]:
    if not isinstance(json, int) or isinstance(json, bool):
        return None, "is not a whole number"
    if not limit.least <= json <= limit.most:
        return None, f"is not {limit.least} to {limit.most}"
    return json, ""


def _instant(json: Json) -> tuple[datetime | None, str]:
    try:
        if isinstance(json, str) and _INSTANT.fullmatch(json):
            at = datetime.fromisoformat(json)
            if 1970 < at.year < 9000:  # in whatever time zone it is shown
                return at, ""
    except ValueError:
        pass
    return None, "is no instant such as 2026-11-23T08:00:00+08:00"


def _date(json: Json) -> tuple[date | None, str]:
    try:
        if isinstance(json, str) and _DATE.fullmatch(json):
            return date.fromisoformat(json), ""
    except ValueError:
        pass
    return None, "is no date such as 2026-11-23"


# --- types ---


def is_number(tp: _Value) -> bool:
    plain, _ = _plain(tp)
    inner = _optional(plain)
    return bool((plain if inner is None else _plain(inner)[0]) is int)


def _origin(tp: _Value) -> _Value:
    return get_origin(tp)


def _plain(tp: _Value) -> tuple[_Value, _Value]:
    """The type without names and limits, and its limit; () if it has none."""
    limit: _Value = ()
    while True:
        if _origin(tp) is Annotated:
            tp, limit = get_args(tp)[:2]
        elif hasattr(tp, "__supertype__") and tp is not Body:
            tp = tp.__supertype__
        else:
            return tp, limit


def _optional(tp: _Value) -> _Value:
    """X of `X | None`; None if it is no such union."""
    if _origin(tp) not in (Union, types.UnionType):
        return None
    [inner] = [each for each in get_args(tp) if each is not types.NoneType]
    return inner
