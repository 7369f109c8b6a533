"""Alarms that are open, and those that were: a fold over raisings and clearings.

One row per condition: a door, a code and a device. The same alarm raised again while
open only counts up. Doors concerned, not speakers: the controller's alarms stand under
the door they name.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, or_, select, update

from controller.store import tables as t
from domain.events import AlarmCleared, AlarmRaised, Event
from domain.ids import DeviceId, DoorId, PersonId
from domain.policy import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAlarm:
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


def record(connection: Connection, events: Iterable[Event]) -> None:
    for event in events:
        if isinstance(event, AlarmRaised):
            _raise(connection, event)
        elif isinstance(event, AlarmCleared):
            _clear(connection, event)


def is_open(connection: Connection, door: DoorId, code: str) -> bool:
    a = t.alarms.c
    query = select(a.id).where(a.door == door, a.code == code, a.cleared_at.is_(None))
    return connection.execute(query).first() is not None


def listed(
    connection: Connection, *, cleared_since: datetime, limit: int
) -> tuple[StoredAlarm, ...]:
    """Open alarms and those cleared since, most urgent first, then oldest."""
    a = t.alarms.c
    query = (
        select(t.alarms)
        .where(or_(a.cleared_at.is_(None), a.cleared_at >= cleared_since))
        .order_by(a.cleared_at.is_not(None), a.priority, a.since, a.id)
        .limit(limit)
    )
    return tuple(map(_alarm, connection.execute(query)))


def _raise(connection: Connection, event: AlarmRaised) -> None:
    a = t.alarms
    known = connection.execute(
        select(a.c.id, a.c.times).where(
            a.c.door == (event.target or event.door),
            a.c.code == event.code,
            a.c.device == (event.device or ""),
            a.c.cleared_at.is_(None),
        )
    ).first()
    latest = {
        "person": event.person,
        "detail": event.detail,
        "priority": event.priority,
        "last_at": event.at,
    }
    if known is not None:
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


def _alarm(row: "Row[Any]") -> StoredAlarm:
    return StoredAlarm(
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
    )
