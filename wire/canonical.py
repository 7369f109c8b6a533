"""JSON in one form only, so that the same value always gives the same bytes.

UTF-8, keys sorted, no spaces, no NaN or infinity; instants as RFC 3339 in UTC with
six digits after the second. Reading is as strict about what could mean two things (a
key twice, an unpaired surrogate) and never fails other than by `MessageMalformed`,
whatever the bytes.
"""

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final, NoReturn, TypeAlias

from domain.errors import CallerError, MessageMalformed

Json: TypeAlias = (
    bool | int | float | str | Sequence["Json"] | Mapping[str, "Json"] | None
)
JsonObject: TypeAlias = Mapping[str, Json]

_INSTANT: Final = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?Z", re.ASCII)


def dumps(value: JsonObject) -> bytes:
    """The bytes of `value`.

    Raises:
        CallerError: it holds what JSON cannot say.
    """
    try:
        return _ENCODER.encode(value).encode()
    except (TypeError, ValueError) as error:
        raise CallerError(f"not sayable in JSON: {error}") from None


def loads(data: bytes, what: str) -> dict[str, Json]:
    """The object in `data`; `what` is its name in errors.

    Raises:
        MessageMalformed: not an object, or not JSON as we write it.
    """
    try:
        value = _DECODER.decode(data.decode())
        if b"\\u" in data:  # only an escape can bring an unpaired surrogate
            json.dumps(value, ensure_ascii=False).encode()
    except UnicodeError:
        raise MessageMalformed(f"{what}: not UTF-8") from None
    except RecursionError:
        raise MessageMalformed(f"{what}: nested too deeply") from None
    except ValueError as error:
        raise MessageMalformed(f"{what}: not JSON: {str(error)[:200]}") from None
    if not isinstance(value, dict):
        raise MessageMalformed(f"{what}: not an object")
    return value


def instant_text(at: datetime) -> str:
    """`at` (aware) as `2026-11-23T00:00:00.000000Z`."""
    if at.tzinfo is None:
        raise CallerError("an instant has a time zone, this one has none")
    utc = at.astimezone(UTC).replace(tzinfo=None)
    return utc.isoformat(timespec="microseconds") + "Z"


def instant(text: str, what: str) -> datetime:
    """What `instant_text` wrote; fewer digits after the second are fine."""
    if _INSTANT.fullmatch(text) is None:
        raise MessageMalformed(f"{what}: not an instant in UTC")
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise MessageMalformed(f"{what}: no such instant") from None


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no number")


def _once(pairs: list[tuple[str, Json]]) -> dict[str, Json]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise ValueError("a key is there twice")
    return value


# Made once: `json.dumps` and `json.loads` would make one for each message.
_ENCODER: Final = json.JSONEncoder(
    ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
)
_DECODER: Final = json.JSONDecoder(
    parse_constant=_refuse_constant, object_pairs_hook=_once
)
