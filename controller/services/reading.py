"""What arrived, made sense of: signature, sender, form. No database, no order yet.

The signature comes first: of bytes that no door signed nothing is believed, not even
the number. A soundly signed entry of a type this version does not know keeps its place
in the chain; only its meaning is missing.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from controller.services.projections import ids_fit
from domain.errors import MessageMalformed, SignatureInvalid, UnknownMessageType
from domain.events import Event
from domain.ids import DoorId, SiteId
from wire import frame, json_v1, topics
from wire.envelope import Envelope, Signed, decode
from wire.keys import SiteKeys
from wire.topics import Kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Sound:
    """A signed entry. `event` is None where `problem` says why it has no meaning."""

    door: DoorId
    seq: int
    previous: bytes
    type: str
    at: datetime
    signed: Signed
    event: Event | None
    problem: str | None

    @property
    def digest(self) -> bytes:
        return self.signed.digest


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """`door` as the topic says, which the broker's rights vouch for; None if it says
    nothing of ours."""

    topic: str
    door: DoorId | None
    raw: bytes
    reason: str


Reading = Sound | Unreadable


class Reader:
    """Reads what the doors of one site send under `…/events`."""

    def __init__(self, site: SiteId, keys: SiteKeys) -> None:
        self._site = site
        self._signers = {d.door: keys.signers(d.door) for d in keys.doors}

    def read(self, topic: str, payload: bytes) -> Sequence[Reading]:
        """Every entry in one message, in order."""
        try:
            place = topics.parse(topic)
        except MessageMalformed as error:
            return (_unreadable(topic, None, payload, str(error)),)
        if place.site != self._site or place.kind is not Kind.EVENTS:
            return (_unreadable(topic, None, payload, "not an event of this site"),)
        signers = self._signers.get(place.door, ())
        if not signers:
            return (_unreadable(topic, place.door, payload, "a door without keys"),)
        try:
            documents = frame.unpack(payload)
        except MessageMalformed as error:
            return (_unreadable(topic, place.door, payload, str(error)),)
        return [self._read_one(topic, place.door, signers, d) for d in documents]

    def _read_one(
        self, topic: str, door: DoorId, signers: Sequence[bytes], signed: Signed
    ) -> Reading:
        if not any(_fits(signed, public) for public in signers):
            return _unreadable(topic, door, _raw(signed), "not signed by this door")
        try:
            envelope = decode(signed.signed)
        except (MessageMalformed, UnknownMessageType) as error:
            return _unreadable(topic, door, _raw(signed), str(error))
        if envelope.door != door:
            # A door's own key under its own topic, naming another: it lies.
            reason = f"it names `{envelope.door}` as its sender"
            return _unreadable(topic, door, _raw(signed), reason)
        return sound(envelope, signed)


def sound(envelope: Envelope, signed: Signed) -> Sound:
    """A verified entry with what it means, if this version can tell."""
    event, problem = _meaning(envelope)
    return Sound(
        door=envelope.door,
        seq=envelope.seq,
        previous=envelope.previous,
        type=envelope.type,
        at=envelope.at,
        signed=signed,
        event=event,
        problem=problem,
    )


def _meaning(envelope: Envelope) -> tuple[Event | None, str | None]:
    try:
        event = json_v1.event_of(envelope)
    except (UnknownMessageType, MessageMalformed) as error:
        return None, str(error)
    if not ids_fit(event):
        return None, "an id in it is longer than ids are"
    return event, None


def _fits(signed: Signed, public: bytes) -> bool:
    try:
        signed.verify(public)
    except SignatureInvalid:
        return False
    return True


def _raw(signed: Signed) -> bytes:
    return signed.signature + signed.signed


def _unreadable(topic: str, door: DoorId | None, raw: bytes, reason: str) -> Unreadable:
    return Unreadable(topic=topic[:200], door=door, raw=raw, reason=reason)
