"""Proposals to freeze somebody, as rows; settled ones stay. Works inside the caller's
transaction."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from controller.store import tables as t
from domain.ids import PersonId
from domain.operators import Operator, OperatorId
from domain.person_acts import ProposalOutcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    outcome: ProposalOutcome
    at: datetime
    by: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """`proposer`: the person whose account made it, if the register knows them."""

    id: int
    person: PersonId
    name: str
    name_en: str
    reason: str
    at: datetime
    by: OperatorId
    proposer: PersonId | None
    settled: Settlement | None


def add(
    connection: Connection, person: PersonId, *, reason: str, at: datetime, by: Operator
) -> None:
    connection.execute(
        insert(t.freeze_proposals),
        {
            "person": person,
            "reason": reason,
            "at": at,
            "by": by.id,
            "proposer": by.person,
        },
    )


def unsettled(
    connection: Connection, person: PersonId | None = None
) -> tuple[Proposal, ...]:
    """Of one person, or of all; oldest first."""
    f, p = t.freeze_proposals, t.people
    query = (
        select(f, p.c.name, p.c.name_en)
        .join(p, p.c.id == f.c.person)
        .where(f.c.settled_at.is_(None))
        .order_by(f.c.id)
    )
    if person is not None:
        query = query.where(f.c.person == person)
    return tuple(map(_proposal, connection.execute(query)))


def settled(
    connection: Connection, *, limit: int, by: OperatorId | None = None
) -> tuple[Proposal, ...]:
    """The latest settled first; of one operator, or of all."""
    f, p = t.freeze_proposals, t.people
    query = (
        select(f, p.c.name, p.c.name_en)
        .join(p, p.c.id == f.c.person)
        .where(f.c.settled_at.is_not(None))
        .order_by(f.c.settled_at.desc(), f.c.id.desc())
        .limit(limit)
    )
    if by is not None:
        query = query.where(f.c.by == by)
    return tuple(map(_proposal, connection.execute(query)))


def settle(connection: Connection, person: PersonId, how: Settlement) -> int:
    """All that are open about the person; how many that were."""
    f = t.freeze_proposals
    done = connection.execute(
        update(f)
        .where(f.c.person == person, f.c.settled_at.is_(None))
        .values(
            outcome=how.outcome, settled_at=how.at, settled_by=how.by, note=how.note
        )
    )
    return done.rowcount


def _proposal(row: "Row[Any]") -> Proposal:
    settlement = None
    if row.settled_at is not None:
        settlement = Settlement(
            outcome=ProposalOutcome(row.outcome),
            at=row.settled_at,
            by=row.settled_by,
            note=row.note,
        )
    return Proposal(
        id=row.id,
        person=PersonId(row.person),
        name=row.name,
        name_en=row.name_en,
        reason=row.reason,
        at=row.at,
        by=OperatorId(row.by),
        proposer=None if row.proposer is None else PersonId(row.proposer),
        settled=settlement,
    )
