"""How an act on a visit is done: load, step, save, record, tell the doors.

Each act gives the visit after it, or every reason why not; either way it is in the
log. A change that doors must hear of has receipts like any other: `Done.change`.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from controller.services import photos
from controller.services.again import Same
from controller.services.office import Act, Office
from controller.store import visits
from controller.store.sendings import ChangeId
from controller.store.visits import BADGED, StoredVisit
from domain.errors import InputError
from domain.ids import CONTROLLER, DoorId, PersonId, VisitId
from domain.visit_events import VisitActRefused
from domain.visit_life import VisitState
from domain.visit_problems import Refused
from domain.visits import Visit, Visitor


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """`change`: of which doors give receipts; None where none must hear of it."""

    visit: Visit
    change: ChangeId | None


Step = Callable[[Act, StoredVisit], "Visit | Refused"]
Then = Callable[[Act, Visit], None]


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


def _known_to_doors(visit: Visit) -> object:
    """What a door's roster carries of it; that somebody has entered it saw itself."""
    holders = badge_holders(visit)
    if not holders:
        return ()
    state = visit.state
    if state is VisitState.ON_SITE:
        state = VisitState.CHECKED_IN
    return replace(visit, state=state, visitors=holders)
