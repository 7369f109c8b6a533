"""Ask for a visit: who comes, to whom, where and when. New visitors are registered."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from controller.services.desk import departments_of, levels_of, owners_of
from controller.services.office import Act, Office, demand_person
from controller.services.undertakings import start_texts_in
from controller.services.visit_step import Done, say_refused
from controller.services.visit_texts import demand_readable, demand_text
from controller.store import register, visits
from controller.store.register import StoredPerson
from domain import visit_approval
from domain.errors import InputError
from domain.ids import CONTROLLER, PersonId, VisitId, ZoneId, is_visitor
from domain.office_events import PersonRegistered
from domain.people import VISITOR, Department, PersonState, Qualifications
from domain.visit_classes import VisitClass
from domain.visit_events import VisitRequested
from domain.visit_life import ENDED, VisitState
from domain.visit_problems import Refused
from domain.visits import MAX_GROUP, Visit, Visitor

_MAX_NAME: Final = 100
_MAX_ID: Final = 64
_NOBODY: Final = Qualifications(
    agreement_until=None, commitment_until=None, training_until=None
)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVisitor:
    """`id`: "V…" of somebody who has been here; None: a new one is made."""

    name: str
    organisation: str
    id: PersonId | None = None
    name_en: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class NewVisit:
    """What is asked for. `id` None: one is made.

    `department` "": that of the first secret zone on the route which has one.
    """

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


async def request_visit(office: Office, wanted: NewVisit, *, by: str) -> Done | Refused:
    """Ask for a visit; new visitors are registered.

    Raises:
        InputError: a name or text is unusable, an escort or visitor is not who they
            should be, or the id is taken.
    """

    if not wanted.department:
        first = owners_of(office.site, wanted.route)[:1]
        wanted = replace(wanted, department=first[0] if first else wanted.department)

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
        asked = visit_approval.requested(
            visit,
            levels=levels_of(office.site),
            departments=departments_of(office.site),
            at=act.at,
        )
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
    demand_text("purpose", wanted.purpose)
    if not 1 <= len(wanted.department) <= _MAX_ID:
        raise InputError(f"the department must have 1..{_MAX_ID} characters")
    if len(wanted.visitors) > MAX_GROUP:
        raise InputError(f"a visit has at most {MAX_GROUP} visitors")
    for text in _texts_of(wanted.visitors):
        if len(text) > _MAX_NAME:
            raise InputError(f"names have at most {_MAX_NAME} characters")
        demand_readable("name", text)
    if not all(each.name.strip() for each in wanted.visitors):
        raise InputError("every visitor needs a name")
    ids = (wanted.id, *wanted.route, *(v.id for v in wanted.visitors))
    for id_ in ids:
        if id_ is not None and (not 1 <= len(id_) <= _MAX_ID or " " in id_):
            raise InputError(f"an id must have 1..{_MAX_ID} characters, no blanks")


def _texts_of(people: Iterable[NewVisitor]) -> Iterable[str]:
    for each in people:
        yield from (each.name, each.name_en, each.organisation)
