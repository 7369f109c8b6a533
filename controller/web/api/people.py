"""People and what is reported of them; a change tells which doors have confirmed it.

Of visitors: `controller.web.api.visits`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Connection

from config.schema import PersonSpec
from controller.services.people_acts import Deed
from controller.services.reported import (
    NotReported,
    Told,
    note_look,
    report_deed,
    report_person,
    told,
)
from controller.store import register
from controller.store.register import StoredGrant, StoredPerson
from controller.store.sendings import ChangeId
from controller.web.api.call import Call
from controller.web.api.problems import Problem
from controller.web.api.words import (
    Id,
    Limit,
    Name,
    NameOrNone,
    SentenceOrNone,
)
from domain.errors import InputError
from domain.ids import PersonId, is_visitor
from domain.people import VISITOR, PersonState, Post, Rank


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleQuery:
    """`after`: the id that the page before ended with."""

    after: Id | None = None
    limit: Limit = 100
    state: PersonState | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonData:
    """What a system may say of a person; dates are the last day of validity, null:
    never. State and grants are changed by their own acts."""

    name: Name
    name_en: NameOrNone
    post: Id
    agreement_until: date | None
    commitment_until: date | None
    training_until: date | None
    non_face: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Report:
    """`reason` goes into the log."""

    reason: SentenceOrNone = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonView:
    id: str
    name: str
    name_en: str
    post: str
    state: PersonState
    state_since: datetime
    agreement_until: date | None
    commitment_until: date | None
    training_until: date | None
    non_face: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PeoplePage:
    """`next`: give it as `after` for the next page; null: there is none."""

    people: tuple[PersonView, ...]
    next: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantView:
    """Valid in [since, until); null: until withdrawn."""

    id: str
    zone: str
    rank: Rank
    approved_by: str | None
    purpose: str
    since: datetime
    until: datetime | None
    withdrawn_at: datetime | None
    withdrawn_reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonWithGrants:
    """Every grant the person ever had, oldest first."""

    person: PersonView
    grants: tuple[GrantView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceiptView:
    """`confirmed_at`: when the door put the change into force; null: it hasn't yet.
    `roster`: the first that carries it."""

    door: str
    roster: int | None
    confirmed_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeView:
    """`complete`: every door that it concerns has confirmed it."""

    change: int
    at: datetime
    what: str
    person: str
    by: str
    complete: bool
    receipts: tuple[ReceiptView, ...]


async def listed(call: Call) -> PeoplePage:
    query = call.asked(PeopleQuery)

    def wanted(each: StoredPerson) -> bool:
        return (
            not _is_guest(each)
            and (query.after is None or each.id > query.after)
            and query.state in (None, each.state)
        )

    everybody = await call.office.database.read(register.people)
    found = sorted(filter(wanted, everybody), key=lambda each: each.id)
    page = found[: query.limit]
    return PeoplePage(
        people=tuple(map(_person, page)),
        next=page[-1].id if len(found) > len(page) else None,
    )


async def one(call: Call) -> PersonWithGrants:
    found, grants = await _found(call)
    await note_look(call.office, found.id, by=call.by)
    return PersonWithGrants(person=_person(found), grants=tuple(map(_grant, grants)))


async def put(call: Call) -> ChangeView:
    data = call.sent(PersonData)
    known = not call.site.posts or data.post in call.site.posts
    if not known or data.post == VISITOR:
        raise InputError(f"no post `{data.post}` in this site")
    spec = PersonSpec(
        id=_id(call),
        name=data.name,
        name_en=data.name_en,
        post=Post(data.post),
        state=PersonState.ACTIVE,
        agreement_until=data.agreement_until,
        commitment_until=data.commitment_until,
        training_until=data.training_until,
        grants=(),
        non_face=data.non_face,
        devices="none",
        face=None,
    )
    return await _answer(call, await report_person(call.office, spec, by=call.by))


async def leave(call: Call) -> ChangeView:
    return await _reported(call, Deed.LEAVE)


async def suspend(call: Call) -> ChangeView:
    return await _reported(call, Deed.FREEZE)


async def reinstate(call: Call) -> ChangeView:
    return await _reported(call, Deed.REINSTATE)


async def change(call: Call) -> ChangeView:
    return await _change_view(call, ChangeId(call.path["change"]))


async def _reported(call: Call, deed: Deed) -> ChangeView:
    known, _ = await _found(call)
    reason = call.sent(Report).reason
    return await _answer(
        call,
        await report_deed(call.office, known.id, deed, reason=reason, by=call.by),
    )


async def _answer(call: Call, done: ChangeId | NotReported) -> ChangeView:
    match done:
        case NotReported.STATE:
            raise Problem("conflict", f"the state of `{_id(call)}` doesn't allow it")
        case NotReported.BY_A_PERSON:
            raise Problem(
                "conflict", f"a person suspended `{_id(call)}`, and must lift it"
            )
        case id_:
            return await _change_view(call, id_)


async def _change_view(call: Call, id_: ChangeId) -> ChangeView:
    found = await call.office.database.read(lambda c: told(c, id_))
    if found is None:
        raise Problem("not_found", f"no change {id_}")
    return _view(found)


def _view(found: Told) -> ChangeView:
    return ChangeView(
        change=found.change.id,
        at=found.change.at,
        what=found.change.what,
        person=found.change.person,
        by=found.change.by,
        complete=found.complete,
        receipts=tuple(
            ReceiptView(door=r.door, roster=r.roster, confirmed_at=r.confirmed_at)
            for r in found.receipts
        ),
    )


async def _found(call: Call) -> tuple[StoredPerson, Sequence[StoredGrant]]:
    id_ = _id(call)

    def look(
        connection: Connection,
    ) -> tuple[StoredPerson | None, Sequence[StoredGrant]]:
        return register.person(connection, id_), register.grants_of(connection, id_)

    found, grants = await call.office.database.read(look)
    if found is None or _is_guest(found):
        raise Problem("not_found", f"the register knows no person `{id_}`")
    return found, grants


def _id(call: Call) -> PersonId:
    return PersonId(call.path["person"])


def _is_guest(person: StoredPerson) -> bool:
    return person.post == VISITOR or is_visitor(person.id)


def _person(found: StoredPerson) -> PersonView:
    dates = found.qualifications
    return PersonView(
        id=found.id,
        name=found.name,
        name_en=found.name_en,
        post=found.post,
        state=found.state,
        state_since=found.state_since,
        agreement_until=dates.agreement_until,
        commitment_until=dates.commitment_until,
        training_until=dates.training_until,
        non_face=found.non_face,
    )


def _grant(found: StoredGrant) -> GrantView:
    grant, gone = found.grant, found.withdrawal
    return GrantView(
        id=grant.id,
        zone=grant.zone,
        rank=grant.rank,
        approved_by=grant.approved_by,
        purpose=grant.purpose,
        since=grant.since,
        until=grant.until,
        withdrawn_at=gone.at if gone else None,
        withdrawn_reason=gone.reason if gone else None,
    )
