"""Requests for grants, as rows; what was decided stays."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from controller.store import tables as t
from domain.grant_requests import RequestState
from domain.ids import GrantId, PersonId, ScheduleId, ZoneId
from domain.operators import OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredRequest:
    id: str
    person: PersonId
    zone: ZoneId
    purpose: str
    department: str
    since: datetime | None  # None: from the approval
    until: datetime | None
    schedule: ScheduleId | None
    asked_at: datetime
    asked_by: OperatorId
    state: RequestState = RequestState.REQUESTED
    decided_at: datetime | None = None
    decided_by: str = ""
    reason: str = ""
    grant: GrantId | None = None


def add(connection: Connection, request: StoredRequest) -> None:
    connection.execute(
        insert(t.grant_requests),
        {
            "id": request.id,
            "person": request.person,
            "zone": request.zone,
            "purpose": request.purpose,
            "department": request.department,
            "since": request.since,
            "until": request.until,
            "schedule": request.schedule,
            "asked_at": request.asked_at,
            "asked_by": request.asked_by,
            "state": request.state,
        },
    )


def decide(
    connection: Connection,
    id_: str,
    state: RequestState,
    *,
    at: datetime,
    by: str,
    reason: str = "",
    grant: GrantId | None = None,
) -> None:
    r = t.grant_requests
    connection.execute(
        update(r)
        .where(r.c.id == id_)
        .values(state=state, decided_at=at, decided_by=by, reason=reason, grant=grant)
    )


def one(connection: Connection, id_: str) -> StoredRequest | None:
    r = t.grant_requests
    row = connection.execute(select(r).where(r.c.id == id_)).first()
    return None if row is None else _request(row)


def in_state(
    connection: Connection, *, open_: bool, limit: int
) -> tuple[StoredRequest, ...]:
    """Those that wait, the oldest first; or those decided, the latest first."""
    r = t.grant_requests
    waits = r.c.state == RequestState.REQUESTED
    query = select(r).where(waits if open_ else ~waits).limit(limit)
    order = r.c.asked_at.asc() if open_ else r.c.decided_at.desc()
    return tuple(map(_request, connection.execute(query.order_by(order, r.c.id))))


def _request(row: "Row[Any]") -> StoredRequest:
    return StoredRequest(
        id=row.id,
        person=PersonId(row.person),
        zone=ZoneId(row.zone),
        purpose=row.purpose,
        department=row.department,
        since=row.since,
        until=row.until,
        schedule=None if row.schedule is None else ScheduleId(row.schedule),
        asked_at=row.asked_at,
        asked_by=OperatorId(row.asked_by),
        state=RequestState(row.state),
        decided_at=row.decided_at,
        decided_by=row.decided_by or "",
        reason=row.reason or "",
        grant=None if row.grant is None else GrantId(row.grant),
    )
