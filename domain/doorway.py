"""What one door remembers between two inputs, and what an input turns it into.

    input, Doorway, Setting, Moment -> Turn(doorway, events, effects, flash)

`admission`, `movement` and `vigil` make turns; the edge agent's loop records their
events, then performs their effects. Nothing here waits: when a deadline is due is in
`deadlines`, and a timer that fires comes back as an input.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from domain import alarms, escort, service
from domain.alarm_events import AlarmCode, AlarmRaised
from domain.attempt import Attempt, FactsOf, Gathering
from domain.backoff import Backoff
from domain.door import DoorState, Effect, Phase
from domain.escorting import Visitors
from domain.events import Event
from domain.ids import DeviceId, DoorId, PersonId
from domain.occupancy import ZoneOccupancy
from domain.passage import Passage
from domain.policy import Awaited, Outcome, Reason, Rule, Side
from domain.service import Service
from domain.zones import Zone


class Show(StrEnum):
    """What the lights and the buzzer tell. Values are those of `hardware.ports`."""

    IDLE = "idle"
    WAITING = "waiting"
    GRANTED = "granted"
    REFUSED = "refused"
    ALARM = "alarm"
    LOCKDOWN = "lockdown"


class Deadline(StrEnum):
    """What a door waits for besides its lock's timers."""

    ENTRY_ATTEMPT = "entry_attempt"
    EXIT_ATTEMPT = "exit_attempt"
    ALONE = "alone"
    ROSTER = "roster"
    SERVICE = "service"
    WATCH = "watch"  # of visitors and of those who stay too long


@dataclass(frozen=True, slots=True, kw_only=True)
class Setting:
    """One door as installed, as far as its core asks.

    `watches_zone`: of several doors of one agent at one zone, the one that watches
    that nobody is alone inside or stays too long, so that there is one alarm and not
    two.
    """

    door: DoorId
    zone: Zone
    camera: DeviceId | None
    factor_window: timedelta
    pair_window: timedelta
    escort_window: timedelta
    alone_for: timedelta
    visitor_alone: timedelta
    watches_zone: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Doorway:
    """`opened_at`: since when the door is open. `doubt`: why nobody will know who is
    inside once it has shut. `alone_until`: how long one person may still be alone in
    a two-person zone. `roster_next`: when the roster's end must be told next.
    `raised`: conditions that hold and were told. `accompanied`: visitors inside with
    an escort; `alone_since`: those without; `watch_next`: when they, and whoever stays
    too long, must be looked at next."""

    door: DoorState = field(default_factory=DoorState)
    entry: Gathering = field(default_factory=Gathering)
    exit: Gathering = field(default_factory=Gathering)
    passage: Passage = field(default_factory=Passage)
    backoff: Backoff = field(default_factory=Backoff)
    lockdown: bool = False
    service: Service | None = None
    tampered: bool = False
    opened_at: datetime | None = None
    doubt: str | None = None
    alone_until: datetime | None = None
    roster_until: datetime | None = None
    roster_next: datetime | None = None
    raised: frozenset[str] = frozenset()
    accompanied: frozenset[PersonId] = frozenset()
    alone_since: tuple[tuple[PersonId, datetime], ...] = ()
    watch_next: datetime | None = None

    def gathering(self, side: Side) -> Gathering:
        return self.entry if side is Side.ENTRY else self.exit

    def with_gathering(self, side: Side, gathering: Gathering) -> "Doorway":
        if side is Side.ENTRY:
            return replace(self, entry=gathering)
        return replace(self, exit=gathering)


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """What is so while one input is dealt with.

    `here`: who is recorded inside the door's zone. `visitors`: who leads whom.
    `roster`: its number, 0: none.
    """

    at: datetime
    facts_of: FactsOf
    rules: tuple[Rule, ...]
    here: ZoneOccupancy
    visitors: Visitors
    roster: int


@dataclass(frozen=True, slots=True)
class Turn:
    """`events` are recorded before `effects` happen. `flash` is shown for a moment."""

    doorway: Doorway
    events: tuple[Event, ...] = ()
    effects: tuple[Effect, ...] = ()
    flash: Show | None = None

    def then(self, make: Callable[[Doorway], "Turn"]) -> "Turn":
        """This turn and the one that follows from where it led."""
        other = make(self.doorway)
        return Turn(
            other.doorway,
            (*self.events, *other.events),
            (*self.effects, *other.effects),
            other.flash or self.flash,
        )


_RELEASED: Final = (Phase.RELEASED, Phase.FIRE_SHUT, Phase.FIRE_OPEN)


def lock_released(phase: Phase) -> bool:
    return phase in _RELEASED


def resting(doorway: Doorway) -> Show:
    """What to show while nothing is flashed."""
    if doorway.door.phase in (Phase.FORCED, Phase.HELD) or doorway.tampered:
        return Show.ALARM
    entry = doorway.entry
    if awaited_attempt(entry) is not None or entry.first or entry.visitors:
        return Show.WAITING
    return Show.LOCKDOWN if doorway.lockdown else Show.IDLE


def awaited_attempt(gathering: Gathering) -> Attempt | None:
    """The attempt of which more is expected, if there is one."""
    attempt = gathering.attempt
    if attempt is None or attempt.lingers or attempt.decision is None:
        return None
    return attempt if attempt.decision.outcome is Outcome.WAITING else None


def deadlines(doorway: Doorway) -> Mapping[Deadline, datetime | None]:
    """When each wait of this door is over; None: it waits for nothing."""
    entry = (doorway.entry.next_deadline, escort.next_deadline(doorway.entry))
    return {
        Deadline.ENTRY_ATTEMPT: min(filter(None, entry), default=None),
        Deadline.EXIT_ATTEMPT: doorway.exit.next_deadline,
        Deadline.ALONE: doorway.alone_until,
        Deadline.ROSTER: doorway.roster_next,
        Deadline.WATCH: doorway.watch_next,
        Deadline.SERVICE: None if doorway.service is None else doorway.service.until,
    }


def alarm(
    setting: Setting,
    at: datetime,
    code: Reason | AlarmCode,
    *,
    detail: str = "",
    person: PersonId | None = None,
    device: DeviceId | None = None,
    silent: bool = False,
) -> AlarmRaised:
    """An alarm of this door, as urgent as its code and the zone's level make it."""
    return AlarmRaised(
        door=setting.door,
        at=at,
        code=Reason(str(code)),
        priority=alarms.priority(code, setting.zone.level),
        person=person,
        device=device,
        detail=detail,
        silent=silent,
        target=None,
    )


def settled(turn: Turn, *, setting: Setting, at: datetime) -> Turn:
    """The turn as it is recorded: while somebody works at the door, what that causes
    is no alarm."""
    doorway = turn.doorway
    told = service.noted(
        doorway.service,
        turn.events,
        door=setting.door,
        level=setting.zone.level,
        at=at,
    )
    if told.service is doorway.service:
        return replace(turn, events=told.events)
    return replace(
        turn, doorway=replace(doorway, service=told.service), events=told.events
    )


def named_person(doorway: Doorway, at: datetime) -> PersonId | None:
    """Whom the attempt at the entry names just now: whose PIN is keyed in, and whose
    face is looked for first."""
    attempt = doorway.entry.attempt
    return attempt.person if attempt is not None and at < attempt.until else None


def face_awaited_since(doorway: Doorway) -> datetime | None:
    """Since when somebody at the entry is expected to look into the camera."""
    attempt = awaited_attempt(doorway.entry)
    if attempt is None or attempt.decision is None:
        return None
    return attempt.since if Awaited.FACE in attempt.decision.waiting_for else None


def face_settled(doorway: Doorway, at: datetime) -> bool:
    """Whether whoever stands there was answered: a face that turns away then, and is
    nobody's any more, is not another try."""
    attempt = doorway.entry.attempt
    return attempt is not None and at < attempt.until and attempt.lingers
