"""Which events somebody wants to see: of a kind, and of a level, a zone or a door.

A kind is what a guard asks for. Everything else (locks, contacts, reports of health) is
`DOOR`: the mechanics, which nobody asks for by itself.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection

from config.schema import Site
from controller.services import rows
from controller.services.board import EventRow
from domain.access_events import (
    AccessDenied,
    AccessGranted,
    AccessWaiting,
    PersonEntered,
    PersonLeft,
    VisitorHandedOver,
)
from domain.agent_events import CommandRefused
from domain.alarm_acts import AlarmAct, WatchStarted
from domain.alarm_events import AlarmCleared, AlarmRaised
from domain.door_events import (
    DoorForced,
    DoorHeldOpen,
    DoorNotOpened,
    FireCleared,
    FireReleased,
)
from domain.events import Event
from domain.ids import DoorId, ZoneId
from domain.office_events import (
    BadgeWithdrawn,
    CommandAsked,
    CommandSent,
    CredentialEnrolled,
    DayBadgeEnded,
    DayBadgeIssued,
    GrantMade,
    GrantRevoked,
    PersonChanged,
    PersonRegistered,
)
from domain.operator_events import (
    OperatorActRefused,
    OperatorAdded,
    OperatorDisabled,
    OperatorLocked,
    OperatorReset,
    OperatorSignedIn,
    OperatorSignedOut,
    OperatorSignInRefused,
    OperatorUnlocked,
)
from domain.person_acts import (
    FreezeProposalSettled,
    FreezeProposed,
    PeopleExported,
)
from domain.visit_events import VisitActRefused, VisitEvent
from domain.zones import ZoneLevel

# How far back a filtered stream looks; further is the entry log's business.
REACH: Final = 2_000
_CHUNK: Final = 200


class EventKind(StrEnum):
    ENTRY = "entry"
    REFUSAL = "refusal"
    ALARM = "alarm"
    ACT = "act"  # of operators, and of the office on their behalf
    DOOR = "door"


def kind_of(event: Event | None) -> EventKind:
    match event:
        case AccessDenied() | OperatorActRefused() | OperatorSignInRefused():
            return EventKind.REFUSAL
        case VisitActRefused() | CommandRefused():
            return EventKind.REFUSAL
        case (
            AccessGranted()
            | AccessWaiting()
            | PersonEntered()
            | PersonLeft()
            | DoorNotOpened()
            | VisitorHandedOver()
        ):
            return EventKind.ENTRY
        case (
            AlarmRaised()
            | AlarmCleared()
            | DoorForced()
            | DoorHeldOpen()
            | FireReleased()
            | FireCleared()
        ):
            return EventKind.ALARM
        case None:
            return EventKind.DOOR
        case _ if isinstance(event, AlarmAct | VisitEvent | _OfOperators):
            return EventKind.ACT
        case _:
            return EventKind.DOOR


_OfOperators = (
    WatchStarted
    | CommandSent
    | CommandAsked
    | PersonRegistered
    | PersonChanged
    | GrantMade
    | GrantRevoked
    | CredentialEnrolled
    | BadgeWithdrawn
    | DayBadgeIssued
    | DayBadgeEnded
    | PeopleExported
    | FreezeProposed
    | FreezeProposalSettled
    | OperatorAdded
    | OperatorReset
    | OperatorDisabled
    | OperatorSignedIn
    | OperatorLocked
    | OperatorUnlocked
    | OperatorSignedOut
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EventFilter:
    """What is None isn't asked for."""

    kind: EventKind | None = None
    level: ZoneLevel | None = None
    zone: ZoneId | None = None
    door: DoorId | None = None

    def __bool__(self) -> bool:
        return any((self.kind, self.level, self.zone, self.door))

    def wants(self, row: EventRow, site: Site) -> bool:
        door = None if row.door is None else site.doors.get(row.door)
        zone = None if door is None else site.zones[door.zone]
        return (
            self.kind in (None, kind_of(row.event))
            and self.door in (None, row.door)
            and (self.zone is None or (zone is not None and zone.id == self.zone))
            and (self.level is None or (zone is not None and zone.level is self.level))
        )


NO_FILTER: Final = EventFilter()


def latest(
    connection: Connection, site: Site, wanted: EventFilter, *, limit: int
) -> tuple[EventRow, ...]:
    """The latest that are wanted, among the last `REACH` of the log; latest first."""
    found: list[EventRow] = []
    before: int | None = None
    for _ in range(REACH // _CHUNK):
        chunk = rows.page(connection, before=before, limit=_CHUNK)
        found += [row for row in chunk if wanted.wants(row, site)]
        if len(found) >= limit or len(chunk) < _CHUNK:
            break
        before = chunk[-1].position
    return tuple(found[:limit])
