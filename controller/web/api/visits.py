"""Visits: what is asked for, and what became of it.

A system requests and cancels on behalf of somebody whom it names. It approves nothing,
signs nothing and checks nobody in: those need a person.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated

from controller.services.board import Named
from controller.services.desk import DeskVisit, DeskVisitor
from controller.services.visit_office import VisitOffice
from controller.services.visit_request import NewVisit, NewVisitor
from controller.services.visit_step import Done
from controller.store import visits as stored_visits
from controller.web.api.call import Call
from controller.web.api.problems import Problem
from controller.web.api.shapes import Many
from controller.web.api.words import (
    Id,
    Ids,
    Limit,
    Name,
    NameOrNone,
    NewId,
    Sentence,
    SomeIds,
    VisitorId,
)
from domain.errors import InputError
from domain.ids import PersonId, VisitId, ZoneId
from domain.people import Department, Rank
from domain.visit_classes import VisitClass
from domain.visit_life import VisitState
from domain.visit_problems import Refused, VisitProblem
from domain.visits import MAX_GROUP


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorData:
    """`id`: of one who has been here before; else one is made."""

    name: Name
    organisation: NameOrNone
    name_en: NameOrNone = ""
    id: VisitorId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitRequest:
    """`id`: yours, so that sending it twice makes one visit; else one is made.
    `requested_by`, `escorts`, `deputies`: ids of employees; who requests doesn't
    approve. [since, until)."""

    kind: VisitClass
    department: Id
    purpose: Sentence
    requested_by: Id
    since: datetime
    until: datetime
    route: SomeIds
    escorts: SomeIds
    visitors: Annotated[tuple[VisitorData, ...], Many(least=1, most=MAX_GROUP)]
    deputies: Ids = ()
    id: NewId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancellation:
    """`reason` goes into the log."""

    reason: Sentence


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitsQuery:
    """Visits that are not over, by id. `after`: what the page before ended with."""

    state: VisitState | None = None
    after: Id | None = None
    limit: Limit = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Who:
    id: str
    name: str
    name_en: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorView:
    """`missing`: what keeps this one from being checked in."""

    who: Who
    organisation: str
    checked_in_at: datetime | None
    checked_out_at: datetime | None
    turned_away: bool
    missing: tuple[VisitProblem, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ApprovalView:
    by: str
    rank: Rank
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitView:
    """`core_missing`: core zones of the route that the committee hasn't approved."""

    id: str
    kind: VisitClass
    state: VisitState
    department: str
    purpose: str
    requested_by: Who
    requested_at: datetime
    since: datetime
    until: datetime
    route: tuple[str, ...]
    escorts: tuple[Who, ...]
    deputies: tuple[Who, ...]
    visitors: tuple[VisitorView, ...]
    approval: ApprovalView | None
    core_missing: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitsPage:
    """`next`: give it as `after` for the next page; null: there is none."""

    visits: tuple[VisitView, ...]
    next: str | None


async def listed(call: Call) -> VisitsPage:
    query = call.asked(VisitsQuery)
    found = await VisitOffice(call.office).all_live()
    wanted = sorted(
        (v for v in found if query.state in (None, v.state)), key=lambda v: v.visit
    )
    wanted = [v for v in wanted if query.after is None or v.visit > query.after]
    page = wanted[: query.limit]
    return VisitsPage(
        visits=tuple(map(_view, page)),
        next=page[-1].visit if len(wanted) > len(page) else None,
    )


async def one(call: Call) -> VisitView:
    id_ = VisitId(call.path["visit"])
    try:
        return _view(await VisitOffice(call.office).visit(id_))
    except InputError as error:
        raise Problem("not_found", str(error)) from None


async def request(call: Call) -> VisitView:
    asked = call.sent(VisitRequest)
    if asked.id is not None and await _is_there(call, VisitId(asked.id)):
        raise Problem("conflict", f"there is a visit `{asked.id}` already")
    wanted = NewVisit(
        id=None if asked.id is None else VisitId(asked.id),
        kind=asked.kind,
        department=Department(asked.department),
        purpose=asked.purpose,
        requested_by=PersonId(asked.requested_by),
        since=asked.since,
        until=asked.until,
        route=tuple(map(ZoneId, asked.route)),
        escorts=tuple(map(PersonId, asked.escorts)),
        deputies=tuple(map(PersonId, asked.deputies)),
        visitors=tuple(
            NewVisitor(
                name=each.name,
                organisation=each.organisation,
                name_en=each.name_en,
                id=None if each.id is None else PersonId(each.id),
            )
            for each in asked.visitors
        ),
    )
    office = VisitOffice(call.office)
    return await _after(office, await office.request(wanted, call.by))


async def cancel(call: Call) -> VisitView:
    known = await one(call)
    office = VisitOffice(call.office)
    reason = call.sent(Cancellation).reason
    return await _after(office, await office.cancel(VisitId(known.id), reason, call.by))


async def _is_there(call: Call, id_: VisitId) -> bool:
    found = await call.office.database.read(lambda c: stored_visits.visit(c, id_))
    return found is not None


async def _after(office: VisitOffice, done: Done | Refused) -> VisitView:
    if isinstance(done, Refused):
        raise Problem("refused", refused=done)
    return _view(await office.visit(done.visit.id))


def _view(found: DeskVisit) -> VisitView:
    approval = found.approval
    return VisitView(
        id=found.visit,
        kind=found.kind,
        state=found.state,
        department=found.department,
        purpose=found.purpose,
        requested_by=who(found.requested_by),
        requested_at=found.requested_at,
        since=found.since,
        until=found.until,
        route=tuple(found.route),
        escorts=tuple(map(who, found.escorts)),
        deputies=tuple(map(who, found.deputies)),
        visitors=tuple(map(_visitor, found.visitors)),
        approval=None
        if approval is None
        else ApprovalView(by=approval.by, rank=approval.rank, at=approval.at),
        core_missing=tuple(found.core_missing),
    )


def _visitor(found: DeskVisitor) -> VisitorView:
    return VisitorView(
        who=who(found.person),
        organisation=found.organisation,
        checked_in_at=found.checked_in_at,
        checked_out_at=found.checked_out_at,
        turned_away=found.turned_away,
        missing=found.missing,
    )


def who(person: Named) -> Who:
    return Who(id=person.id, name=person.name, name_en=person.name_en)
