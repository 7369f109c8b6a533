"""Visits of a story: who comes, and what is done for them at the desk.

Values only, as `simulators.story`; `simulators.scenario_visits` reads them from a
file, `simulators.visit_deeds` does them.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from domain.ids import PersonId, VisitId, ZoneId
from domain.people import Department, Rank
from domain.visit_classes import ReturnItem, VisitClass
from domain.visit_devices import CarriedDevice
from domain.visit_life import VisitState

# How far a visit may have come before its story begins.
BEGINNINGS: Final = (
    VisitState.REQUESTED,
    VisitState.APPROVED,
    VisitState.UNDERTAKING_SIGNED,
    VisitState.CHECKED_IN,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorSpec:
    id: PersonId
    name: str
    organisation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitSpec:
    """`begins`: brought there before the story begins; None: the story asks for it.

    `devices`: what each visitor declares, where a step doesn't say.
    """

    id: VisitId
    kind: VisitClass
    department: Department
    purpose: str
    requester: PersonId
    approver: PersonId
    since: datetime
    until: datetime
    route: tuple[ZoneId, ...]
    escorts: tuple[PersonId, ...]
    deputies: tuple[PersonId, ...]
    visitors: tuple[VisitorSpec, ...]
    devices: tuple[CarriedDevice, ...]
    locker: int | None
    begins: VisitState | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskStep:
    """What a step does with a visit; None: as is usual.

    `who`: the visitor it is about; None: everybody who comes. `by`, `rank`, `heads`:
    who approves. `out`: the devices that leave. `text`: of another undertaking.
    """

    visit: VisitSpec
    who: PersonId | None = None
    by: PersonId | None = None
    rank: Rank | None = None
    heads: Department | None = None
    zone: ZoneId | None = None
    since: datetime | None = None
    until: datetime | None = None
    present: tuple[PersonId, ...] | None = None
    old: PersonId | None = None
    new: PersonId | None = None
    witness: PersonId | None = None
    text: str | None = None
    devices: tuple[CarriedDevice, ...] | None = None
    locker: int | None = None
    out: tuple[CarriedDevice, ...] | None = None
    returned: frozenset[ReturnItem] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskResult:
    """What came of it: done, or refused with these reasons."""

    done: bool
    people: tuple[PersonId, ...] = ()
    reasons: tuple[str, ...] = ()
    clauses: tuple[str, ...] = ()
