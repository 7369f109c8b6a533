"""Why would this person be let in there, at that moment, or why not?

The same `decide` as at the door, asked with everything presented that the door wants,
of a visitor also the escort:
the office explains and never decides for a door. What only a door can know (its clock,
its camera, whether its neighbour stands open) is taken from what it last told, and the
answer says so. A person whom the door must not know is, to it, nobody.

At a past moment the register is read as it stood then: grants made and withdrawn since
do not count, nor does a later state. Qualifications are those of today.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row

from config.schema import Door, Site
from controller.services.board import DoorLook, EventRow
from controller.services.door_view import DoorView
from controller.services.office import demand_person
from controller.services.projections import load_view, people_of
from controller.services.rosters import seen_at_door, visitor_as_seen
from controller.services.rows import rows_of
from controller.services.visitors import right_in_zone
from controller.store import alarms, doors, envelopes, occupancy, register, sendings
from controller.store.envelopes import Stored
from controller.store.register import StoredGrant, StoredPerson
from domain.access_events import (
    AccessDenied,
    AccessGranted,
    AccessWaiting,
    PersonEntered,
    PersonLeft,
)
from domain.alarm_events import AlarmCode
from domain.credentials import Declaration, Factor
from domain.ids import DoorId, PersonId, ZoneId
from domain.occupancy import Occupancy
from domain.people import Person, PersonState
from domain.policy import Decision, Facts, Outcome, Presence, Request, Side, decide
from domain.policy.rules import RULES
from domain.visits import VisitorRight

# How many entries about a person are looked through for what happened at a moment.
_LOOK_BACK = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Why:
    """`known`: the door's roster carries the person. `pending`: a change is on its way
    that the door has not confirmed. `recorded`: what the door itself recorded of this
    person last, at or before `at`."""

    person: PersonId
    name: str
    door: DoorId
    at: datetime
    known: bool
    facts: Facts
    decision: Decision
    roster: int | None
    pending: bool
    recorded: EventRow | None


def why(
    connection: Connection,
    site: Site,
    person: PersonId,
    door_id: DoorId,
    *,
    at: datetime,
) -> Why:
    """Explain.

    Raises:
        InputError: no such person.
    """
    stored = demand_person(connection, person)
    door = site.doors[door_id]
    right = right_in_zone(connection, person, door.zone)
    seen = (
        _seen(connection, site, stored, door, at)
        if right is None
        else visitor_as_seen(stored)
    )
    rows = doors.rows(connection)
    presence = (
        Presence.OUTSIDE
        if seen is None
        else _presence(connection, person, door.zone, at)
    )
    facts = _facts(connection, site, door, seen, right, rows, presence, at)
    applied = sendings.applied_roster(connection, door_id)
    last = sendings.latest_roster(connection, door_id)
    return Why(
        person=person,
        name=stored.name,
        door=door_id,
        at=at,
        known=seen is not None,
        facts=facts,
        decision=decide(_request(door, seen, facts, at), facts, RULES),
        roster=None if applied is None else applied.number,
        pending=last is not None and last.applied_at is None,
        recorded=_recorded(connection, person, door_id, at),
    )


def outcomes(
    connection: Connection,
    site: Site,
    stored: StoredPerson,
    grants: Sequence[StoredGrant],
    wanted: Iterable[Door],
    here: Occupancy,
    *,
    now: datetime,
) -> Mapping[DoorId, Outcome]:
    """What each of the doors that know an employed person would say at this moment;
    to all others they are nobody. As `why`, without asking the log."""
    rows = doors.rows(connection)
    found: dict[DoorId, Outcome] = {}
    for door in wanted:
        seen = seen_at_door(stored, grants, site.zones[door.zone])
        if seen is not None:
            presence = here.presence(stored.id, door.zone)
            facts = _facts(connection, site, door, seen, None, rows, presence, now)
            request = _request(door, seen, facts, now)
            found[door.id] = decide(request, facts, RULES).outcome
    return found


def _request(door: Door, seen: Person | None, facts: Facts, at: datetime) -> Request:
    """With everything presented that a door may want."""
    return Request(
        door=door.id,
        side=Side.ENTRY,
        at=at,
        person=None if seen is None else seen.id,
        factors=frozenset(Factor),
        unknown=seen is None,
        mismatch=False,
        declaration=None if seen is None else Declaration(None),
        partner=None,
        escort=next(iter(facts.escorts), None),
        led=frozenset(),
        ahead=0,
    )


def _seen(
    connection: Connection,
    site: Site,
    stored: StoredPerson,
    door: Door,
    at: datetime,
) -> Person | None:
    """The person as the door would know them at `at`."""
    state = register.state_at(connection, stored.id, at)
    then = stored if state is None else _in_state(stored, state)
    grants = register.grants_of(connection, stored.id, door.zone)
    return seen_at_door(then, _grants_at(grants, at), site.zones[door.zone])


def _in_state(
    stored: StoredPerson, state: tuple[PersonState, datetime]
) -> StoredPerson:
    return replace(stored, state=state[0], state_since=state[1])


def _grants_at(grants: Sequence[StoredGrant], at: datetime) -> list[StoredGrant]:
    """As the register stood at `at`; in the future as it stands now."""
    return [
        replace(g, withdrawal=None)
        if g.withdrawal is not None and g.withdrawal.at > at
        else g
        for g in grants
        if g.made_at <= at
    ]


def _facts(
    connection: Connection,
    site: Site,
    door: Door,
    person: Person | None,
    right: VisitorRight | None,
    rows: Mapping[DoorId, Row[Any]],
    presence: Presence,
    at: datetime,
) -> Facts:
    view = load_view(door.id, rows.get(door.id))
    others = (load_view(d, rows.get(d)) for d in door.interlock)
    return Facts(
        zone=site.zones[door.zone],
        tz=site.tz,
        door_factors=door.factors,
        person=person,
        right=right,
        escorts=() if right is None else right.visit.escorts,
        deputies=() if right is None else right.visit.deputies,
        ratio=site.escorts,
        led={},
        inside=0,
        schedules=site.schedules,
        presence=presence,
        face_available=not alarms.is_open(connection, door.id, AlarmCode.CAMERA_DOWN),
        lockdown=view.lockdown,
        interlocked=any(map(_stands_open, others)),
        clock_trusted=view.clock_trusted is not False,
        roster_expired=_roster_expired(connection, door.id, at),
        journal_writable=not alarms.is_open(
            connection, door.id, AlarmCode.JOURNAL_UNAVAILABLE
        ),
        blocked=False,
        delayed=False,
        internal_fault=False,
    )


def _stands_open(view: DoorView) -> bool:
    return view.phase not in (None, DoorLook.SECURED)


def _roster_expired(connection: Connection, door: DoorId, at: datetime) -> bool:
    """A door that never confirmed a roster is taken to have the latest."""
    roster = sendings.applied_roster(connection, door)
    roster = roster or sendings.latest_roster(connection, door)
    return roster is not None and at >= roster.valid_until


def _presence(
    connection: Connection, person: PersonId, zone: ZoneId, at: datetime
) -> Presence:
    """Where the log puts the person at `at`."""
    moved, doubts = occupancy.moves(connection, zone)
    latest = occupancy.latest_moves(moved.get(zone, ())).get(person)
    if latest is None or latest.at <= at:
        here = occupancy.zone_of(moved.get(zone, ()), doubts.get(zone, ()))
        return Occupancy({zone: here}).presence(person, zone)
    for entry in _before(connection, person, at):
        event = entry.event
        if isinstance(event, PersonEntered | PersonLeft) and event.zone == zone:
            inside = isinstance(event, PersonEntered)
            return Presence.INSIDE if inside else Presence.OUTSIDE
    return Presence.OUTSIDE


def _recorded(
    connection: Connection, person: PersonId, door: DoorId, at: datetime
) -> EventRow | None:
    for entry in _before(connection, person, at):
        event = entry.event
        if (
            isinstance(event, AccessGranted | AccessDenied | AccessWaiting)
            and event.door == door
            and person in people_of(event)
        ):
            return rows_of(connection, [entry])[0]
    return None


def _before(connection: Connection, person: PersonId, at: datetime) -> list[Stored]:
    """Entries about a person that happened at or before `at`, latest first."""
    entries = envelopes.page(connection, person=person, limit=_LOOK_BACK)
    past = [e for e in entries if e.at <= at]
    return sorted(past, key=lambda e: (e.at, e.position), reverse=True)
