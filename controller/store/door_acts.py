"""What operators asked of doors: one act, perhaps of many doors, perhaps of two people.

An act that needs a second operator stands here, asked and not confirmed, until it is
confirmed or its time is over; only then has it commands.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from controller.store import tables as t
from domain.ids import CommandId, DoorId


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredAct:
    """`confirmed_at` None: nobody has confirmed it. `confirmed_by` "": none had to."""

    id: str
    order: str
    scope: str
    doors: tuple[DoorId, ...]
    reason: str
    asked_by: str
    asked_at: datetime
    expires_at: datetime
    confirmed_by: str
    confirmed_at: datetime | None
    worker: str = ""  # of a service, with its end
    until: datetime | None = None


def add(connection: Connection, act: StoredAct) -> None:
    connection.execute(
        insert(t.door_acts),
        {
            "id": act.id,
            "order": act.order,
            "scope": act.scope,
            "doors": " ".join(act.doors),
            "reason": act.reason,
            "asked_by": act.asked_by,
            "asked_at": act.asked_at,
            "expires_at": act.expires_at,
            "confirmed_by": act.confirmed_by,
            "confirmed_at": act.confirmed_at,
            "service_worker": act.worker or None,
            "service_until": act.until,
        },
    )


def confirm(connection: Connection, id_: str, by: str, at: datetime) -> bool:
    """Whether this confirmed it: only one does."""
    a = t.door_acts
    done = connection.execute(
        update(a)
        .where(a.c.id == id_, a.c.confirmed_at.is_(None), a.c.expires_at > at)
        .values(confirmed_by=by, confirmed_at=at)
    )
    return bool(done.rowcount == 1)


def add_commands(connection: Connection, id_: str, ids: Iterable[CommandId]) -> None:
    rows = [{"act": id_, "command": command} for command in ids]
    connection.execute(insert(t.door_act_commands), rows)


def find(connection: Connection, id_: str) -> StoredAct | None:
    a = t.door_acts
    row = connection.execute(select(a).where(a.c.id == id_)).first()
    return None if row is None else _act(row)


def latest(connection: Connection, limit: int) -> tuple[StoredAct, ...]:
    a = t.door_acts
    rows = connection.execute(
        select(a).order_by(a.c.asked_at.desc(), a.c.id.desc()).limit(limit)
    )
    return tuple(map(_act, rows))


def waiting(connection: Connection, at: datetime) -> tuple[StoredAct, ...]:
    """Those that a second operator may still confirm, oldest first."""
    a = t.door_acts
    rows = connection.execute(
        select(a)
        .where(a.c.confirmed_at.is_(None), a.c.expires_at > at)
        .order_by(a.c.asked_at, a.c.id)
    )
    return tuple(map(_act, rows))


def commands_of(connection: Connection, id_: str) -> tuple[CommandId, ...]:
    c = t.door_act_commands.c
    rows = connection.execute(select(c.command).where(c.act == id_))
    return tuple(CommandId(row.command) for row in rows)


def _act(row: "Row[Any]") -> StoredAct:
    return StoredAct(
        id=row.id,
        order=row.order,
        scope=row.scope,
        doors=tuple(map(DoorId, row.doors.split())),
        reason=row.reason,
        asked_by=row.asked_by,
        asked_at=row.asked_at,
        expires_at=row.expires_at,
        confirmed_by=row.confirmed_by,
        confirmed_at=row.confirmed_at,
        worker=row.service_worker or "",
        until=row.service_until,
    )
