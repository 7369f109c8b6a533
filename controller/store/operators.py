"""Operators, their secrets and their sessions, as rows. Nothing is ever deleted.

A disabled operator, a used recovery code, an ended session: each stays, with when.
All functions work inside the caller's transaction.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from controller.store import tables as t
from domain.ids import PersonId, ZoneId
from domain.operators import Operator, OperatorId, OperatorRole
from domain.people import Rank


@dataclass(frozen=True, slots=True, kw_only=True)
class Secrets:
    """What lets an operator in. `one_time` is sealed, `recovery` are digests."""

    password: str = field(repr=False)
    one_time: bytes = field(repr=False)
    recovery: tuple[bytes, ...] = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredSession:
    id: str
    operator: OperatorId
    began_at: datetime
    seen_at: datetime
    locked_at: datetime | None
    ended_at: datetime | None


# --- operators ---


def operator(connection: Connection, id_: str) -> Operator | None:
    o = t.operators
    row = connection.execute(select(o).where(o.c.id == id_)).first()
    return None if row is None else _operator(row)


def operators(connection: Connection) -> tuple[Operator, ...]:
    o = t.operators
    return tuple(map(_operator, connection.execute(select(o).order_by(o.c.id))))


def any_enabled(connection: Connection) -> bool:
    o = t.operators
    found = select(func.count()).select_from(o).where(o.c.disabled_at.is_(None))
    return bool(connection.execute(found).scalar_one())


def add(
    connection: Connection,
    operator: Operator,
    secrets: Secrets,
    *,
    at: datetime,
    by: str,
) -> None:
    connection.execute(
        insert(t.operators),
        {
            "id": operator.id,
            "name": operator.name,
            "person": operator.person,
            "roles": " ".join(sorted(operator.roles)),
            "zones": " ".join(sorted(operator.zones)),
            "rank": operator.rank,
            "department": operator.department,
            "password": secrets.password,
            "secret": secrets.one_time,
            "last_step": -1,
            "made_at": at,
            "made_by": by,
        },
    )
    _add_codes(connection, operator.id, secrets.recovery)


def replace_secrets(
    connection: Connection, id_: OperatorId, secrets: Secrets, *, at: datetime
) -> None:
    """The old recovery codes end."""
    o, r = t.operators, t.recovery_codes
    connection.execute(
        update(o)
        .where(o.c.id == id_)
        .values(
            password=secrets.password,
            secret=secrets.one_time,
            last_step=-1,
            reset_at=at,
        )
    )
    connection.execute(
        update(r).where(r.c.operator == id_, r.c.ended_at.is_(None)).values(ended_at=at)
    )
    _add_codes(connection, id_, secrets.recovery)


def replace_password(connection: Connection, id_: OperatorId, hashed: str) -> None:
    o = t.operators
    connection.execute(update(o).where(o.c.id == id_).values(password=hashed))


def disable(connection: Connection, id_: OperatorId, at: datetime) -> None:
    o = t.operators
    connection.execute(update(o).where(o.c.id == id_).values(disabled_at=at))


# --- what lets them in ---


def password(connection: Connection, id_: str) -> str | None:
    o = t.operators
    found = connection.execute(
        select(o.c.password).where(o.c.id == id_, o.c.disabled_at.is_(None))
    ).scalar_one_or_none()
    return None if found is None else str(found)


def put_password(connection: Connection, id_: OperatorId, hashed: str) -> None:
    o = t.operators
    connection.execute(update(o).where(o.c.id == id_).values(password=hashed))


def one_time(connection: Connection, id_: OperatorId) -> tuple[bytes, int]:
    """The sealed secret, and the latest step that a code was taken for."""
    o = t.operators
    row = connection.execute(
        select(o.c.secret, o.c.last_step).where(o.c.id == id_)
    ).one()
    return bytes(row.secret), row.last_step


def took_step(connection: Connection, id_: OperatorId, step: int) -> None:
    o = t.operators
    connection.execute(update(o).where(o.c.id == id_).values(last_step=step))


def use_recovery_code(
    connection: Connection, id_: OperatorId, digest: bytes, at: datetime
) -> bool:
    """Whether it was one of theirs; it never is again."""
    r = t.recovery_codes
    used = connection.execute(
        update(r)
        .where(r.c.operator == id_, r.c.digest == digest, r.c.ended_at.is_(None))
        .values(ended_at=at)
    )
    return bool(used.rowcount == 1)


def recovery_codes_left(connection: Connection, id_: OperatorId) -> int:
    r = t.recovery_codes
    left = select(func.count()).where(r.c.operator == id_, r.c.ended_at.is_(None))
    return int(connection.execute(left).scalar_one())


# --- sessions ---


def session(connection: Connection, id_: str) -> StoredSession | None:
    s = t.sessions
    row = connection.execute(select(s).where(s.c.id == id_)).first()
    return None if row is None else _session(row)


def open_sessions(
    connection: Connection, operator: OperatorId
) -> tuple[StoredSession, ...]:
    s = t.sessions
    rows = connection.execute(
        select(s)
        .where(s.c.operator == operator, s.c.ended_at.is_(None))
        .order_by(s.c.began_at)
    )
    return tuple(map(_session, rows))


def begin_session(
    connection: Connection, id_: str, operator: OperatorId, at: datetime
) -> None:
    connection.execute(
        insert(t.sessions),
        {"id": id_, "operator": operator, "began_at": at, "seen_at": at},
    )


def touch_session(connection: Connection, id_: str, at: datetime) -> None:
    s = t.sessions
    connection.execute(update(s).where(s.c.id == id_).values(seen_at=at))


def lock_session(connection: Connection, id_: str, at: datetime | None) -> bool:
    """Lock it, or with None unlock it; whether that changed anything."""
    s = t.sessions
    other = s.c.locked_at.is_not(None) if at is None else s.c.locked_at.is_(None)
    changed = connection.execute(
        update(s)
        .where(s.c.id == id_, s.c.ended_at.is_(None), other)
        .values(locked_at=at)
    )
    return bool(changed.rowcount == 1)


def end_sessions(
    connection: Connection, ids: Iterable[str], at: datetime, by: str
) -> int:
    """How many of them were still open."""
    s = t.sessions
    ended = connection.execute(
        update(s)
        .where(s.c.id.in_(tuple(ids)), s.c.ended_at.is_(None))
        .values(ended_at=at, ended_by=by)
    )
    return int(ended.rowcount)


def _add_codes(
    connection: Connection, id_: OperatorId, digests: Iterable[bytes]
) -> None:
    rows = [{"operator": id_, "digest": digest} for digest in digests]
    if rows:
        connection.execute(insert(t.recovery_codes), rows)


def _operator(row: "Row[Any]") -> Operator:
    return Operator(
        id=OperatorId(row.id),
        name=row.name,
        person=None if row.person is None else PersonId(row.person),
        roles=frozenset(map(OperatorRole, row.roles.split())),
        zones=frozenset(map(ZoneId, row.zones.split())),
        rank=None if row.rank is None else Rank(row.rank),
        department=row.department,
        disabled_at=row.disabled_at,
    )


def _session(row: "Row[Any]") -> StoredSession:
    return StoredSession(
        id=row.id,
        operator=OperatorId(row.operator),
        began_at=row.began_at,
        seen_at=row.seen_at,
        locked_at=row.locked_at,
        ended_at=row.ended_at,
    )
