"""Tablets of the lobby and what stands on them, as rows.

All functions work inside the caller's transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from controller.store import tablet_tables as t
from domain.ids import PersonId, VisitId
from domain.tablets import TabletId, TaskState


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTablet:
    id: TabletId
    name: str
    made_at: datetime
    made_by: str
    code_until: datetime
    paired_at: datetime | None
    revoked_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredTask:
    """`ended_at`: taken off by the guard, finished, or revoked with its tablet."""

    id: int
    tablet: TabletId
    visit: VisitId
    person: PersonId
    language: str
    state: TaskState
    sent_at: datetime
    sent_by: str
    used_at: datetime
    text_digest: bytes | None
    photo: bool | None
    ended_at: datetime | None


def tablets(connection: Connection) -> tuple[StoredTablet, ...]:
    """Those that were not revoked, by name."""
    s = t.tablets
    rows = connection.execute(
        select(s).where(s.c.revoked_at.is_(None)).order_by(s.c.name, s.c.id)
    )
    return tuple(map(_tablet, rows))


def tablet(connection: Connection, id_: str) -> StoredTablet | None:
    s = t.tablets
    row = connection.execute(select(s).where(s.c.id == id_)).first()
    return None if row is None else _tablet(row)


def with_token(connection: Connection, digest: str) -> StoredTablet | None:
    s = t.tablets
    row = connection.execute(
        select(s).where(s.c.token == digest, s.c.revoked_at.is_(None))
    ).first()
    return None if row is None else _tablet(row)


def with_code(connection: Connection, digest: str) -> StoredTablet | None:
    """The one that waits for this code: used ones are nobody's."""
    s = t.tablets
    row = connection.execute(
        select(s).where(
            s.c.code == digest, s.c.paired_at.is_(None), s.c.revoked_at.is_(None)
        )
    ).first()
    return None if row is None else _tablet(row)


def add(
    connection: Connection,
    id_: TabletId,
    name: str,
    code: str,
    *,
    until: datetime,
    at: datetime,
    by: str,
) -> None:
    """`code`: its digest."""
    connection.execute(
        insert(t.tablets),
        {
            "id": id_,
            "name": name,
            "code": code,
            "code_until": until,
            "made_at": at,
            "made_by": by,
        },
    )


def pair(connection: Connection, id_: TabletId, token: str, at: datetime) -> None:
    s = t.tablets
    connection.execute(update(s).where(s.c.id == id_).values(token=token, paired_at=at))


def revoke(connection: Connection, id_: TabletId, at: datetime) -> None:
    s = t.tablets
    connection.execute(update(s).where(s.c.id == id_).values(revoked_at=at))


# --- what stands on one ---


def latest_task(connection: Connection, tablet: TabletId) -> StoredTask | None:
    s = t.tablet_tasks
    row = connection.execute(
        select(s).where(s.c.tablet == tablet).order_by(s.c.id.desc()).limit(1)
    ).first()
    return None if row is None else _task(row)


def open_tasks(connection: Connection) -> tuple[StoredTask, ...]:
    """Those that nobody ended; most are over by time."""
    s = t.tablet_tasks
    rows = connection.execute(select(s).where(s.c.ended_at.is_(None)).order_by(s.c.id))
    return tuple(map(_task, rows))


def send(
    connection: Connection,
    tablet: TabletId,
    visit: VisitId,
    person: PersonId,
    *,
    language: str,
    at: datetime,
    by: str,
) -> None:
    connection.execute(
        insert(t.tablet_tasks),
        {
            "tablet": tablet,
            "visit": visit,
            "person": person,
            "language": language,
            "state": TaskState.READING,
            "sent_at": at,
            "sent_by": by,
            "used_at": at,
        },
    )


def change(connection: Connection, id_: int, at: datetime, **changes: object) -> None:
    """What became of a task; it is in use."""
    s = t.tablet_tasks
    connection.execute(update(s).where(s.c.id == id_).values(used_at=at, **changes))


def end(connection: Connection, ids: Iterable[int], at: datetime) -> None:
    s = t.tablet_tasks
    connection.execute(
        update(s)
        .where(s.c.id.in_(tuple(ids)), s.c.ended_at.is_(None))
        .values(ended_at=at)
    )


# --- inside ---


def _tablet(row: "Row[Any]") -> StoredTablet:
    return StoredTablet(
        id=TabletId(row.id),
        name=row.name,
        made_at=row.made_at,
        made_by=row.made_by,
        code_until=row.code_until,
        paired_at=row.paired_at,
        revoked_at=row.revoked_at,
    )


def _task(row: "Row[Any]") -> StoredTask:
    return StoredTask(
        id=row.id,
        tablet=TabletId(row.tablet),
        visit=VisitId(row.visit),
        person=PersonId(row.person),
        language=row.language,
        state=TaskState(row.state),
        sent_at=row.sent_at,
        sent_by=row.sent_by,
        used_at=row.used_at,
        text_digest=None if row.text_digest is None else bytes(row.text_digest),
        photo=row.photo,
        ended_at=row.ended_at,
    )
