"""Visits as rows: read whole, written by what changed. Nothing is ever deleted.

Everything is done inside the caller's transaction. What was signed and which badges
are out is in `controller.store.visit_papers`.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    and_,
    exists,
    insert,
    or_,
    select,
    update,
)

from controller.store import visit_tables as t
from domain.ids import PersonId, VisitId, ZoneId
from domain.people import Department, Rank
from domain.visit_classes import ReturnItem, VisitClass
from domain.visit_devices import (
    CarriedDevice,
    DeviceDeclaration,
    DeviceKind,
    Disposition,
)
from domain.visit_life import ENDED, VisitState
from domain.visits import (
    Approval,
    CoreApproval,
    Declined,
    Identity,
    Signed,
    Undertaking,
    Visit,
    Visitor,
)

# Values in one statement; SQLite allows 32,766.
_MANY: Final = 10_000

# Visits of which somebody may hold a badge.
BADGED: Final = (
    VisitState.CHECKED_IN,
    VisitState.ON_SITE,
    VisitState.OVERDUE,
    VisitState.BLOCKED,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredVisit:
    """A visit with what only the office knows of it."""

    visit: Visit
    requested_at: datetime
    organisations: Mapping[PersonId, str]
    overdue_alarmed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StateSince:
    state: VisitState
    since: datetime
    by: str
    reason: str


# --- reading ---


def visit(connection: Connection, id_: VisitId) -> StoredVisit | None:
    found = _load(connection, t.visits.c.id == id_)
    return found[0] if found else None


def live(connection: Connection) -> tuple[StoredVisit, ...]:
    """Every visit that is not over, by begin."""
    return _load(connection, t.visits.c.state.not_in(sorted(ENDED)))


def of_day(
    connection: Connection, since: datetime, until: datetime
) -> tuple[StoredVisit, ...]:
    """Every visit that is not over and begins before `until`, and those over that
    touch [since, until)."""
    v = t.visits.c
    return _load(
        connection,
        and_(v.since < until, or_(v.state.not_in(sorted(ENDED)), v.until > since)),
    )


def badged(connection: Connection) -> tuple[StoredVisit, ...]:
    """Visits of which somebody may hold a badge."""
    return _load(connection, t.visits.c.state.in_(BADGED))


def of_visitor(connection: Connection, person: PersonId) -> tuple[StoredVisit, ...]:
    """Every visit somebody ever came with."""
    c = t.visitors.c
    came = exists().where(c.visit == t.visits.c.id, c.person == person)
    return _load(connection, came)


def next_end(connection: Connection) -> datetime | None:
    """The earliest end of a visit for which that changes something."""
    v = t.visits.c
    unended = (
        VisitState.REQUESTED,
        VisitState.APPROVED,
        VisitState.UNDERTAKING_SIGNED,
        VisitState.CHECKED_IN,
        VisitState.ON_SITE,
    )
    query = select(v.until).where(v.state.in_(unended)).order_by(v.until).limit(1)
    found = connection.execute(query).first()
    return None if found is None else found.until


def departments(connection: Connection) -> tuple[Department, ...]:
    """Every department that somebody ever asked to visit, by name."""
    query = select(t.visits.c.department).distinct().order_by(t.visits.c.department)
    return tuple(Department(row.department) for row in connection.execute(query))


def states_of(connection: Connection, id_: VisitId) -> tuple[StateSince, ...]:
    s = t.visit_states
    rows = connection.execute(select(s).where(s.c.visit == id_).order_by(s.c.id))
    return tuple(
        StateSince(
            state=VisitState(row.state), since=row.since, by=row.by, reason=row.reason
        )
        for row in rows
    )


# --- writing ---


def add(
    connection: Connection,
    visit: Visit,
    organisations: Mapping[PersonId, str],
    *,
    at: datetime,
    by: str,
) -> None:
    connection.execute(
        insert(t.visits),
        {**_columns(visit), "id": visit.id, "requested_at": at},
    )
    connection.execute(
        insert(t.visitors),
        [
            {
                "visit": visit.id,
                "person": who.id,
                "place": place,
                "organisation": organisations.get(who.id, ""),
                "turned_away": False,
            }
            for place, who in enumerate(visit.visitors)
        ],
    )
    _remember_state(connection, visit, at=at, by=by, reason="")
    _remember_escorts(connection, visit, by=by)


def save(
    connection: Connection,
    before: Visit,
    after: Visit,
    *,
    at: datetime,
    by: str,
    reason: str = "",
) -> None:
    """Write what an act changed; the undertaking itself is written by its own."""
    mine = t.visits.c.id == after.id
    if _columns(before) != _columns(after):
        connection.execute(update(t.visits).where(mine), _columns(after))
    if before.state is not after.state:
        _remember_state(connection, after, at=at, by=by, reason=reason)
    if before.escorts != after.escorts:
        _remember_escorts(connection, after, by=by)
    for approval in after.core[len(before.core) :]:
        connection.execute(
            insert(t.visit_core_approvals),
            {
                "visit": after.id,
                "zone": approval.zone,
                "since": approval.since,
                "until": approval.until,
                "by": approval.by,
                "rank": approval.rank,
                "at": approval.at,
            },
        )
    for old, new in zip(before.visitors, after.visitors, strict=True):
        if old != new:
            _save_visitor(connection, after.id, old, new)


def alarmed_overdue(connection: Connection, id_: VisitId, at: datetime) -> None:
    connection.execute(
        update(t.visits).where(t.visits.c.id == id_), {"overdue_alarmed_at": at}
    )


def locker_taken(
    connection: Connection, locker: int, *, but_by: tuple[VisitId, PersonId]
) -> bool:
    """Whether somebody else's things lie in it."""
    d = t.deposits.c
    rows = connection.execute(
        select(d.visit, d.person).where(d.locker == locker, d.emptied_at.is_(None))
    )
    return any((row.visit, row.person) != but_by for row in rows)


def lockers_taken(connection: Connection) -> frozenset[int]:
    d = t.deposits.c
    rows = connection.execute(select(d.locker).where(d.emptied_at.is_(None)))
    return frozenset(row.locker for row in rows)


def empty_locker(
    connection: Connection, visit: VisitId, person: PersonId, at: datetime
) -> None:
    d = t.deposits
    connection.execute(
        update(d)
        .where(d.c.visit == visit, d.c.person == person, d.c.emptied_at.is_(None))
        .values(emptied_at=at)
    )


def note_returns(
    connection: Connection,
    visit: VisitId,
    person: PersonId,
    ticked: Mapping[ReturnItem, bool],
    *,
    at: datetime,
    by: str,
) -> None:
    rows = [
        {
            "visit": visit,
            "person": person,
            "item": item,
            "returned": returned,
            "at": at,
            "by": by,
        }
        for item, returned in ticked.items()
    ]
    if rows:
        connection.execute(insert(t.visit_returns), rows)


def note_devices_out(
    connection: Connection,
    visit: VisitId,
    person: PersonId,
    out: Iterable[CarriedDevice],
    at: datetime,
) -> None:
    """Tick those that were declared; the others are in the incident."""
    d = t.declared_devices
    rows = connection.execute(_current_devices([visit]).where(d.c.person == person))
    waiting = defaultdict(list)
    for row in rows:
        waiting[_device(row)].append(row.id)
    ticked = [waiting[each].pop() for each in out if waiting[each]]
    if ticked:
        connection.execute(update(d).where(d.c.id.in_(ticked)).values(out_at=at))


def returned(
    connection: Connection, visit: VisitId, person: PersonId
) -> frozenset[ReturnItem]:
    """What was ticked when they left."""
    r = t.visit_returns.c
    rows = connection.execute(
        select(r.item).where(r.visit == visit, r.person == person, r.returned)
    )
    return frozenset(map(ReturnItem, rows.scalars()))


def devices_out(
    connection: Connection, visit: VisitId, person: PersonId
) -> tuple[CarriedDevice, ...]:
    """Of those that were declared."""
    d = t.declared_devices.c
    rows = connection.execute(
        _current_devices([visit]).where(d.person == person, d.out_at.is_not(None))
    )
    return tuple(map(_device, rows))


# --- inside ---


def _load(
    connection: Connection, wanted: ColumnElement[bool]
) -> tuple[StoredVisit, ...]:
    v = t.visits
    rows = connection.execute(select(v).where(wanted).order_by(v.c.since, v.c.id)).all()
    found: list[StoredVisit] = []
    for start in range(0, len(rows), _MANY):
        found += _with_children(connection, rows[start : start + _MANY])
    return tuple(found)


def _with_children(
    connection: Connection, rows: Sequence[Row[Any]]
) -> Iterable[StoredVisit]:
    ids = [row.id for row in rows]
    core = defaultdict(list)
    for row in connection.execute(
        select(t.visit_core_approvals)
        .where(t.visit_core_approvals.c.visit.in_(ids))
        .order_by(t.visit_core_approvals.c.id)
    ):
        core[row.visit].append(_core(row))
    devices = defaultdict(list)
    for row in connection.execute(_current_devices(ids)):
        devices[row.visit, row.person].append(_device(row))
    papers: dict[tuple[str, str], Undertaking] = {}
    for row in connection.execute(
        select(t.undertakings)
        .where(t.undertakings.c.visit.in_(ids))
        .order_by(t.undertakings.c.id)
    ):
        papers[row.visit, row.person] = _undertaking(row)  # the latest counts
    people = defaultdict(list)
    organisations: defaultdict[str, dict[PersonId, str]] = defaultdict(dict)
    for row in connection.execute(
        select(t.visitors)
        .where(t.visitors.c.visit.in_(ids))
        .order_by(t.visitors.c.visit, t.visitors.c.place)
    ):
        key = (row.visit, row.person)
        people[row.visit].append(_visitor(row, devices[key], papers.get(key)))
        organisations[row.visit][PersonId(row.person)] = row.organisation
    for row in rows:
        yield StoredVisit(
            visit=_visit(row, people[row.id], core[row.id]),
            requested_at=row.requested_at,
            organisations=organisations[row.id],
            overdue_alarmed_at=row.overdue_alarmed_at,
        )


def _current_devices(visits: Collection[str]) -> Any:  # noqa: ANN401  a Select
    d = t.declared_devices
    return (
        select(d)
        .where(d.c.visit.in_(visits), d.c.superseded_at.is_(None))
        .order_by(d.c.id)
    )


def _save_visitor(
    connection: Connection, visit: VisitId, old: Visitor, new: Visitor
) -> None:
    v = t.visitors
    connection.execute(
        update(v).where(v.c.visit == visit, v.c.person == new.id),
        {
            "document": new.identity and new.identity.document,
            "last_digits": new.identity and new.identity.last_digits,
            "identified_at": new.identity and new.identity.at,
            "declared_at": new.devices and new.devices.at,
            "locker": new.devices and new.devices.locker,
            "checked_in_at": new.checked_in_at,
            "checked_out_at": new.checked_out_at,
            "turned_away": new.turned_away,
        },
    )
    if new.devices is not None and old.devices != new.devices:
        _declare(connection, visit, new.id, new.devices)


def _declare(
    connection: Connection,
    visit: VisitId,
    person: PersonId,
    declaration: DeviceDeclaration,
) -> None:
    d = t.declared_devices
    connection.execute(
        update(d)
        .where(d.c.visit == visit, d.c.person == person, d.c.superseded_at.is_(None))
        .values(superseded_at=declaration.at)
    )
    rows = [
        {
            "visit": visit,
            "person": person,
            "kind": each.kind,
            "type": each.type,
            "make": each.make,
            "serial": each.serial,
            "disposition": each.disposition,
            "declared_at": declaration.at,
        }
        for each in declaration.devices
    ]
    if rows:
        connection.execute(insert(d), rows)
    empty_locker(connection, visit, person, declaration.at)
    if declaration.locker is not None:
        connection.execute(
            insert(t.deposits),
            {
                "locker": declaration.locker,
                "visit": visit,
                "person": person,
                "since": declaration.at,
            },
        )


def _remember_state(
    connection: Connection, visit: Visit, *, at: datetime, by: str, reason: str
) -> None:
    connection.execute(
        insert(t.visit_states),
        {
            "visit": visit.id,
            "state": visit.state,
            "since": at,
            "by": by,
            "reason": reason,
        },
    )


def _remember_escorts(connection: Connection, visit: Visit, *, by: str) -> None:
    connection.execute(
        insert(t.visit_escorts),
        {
            "visit": visit.id,
            "escorts": " ".join(visit.escorts),
            "since": visit.escorts_since,
            "by": by,
        },
    )


def _columns(visit: Visit) -> dict[str, object]:
    approval = visit.approval
    return {
        "kind": visit.kind,
        "state": visit.state,
        "department": visit.department,
        "purpose": visit.purpose,
        "requested_by": visit.requested_by,
        "since": visit.since,
        "until": visit.until,
        "route": " ".join(visit.route),
        "escorts": " ".join(visit.escorts),
        "deputies": " ".join(visit.deputies),
        "escorts_since": visit.escorts_since,
        "approved_by": approval and approval.by,
        "approved_rank": approval and approval.rank,
        "approved_at": approval and approval.at,
    }


def _visit(
    row: "Row[Any]", people: Iterable[Visitor], core: Iterable[CoreApproval]
) -> Visit:
    approval = (
        None
        if row.approved_by is None
        else Approval(
            by=PersonId(row.approved_by),
            rank=Rank(row.approved_rank),
            at=row.approved_at,
        )
    )
    return Visit(
        id=VisitId(row.id),
        kind=VisitClass(row.kind),
        state=VisitState(row.state),
        department=Department(row.department),
        purpose=row.purpose,
        requested_by=PersonId(row.requested_by),
        since=row.since,
        until=row.until,
        route=tuple(map(ZoneId, row.route.split())),
        escorts=tuple(map(PersonId, row.escorts.split())),
        deputies=tuple(map(PersonId, row.deputies.split())),
        escorts_since=row.escorts_since,
        visitors=tuple(people),
        approval=approval,
        core=tuple(core),
    )


def _visitor(
    row: "Row[Any]", devices: Sequence[CarriedDevice], paper: Undertaking | None
) -> Visitor:
    identity = (
        None
        if row.identified_at is None
        else Identity(
            document=row.document, last_digits=row.last_digits, at=row.identified_at
        )
    )
    declaration = (
        None
        if row.declared_at is None
        else DeviceDeclaration(
            devices=tuple(devices), locker=row.locker, at=row.declared_at
        )
    )
    return Visitor(
        id=PersonId(row.person),
        identity=identity,
        undertaking=paper,
        devices=declaration,
        checked_in_at=row.checked_in_at,
        checked_out_at=row.checked_out_at,
        turned_away=row.turned_away,
    )


def _undertaking(row: "Row[Any]") -> Undertaking:
    text = f"{row.text}/{row.version}"
    if row.declined:
        return Declined(text=text, witness=PersonId(row.witness), at=row.at)
    return Signed(
        text=text,
        text_digest=bytes(row.text_digest),
        digest=bytes(row.digest),
        at=row.at,
    )


def _core(row: "Row[Any]") -> CoreApproval:
    return CoreApproval(
        zone=ZoneId(row.zone),
        since=row.since,
        until=row.until,
        by=PersonId(row.by),
        rank=Rank(row.rank),
        at=row.at,
    )


def _device(row: "Row[Any]") -> CarriedDevice:
    return CarriedDevice(
        kind=DeviceKind(row.kind),
        type=row.type,
        make=row.make,
        serial=row.serial,
        disposition=Disposition(row.disposition),
    )
