"""Who is in a zone as *other* agents' doors report it, from the controller to a door.

A zone with several doors on several machines: each door knows its own passages at
once and the others' by this snapshot. It counts only while the door's link is up, and
each movement carries its instant, so that whichever is later is believed.

`entered` are those whose latest movement in this zone was seen by another agent's
door; `left` those whom this agent last saw entering and another agent's door let out
since. `unknown_at`, `reset_at`: when another agent's door last lost track of the zone,
and when it was last told to forget it.
"""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from domain.errors import MessageMalformed
from domain.ids import DoorId, PersonId, SiteId, ZoneId
from domain.occupancy import Stay, ZoneOccupancy
from wire import canonical, frame
from wire.codec import codec_of
from wire.codec import encode as to_json
from wire.envelope import sign
from wire.sealing import SigningKey

_VERSION: Final = 1
_TYPE: Final = "presence_snapshot"


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    person: PersonId
    at: datetime
    declaration: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PresenceSnapshot:
    """The whole truth of the others at `at`; it replaces the one before."""

    site: SiteId
    door: DoorId  # for whom
    zone: ZoneId
    at: datetime
    entered: tuple[Movement, ...]
    left: tuple[Movement, ...]
    unknown_at: datetime | None
    reset_at: datetime | None
    doubtful: bool  # seen over all doors: somebody unrecorded may be inside
    v: int = _VERSION
    type: str = _TYPE


def pack(snapshot: PresenceSnapshot, key: SigningKey) -> bytes:
    return frame.pack([sign(key, canonical.dumps(to_json(snapshot)))])


def unpack(
    payload: bytes, *, controller: bytes, site: SiteId, door: DoorId
) -> PresenceSnapshot:
    """What the controller signed for this door.

    Raises:
        SignatureInvalid: the controller did not sign it.
        MessageMalformed: damaged, foreign, or of another version.
    """
    documents = frame.unpack(payload)
    if len(documents) != 1:
        raise MessageMalformed("presence: not one document")
    documents[0].verify(controller)
    json = canonical.loads(documents[0].signed, "presence")
    if (json.get("v"), json.get("type")) != (_VERSION, _TYPE):
        raise MessageMalformed("presence: another version or type")
    snapshot: PresenceSnapshot = codec_of(PresenceSnapshot).decode(json, "presence")
    if (snapshot.site, snapshot.door) != (site, door):
        raise MessageMalformed(f"presence: meant for door `{snapshot.door}`")
    return snapshot


def merge(own: ZoneOccupancy, others: PresenceSnapshot) -> ZoneOccupancy:
    """What a door may believe of its zone: its own record and the others' later word.

    The later movement of each person counts; equal instants leave the own one.
    """
    stays = dict(own.stays)
    reset, unknown = others.reset_at, others.unknown_at
    if reset is not None:
        stays = {p: s for p, s in stays.items() if s.since > reset}
    if unknown is not None:
        stays = {
            p: replace(s, certain=s.certain and s.since > unknown)
            for p, s in stays.items()
        }
    for move in others.left:
        stay = stays.get(move.person)
        if stay is not None and move.at > stay.since:
            del stays[move.person]
    for move in others.entered:
        stay = stays.get(move.person)
        if stay is None or move.at > stay.since:
            certain = unknown is None or move.at > unknown
            stays[move.person] = Stay(move.at, move.declaration, certain)
    return ZoneOccupancy(stays, doubtful=own.doubtful or others.doubtful)
