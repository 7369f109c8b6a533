"""People at a door and in the zone behind it, in the vocabulary of `domain.events`."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from domain.credentials import Factor
from domain.happened import Happened
from domain.ids import DeviceId, PersonId, VisitId, ZoneId
from domain.policy import Awaited, Finding, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt(Happened):
    """Common to all that is decided about an attempt.

    `people` in the order in which they completed; empty if nobody was known.
    `credential`: keyed digest (hex) of an unknown badge, never the number.
    `camera` names the camera whose footage shows `at` (G6.2.2-1).
    `roster`: number of the roster that was decided by; 0 if there was none.
    """

    zone: ZoneId
    side: Side
    people: tuple[PersonId, ...]
    factors: tuple[Factor, ...]
    findings: tuple[Finding, ...]
    credential: str | None
    camera: DeviceId | None
    roster: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessWaiting(_Attempt):
    """More is to come, by `until`. Not a refusal."""

    waiting_for: tuple[Awaited, ...]
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessGranted(_Attempt):
    """`purposes` is why each of `people` enters (G5.3.2-3); `declarations` what each
    declared (G5.3.3-1). On the way out, purposes are empty."""

    purposes: tuple[str, ...]
    declarations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessDenied(_Attempt):
    """Somebody was refused; `timed_out` if what was awaited did not come in time."""

    timed_out: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonEntered(Happened):
    zone: ZoneId
    person: PersonId
    declaration: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLeft(Happened):
    """`declaration` is what they had declared and is now cleared."""

    zone: ZoneId
    person: PersonId
    declaration: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OccupancyBecameUnknown(Happened):
    """Everybody recorded in `zone` may have left, or not."""

    zone: ZoneId
    cause: str  # "exit_unread", "fire", "forced", "power", "reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorHandedOver(Happened):
    """`new` leads `visitor` from now on instead of `old`: at this door both completed
    their factors beside the visitor's badge (G5.3.2-2a).

    `escorts`, `deputies`: who may lead the visitor, and take over, from now on.
    """

    visit: VisitId
    visitor: PersonId
    old: PersonId
    new: PersonId
    escorts: tuple[PersonId, ...]
    deputies: tuple[PersonId, ...]


AccessEvent: TypeAlias = (
    AccessWaiting
    | AccessGranted
    | AccessDenied
    | PersonEntered
    | PersonLeft
    | OccupancyBecameUnknown
    | VisitorHandedOver
)
