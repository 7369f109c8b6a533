"""What the office sends, and what doors confirm: rosters, changes, commands.

A change (a grant made, a grant withdrawn, a person frozen) names the doors it concerns;
each door's receipt is the first roster that carries it and the instant at which the
door applied that roster or a later one.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NewType

from sqlalchemy import Connection, Row, func, insert, select, update

from controller.store import tables as t
from domain.ids import CommandId, DoorId, PersonId

ChangeId = NewType("ChangeId", int)


@dataclass(frozen=True, slots=True, kw_only=True)
class IssuedRoster:
    door: DoorId
    number: int
    issued_at: datetime
    valid_until: datetime
    people: int
    parts: int
    applied_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """`roster`: the first that carries the change; None until it is issued.
    `confirmed_at`: when the door applied it; None while that is pending."""

    door: DoorId
    roster: int | None
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What was changed about whom, by whom."""

    id: ChangeId
    at: datetime
    what: str
    person: PersonId
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredCommand:
    id: CommandId
    door: DoorId
    order: str
    nonce: str
    reason: str
    by: str
    issued_at: datetime
    expires_at: datetime
    answer: str | None
    answered_at: datetime | None
    worker: str = ""  # of a service, with its end
    until: datetime | None = None


# --- changes and receipts ---


def add_change(
    connection: Connection,
    *,
    at: datetime,
    what: str,
    person: PersonId,
    by: str,
    doors: Iterable[DoorId],
) -> ChangeId:
    made = connection.execute(
        insert(t.changes), {"at": at, "what": what, "person": person, "by": by}
    )
    key = made.inserted_primary_key
    assert key is not None  # noqa: S101  an INSERT of one row has a key
    change = ChangeId(key[0])
    rows = [{"change": change, "door": door} for door in sorted(set(doors))]
    if rows:
        connection.execute(insert(t.receipts), rows)
    return change


def changes_of(connection: Connection, person: PersonId) -> tuple[Change, ...]:
    """All changes of a person's rights, latest first."""
    c = t.changes
    rows = connection.execute(
        select(c).where(c.c.person == person).order_by(c.c.id.desc())
    )
    return tuple(
        Change(
            id=ChangeId(row.id),
            at=row.at,
            what=row.what,
            person=PersonId(row.person),
            by=row.by,
        )
        for row in rows
    )


def change(connection: Connection, id_: ChangeId) -> Change | None:
    c = t.changes
    row = connection.execute(select(c).where(c.c.id == id_)).first()
    return None if row is None else _change(row)


def doors_awaiting(connection: Connection) -> set[DoorId]:
    """Doors of changes for which no roster was issued yet."""
    r = t.receipts.c
    rows = connection.execute(select(r.door).where(r.roster.is_(None)).distinct())
    return {DoorId(row.door) for row in rows}


def receipts(connection: Connection, change: ChangeId) -> tuple[Receipt, ...]:
    r = t.receipts
    rows = connection.execute(select(r).where(r.c.change == change).order_by(r.c.door))
    return tuple(
        Receipt(door=DoorId(row.door), roster=row.roster, confirmed_at=row.confirmed_at)
        for row in rows
    )


# --- rosters ---


def latest_roster(connection: Connection, door: DoorId) -> IssuedRoster | None:
    r = t.rosters
    row = connection.execute(
        select(r).where(r.c.door == door).order_by(r.c.number.desc()).limit(1)
    ).first()
    return None if row is None else _roster(row)


def applied_roster(connection: Connection, door: DoorId) -> IssuedRoster | None:
    """The highest that the door confirmed."""
    r = t.rosters
    row = connection.execute(
        select(r)
        .where(r.c.door == door, r.c.applied_at.is_not(None))
        .order_by(r.c.number.desc())
        .limit(1)
    ).first()
    return None if row is None else _roster(row)


def receipts_of_many(
    connection: Connection, what: str, first: ChangeId, last: ChangeId
) -> dict[DoorId, datetime | None]:
    """Of the changes of one act, from `first` to `last`: when each door had confirmed
    all of them, or None."""
    c, r = t.changes.c, t.receipts.c
    rows = connection.execute(
        select(
            r.door,
            func.count().label("total"),
            func.count(r.confirmed_at).label("confirmed"),
            func.max(r.confirmed_at, type_=t.Instant()).label("at"),
        )
        .join(t.changes, c.id == r.change)
        .where(c.id.between(first, last), c.what == what)
        .group_by(r.door)
    )
    return {
        DoorId(row.door): row.at if row.total == row.confirmed else None for row in rows
    }


def add_roster(connection: Connection, roster: IssuedRoster) -> None:
    """Note a roster as issued; changes that waited for one are carried by it."""
    connection.execute(
        insert(t.rosters),
        {
            "door": roster.door,
            "number": roster.number,
            "issued_at": roster.issued_at,
            "valid_until": roster.valid_until,
            "people": roster.people,
            "parts": roster.parts,
        },
    )
    r = t.receipts
    connection.execute(
        update(r)
        .where(r.c.door == roster.door, r.c.roster.is_(None))
        .values(roster=roster.number)
    )


def set_parts(connection: Connection, door: DoorId, number: int, parts: int) -> None:
    r = t.rosters
    connection.execute(
        update(r).where(r.c.door == door, r.c.number == number).values(parts=parts)
    )


def roster_applied(
    connection: Connection, door: DoorId, number: int, at: datetime
) -> None:
    """The door applied roster `number`: it carries every change up to it."""
    n, r = t.rosters, t.receipts
    connection.execute(
        update(n)
        .where(n.c.door == door, n.c.number == number, n.c.applied_at.is_(None))
        .values(applied_at=at)
    )
    connection.execute(
        update(r)
        .where(r.c.door == door, r.c.roster <= number, r.c.confirmed_at.is_(None))
        .values(confirmed_at=at)
    )


# --- commands ---


def add_command(connection: Connection, command: StoredCommand) -> None:
    connection.execute(
        insert(t.commands),
        {
            "id": command.id,
            "door": command.door,
            "order": command.order,
            "nonce": command.nonce,
            "reason": command.reason,
            "by": command.by,
            "issued_at": command.issued_at,
            "expires_at": command.expires_at,
            "service_worker": command.worker or None,
            "service_until": command.until,
        },
    )


def unsent_commands(connection: Connection) -> tuple[StoredCommand, ...]:
    c = t.commands
    rows = connection.execute(
        select(c)
        .where(c.c.sent_at.is_(None), c.c.answer.is_(None))
        .order_by(c.c.issued_at, c.c.id)
    )
    return tuple(map(_command, rows))


def command_sent(connection: Connection, id_: CommandId, at: datetime) -> None:
    c = t.commands
    connection.execute(update(c).where(c.c.id == id_).values(sent_at=at))


def command_answered(
    connection: Connection, id_: CommandId, answer: str, at: datetime
) -> None:
    """The first answer counts; a door that refuses a repetition did obey once."""
    c = t.commands
    connection.execute(
        update(c)
        .where(c.c.id == id_, c.c.answer.is_(None))
        .values(answer=answer, answered_at=at)
    )


def command(connection: Connection, id_: CommandId) -> StoredCommand | None:
    c = t.commands
    row = connection.execute(select(c).where(c.c.id == id_)).first()
    return None if row is None else _command(row)


def latest_commands(
    connection: Connection, *, door: DoorId | None, limit: int
) -> tuple[StoredCommand, ...]:
    c = t.commands
    query = select(c).order_by(c.c.issued_at.desc(), c.c.id.desc()).limit(limit)
    if door is not None:
        query = query.where(c.c.door == door)
    return tuple(map(_command, connection.execute(query)))


def _change(row: "Row[Any]") -> Change:
    return Change(
        id=ChangeId(row.id),
        at=row.at,
        what=row.what,
        person=PersonId(row.person),
        by=row.by,
    )


def _command(row: "Row[Any]") -> StoredCommand:
    return StoredCommand(
        id=CommandId(row.id),
        door=DoorId(row.door),
        order=row.order,
        nonce=row.nonce,
        reason=row.reason,
        by=row.by,
        issued_at=row.issued_at,
        expires_at=row.expires_at,
        answer=row.answer,
        answered_at=row.answered_at,
        worker=row.service_worker or "",
        until=row.service_until,
    )


def _roster(row: "Row[Any]") -> IssuedRoster:
    return IssuedRoster(
        door=DoorId(row.door),
        number=row.number,
        issued_at=row.issued_at,
        valid_until=row.valid_until,
        people=row.people,
        parts=row.parts,
        applied_at=row.applied_at,
    )
