"""Who is in a zone as *other* agents' doors report it, from the controller to a door.

A zone with several doors on several machines: each door knows its own passages at
once and the others' by this snapshot. It counts only while the door's link is up, and
each movement carries its instant, so that whichever is later is believed.

`entered` are those whose latest movement in this zone was seen by another agent's
door; `left` those whom this agent last saw entering and another agent's door let out
since. `unknown_at`, `reset_at`: when another agent's door last lost track of the zone,
and when one was last told to forget it. A snapshot replaces the one before.
"""

from dataclasses import replace

from domain.errors import MessageMalformed
from domain.ids import DoorId, SiteId
from domain.occupancy import Stay, ZoneOccupancy
from wire import frame, json_v1
from wire.envelope import sign
from wire.messages import PresenceSnapshot
from wire.sealing import SigningKey


def pack(snapshot: PresenceSnapshot, key: SigningKey) -> bytes:
    return frame.pack([sign(key, json_v1.to_bytes(snapshot))])


def unpack(
    payload: bytes, *, controller: bytes, site: SiteId, door: DoorId
) -> PresenceSnapshot:
    """What the controller signed for this door.

    Raises:
        SignatureInvalid: the controller did not sign it.
        UnknownMessageType: of another version or type.
        MessageMalformed: damaged or foreign.
    """
    documents = frame.unpack(payload)
    if len(documents) != 1:
        raise MessageMalformed("presence: not one document")
    documents[0].verify(controller)
    snapshot = json_v1.from_bytes(PresenceSnapshot, documents[0].signed)
    if (snapshot.site, snapshot.door) != (site, door):
        raise MessageMalformed(f"presence: meant for door `{snapshot.door}`")
    return snapshot


def merge(own: ZoneOccupancy, others: PresenceSnapshot) -> ZoneOccupancy:
    """What a door may believe of its zone: its own record and the others' later word.

    The later movement of each person counts; equal instants leave the own one. Whoever
    this agent let out after `entered` was said is the caller's to leave out.
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
