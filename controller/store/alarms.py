"""Alarms and what became of them: a fold over raisings, clearings and people's acts.

One row per alarm: a door, a code, a device and since when. A condition raised again
while it holds only counts up; what just happens (a threat, a refusal) begins a new
alarm once somebody has acknowledged the last. Doors concerned, not speakers: the
controller's alarms stand under the door they name.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, func, insert, or_, select, update

from controller.store import tables as t
from domain.alarm_acts import (
    AlarmAcknowledged,
    AlarmAct,
    AlarmCause,
    AlarmEscalated,
    AlarmResolved,
    Called,
)
from domain.alarm_events import AlarmCleared, AlarmRaised
from domain.alarm_life import lasts
from domain.events import Event
from domain.ids import DeviceId, DoorId, PersonId
from domain.operators import OperatorId
from domain.policy import Reason

_FEW: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Somebody further was called. `by` None: because nobody acknowledged in time."""

    to: Called
    at: datetime
    by: OperatorId | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAlarm:
    id: int
    door: DoorId
    code: Reason
    device: DeviceId | None
    person: PersonId | None
    priority: int
    detail: str
    silent: bool
    since: datetime
    last_at: datetime
    times: int
    cleared_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: OperatorId | None
    note: str
    resolved_at: datetime | None
    resolved_by: OperatorId | None
    cause: AlarmCause | None
    sentence: str
    heard_at: datetime  # when the office heard of it
    calls: tuple[Call, ...]  # in their order


def record(
    connection: Connection,
    events: Iterable[Event],
    *,
    heard_at: datetime | None = None,
) -> None:
    """Fold `events`, which the office heard at `heard_at`; None: as they happened."""
    for event in events:
        if isinstance(event, AlarmRaised):
            _raise(connection, event, heard_at or event.at)
        elif isinstance(event, AlarmCleared):
            _clear(connection, event)
        elif isinstance(event, AlarmAcknowledged):
            _acknowledge(connection, event)
        elif isinstance(event, AlarmResolved):
            _resolve(connection, event)
        elif isinstance(event, AlarmEscalated):
            _call(connection, event)


def is_open(
    connection: Connection, door: DoorId, code: str, device: DeviceId | None = None
) -> bool:
    """Whether its condition holds; `device` None: of whatever device."""
    a = t.alarms.c
    query = select(a.id).where(a.door == door, a.code == code, a.cleared_at.is_(None))
    if device is not None:
        query = query.where(a.device == device)
    return connection.execute(query).first() is not None


def one(connection: Connection, id_: int) -> StoredAlarm | None:
    query = select(t.alarms).where(t.alarms.c.id == id_)
    return next(iter(_alarms(connection, query)), None)


def listed(connection: Connection, *, limit: int) -> tuple[StoredAlarm, ...]:
    """What wants a person or is still wrong: unacknowledged first, then the most
    urgent, what still holds, the oldest."""
    a = t.alarms.c
    query = (
        select(t.alarms)
        .where(_STANDS)
        .order_by(
            a.acknowledged_at.is_not(None),
            a.priority,
            a.cleared_at.is_not(None),
            a.since,
            a.id,
        )
        .limit(limit)
    )
    return _alarms(connection, query)


def resolved(connection: Connection, *, limit: int) -> tuple[StoredAlarm, ...]:
    """The latest that need nobody any more."""
    a = t.alarms.c
    query = (
        select(t.alarms)
        .where(a.resolved_at.is_not(None), a.cleared_at.is_not(None))
        .order_by(a.resolved_at.desc(), a.id.desc())
        .limit(limit)
    )
    return _alarms(connection, query)


def unacknowledged(
    connection: Connection, *, heard_from: datetime | None
) -> tuple[StoredAlarm, ...]:
    """Those heard at that instant or since; None: all. In no order."""
    a = t.alarms.c
    query = select(t.alarms).where(a.acknowledged_at.is_(None))
    if heard_from is not None:
        query = query.where(func.coalesce(a.heard_at, a.since) >= heard_from)
    return _alarms(connection, query)


_STANDS: Final = or_(t.alarms.c.resolved_at.is_(None), t.alarms.c.cleared_at.is_(None))


def _alarms(connection: Connection, query: "Select[Any]") -> tuple[StoredAlarm, ...]:
    rows = connection.execute(query).all()
    calls = _calls(connection, [row.id for row in rows])
    return tuple(_alarm(row, calls.get(row.id, ())) for row in rows)


def _calls(
    connection: Connection, alarms: Sequence[int]
) -> dict[int, tuple[Call, ...]]:
    c = t.alarm_calls.c
    query = select(t.alarm_calls).order_by(c.at, c.called)
    # All of them are few; a list of ids longer than this one is slower to send.
    if len(alarms) <= _FEW:
        query = query.where(c.alarm.in_(alarms))
    else:
        query = query.where(c.alarm.between(min(alarms), max(alarms)))
    found: defaultdict[int, tuple[Call, ...]] = defaultdict(tuple)
    for row in connection.execute(query) if alarms else ():
        by = OperatorId(row.by) if row.by else None
        call = Call(to=Called(row.called), at=row.at, by=by, note=row.note)
        found[row.alarm] += (call,)
    return found


def _raise(connection: Connection, event: AlarmRaised, heard_at: datetime) -> None:
    a = t.alarms
    known = connection.execute(
        select(a.c.id, a.c.times, a.c.acknowledged_at, a.c.resolved_at)
        .where(
            a.c.door == (event.target or event.door),
            a.c.code == event.code,
            a.c.device == (event.device or ""),
            a.c.cleared_at.is_(None),
        )
        .order_by(a.c.id.desc())
    ).first()
    latest = {
        "person": event.person,
        "detail": event.detail,
        "priority": event.priority,
        "last_at": event.at,
    }
    if known is not None and known.resolved_at is not None:
        # Where this one begins, the one that was resolved has ended.
        connection.execute(
            update(a).where(a.c.id == known.id).values(cleared_at=event.at)
        )
    elif known is not None and (lasts(event.code) or not known.acknowledged_at):
        connection.execute(
            update(a).where(a.c.id == known.id), {**latest, "times": known.times + 1}
        )
        return
    connection.execute(
        insert(a),
        {
            **latest,
            "door": event.target or event.door,
            "code": event.code,
            "device": event.device or "",
            "silent": event.silent,
            "since": event.at,
            "heard_at": heard_at,
            "times": 1,
        },
    )


def _clear(connection: Connection, event: AlarmCleared) -> None:
    a = t.alarms
    connection.execute(
        update(a)
        .where(
            a.c.door == (event.target or event.door),
            a.c.code == event.code,
            a.c.device == (event.device or ""),
            a.c.cleared_at.is_(None),
        )
        .values(cleared_at=event.at)
    )


def _acknowledge(connection: Connection, event: AlarmAcknowledged) -> None:
    a = t.alarms
    connection.execute(
        update(a)
        .where(*_named(event), a.c.acknowledged_at.is_(None))
        .values(acknowledged_at=event.at, acknowledged_by=event.by, note=event.note)
    )


def _resolve(connection: Connection, event: AlarmResolved) -> None:
    a = t.alarms
    connection.execute(
        update(a)
        .where(*_named(event), a.c.resolved_at.is_(None))
        .values(
            resolved_at=event.at,
            resolved_by=event.by,
            cause=event.cause,
            sentence=event.sentence,
        )
    )
    if not lasts(event.code):  # it has no end but this
        connection.execute(
            update(a)
            .where(*_named(event), a.c.cleared_at.is_(None))
            .values(cleared_at=event.at)
        )


def _call(connection: Connection, event: AlarmEscalated) -> None:
    c = t.alarm_calls.c
    for row in connection.execute(select(t.alarms.c.id).where(*_named(event))).all():
        known = select(c.alarm).where(c.alarm == row.id, c.called == event.to)
        if connection.execute(known).first() is None:
            values = {"called": event.to, "at": event.at, "note": event.note}
            connection.execute(
                insert(t.alarm_calls), {"alarm": row.id, "by": event.by, **values}
            )


def _named(event: AlarmAct) -> tuple[Any, ...]:
    a = t.alarms.c
    return (
        a.door == event.target,
        a.code == event.code,
        a.device == (event.device or ""),
        a.since == event.since,
    )


def _alarm(row: "Row[Any]", calls: tuple[Call, ...]) -> StoredAlarm:
    return StoredAlarm(
        id=row.id,
        door=DoorId(row.door),
        code=Reason(row.code),
        device=DeviceId(row.device) if row.device else None,
        person=None if row.person is None else PersonId(row.person),
        priority=row.priority,
        detail=row.detail,
        silent=row.silent,
        since=row.since,
        last_at=row.last_at,
        times=row.times,
        cleared_at=row.cleared_at,
        acknowledged_at=row.acknowledged_at,
        acknowledged_by=row.acknowledged_by and OperatorId(row.acknowledged_by),
        note=row.note or "",
        resolved_at=row.resolved_at,
        resolved_by=row.resolved_by and OperatorId(row.resolved_by),
        cause=row.cause and AlarmCause(row.cause),
        sentence=row.sentence or "",
        heard_at=row.heard_at or row.since,
        calls=calls,
    )
