"""What a door tells late of a visitor: it was cut off, let them in, and the visit had
been frozen or was over for them by then (G7.3.2).

    moved(act, office, event)    a visitor entered or left a zone, or was checked out

The door could not know and the office judges anew when it hears: an alarm to the guard
while they are inside; cleared when they leave the zone or are checked out.
"""

from collections.abc import Iterable
from typing import Final, TypeAlias

from sqlalchemy import Connection

from config.schema import Site
from controller.services.office import Act
from controller.store import alarms, occupancy, visits
from domain.access_events import PersonEntered, PersonLeft
from domain.alarm_events import AlarmCleared, AlarmCode, AlarmRaised
from domain.alarms import priority
from domain.escort_watch import subject
from domain.ids import CONTROLLER, DoorId, PersonId, is_visitor
from domain.policy import Reason
from domain.visit_events import VisitorCheckedOut
from domain.visit_life import PRESENT
from domain.visits import Visit

Moved: TypeAlias = PersonEntered | PersonLeft | VisitorCheckedOut

_CODE: Final = Reason(AlarmCode.INSIDE_THOUGH_OVER)


def moved(act: Act, site: Site, event: Moved) -> None:
    if not is_visitor(event.person):
        return
    match event:
        case PersonEntered():
            _entered(act, site, event)
        case PersonLeft():
            there = (d.id for d in site.doors.values() if d.zone == event.zone)
            _gone(act, event.person, there)
        case VisitorCheckedOut():
            _gone(act, event.person, site.doors)


def _entered(act: Act, site: Site, event: PersonEntered) -> None:
    stays = occupancy.occupancy(act.connection).zone(event.zone).stays
    if event.person not in stays or event.door not in site.doors:
        return  # they left again before this was heard
    over = _over(act.connection, event)
    if over is None:
        return
    act.say(
        AlarmRaised(
            door=CONTROLLER,
            at=act.at,
            code=_CODE,
            priority=priority(_CODE, site.zone_of(event.door).level),
            person=event.person,
            device=subject(event.person),
            detail=f"visit {over.id} is {over.state}; let in {event.at.isoformat()}",
            silent=False,
            target=event.door,
        )
    )


def _over(connection: Connection, event: PersonEntered) -> Visit | None:
    """The visit by which they should not be inside; None: there is one by which they
    may, or they were seen out at the desk since."""
    last: Visit | None = None
    for stored in visits.of_visitor(connection, event.person):
        visit = stored.visit
        who = visit.visitor(event.person)
        if who is None or who.checked_in_at is None:
            continue
        out = who.checked_out_at
        if out is None and visit.state in PRESENT:
            return None
        if out is not None and event.at < out:
            continue
        if last is None or visit.since > last.since:
            last = visit
    return last


def _gone(act: Act, person: PersonId, doors: Iterable[DoorId]) -> None:
    device = subject(person)
    for door in doors:
        if alarms.is_open(act.connection, door, _CODE, device):
            act.say(
                AlarmCleared(
                    door=CONTROLLER, at=act.at, code=_CODE, device=device, target=door
                )
            )
