"""Version 1 of every message as JSON. The only file that knows the keys.

Keys are the names of the fields of the domain's classes, types the names of those
classes in snake case; `tests/golden/wire/v1/` pins both for ever. So a field or class
that is renamed in the domain fails a golden file, and is given its old name here.

An event's `door` and `at` stand in the envelope and nowhere else. Every document that
is signed without an envelope names its type, so that none passes for another.
"""

from collections.abc import Mapping
from typing import Any, Final, TypeAlias, TypeVar, get_args

from domain.commands import Command
from domain.errors import MessageMalformed, UnknownMessageType
from domain.events import Event
from domain.ids import DoorId
from domain.roster import Roster
from wire import canonical
from wire.canonical import Json
from wire.codec import Body, Codec, Digest, codec_of, encode, fields_codec, type_name
from wire.envelope import VERSION, Envelope
from wire.messages import Ack, PresenceSnapshot, RosterManifest, Status

_T = TypeVar("_T")

Document: TypeAlias = (
    Command | Ack | RosterManifest | PresenceSnapshot | Status | Roster
)

# In the envelope, not in the body.
_ENVELOPED: Final = frozenset({"door", "at"})

EVENT_TYPES: Final[Mapping[str, type[Any]]] = {
    type_name(cls): cls for cls in get_args(Event)
}
# Signed or sent on their own.
DOCUMENT_TYPES: Final[Mapping[str, type[Any]]] = {
    type_name(cls): cls for cls in get_args(Document)
}
_BODIES: Final[Mapping[str, Codec]] = {
    name: fields_codec(cls, without=_ENVELOPED) for name, cls in EVENT_TYPES.items()
}


def envelope_of(event: Event, *, seq: int, previous: bytes) -> Envelope:
    """`event` as the entry `seq` of its door, after the one with digest `previous`."""
    name = type_name(type(event))
    body = _BODIES[name].encode(event)
    if not isinstance(body, dict):
        raise MessageMalformed(f"`{name}` has no body")
    return Envelope(
        type=name,
        door=event.door,
        seq=seq,
        previous=Digest(previous),
        at=event.at,
        body=Body(body),
    )


def event_of(envelope: Envelope) -> Event:
    """The event in an envelope.

    Raises:
        UnknownMessageType: a type that a later version has added; quarantine it.
        MessageMalformed: a known type of another form; names the key.
    """
    codec = _BODIES.get(envelope.type)
    if codec is None:
        raise UnknownMessageType(f"event `{envelope.type[:64]}`")
    fields = codec.decode(envelope.body, "body")
    event: Event = EVENT_TYPES[envelope.type](
        door=DoorId(envelope.door), at=envelope.at, **fields
    )
    return event


def to_bytes(
    document: Document,
) -> bytes:
    """A document that stands on its own; sign these bytes where it is to be signed."""
    name = type_name(type(document))
    return canonical.dumps({**encode(document), "v": VERSION, "type": name})


def from_bytes(cls: type[_T], data: bytes) -> _T:
    """The document of class `cls` in `data`.

    Raises:
        UnknownMessageType: another type, or a version we do not know.
        MessageMalformed: of another form; names the key.
    """
    name = type_name(cls)
    json = canonical.loads(data, name)
    _demand(json, "v", VERSION, name)
    _demand(json, "type", name, name)
    kind: Any = cls
    found: _T = codec_of(kind).decode(json, name)
    return found


def _demand(json: Mapping[str, Json], key: str, wanted: Json, name: str) -> None:
    if json.get(key) != wanted or isinstance(json.get(key), bool):
        raise UnknownMessageType(f"`{name}.{key}` is not `{wanted}`")
