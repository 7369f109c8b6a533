"""What happens in a review of grants, in the vocabulary of `domain.events`.

The office says these. A grant that goes is told by `GrantRevoked` besides.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from domain.ids import DoorId, GrantId, PersonId, ZoneId
from domain.review import RoundId


@dataclass(frozen=True, slots=True, kw_only=True)
class _ReviewEvent:
    door: DoorId
    at: datetime
    round: RoundId


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewOpened(_ReviewEvent):
    grants: int
    ends_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decided(_ReviewEvent):
    grant: GrantId
    person: PersonId
    zone: ZoneId
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewConfirmed(_Decided):
    """The grant stays."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewWithdrawn(_Decided):
    """The grant goes, at once."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewWarned(_ReviewEvent):
    """`days` before the end, `outstanding` grants of the zone are unconfirmed."""

    zone: ZoneId
    outstanding: int
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewLapsed(_ReviewEvent):
    """So many of the zone's grants went unconfirmed and ended."""

    zone: ZoneId
    grants: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewHeld(_ReviewEvent):
    """`grants` of the zone's `live` ones would lapse: they wait for the officer."""

    zone: ZoneId
    grants: int
    live: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewLapseConfirmed(_ReviewEvent):
    """An officer let the held ones of a zone lapse."""

    zone: ZoneId
    grants: int
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewClosed(_ReviewEvent):
    confirmed: int
    withdrawn: int
    lapsed: int


ReviewEvent: TypeAlias = (
    ReviewOpened
    | ReviewConfirmed
    | ReviewWithdrawn
    | ReviewWarned
    | ReviewLapsed
    | ReviewHeld
    | ReviewLapseConfirmed
    | ReviewClosed
)
