"""Let one visitor go: devices, badge, locker. Nobody is held."""

from collections.abc import Iterable

from controller.services import again, photos
from controller.services.office import Act, Office
from controller.services.reception.declaration import demand_devices
from controller.services.visit_step import change_in, demand_visit, say_refused
from controller.services.visit_watch import overdue_cleared
from controller.store import visit_papers, visits
from domain import visit_acts
from domain.ids import CONTROLLER, PersonId, VisitId
from domain.visit_acts import Left
from domain.visit_classes import ReturnItem
from domain.visit_devices import CarriedDevice
from domain.visit_events import VisitIncident, VisitorBadgeRevoked, VisitorCheckedOut
from domain.visit_life import ENDED
from domain.visit_problems import Refused


async def check_out(
    office: Office,
    id_: VisitId,
    person: PersonId,
    *,
    out: Iterable[CarriedDevice],
    returned: frozenset[ReturnItem],
    by: str,
) -> Left | Refused:
    """One visitor leaves: `out` the devices that go with them, `returned` what was
    ticked. From this moment no door knows the badge.

    Raises:
        InputError: no such visit, or a text is too long.
    """
    leaving = tuple(out)
    demand_devices(leaving)
    same = again.checked_out(person, leaving, returned)

    def work(act: Act) -> Left | Refused:
        stored = demand_visit(act.connection, id_)
        left = visit_acts.check_out(
            stored.visit, person, out=leaving, returned=returned, at=act.at
        )
        if isinstance(left, Refused):
            if same(act.connection, stored.visit):
                return visit_acts.left_as(stored.visit, person, leaving, returned)
            say_refused(act, id_, "check_out", left, by=by, person=person)
            return left
        visits.save(act.connection, stored.visit, left.visit, at=act.at, by=by)
        _note_leaving(act, left, person, leaving, returned, by=by)
        photos.end_in(act, left.visit, by=by)
        if left.visit.state in ENDED and stored.overdue_alarmed_at is not None:
            act.say(overdue_cleared(id_, at=act.at))
        change_in(act, office, stored.visit, left.visit, "check_out", by=by)
        return left

    return await office.act(work)


def _note_leaving(
    act: Act,
    left: Left,
    person: PersonId,
    out: tuple[CarriedDevice, ...],
    returned: frozenset[ReturnItem],
    *,
    by: str,
) -> None:
    """Badge, locker, devices and returns; what is missing is an incident."""
    visit, at, link = left.visit, act.at, act.connection
    unreturned = frozenset(left.unreturned)
    ticked = {item: item not in unreturned for item in visit.demands.returns}
    visits.note_returns(link, visit.id, person, ticked, at=at, by=by)
    visits.note_devices_out(link, visit.id, person, out, at)
    badge_back = ReturnItem.BADGE not in unreturned
    visit_papers.end_badge(link, visit.id, person, at, returned=badge_back)
    if ReturnItem.LOCKER not in unreturned:
        visits.empty_locker(link, visit.id, person, at)
    act.say(
        VisitorCheckedOut(
            door=CONTROLLER,
            at=at,
            visit=visit.id,
            by=by,
            person=person,
            returned=tuple(item for item in ReturnItem if item in returned),
            over=visit.state in ENDED,
        )
    )
    if not badge_back:
        act.say(
            VisitorBadgeRevoked(
                door=CONTROLLER, at=at, visit=visit.id, by=by, person=person
            )
        )
    if left.devices or left.unreturned:
        act.say(
            VisitIncident(
                door=CONTROLLER,
                at=at,
                visit=visit.id,
                by=by,
                person=person,
                missing=left.devices.missing,
                unexpected=left.devices.unexpected,
                unreturned=left.unreturned,
            )
        )
