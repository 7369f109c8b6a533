"""Fold new entries of the log into what pages and rules ask for.

Runs in the transaction that appends them, so that a projection is never ahead of the
log nor behind it. Everything here could be made again from the envelopes.
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, Row, insert

from controller.services import visit_entries
from controller.services.board import DoorLook
from controller.services.door_view import DoorView, after
from controller.store import alarms, doors, occupancy, sendings
from controller.store import tables as t
from controller.store.envelopes import Stored
from domain import visit_events as v
from domain.access_events import (
    AccessDenied,
    AccessGranted,
    AccessWaiting,
    PersonEntered,
    PersonLeft,
    VisitorHandedOver,
)
from domain.agent_events import CommandReceived, CommandRefused, RosterApplied
from domain.alarm_events import AlarmRaised
from domain.door_events import DoorNotOpened
from domain.events import Event
from domain.grant_requests import GrantApproved, GrantRefused, GrantRequested
from domain.ids import CONTROLLER, DoorId, PersonId, ZoneId
from domain.office_events import (
    BadgeWithdrawn,
    CredentialEnrolled,
    DayBadgeEnded,
    DayBadgeIssued,
    GrantMade,
    GrantRevoked,
    PersonChanged,
    PersonRegistered,
)
from domain.person_acts import FreezeProposalSettled, FreezeProposed, PersonViewed
from domain.policy import Outcome
from domain.review_events import ReviewConfirmed, ReviewWithdrawn
from domain.tablets import UndertakingNotAgreed, UndertakingShown


@dataclass(frozen=True, slots=True)
class Touched:
    """What the new entries changed that somebody must act on."""

    zones: frozenset[ZoneId] = frozenset()


def people_of(event: Event) -> tuple[PersonId, ...]:
    """Whom an event is about: it stands on their page."""
    match event:
        case AccessWaiting() | AccessGranted() | AccessDenied() | DoorNotOpened():
            return tuple(dict.fromkeys(event.people))
        case (
            PersonEntered()
            | PersonLeft()
            | PersonRegistered()
            | PersonChanged()
            | GrantMade()
            | GrantRevoked()
            | CredentialEnrolled()
            | BadgeWithdrawn()
            | DayBadgeIssued()
            | DayBadgeEnded()
            | PersonViewed()
            | FreezeProposed()
            | FreezeProposalSettled()
            | ReviewConfirmed()
            | ReviewWithdrawn()
            | GrantRequested()
            | GrantApproved()
            | GrantRefused()
        ):
            return (event.person,)
        case AlarmRaised():
            return () if event.person is None else (event.person,)
        case VisitorHandedOver():
            return (event.visitor, event.old, event.new)
        case v.VisitRequested():
            return (*event.visitors, *event.escorts)
        case v.VisitCheckedIn():
            return (*event.people, *event.escorts)
        case v.EscortHandedOver():
            return (event.old, event.new)
        case (
            v.VisitorIdentified()
            | v.VisitorPhotographed()
            | v.PhotoRemoved()
            | v.UndertakingSigned()
            | v.UndertakingDeclined()
            | v.UndertakingCopied()
            | v.DevicesDeclared()
            | v.VisitorTurnedAway()
            | v.VisitorCheckedOut()
            | v.VisitIncident()
            | v.VisitorBadgeRevoked()
        ):
            return (event.person,)
        case UndertakingShown() | UndertakingNotAgreed():
            return (event.person,)
        case v.VisitActRefused():
            return () if event.person is None else (event.person,)
        case _:
            return ()


def outcome_of(event: Event) -> Outcome | None:
    match event:
        case AccessGranted():
            return Outcome.GRANTED
        case AccessDenied():
            return Outcome.DENIED
        case AccessWaiting():
            return Outcome.WAITING
        case _:
            return None


def ids_fit(event: Event) -> bool:
    """Whether every id in what is projected is one that a column holds."""
    ids: list[str | None] = [*people_of(event)]
    match event:
        case AccessWaiting() | AccessGranted() | AccessDenied():
            ids.append(event.zone)
        case PersonEntered() | PersonLeft():
            ids.append(event.zone)
        case AlarmRaised():
            ids += [event.code, event.device, event.target]
        case _:
            pass
    return all(each is None or len(each) <= t.MAX_ID for each in ids)


def project(connection: Connection, entries: Sequence[Stored]) -> Touched:
    """Fold `entries`, just appended, in their order."""
    readable = [(e, e.event) for e in entries if e.event is not None]
    events = [event for _, event in readable]
    _mention(connection, entries)
    _note_accesses(connection, entries)
    zones = occupancy.record(connection, events)
    visit_entries.record(connection, events)
    heard_at = entries[-1].received_at if entries else None
    alarms.record(connection, events, heard_at=heard_at)
    by_door: defaultdict[DoorId, list[Event]] = defaultdict(list)
    for entry, event in readable:
        if entry.door != CONTROLLER:
            by_door[entry.door].append(event)
    _view_doors(connection, by_door)
    for event in events:
        _note_answer(connection, event)
    return Touched(frozenset(zones))


def load_view(door: DoorId, row: "Row[Any] | None") -> DoorView:
    return DoorView(door=door) if row is None else _view(door, row)


# Of 200 doors one or two have changed since the board was read last. Rows are
# compared by their values.
@lru_cache(maxsize=4096)
def _view(door: DoorId, row: "Row[Any]") -> DoorView:
    return DoorView(
        door=door,
        phase=None if row.phase is None else DoorLook(row.phase),
        phase_since=row.phase_since,
        is_open=row.is_open,
        lockdown=row.lockdown,
        simulated=row.simulated,
        clock_trusted=row.clock_trusted,
        seen_roster=row.seen_roster,
        last_people=tuple(map(PersonId, row.last_people.split())),
        last_at=row.last_at,
        temperature_c=row.temperature_c,
        humidity_percent=row.humidity_percent,
        climate_at=row.climate_at,
        service_worker=row.service_worker or "",
        service_until=row.service_until,
    )


def _mention(connection: Connection, entries: Sequence[Stored]) -> None:
    rows = [
        {"person": person, "position": entry.position}
        for entry in entries
        if entry.event is not None
        for person in people_of(entry.event)
    ]
    if rows:
        connection.execute(insert(t.mentions), rows)


def _note_accesses(connection: Connection, entries: Sequence[Stored]) -> None:
    rows = [
        {
            "position": entry.position,
            "at": event.at,
            "door": event.door,
            "zone": event.zone,
            "side": event.side,
            "outcome": outcome_of(event),
        }
        for entry in entries
        if isinstance(
            event := entry.event, AccessGranted | AccessDenied | AccessWaiting
        )
    ]
    if rows:
        connection.execute(insert(t.accesses), rows)


def _view_doors(connection: Connection, by_door: dict[DoorId, list[Event]]) -> None:
    if not by_door:
        return
    known = doors.rows(connection, by_door)
    for door, events in by_door.items():
        before = view = load_view(door, known.get(door))
        for event in events:
            view = after(view, event)
        if view != before or door not in known:
            doors.put(connection, door, _columns(view))


def _columns(view: DoorView) -> dict[str, object]:
    return {
        "phase": view.phase,
        "phase_since": view.phase_since,
        "is_open": view.is_open,
        "lockdown": view.lockdown,
        "simulated": view.simulated,
        "clock_trusted": view.clock_trusted,
        "seen_roster": view.seen_roster,
        "last_people": " ".join(view.last_people),
        "last_at": view.last_at,
        "temperature_c": view.temperature_c,
        "humidity_percent": view.humidity_percent,
        "climate_at": view.climate_at,
        "service_worker": view.service_worker or None,
        "service_until": view.service_until,
    }


def _note_answer(connection: Connection, event: Event) -> None:
    match event:
        case RosterApplied():
            sendings.roster_applied(connection, event.door, event.number, event.at)
        case CommandReceived():
            sendings.command_answered(connection, event.command, "received", event.at)
        case CommandRefused(command=str() as command):
            sendings.command_answered(connection, command, event.reason, event.at)
        case _:
            pass
