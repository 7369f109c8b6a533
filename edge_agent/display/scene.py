"""What has happened before a door lately, as far as its display may tell. Pure.

    Scene(place, doorway, recent events, …) -> what was answered last, who is awaited,
                                               why the door is open

Laws:

- only the entry's own story counts: who leaves is never shown to who stands outside;
- alarms are not part of it, so nothing of duress can reach the screen;
- a wait is over with the answer to any of its people, or at its end (exclusive).
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final, TypeAlias

from config.schema import Door
from domain.access_events import AccessDenied, AccessGranted, AccessWaiting
from domain.door import Phase
from domain.door_events import DoorClosed, ExitButtonPressed, HandleTurned, LockReleased
from domain.doorway import Doorway
from domain.events import Event
from domain.ids import PersonId
from domain.policy import Side
from domain.zones import WhenExpired, Zone, ZoneLevel

# How long a refusal can be read: two lines, by somebody who steps back.
REFUSED_FOR: Final = timedelta(seconds=6)
# And while somebody else is still awaited, whose prompt it covers.
REFUSED_BESIDE: Final = timedelta(seconds=3)
# The name is gone after this (G2.4: no more is shown than is needed).
NAMED_FOR: Final = timedelta(seconds=3)
# Without the office for less is not worth a word.
OFFLINE_AFTER: Final = timedelta(seconds=10)

Told: TypeAlias = (
    AccessWaiting
    | AccessGranted
    | AccessDenied
    | LockReleased
    | ExitButtonPressed
    | HandleTurned
    | DoorClosed
)
TOLD: Final = (
    AccessWaiting,
    AccessGranted,
    AccessDenied,
    LockReleased,
    ExitButtonPressed,
    HandleTurned,
    DoorClosed,
)


class Opened(StrEnum):
    """Why a door that is released or open is so."""

    FOR_ENTRY = "for_entry"
    FROM_INSIDE = "from_inside"
    BY_COMMAND = "by_command"


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The door, where it leads, and its clock."""

    door: Door
    zone: Zone
    tz: tzinfo


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """Everything a picture is made of.

    `recent`: the newest events that are `TOLD`, oldest first. `name_of`: by the
    door's roster. `offline_since`: None while the office hears us.
    `roster_expired`: also if there never was one.
    """

    place: Place
    doorway: Doorway
    recent: tuple[Told, ...]
    at: datetime
    name_of: Callable[[PersonId], str | None]
    offline_since: datetime | None
    clock_trusted: bool
    journal_writable: bool
    roster_expired: bool
    face_available: bool

    @property
    def phase(self) -> Phase:
        return self.doorway.door.phase


def is_told(event: Event) -> bool:
    """Whether the display keeps `event` in mind."""
    if isinstance(event, AccessWaiting | AccessDenied):
        return event.side is Side.ENTRY
    return isinstance(event, TOLD)


def answer(scene: Scene) -> AccessGranted | AccessDenied | None:
    """What was said last at the entry, if nothing has begun since."""
    for event in reversed(scene.recent):
        match event:
            case AccessGranted(side=Side.ENTRY) | AccessDenied():
                return event
            case AccessWaiting():
                return None
            case _:
                pass
    return None


def awaited(scene: Scene) -> AccessWaiting | None:
    """The newest attempt of which more is still expected."""
    waits: list[AccessWaiting] = []
    for event in scene.recent:
        match event:
            case AccessWaiting():
                waits = [w for w in waits if not _share(w, event)] + [event]
            case AccessGranted(side=Side.ENTRY):
                waits = []
            case AccessDenied():
                waits = [w for w in waits if not _share(w, event)]
            case _:
                pass
    alive = (w for w in reversed(waits) if scene.at < w.until)
    return next(alive, None)


def opened(scene: Scene) -> Opened | None:
    """Why the door is released or open; None: not since the last time it shut."""
    for event in reversed(scene.recent):
        match event:
            case AccessGranted(side=Side.ENTRY):
                return Opened.FOR_ENTRY
            case AccessGranted() | ExitButtonPressed() | HandleTurned():
                return Opened.FROM_INSIDE
            case LockReleased(cause="command"):
                return Opened.BY_COMMAND
            case DoorClosed():
                return None
            case _:
                pass
    return None


def blocked_until(scene: Scene, refused: AccessDenied) -> datetime | None:
    """Until when whoever was refused is blocked (G7.2.1-3)."""
    keys: tuple[str, ...] = refused.people
    if not keys and refused.credential is not None:
        keys = (refused.credential,)
    if not keys:
        keys = tuple(f"unknown:{factor}" for factor in refused.factors)
    ends = (u for k, u in scene.doorway.backoff.blocks if k in keys and scene.at < u)
    return max(ends, default=None)


def unusable(scene: Scene) -> bool:
    """Whether this door admits nobody just now, whoever comes."""
    zone = scene.place.zone
    ends = zone.level is ZoneLevel.CORE or zone.roster_expired is WhenExpired.REFUSE
    return (
        not scene.journal_writable
        or not scene.clock_trusted
        or (scene.roster_expired and ends)
    )


def _share(one: AccessWaiting, other: AccessWaiting | AccessDenied) -> bool:
    return not set(one.people).isdisjoint(other.people)
