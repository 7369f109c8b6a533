"""Fold what doors saw of visitors into their visits: who passed a door is on site.

Part of the projections: it runs where entries are appended, and could be done again
from them.
"""

from collections.abc import Iterable

from sqlalchemy import Connection

from controller.store import visits
from domain import visit_acts
from domain.access_events import PersonEntered
from domain.events import Event
from domain.ids import is_visitor
from domain.visit_life import VisitState


def record(connection: Connection, events: Iterable[Event]) -> None:
    for event in events:
        if isinstance(event, PersonEntered) and is_visitor(event.person):
            _entered(connection, event)


def _entered(connection: Connection, event: PersonEntered) -> None:
    for stored in visits.of_visitor(connection, event.person):
        visit = stored.visit
        who = visit.visitor(event.person)
        if visit.state is not VisitState.CHECKED_IN or who is None:
            continue
        if who.checked_in_at is None or event.at < who.checked_in_at:
            continue  # told late: of another visit
        after = visit_acts.entered(visit)
        if isinstance(after, type(visit)):
            visits.save(connection, visit, after, at=event.at, by=event.door)
