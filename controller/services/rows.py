"""Entries of the log as lines of a page: with names, outcome and reasons."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from sqlalchemy import Connection

from controller.services.board import EventRow, Named
from controller.services.projections import outcome_of, people_of
from controller.store import envelopes, register
from controller.store.envelopes import Stored
from domain.access_events import AccessDenied, AccessGranted, AccessWaiting
from domain.alarm_acts import AlarmAcknowledged, AlarmEscalated, AlarmResolved
from domain.alarm_events import AlarmCleared, AlarmRaised
from domain.events import Event
from domain.ids import CONTROLLER, DoorId, PersonId
from domain.office_events import CommandSent, RosterIssued

# Told this long after it happened, an event comes from a door that was cut off.
LATE: Final = timedelta(seconds=10)


def page(
    connection: Connection,
    *,
    before: int | None = None,
    after: int | None = None,
    limit: int = 50,
    door: DoorId | None = None,
    person: PersonId | None = None,
) -> tuple[EventRow, ...]:
    """A page of the log, latest first."""
    found = envelopes.page(
        connection, before=before, after=after, limit=limit, door=door, person=person
    )
    return rows_of(connection, found)


def rows_of(connection: Connection, entries: Sequence[Stored]) -> tuple[EventRow, ...]:
    wanted = [p for e in entries if e.event is not None for p in people_of(e.event)]
    names = named(connection, wanted)
    return tuple(_row(entry, names) for entry in entries)


def named(
    connection: Connection, people: Iterable[PersonId]
) -> Mapping[PersonId, Named]:
    """Everybody of `people`, by name if the register knows them."""
    wanted = tuple(people)
    known = register.names(connection, wanted)
    return {
        p: Named(id=p, name=known.get(p, (p, p))[0], name_en=known.get(p, (p, p))[1])
        for p in wanted
    }


def door_of(sender: DoorId, event: Event | None) -> DoorId | None:
    """The door concerned: who spoke, or whom the controller spoke of."""
    match event:
        case AlarmRaised() | AlarmCleared() | RosterIssued() | CommandSent() if (
            event.target is not None
        ):
            return event.target
        case AlarmAcknowledged() | AlarmResolved() | AlarmEscalated():
            return event.target
        case _:
            return None if sender == CONTROLLER else sender


def _row(entry: Stored, names: Mapping[PersonId, Named]) -> EventRow:
    event = entry.event
    attempt = (
        event
        if isinstance(event, AccessWaiting | AccessGranted | AccessDenied)
        else None
    )
    return EventRow(
        position=entry.position,
        sender=entry.door,
        seq=entry.seq,
        door=door_of(entry.door, event),
        at=entry.at,
        received_at=entry.received_at,
        type=entry.type,
        event=event,
        people=() if event is None else tuple(names[p] for p in people_of(event)),
        side=None if attempt is None else attempt.side,
        outcome=None if event is None else outcome_of(event),
        findings=() if attempt is None else attempt.findings,
        late=entry.received_at - entry.at > LATE,
    )
