"""Rounds of review, as rows: one a half-year, and one item for each grant reviewed.

An item stays as it was decided, for ever; what became of the grant afterwards, the
register says.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, func, insert, or_, select, update

from controller.store import register
from controller.store import tables as t
from controller.store.register import StoredGrant
from domain.ids import GrantId, PersonId, ZoneId
from domain.review import ReviewState, RoundId, RoundState, Span


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRound:
    id: RoundId
    opened_at: datetime
    ends_at: datetime
    warned: int | None
    ended_at: datetime | None
    closed_at: datetime | None

    @property
    def state(self) -> RoundState:
        if self.closed_at is not None:
            return RoundState.CLOSED
        return RoundState.OPEN if self.ended_at is None else RoundState.HELD


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredItem:
    grant: GrantId
    person: PersonId
    zone: ZoneId
    state: ReviewState
    at: datetime | None  # when it was decided
    by: str


def add_round(connection: Connection, span: Span) -> None:
    connection.execute(
        insert(t.review_rounds),
        {"id": span.id, "opened_at": span.opens_at, "ends_at": span.ends_at},
    )


def add_items(
    connection: Connection, round_: RoundId, items: Iterable[StoredItem]
) -> None:
    rows = [
        {
            "round": round_,
            "grant": item.grant,
            "person": item.person,
            "zone": item.zone,
            "state": item.state,
        }
        for item in items
    ]
    if rows:
        connection.execute(insert(t.review_items), rows)


def one(connection: Connection, id_: str) -> StoredRound | None:
    r = t.review_rounds
    row = connection.execute(select(r).where(r.c.id == id_)).first()
    return None if row is None else _round(row)


def rounds(connection: Connection, *, limit: int) -> tuple[StoredRound, ...]:
    """The latest first."""
    r = t.review_rounds
    rows = connection.execute(
        select(r).order_by(r.c.opened_at.desc(), r.c.id.desc()).limit(limit)
    )
    return tuple(map(_round, rows))


def unclosed(connection: Connection) -> tuple[StoredRound, ...]:
    """Oldest first."""
    r = t.review_rounds
    rows = connection.execute(
        select(r).where(r.c.closed_at.is_(None)).order_by(r.c.opened_at, r.c.id)
    )
    return tuple(map(_round, rows))


def warned(connection: Connection, id_: RoundId, days: int) -> None:
    _set(connection, id_, warned=days)


def ended(connection: Connection, id_: RoundId, at: datetime) -> None:
    _set(connection, id_, ended_at=at)


def closed(connection: Connection, id_: RoundId, at: datetime) -> None:
    _set(connection, id_, closed_at=at)


def _set(connection: Connection, id_: RoundId, **values: object) -> None:
    r = t.review_rounds
    connection.execute(update(r).where(r.c.id == id_).values(**values))


def items(connection: Connection, round_: RoundId) -> tuple[StoredItem, ...]:
    i = t.review_items
    rows = connection.execute(
        select(i).where(i.c.round == round_).order_by(i.c.zone, i.c.person, i.c.grant)
    )
    return tuple(map(_item, rows))


def item(connection: Connection, round_: str, grant: str) -> StoredItem | None:
    i = t.review_items
    row = connection.execute(
        select(i).where(i.c.round == round_, i.c.grant == grant)
    ).first()
    return None if row is None else _item(row)


def last_confirmed(
    connection: Connection, grants: Iterable[GrantId]
) -> Mapping[GrantId, StoredItem]:
    """The latest confirmation of each grant that ever had one."""
    i = t.review_items
    rows = connection.execute(
        select(i)
        .where(i.c.grant.in_(sorted(grants)), i.c.state == ReviewState.CONFIRMED)
        .order_by(i.c.at)
    )
    return {GrantId(row.grant): _item(row) for row in rows}


def counts(
    connection: Connection, round_: RoundId
) -> Mapping[tuple[ZoneId, ReviewState], int]:
    i = t.review_items.c
    rows = connection.execute(
        select(i.zone, i.state, func.count().label("n"))
        .where(i.round == round_)
        .group_by(i.zone, i.state)
    )
    return {(ZoneId(row.zone), ReviewState(row.state)): row.n for row in rows}


def grants(connection: Connection, round_: RoundId) -> Mapping[GrantId, StoredGrant]:
    """Those reviewed in the round, as the register has them now."""
    i = t.review_items.c
    wanted = select(i.grant).where(i.round == round_)
    return {g.grant.id: g for g in register.grants_in(connection, wanted)}


def ended_otherwise(
    connection: Connection, round_: RoundId, at: datetime
) -> tuple[StoredItem, ...]:
    """Undecided items whose grant is no more."""
    i, g = t.review_items, t.grants
    rows = connection.execute(
        select(i)
        .join(g, g.c.id == i.c.grant)
        .where(
            i.c.round == round_,
            i.c.state.in_([ReviewState.OUTSTANDING, ReviewState.HELD]),
            or_(g.c.withdrawn_at.is_not(None), g.c.until <= at),
        )
    )
    return tuple(map(_item, rows))


def live_grants(connection: Connection, at: datetime) -> Mapping[ZoneId, int]:
    """How many of each zone are neither withdrawn nor past their end."""
    g = t.grants.c
    rows = connection.execute(
        select(g.zone, func.count().label("n"))
        .where(g.withdrawn_at.is_(None), or_(g.until.is_(None), g.until > at))
        .group_by(g.zone)
    )
    return {ZoneId(row.zone): row.n for row in rows}


def last_used(
    connection: Connection, zones: Iterable[ZoneId]
) -> Mapping[tuple[ZoneId, PersonId], datetime]:
    """When each person was last seen to go into or out of each zone."""
    m = t.movements.c
    rows = connection.execute(
        select(m.zone, m.person, func.max(m.at, type_=t.Instant()).label("at"))
        .where(m.zone.in_(sorted(zones)))
        .group_by(m.zone, m.person)
    )
    return {(ZoneId(r.zone), PersonId(r.person)): r.at for r in rows}


def decide(
    connection: Connection,
    round_: RoundId,
    grants: Iterable[GrantId],
    state: ReviewState,
    *,
    at: datetime,
    by: str,
) -> None:
    i = t.review_items
    connection.execute(
        update(i)
        .where(i.c.round == round_, i.c.grant.in_(sorted(grants)))
        .values(state=state, at=at, by=by)
    )


def _round(row: "Row[Any]") -> StoredRound:
    return StoredRound(
        id=RoundId(row.id),
        opened_at=row.opened_at,
        ends_at=row.ends_at,
        warned=row.warned,
        ended_at=row.ended_at,
        closed_at=row.closed_at,
    )


def _item(row: "Row[Any]") -> StoredItem:
    return StoredItem(
        grant=GrantId(row.grant),
        person=PersonId(row.person),
        zone=ZoneId(row.zone),
        state=ReviewState(row.state),
        at=row.at,
        by=row.by or "",
    )
