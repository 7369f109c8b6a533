"""The log: every envelope as it was signed, in chains per sender and in one order.

All functions work inside the caller's transaction. Nothing here is ever changed or
deleted but `waiting`, from which an entry moves into the log when its turn comes.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import Connection, Row, bindparam, delete, func, insert, select

from controller.store import tables as t
from domain.errors import MessageMalformed, UnknownMessageType
from domain.events import Event
from domain.ids import DoorId, PersonId
from domain.journal import EMPTY, Tip
from wire import json_v1
from wire.envelope import Signed, decode

# Values in one statement; SQLite allows 32,766.
_MANY: Final = 10_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """One entry of the log. `event` is None if this version cannot read its type."""

    position: int
    door: DoorId  # the sender
    seq: int
    type: str
    at: datetime
    received_at: datetime
    signed: Signed
    event: Event | None

    @property
    def digest(self) -> bytes:
        return self.signed.digest


def tip(connection: Connection, door: DoorId) -> Tip:
    """The end of a sender's chain."""
    e = t.envelopes.c
    row = connection.execute(
        select(e.seq, e.digest).where(e.door == door).order_by(e.seq.desc()).limit(1)
    ).first()
    return EMPTY if row is None else Tip(row.seq, bytes(row.digest))


def last_position(connection: Connection) -> int:
    found = connection.execute(select(func.max(t.envelopes.c.position))).scalar()
    return found or 0


def digests(
    connection: Connection, door: DoorId, seqs: Iterable[int]
) -> Mapping[int, bytes]:
    """Digests of those of a sender's entries that are in the log."""
    e = t.envelopes.c
    wanted = sorted(set(seqs))
    found: dict[int, bytes] = {}
    for start in range(0, len(wanted), _MANY):
        some = wanted[start : start + _MANY]
        rows = connection.execute(
            select(e.seq, e.digest).where(e.door == door, e.seq.in_(some))
        )
        found |= {row.seq: bytes(row.digest) for row in rows}
    return found


def append(connection: Connection, entries: Sequence[Stored]) -> None:
    """Put entries at the end; whether they belong there the caller has judged."""
    if not entries:
        return
    rows = [
        {
            "door": e.door,
            "seq": e.seq,
            "position": e.position,
            "type": e.type[: t.MAX_ID],
            "at": e.at,
            "received_at": e.received_at,
            "digest": e.digest,
            "signed": e.signed.signed,
            "signature": e.signed.signature,
        }
        for e in entries
    ]
    connection.execute(insert(t.envelopes), rows)


def page(
    connection: Connection,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = 50,
    door: DoorId | None = None,
    person: PersonId | None = None,
    kind: str | None = None,
) -> tuple[Stored, ...]:
    """A page of the log by position, latest first; `after` gives the next newer ones.

    Keyset paging: as fast at any depth, and new entries do not shift it.
    """
    e = t.envelopes.c
    query = select(t.envelopes)
    if person is not None:
        m = t.mentions.c
        query = query.join(t.mentions, m.position == e.position)
        query = query.where(m.person == person)
    if door is not None:
        query = query.where(e.door == door)
    if kind is not None:
        query = query.where(e.type == kind)
    if before is not None:
        query = query.where(e.position < before)
    if after is not None:
        query = query.where(e.position > after).order_by(e.position)
        newer = [_stored(row) for row in connection.execute(query.limit(limit))]
        return tuple(reversed(newer))
    query = query.order_by(e.position.desc()).limit(limit)
    return tuple(map(_stored, connection.execute(query)))


def entry(connection: Connection, door: DoorId, seq: int) -> Stored | None:
    e = t.envelopes.c
    row = connection.execute(
        select(t.envelopes).where(e.door == door, e.seq == seq)
    ).first()
    return None if row is None else _stored(row)


# --- what came after a gap ---


def waiting(connection: Connection, door: DoorId) -> dict[int, Signed]:
    w = t.waiting.c
    rows = connection.execute(
        select(w.seq, w.signed, w.signature).where(w.door == door).order_by(w.seq)
    )
    return {r.seq: Signed(bytes(r.signed), bytes(r.signature)) for r in rows}


def keep_waiting(
    connection: Connection, door: DoorId, entries: Mapping[int, Signed], at: datetime
) -> None:
    if entries:
        connection.execute(
            insert(t.waiting),
            [
                {
                    "door": door,
                    "seq": seq,
                    "received_at": at,
                    "signed": each.signed,
                    "signature": each.signature,
                }
                for seq, each in entries.items()
            ],
        )


def stop_waiting(connection: Connection, door: DoorId, seqs: Iterable[int]) -> None:
    gone = [{"b_door": door, "b_seq": seq} for seq in seqs]
    if gone:
        w = t.waiting.c
        connection.execute(
            delete(t.waiting).where(
                w.door == bindparam("b_door"), w.seq == bindparam("b_seq")
            ),
            gone,
        )


# --- what nobody can read ---


def quarantine(
    connection: Connection,
    raw: bytes,
    *,
    topic: str,
    door: DoorId | None,
    seq: int | None,
    reason: str,
    at: datetime,
) -> bool:
    """Keep what cannot be taken, once; False if the very same is there already."""
    digest = sha256(raw).digest()
    q = t.quarantine
    known = connection.execute(
        select(q.c.id).where(q.c.digest == digest, q.c.reason == reason)
    ).first()
    if known is not None:
        return False
    connection.execute(
        insert(q),
        {
            "received_at": at,
            "topic": topic,
            "door": door,
            "seq": seq,
            "reason": reason,
            "raw": raw,
            "digest": digest,
        },
    )
    return True


def _stored(row: "Row[Any]") -> Stored:
    signed = Signed(bytes(row.signed), bytes(row.signature))
    return Stored(
        position=row.position,
        door=DoorId(row.door),
        seq=row.seq,
        type=row.type,
        at=row.at,
        received_at=row.received_at,
        signed=signed,
        event=_event(signed.signed),
    )


# The board asks for the same latest entries again and again; what was signed is for
# ever, and events don't change.
@lru_cache(maxsize=1024)
def _event(signed: bytes) -> Event | None:
    try:
        return json_v1.event_of(decode(signed))
    except (UnknownMessageType, MessageMalformed):
        return None
