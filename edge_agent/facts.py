"""Facts for one attempt, from what this door holds: roster, occupancy, clock, state.

No network, no disk, no waiting. `Facts` has no defaults, so a new question of the
policy shows up here as a type error.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Final

from domain.attempt import Attempt
from domain.backoff import keys_of
from domain.credentials import Factor
from domain.doorway import Doorway
from domain.escorting import Visitors
from domain.occupancy import Occupancy, ZoneOccupancy
from domain.policy import Facts, Presence, Side
from domain.visit_classes import EscortRatio
from domain.zones import Zone
from edge_agent.roster_index import RosterIndex

NO_ROSTER: Final = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Surroundings:
    """What holds at this door for every attempt of one moment."""

    at: datetime
    zone: Zone
    tz: tzinfo
    door_factors: tuple[Factor, ...]
    index: RosterIndex | None
    here: ZoneOccupancy
    visitors: Visitors
    ratio: EscortRatio
    face_available: bool
    interlocked: bool
    clock_trusted: bool
    journal_writable: bool


def gather(doorway: Doorway, around: Surroundings) -> Callable[[Attempt], Facts]:
    """The facts about any attempt at this moment."""

    going_in = {p.person for p in doorway.passage.passengers if p.side is Side.ENTRY}

    def of(attempt: Attempt) -> Facts:
        index, person = around.index, attempt.person
        inside = around.here.certain | going_in
        entry = None
        if index is not None and person is not None:
            entry = index.people.get(person)
        return Facts(
            zone=around.zone,
            tz=around.tz,
            door_factors=around.door_factors,
            person=None if entry is None else entry.person,
            right=None if entry is None else entry.right,
            escorts=() if person is None else around.visitors.escorts_of(person),
            deputies=() if person is None else around.visitors.deputies_of(person),
            ratio=around.ratio,
            led={} if person is None else around.visitors.led_by(person, inside),
            inside=len(inside - {person}),
            schedules={} if index is None else index.schedules,
            presence=_presence(attempt, around),
            face_available=around.face_available,
            lockdown=doorway.lockdown,
            interlocked=around.interlocked,
            clock_trusted=around.clock_trusted,
            roster_expired=index is None or around.at >= index.valid_until,
            journal_writable=around.journal_writable,
            blocked=doorway.backoff.blocked(keys_of(attempt), around.at),
            delayed=doorway.backoff.delayed(around.at),
            internal_fault=False,
        )

    return of


def fault(zone: Zone, tz: tzinfo) -> Facts:
    """What is left to say when gathering facts or a rule failed."""
    return Facts(
        zone=zone,
        tz=tz,
        door_factors=(),
        person=None,
        right=None,
        escorts=(),
        deputies=(),
        ratio=EscortRatio(),
        led={},
        inside=0,
        schedules={},
        presence=Presence.UNKNOWN,
        face_available=False,
        lockdown=False,
        interlocked=False,
        clock_trusted=False,
        roster_expired=True,
        journal_writable=True,
        blocked=False,
        delayed=False,
        internal_fault=True,
    )


def _presence(attempt: Attempt, around: Surroundings) -> Presence:
    if attempt.person is None:
        return Presence.OUTSIDE
    zone = around.zone.id
    return Occupancy({zone: around.here}).presence(attempt.person, zone)
