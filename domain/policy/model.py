"""What a rule may look at, and what a decision is made of. Values only."""

from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from enum import StrEnum
from typing import Any, Generic, NewType, TypeVar

from domain.credentials import Declaration, Factor
from domain.ids import DoorId, PersonId, ScheduleId
from domain.people import Person
from domain.schedule import Schedule
from domain.visit_classes import EscortRatio
from domain.visits import VisitorRight
from domain.zones import Zone

# Stable wire code such as "grant.expired": reports and alarms depend on it.
Reason = NewType("Reason", str)
# The guide's clause, "G5.3.2-1".
Clause = NewType("Clause", str)


class Side(StrEnum):
    """Which reader of the door: outside it (entry) or inside (exit)."""

    ENTRY = "entry"
    EXIT = "exit"


class Presence(StrEnum):
    """Where a person is recorded, as far as one zone is concerned."""

    OUTSIDE = "outside"
    INSIDE = "inside"
    UNKNOWN = "unknown"


class Awaited(StrEnum):
    """What a waiting attempt still needs."""

    BADGE = "badge"
    FINGERPRINT = "fingerprint"
    FACE = "face"
    PIN = "pin"
    DECLARATION = "declaration"
    SECOND_PERSON = "second_person"
    ESCORT = "escort"


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """What has been presented at one reader so far, as values.

    `person` is the one person all factors name, or None: nobody is known, or the
    factors disagree (`mismatch`). `partner` is another person who has just completed
    everything at this door (two-person rule). `escort` leads this visitor and has just
    completed everything here; `led`: the other visitors they lead through with it.
    `ahead`: how many people the same decision lets in before this one.
    """

    door: DoorId
    side: Side
    at: datetime
    person: PersonId | None
    factors: frozenset[Factor]
    unknown: bool  # some credential named nobody this door knows
    mismatch: bool  # factors named different people
    declaration: Declaration | None
    partner: PersonId | None
    escort: PersonId | None
    led: frozenset[PersonId]
    ahead: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """All that was known when the credential was presented.

    No field has a default: whoever gathers facts must answer every question.
    """

    zone: Zone
    tz: tzinfo  # the site's
    door_factors: tuple[Factor, ...]  # what this door demands beyond the level
    person: Person | None
    right: VisitorRight | None  # a visitor's
    escorts: tuple[PersonId, ...]  # who may lead this visitor now
    deputies: tuple[PersonId, ...]  # who may take over from one of them at this door
    ratio: EscortRatio
    led: Mapping[PersonId, frozenset[PersonId]]  # visitors here, by their escort
    inside: int  # people in this zone for certain, or let in just now, but this one
    schedules: Mapping[ScheduleId, Schedule]
    presence: Presence  # of this person in this zone
    face_available: bool  # camera and engine work
    lockdown: bool
    interlocked: bool  # the other door of the pair is not secured
    clock_trusted: bool
    roster_expired: bool
    journal_writable: bool
    blocked: bool  # too many refusals (G7.2.1-3)
    delayed: bool  # an unknown credential within 5 s of another
    internal_fault: bool  # gathering facts or a rule failed


class Outcome(StrEnum):
    GRANTED = "granted"
    DENIED = "denied"
    WAITING = "waiting"


class Verdict(StrEnum):
    PERMIT = "permit"
    FORBID = "forbid"
    WAIT = "wait"  # something is still to come
    NOTE = "note"  # satisfied, or to be shown; changes nothing
    ALARM = "alarm"  # changes nothing at the door; a guard must know


Condition = Callable[[Request, Facts], bool]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A sentence with a code. `on_exit`: also looked at on the way out.

    `reads`: the part of request and facts that `applies` depends on, and nothing
    else; a book may then remember what the rule said of the same part.
    """

    reason: Reason
    clauses: tuple[Clause, ...]
    verdict: Verdict
    applies: Condition
    on_exit: bool = False
    reads: "Reading[Any] | None" = None


_T = TypeVar("_T", bound=Hashable)
Part = Callable[[Request, Facts], _T]


@dataclass(frozen=True, slots=True)
class Reading(Generic[_T]):
    """`applies(request, facts)` is `holds(part(request, facts))`."""

    part: Part[_T]
    holds: Callable[[_T], bool]


@dataclass(frozen=True, slots=True)
class Finding:
    """One reason of a decision, with what it did."""

    reason: Reason
    verdict: Verdict
    clauses: tuple[Clause, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """An outcome and *every* finding that led to it, sorted for stable records."""

    outcome: Outcome
    findings: tuple[Finding, ...]
    waiting_for: tuple[Awaited, ...] = ()

    @property
    def reasons(self) -> tuple[Reason, ...]:
        return tuple(f.reason for f in self.findings)

    @property
    def clauses(self) -> tuple[Clause, ...]:
        return tuple(dict.fromkeys(c for f in self.findings for c in f.clauses))

    @property
    def alarms(self) -> tuple[Reason, ...]:
        return tuple(f.reason for f in self.findings if f.verdict is Verdict.ALARM)
