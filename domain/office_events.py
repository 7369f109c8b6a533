"""What the office does about people, grants, badges and doors, in the vocabulary of
`domain.events`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from domain.credentials import Factor
from domain.happened import Happened
from domain.ids import CommandId, DoorId, GrantId, PersonId, ZoneId


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRegistered(Happened):
    person: PersonId
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChanged(Happened):
    """State or qualifications changed; `change` says what in words."""

    person: PersonId
    change: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantMade(Happened):
    grant: GrantId
    person: PersonId
    zone: ZoneId
    purpose: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRevoked(Happened):
    grant: GrantId
    person: PersonId
    zone: ZoneId
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialEnrolled(Happened):
    person: PersonId
    factor: Factor
    duress: bool
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeWithdrawn(Happened):
    """The person's badges admit nobody any more: lost, or given back."""

    person: PersonId
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBadgeIssued(Happened):
    """For who forgot theirs, which admits nobody until then."""

    person: PersonId
    document: str  # the kind that was looked at
    until: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBadgeEnded(Happened):
    """Given back before its end: the person's own badge admits again."""

    person: PersonId
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterIssued(Happened):
    target: DoorId
    number: int
    people: int
    valid_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSent(Happened):
    target: DoorId
    command: CommandId
    order: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandAsked(Happened):
    """Asked by one operator; sent only if another confirms it before `until`."""

    act: str
    doors: tuple[DoorId, ...]
    order: str
    reason: str
    until: datetime
    by: str


OfficeEvent: TypeAlias = (
    PersonRegistered
    | PersonChanged
    | GrantMade
    | GrantRevoked
    | CredentialEnrolled
    | BadgeWithdrawn
    | DayBadgeIssued
    | DayBadgeEnded
    | RosterIssued
    | CommandSent
    | CommandAsked
)
