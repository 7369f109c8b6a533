"""Visits from the request to the approval, and what ends them before or after.

Each act gives the visit after it, or every reason why not; either way it is in the
log. What is done while visitors stand at the desk: `controller.services.reception`.

A change that doors must hear of has receipts like any other: `Done.change`.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from controller.services import photos
from controller.services.again import Same
from controller.services.desk import levels_of
from controller.services.office import Act, Office, demand_person
from controller.services.undertakings import start_texts_in
from controller.store import register, visits
from controller.store.register import StoredPerson
from controller.store.sendings import ChangeId
from controller.store.visits import BADGED, StoredVisit
from domain import visit_acts, visit_approval
from domain.errors import InputError
from domain.ids import CONTROLLER, DoorId, PersonId, VisitId, ZoneId, is_visitor
from domain.office_events import PersonRegistered
from domain.operators import Operator, OperatorRole
from domain.people import VISITOR, Department, PersonState, Qualifications
from domain.visit_approval import Approver
from domain.visit_classes import VisitClass
from domain.visit_events import (
    CoreZoneApproved,
    VisitActRefused,
    VisitApproved,
    VisitBlocked,
    VisitCancelled,
    VisitLapsed,
    VisitRefused,
    VisitRequested,
)
from domain.visit_life import ENDED, VisitState
from domain.visit_problems import Refused
from domain.visits import MAX_GROUP, Visit, Visitor

_MAX_NAME: Final = 100
_MAX_TEXT: Final = 500
_MAX_ID: Final = 64
_NOBODY: Final = Qualifications(
    agreement_until=None, commitment_until=None, training_until=None
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """`change`: of which doors give receipts; None where none must hear of it."""

    visit: Visit
    change: ChangeId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVisitor:
    """`id`: "V…" of somebody who has been here; None: a new one is made."""

    name: str
    organisation: str
    id: PersonId | None = None
    name_en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVisit:
    """What is asked for. `id` None: one is made."""

    kind: VisitClass
    department: Department
    purpose: str
    requested_by: PersonId
    since: datetime
    until: datetime
    route: tuple[ZoneId, ...]
    escorts: tuple[PersonId, ...]
    visitors: tuple[NewVisitor, ...]
    deputies: tuple[PersonId, ...] = ()
    id: VisitId | None = None


Step = Callable[[Act, StoredVisit], "Visit | Refused"]
Then = Callable[[Act, Visit], None]


def approver_of(operator: Operator, department: Department) -> Approver | None:
    """The operator as the approver of a visit to `department`; None: they are none.

    An approver without a department is one for the whole company.
    """
    approves = OperatorRole.APPROVER in operator.roles
    if not approves or operator.rank is None or operator.person is None:
        return None
    whole = operator.department == ""
    heads = department if whole else Department(operator.department)
    return Approver(
        person=operator.person, rank=operator.rank, heads=frozenset({heads})
    )


# --- before the day ---


async def request_visit(office: Office, wanted: NewVisit, *, by: str) -> Done | Refused:
    """Ask for a visit; new visitors are registered.

    Raises:
        InputError: a name or text is unusable, an escort or visitor is not who they
            should be, or the id is taken.
    """

    def work(act: Act) -> Done | Refused:
        _demand_texts(wanted)
        start_texts_in(act)
        people = [_visitor_id(act, office, each) for each in wanted.visitors]
        visit = _asked(office, wanted, people, at=act.at)
        if visits.visit(act.connection, visit.id) is not None:
            raise InputError(f"there is a visit `{visit.id}` already")
        for person in (*visit.escorts, *visit.deputies, visit.requested_by):
            if not is_visitor(person):  # the domain says why a visitor can't be one
                demand_person(act.connection, person)
        asked = visit_approval.requested(visit, levels_of(office.site), act.at)
        if isinstance(asked, Refused):
            say_refused(act, visit.id, "request", asked, by=by)
            return asked
        for each, person in zip(wanted.visitors, people, strict=True):
            _register(act, each, person, by=by)
        organisations = {
            person: each.organisation
            for each, person in zip(wanted.visitors, people, strict=True)
        }
        visits.add(act.connection, asked, organisations, at=act.at, by=by)
        act.say(
            VisitRequested(
                door=CONTROLLER,
                at=act.at,
                visit=asked.id,
                by=by,
                kind=asked.kind,
                department=asked.department,
                purpose=asked.purpose,
                requested_by=asked.requested_by,
                visitors=tuple(people),
                escorts=asked.escorts,
                route=asked.route,
                since=asked.since,
                until=asked.until,
            )
        )
        return Done(visit=asked, change=None)

    return await office.act(work)


async def approve_core(
    office: Office,
    id_: VisitId,
    approver: Approver,
    zone: ZoneId,
    *,
    since: datetime | None,
    until: datetime | None,
    by: str,
) -> Done | Refused:
    """The secrecy committee's word for one core zone; by default for all the visit.

    Raises:
        InputError: no such visit.
    """

    def step(act: Act, stored: StoredVisit) -> Visit | Refused:
        visit = stored.visit
        return visit_approval.approve_core(
            visit,
            approver,
            zone,
            since=since or visit.since,
            until=until or visit.until,
            levels=levels_of(office.site),
            at=act.at,
        )

    def then(act: Act, visit: Visit) -> None:
        given = visit.core[-1]
        act.say(
            CoreZoneApproved(
                door=CONTROLLER,
                at=act.at,
                visit=id_,
                by=by,
                zone=zone,
                since=given.since,
                until=given.until,
                approver=approver.person,
                rank=approver.rank,
            )
        )

    return await change(office, id_, "approve_core", step, then, by=by)


async def approve(
    office: Office, id_: VisitId, approver: Approver, *, by: str
) -> Done | Refused:
    """Raises InputError: no such visit."""

    def step(act: Act, stored: StoredVisit) -> Visit | Refused:
        levels = levels_of(office.site)
        return visit_approval.approve(stored.visit, approver, levels=levels, at=act.at)

    def then(act: Act, visit: Visit) -> None:
        act.say(
            VisitApproved(
                door=CONTROLLER,
                at=act.at,
                visit=id_,
                by=by,
                approver=approver.person,
                rank=approver.rank,
            )
        )

    return await change(office, id_, "approve", step, then, by=by)


async def refuse(
    office: Office, id_: VisitId, *, reason: str, by: str
) -> Done | Refused:
    """Raises InputError: no such visit, or no reason."""
    _demand_text("reason", reason)

    def then(act: Act, visit: Visit) -> None:
        act.say(
            VisitRefused(door=CONTROLLER, at=act.at, visit=id_, by=by, reason=reason)
        )

    return await change(
        office,
        id_,
        "refuse",
        lambda act, stored: visit_acts.refuse(stored.visit),
        then,
        by=by,
        reason=reason,
    )


async def cancel(
    office: Office, id_: VisitId, *, reason: str, by: str
) -> Done | Refused:
    """Raises InputError: no such visit, or no reason."""
    _demand_text("reason", reason)

    def then(act: Act, visit: Visit) -> None:
        act.say(
            VisitCancelled(door=CONTROLLER, at=act.at, visit=id_, by=by, reason=reason)
        )

    return await change(
        office,
        id_,
        "cancel",
        lambda act, stored: visit_acts.cancel(stored.visit),
        then,
        by=by,
        reason=reason,
    )


# --- at any time ---


async def block(
    office: Office, id_: VisitId, *, reason: str, by: str
) -> Done | Refused:
    """Freeze it (G7.3.2): its badges open nothing from now on, but every way out.

    Raises:
        InputError: no such visit, or no reason.
    """
    _demand_text("reason", reason)

    def then(act: Act, visit: Visit) -> None:
        act.say(
            VisitBlocked(door=CONTROLLER, at=act.at, visit=id_, by=by, reason=reason)
        )

    return await change(
        office,
        id_,
        "block",
        lambda act, stored: visit_acts.block(stored.visit),
        then,
        by=by,
        reason=reason,
    )


def lapse_in(act: Act, office: Office, stored: StoredVisit, *, by: str) -> None:
    """Its end came: expired, a no-show or overdue. Before that nothing happens."""
    before = stored.visit
    after = visit_acts.end(before, at=act.at)
    if isinstance(after, Refused) or after.state is before.state:
        return
    visits.save(act.connection, before, after, at=act.at, by=by)
    act.say(
        VisitLapsed(
            door=CONTROLLER, at=act.at, visit=after.id, by=by, state=after.state
        )
    )
    photos.end_in(act, after, by=by)
    change_in(act, office, before, after, "end", by=by)


# --- how an act is done ---


async def change(
    office: Office,
    id_: VisitId,
    what: str,
    step: Step,
    then: Then,
    *,
    by: str,
    person: PersonId | None = None,
    reason: str = "",
    same: Same | None = None,
) -> Done | Refused:
    """Take the visit through `step`; save, record and tell what came of it. If it is
    the `same` as was done, nothing happens.

    Raises:
        InputError: no such visit, or from `step`.
    """

    def work(act: Act) -> Done | Refused:
        stored = demand_visit(act.connection, id_)
        if same is not None and same(act.connection, stored.visit):
            return Done(visit=stored.visit, change=None)
        after = step(act, stored)
        if isinstance(after, Refused):
            say_refused(act, id_, what, after, by=by, person=person)
            return after
        visits.save(
            act.connection, stored.visit, after, at=act.at, by=by, reason=reason
        )
        then(act, after)
        photos.end_in(act, after, by=by)
        told = change_in(act, office, stored.visit, after, what, by=by)
        return Done(visit=after, change=told)

    return await office.act(work)


def change_in(
    act: Act, office: Office, before: Visit, after: Visit, what: str, *, by: str
) -> ChangeId | None:
    """Let the doors hear of it, if what they know of the visit changed."""
    if _known_to_doors(before) == _known_to_doors(after):
        return None
    doors = doors_of_visit(office, after)
    who = after.visitors[0].id
    return act.change(f"visit {after.id} {what}", who, by=by, doors=doors)


def say_refused(
    act: Act,
    id_: VisitId,
    what: str,
    refused: Refused,
    *,
    by: str,
    person: PersonId | None = None,
) -> None:
    act.say(
        VisitActRefused(
            door=CONTROLLER,
            at=act.at,
            visit=id_,
            by=by,
            act=what,
            person=person,
            problems=refused.problems,
        )
    )


def demand_visit(connection: Connection, id_: VisitId) -> StoredVisit:
    """The visit.

    Raises:
        InputError: there is none of that id.
    """
    found = visits.visit(connection, id_)
    if found is None:
        raise InputError(f"there is no visit `{id_}`")
    return found


def doors_of_visit(office: Office, visit: Visit) -> frozenset[DoorId]:
    """The doors of its route, and no others."""
    zones = set(visit.route)
    return frozenset(d.id for d in office.site.doors.values() if d.zone in zones)


def badge_holders(visit: Visit) -> tuple[Visitor, ...]:
    """Those whom the doors of the route know."""
    if visit.state not in BADGED:
        return ()
    return tuple(
        who
        for who in visit.coming
        if who.checked_in_at is not None and who.checked_out_at is None
    )


# --- inside ---


def _known_to_doors(visit: Visit) -> object:
    """What a door's roster carries of it; that somebody has entered it saw itself."""
    holders = badge_holders(visit)
    if not holders:
        return ()
    state = visit.state
    if state is VisitState.ON_SITE:
        state = VisitState.CHECKED_IN
    return replace(visit, state=state, visitors=holders)


def _asked(
    office: Office, wanted: NewVisit, people: Sequence[PersonId], *, at: datetime
) -> Visit:
    return Visit(
        id=wanted.id or VisitId(office.new_id()),
        kind=wanted.kind,
        state=VisitState.REQUESTED,
        department=wanted.department,
        purpose=wanted.purpose,
        requested_by=wanted.requested_by,
        since=wanted.since,
        until=wanted.until,
        route=wanted.route,
        escorts=wanted.escorts,
        deputies=wanted.deputies,
        escorts_since=at,
        visitors=tuple(
            Visitor(
                id=person,
                identity=None,
                undertaking=None,
                devices=None,
                checked_in_at=None,
                checked_out_at=None,
                turned_away=False,
            )
            for person in people
        ),
        approval=None,
        core=(),
    )


def _visitor_id(act: Act, office: Office, wanted: NewVisitor) -> PersonId:
    """Of somebody new, or of one who has no visit under way."""
    if wanted.id is None:
        return PersonId(f"V{office.new_id()}")
    for stored in visits.of_visitor(act.connection, wanted.id):
        if stored.visit.state not in ENDED:
            raise InputError(f"`{wanted.id}` comes with visit `{stored.visit.id}`")
    return wanted.id


def _register(act: Act, wanted: NewVisitor, id_: PersonId, *, by: str) -> None:
    if register.person(act.connection, id_) is not None:
        return
    register.add_person(
        act.connection,
        StoredPerson(
            id=id_,
            name=wanted.name,
            name_en=wanted.name_en or wanted.name,
            post=VISITOR,
            state=PersonState.ACTIVE,
            state_since=act.at,
            qualifications=_NOBODY,
            non_face=True,
        ),
    )
    act.say(PersonRegistered(door=CONTROLLER, at=act.at, person=id_, by=by))


def _demand_texts(wanted: NewVisit) -> None:
    _demand_text("purpose", wanted.purpose)
    if not 1 <= len(wanted.department) <= _MAX_ID:
        raise InputError(f"the department must have 1..{_MAX_ID} characters")
    if len(wanted.visitors) > MAX_GROUP:
        raise InputError(f"a visit has at most {MAX_GROUP} visitors")
    for text in _texts_of(wanted.visitors):
        if len(text) > _MAX_NAME:
            raise InputError(f"names have at most {_MAX_NAME} characters")
    if not all(each.name.strip() for each in wanted.visitors):
        raise InputError("every visitor needs a name")
    ids = (wanted.id, *wanted.route, *(v.id for v in wanted.visitors))
    for id_ in ids:
        if id_ is not None and (not 1 <= len(id_) <= _MAX_ID or " " in id_):
            raise InputError(f"an id must have 1..{_MAX_ID} characters, no blanks")


def _texts_of(people: Iterable[NewVisitor]) -> Iterable[str]:
    for each in people:
        yield from (each.name, each.name_en, each.organisation)


def _demand_text(what: str, text: str) -> None:
    if not text.strip() or len(text) > _MAX_TEXT:
        raise InputError(f"the {what} must have 1..{_MAX_TEXT} characters")
