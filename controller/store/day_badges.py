"""Badges for a day as rows: one a person and day. Works inside the caller's
transaction; the badge itself is a credential of the person."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from controller.store import tables as t
from domain.ids import PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBadge:
    """`day`: of the site, "2026-11-23". `document`: the kind that was looked at."""

    person: PersonId
    name: str
    name_en: str
    day: str
    document: str
    issued_at: datetime
    issued_by: str
    until: datetime
    ended_at: datetime | None

    def in_force(self, at: datetime) -> bool:
        return self.ended_at is None and at < self.until


def add(
    connection: Connection,
    person: PersonId,
    *,
    day: str,
    document: str,
    at: datetime,
    by: str,
    until: datetime,
) -> None:
    connection.execute(
        insert(t.day_badges),
        {
            "person": person,
            "day": day,
            "document": document,
            "issued_at": at,
            "issued_by": by,
            "until": until,
        },
    )


def end(connection: Connection, badge: DayBadge, *, at: datetime, by: str) -> None:
    d = t.day_badges
    connection.execute(
        update(d)
        .where(d.c.person == badge.person, d.c.day == badge.day)
        .values(ended_at=at, ended_by=by)
    )


def of_day(connection: Connection, day: str) -> tuple[DayBadge, ...]:
    d, p = t.day_badges, t.people
    rows = connection.execute(
        select(d, p.c.name, p.c.name_en)
        .join(p, p.c.id == d.c.person)
        .where(d.c.day == day)
        .order_by(d.c.issued_at, d.c.person)
    )
    return tuple(map(_badge, rows))


def latest(connection: Connection, person: PersonId) -> DayBadge | None:
    d, p = t.day_badges, t.people
    row = connection.execute(
        select(d, p.c.name, p.c.name_en)
        .join(p, p.c.id == d.c.person)
        .where(d.c.person == person)
        .order_by(d.c.day.desc())
        .limit(1)
    ).first()
    return None if row is None else _badge(row)


def _badge(row: "Row[Any]") -> DayBadge:
    return DayBadge(
        person=PersonId(row.person),
        name=row.name,
        name_en=row.name_en,
        day=row.day,
        document=row.document,
        issued_at=row.issued_at,
        issued_by=row.issued_by,
        until=row.until,
        ended_at=row.ended_at,
    )
