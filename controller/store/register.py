"""People, their states and their grants, as rows. Nothing is ever deleted.

A grant that ends by its own date or is withdrawn stays; a person who leaves stays. All
functions work inside the caller's transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from sqlalchemy import (
    ColumnElement,
    Connection,
    Row,
    Select,
    and_,
    exists,
    func,
    insert,
    or_,
    select,
    true,
    update,
)

from controller.store import tables as t
from domain.ids import GrantId, PersonId, ScheduleId, ZoneId
from domain.people import (
    VISITOR,
    Grant,
    PersonState,
    Post,
    Qualifications,
    Rank,
    Withdrawal,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPerson:
    id: PersonId
    name: str
    name_en: str
    post: Post
    state: PersonState
    state_since: datetime
    qualifications: Qualifications
    non_face: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which people a page of the list is of; what is empty asks for nothing.

    `ends_by`: of the active, those with a qualification that ends by that day.
    `zones`: whoever ever had a grant for one of them. `after`, `before`: ids.
    """

    text: str = ""
    post: str = ""
    state: PersonState | None = None
    ends_by: date | None = None
    zones: frozenset[ZoneId] | None = None
    after: str = ""
    before: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredGrant:
    person: PersonId
    grant: Grant
    made_at: datetime
    withdrawal: Withdrawal | None


# --- people ---

# As `domain.ids.is_visitor` has it; LIKE would take a small v for it, too.
_EMPLOYED: Final = and_(
    t.people.c.post != VISITOR, func.substr(t.people.c.id, 1, 1) != "V"
)
_MOST_INITIALS: Final = 4


def person(connection: Connection, id_: PersonId) -> StoredPerson | None:
    row = connection.execute(select(t.people).where(t.people.c.id == id_)).first()
    return None if row is None else _person(row)


def people(connection: Connection) -> tuple[StoredPerson, ...]:
    rows = connection.execute(select(t.people).order_by(t.people.c.id))
    return tuple(map(_person, rows))


def search(connection: Connection, wanted: Wanted, *, limit: int) -> list[StoredPerson]:
    """Employed people in the order of their ids: the first `limit`, or those after or
    before one."""
    p, backwards = t.people, bool(wanted.before)
    query = select(p).where(*_conditions(wanted)).limit(limit)
    if backwards:
        query = query.where(p.c.id < wanted.before).order_by(p.c.id.desc())
    else:
        query = query.where(p.c.id > wanted.after).order_by(p.c.id)
    found = [_person(row) for row in connection.execute(query)]
    return found[::-1] if backwards else found


def count(connection: Connection, wanted: Wanted) -> int:
    query = select(func.count()).select_from(t.people).where(*_conditions(wanted))
    return int(connection.execute(query).scalar_one())


def posts(connection: Connection) -> tuple[Post, ...]:
    """Of everybody employed, also those that the site no longer lists."""
    p = t.people.c
    rows = connection.execute(select(p.post).where(_EMPLOYED).distinct())
    return tuple(sorted(Post(row.post) for row in rows))


def _conditions(wanted: Wanted) -> list[ColumnElement[bool]]:
    p, g = t.people.c, t.grants.c
    found: list[ColumnElement[bool]] = [_EMPLOYED]
    if wanted.text:
        found.append(_named_like(wanted.text))
    if wanted.post:
        found.append(p.post == wanted.post)
    if wanted.state is not None:
        found.append(p.state == wanted.state)
    if wanted.ends_by is not None:
        ends = (p.agreement_until, p.commitment_until, p.training_until)
        found.append(or_(*(end <= wanted.ends_by for end in ends)))
        found.append(p.state == PersonState.ACTIVE)
    if wanted.zones is not None:
        own = exists().where(g.person == p.id, g.zone.in_(sorted(wanted.zones)))
        found.append(own)
    return found


def _named_like(text: str) -> ColumnElement[bool]:
    """By name, id, English name, or the initials of its parts ("wq": Wang Qiang)."""
    p = t.people.c
    ways = [
        p.name.icontains(text, autoescape=True),
        p.id.icontains(text, autoescape=True),
        p.name_en.icontains(text, autoescape=True),
    ]
    if text.isascii() and text.isalpha() and 2 <= len(text) <= _MOST_INITIALS:
        ways.append(p.name_en.ilike(f"{text[0]}% {'%'.join(text[1:])}%"))
    return or_(*ways)


def names(connection: Connection, ids: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Name and English name of those whom the register knows."""
    wanted = sorted(set(ids))
    rows = connection.execute(
        select(t.people.c.id, t.people.c.name, t.people.c.name_en).where(
            t.people.c.id.in_(wanted)
        )
    )
    return {row.id: (row.name, row.name_en) for row in rows}


def add_person(connection: Connection, person: StoredPerson) -> None:
    connection.execute(
        insert(t.people),
        {
            **_columns(person),
            "id": person.id,
            "state": person.state,
            "state_since": person.state_since,
            "registered_at": person.state_since,
        },
    )
    _remember_state(connection, person.id, person.state, person.state_since)


def change_person(connection: Connection, person: StoredPerson) -> None:
    """Everything but the state, which `set_state` changes."""
    connection.execute(
        update(t.people).where(t.people.c.id == person.id), _columns(person)
    )


def set_state(
    connection: Connection, id_: PersonId, state: PersonState, since: datetime
) -> None:
    connection.execute(
        update(t.people)
        .where(t.people.c.id == id_)
        .values(state=state, state_since=since)
    )
    _remember_state(connection, id_, state, since)


def state_at(
    connection: Connection, id_: PersonId, at: datetime
) -> tuple[PersonState, datetime] | None:
    """The state in force at `at` and its begin; None before the first."""
    states = t.person_states
    row = connection.execute(
        select(states.c.state, states.c.since)
        .where(states.c.person == id_, states.c.since <= at)
        .order_by(states.c.since.desc(), states.c.id.desc())
        .limit(1)
    ).first()
    return None if row is None else (PersonState(row.state), row.since)


def people_of_zone(
    connection: Connection, zone: ZoneId, *, posts: Iterable[Post], everybody: bool
) -> tuple[StoredPerson, ...]:
    """Whoever ever had a grant for `zone`, or has one of `posts`, or everybody."""
    p, g = t.people, t.grants
    granted = exists().where(g.c.zone == zone, g.c.person == p.c.id)
    wanted = true() if everybody else or_(granted, p.c.post.in_(sorted(posts)))
    rows = connection.execute(select(p).where(wanted).order_by(p.c.id))
    return tuple(map(_person, rows))


# --- grants ---


def add_grant(
    connection: Connection, person: PersonId, grant: Grant, *, at: datetime, by: str
) -> None:
    connection.execute(
        insert(t.grants),
        {
            "id": grant.id,
            "person": person,
            "zone": grant.zone,
            "rank": grant.rank,
            "approved_by": grant.approved_by,
            "purpose": grant.purpose,
            "since": grant.since,
            "until": grant.until,
            "schedule": grant.schedule,
            "made_at": at,
            "made_by": by,
        },
    )


def withdraw_grants(
    connection: Connection,
    grants: Sequence[StoredGrant],
    withdrawal: Withdrawal,
    *,
    by: str,
) -> None:
    connection.execute(
        update(t.grants)
        .where(
            t.grants.c.id.in_([g.grant.id for g in grants]),
            t.grants.c.withdrawn_at.is_(None),
        )
        .values(
            withdrawn_at=withdrawal.at,
            withdrawn_reason=withdrawal.reason,
            withdrawn_by=by,
        )
    )


def grant(connection: Connection, id_: str) -> StoredGrant | None:
    found = _grants(connection, select(t.grants).where(t.grants.c.id == id_))
    return found[0] if found else None


def grants_of(
    connection: Connection, person: PersonId, zone: ZoneId | None = None
) -> tuple[StoredGrant, ...]:
    """All grants a person ever had, oldest first."""
    g = t.grants
    query = select(g).where(g.c.person == person)
    if zone is not None:
        query = query.where(g.c.zone == zone)
    return _grants(connection, query)


def grants_for(connection: Connection, zone: ZoneId) -> tuple[StoredGrant, ...]:
    """All grants that anybody ever had for `zone`, oldest first."""
    return _grants(connection, select(t.grants).where(t.grants.c.zone == zone))


def grants_in(connection: Connection, ids: "Select[Any]") -> tuple[StoredGrant, ...]:
    """Those whose ids a query selects."""
    return _grants(connection, select(t.grants).where(t.grants.c.id.in_(ids)))


def all_grants(connection: Connection) -> tuple[StoredGrant, ...]:
    return _grants(connection, select(t.grants))


def _grants(
    connection: Connection,
    query: "Select[Any]",
) -> tuple[StoredGrant, ...]:
    ordered = query.order_by(t.grants.c.made_at, t.grants.c.id)
    return tuple(map(_grant, connection.execute(ordered)))


def _columns(person: StoredPerson) -> dict[str, object]:
    return {
        "name": person.name,
        "name_en": person.name_en,
        "post": person.post,
        "agreement_until": person.qualifications.agreement_until,
        "commitment_until": person.qualifications.commitment_until,
        "training_until": person.qualifications.training_until,
        "non_face": person.non_face,
    }


def _remember_state(
    connection: Connection, id_: PersonId, state: PersonState, since: datetime
) -> None:
    connection.execute(
        insert(t.person_states), {"person": id_, "state": state, "since": since}
    )


def _person(row: "Row[Any]") -> StoredPerson:
    return StoredPerson(
        id=PersonId(row.id),
        name=row.name,
        name_en=row.name_en,
        post=Post(row.post),
        state=PersonState(row.state),
        state_since=row.state_since,
        qualifications=Qualifications(
            agreement_until=row.agreement_until,
            commitment_until=row.commitment_until,
            training_until=row.training_until,
        ),
        non_face=row.non_face,
    )


def _grant(row: "Row[Any]") -> StoredGrant:
    grant = Grant(
        id=GrantId(row.id),
        zone=ZoneId(row.zone),
        rank=Rank(row.rank),
        approved_by=None if row.approved_by is None else PersonId(row.approved_by),
        purpose=row.purpose,
        since=row.since,
        until=row.until,
        schedule=None if row.schedule is None else ScheduleId(row.schedule),
    )
    withdrawal = (
        None
        if row.withdrawn_at is None
        else Withdrawal(row.withdrawn_at, row.withdrawn_reason)
    )
    return StoredGrant(
        person=PersonId(row.person),
        grant=grant,
        made_at=row.made_at,
        withdrawal=withdrawal,
    )
