"""Whom a door may know, and what of them: pure.

Everybody with a grant for its zone, whatever their state and qualifications, so that a
refusal can say why; in general zones also those whose post is listed; in non-secret
zones everybody. Visitors whose visit's route has the door's zone, with their right,
from check-in to check-out. Nobody else (G2.4).

After a withdrawal a person stays, with badge digest and reason; templates go before 24
hours have passed, and until then they name and never admit. Templates that the door
has no device for never come.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from config.schema import Door, Role, Site
from controller.store.register import StoredGrant, StoredPerson
from domain.credentials import Credential, Factor
from domain.ids import DoorId, PersonId, ScheduleId, ZoneId, is_visitor
from domain.people import Grant, Person, PersonState, Withdrawal
from domain.review import UNREVIEWED
from domain.roster import (
    TEMPLATES_KEPT_AFTER_WITHDRAWAL,
    Roster,
    RosterEntry,
)
from domain.schedule import Schedule
from domain.visits import VisitorRight
from domain.zones import Zone, ZoneLevel

# A roster without the templates is issued this long before they must be gone, so that
# a door that is slow to hear of it still drops them in time.
_AHEAD: Final = timedelta(hours=1)
TEMPLATES_KEPT: Final = TEMPLATES_KEPT_AFTER_WITHDRAWAL - _AHEAD

_DEVICE: Final = {
    Factor.FINGERPRINT: Role.FINGERPRINT,
    Factor.FACE: Role.CAMERA,
    Factor.PIN: Role.KEYPAD,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownVisitor:
    """A visitor whom one of the door's badge readers may see."""

    person: StoredPerson
    right: VisitorRight
    badges: tuple[Credential, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the register holds of those whom one door may know."""

    people: Sequence[StoredPerson]
    grants: Mapping[PersonId, Sequence[StoredGrant]]
    credentials: Mapping[PersonId, Sequence[Credential]]
    visitors: Sequence[KnownVisitor] = ()


def build(
    site: Site,
    door: Door,
    known: Known,
    *,
    number: int,
    at: datetime,
) -> Roster:
    zone = site.zones[door.zone]
    seen = [
        (person, seen_at_door(person, known.grants.get(person.id, ()), zone))
        for person in known.people
    ]
    entries = tuple(
        RosterEntry(
            as_seen,
            tuple(
                c
                for c in known.credentials.get(stored.id, ())
                if _carries(door, c.factor, as_seen, at)
            ),
        )
        for stored, as_seen in seen
        if as_seen is not None
    )
    return Roster(
        site=site.id,
        door=door.id,
        number=number,
        issued_at=at,
        valid_until=at + door.timing.roster_validity,
        entries=(*entries, *map(visitor_entry, known.visitors)),
        schedules=_schedules(site, zone, entries),
    )


def seen_at_door(
    person: StoredPerson, grants: Sequence[StoredGrant], zone: Zone
) -> Person | None:
    """The person as a door of `zone` knows them; None if it must not know them."""
    if is_visitor(person.id):
        return None
    here = [g for g in grants if g.grant.zone == zone.id]
    if not (here or _needs_no_grant(person, zone)):
        return None
    live = tuple(g.grant for g in here if g.withdrawal is None)
    return Person(
        id=person.id,
        name=person.name,
        post=person.post,
        state=person.state,
        qualifications=person.qualifications,
        grants=live,
        withdrawn=_withdrawal(person, here, live, zone),
        non_face=person.non_face,
    )


def visitor_entry(known: KnownVisitor) -> RosterEntry:
    """A visitor as every door of their route knows them: by badge, with their right."""
    return RosterEntry(visitor_as_seen(known.person), known.badges, known.right)


def visitor_as_seen(stored: StoredPerson) -> Person:
    return Person(
        id=stored.id,
        name=stored.name,
        post=stored.post,
        state=stored.state,
        qualifications=stored.qualifications,
        grants=(),
        withdrawn=None,
        non_face=True,
    )


def templates_end(person: Person) -> datetime | None:
    """When a door must have forgotten the person's templates, with time to spare."""
    if person.withdrawn is None:
        return None
    return person.withdrawn.at + TEMPLATES_KEPT


def next_change(roster: Roster) -> datetime | None:
    """When this roster ceases to be what `build` would give: a template must go."""
    ends = (
        templates_end(entry.person)
        for entry in roster.entries
        if any(c.factor is not Factor.BADGE for c in entry.credentials)
    )
    return min((end for end in ends if end is not None), default=None)


def doors_of_person(
    site: Site, person: StoredPerson, grants: Iterable[StoredGrant]
) -> frozenset[DoorId]:
    """Every door that knows the person, or should no more."""
    if is_visitor(person.id):
        return frozenset()
    granted = {g.grant.zone for g in grants}
    return frozenset(
        door.id
        for door in site.doors.values()
        if door.zone in granted or _needs_no_grant(person, site.zones[door.zone])
    )


def doors_of_zone(site: Site, zone: ZoneId) -> frozenset[DoorId]:
    return frozenset(d.id for d in site.doors.values() if d.zone == zone)


def by_person(
    grants: Iterable[StoredGrant],
) -> Mapping[PersonId, Sequence[StoredGrant]]:
    found: defaultdict[PersonId, list[StoredGrant]] = defaultdict(list)
    for each in grants:
        found[each.person].append(each)
    return found


def _needs_no_grant(person: StoredPerson, zone: Zone) -> bool:
    if zone.level is ZoneLevel.NON_SECRET:
        return True
    return zone.level is ZoneLevel.GENERAL and person.post in zone.posts


def _withdrawal(
    person: StoredPerson,
    here: Sequence[StoredGrant],
    live: Sequence[Grant],
    zone: Zone,
) -> Withdrawal | None:
    """Why nothing the person had here counts any more, or None."""
    withdrawn = [g.withdrawal for g in here if g.withdrawal is not None]
    if person.state is PersonState.LEFT:
        return Withdrawal(person.state_since, PersonState.LEFT)
    # G5.3.1-1: non-secret zones take any active person's badge, so there a grant that
    # is withdrawn took nothing away.
    if live or zone.level is ZoneLevel.NON_SECRET:
        return None
    latest = max(withdrawn, key=lambda w: w.at, default=None)
    # A grant that nobody reviewed accuses nobody: where the post suffices, it does.
    if latest is not None and not (
        latest.reason == UNREVIEWED and _needs_no_grant(person, zone)
    ):
        return latest
    if person.state is PersonState.DE_SECRECY and zone.level is ZoneLevel.GENERAL:
        return Withdrawal(person.state_since, PersonState.DE_SECRECY)
    return None


def _carries(door: Door, factor: Factor, person: Person, at: datetime) -> bool:
    if factor is Factor.BADGE:
        return True
    if door.device(_DEVICE[factor]) is None:
        return False
    end = templates_end(person)
    return end is None or at < end


def _schedules(
    site: Site, zone: Zone, entries: Iterable[RosterEntry]
) -> tuple[Schedule, ...]:
    """Those that the zone or a grant names; one that the site lacks is left out, and
    a grant for hours nobody knows is a grant for no hour."""
    wanted: set[ScheduleId | None] = {zone.schedule}
    wanted |= {g.schedule for entry in entries for g in entry.person.grants}
    return tuple(s for name, s in sorted(site.schedules.items()) if name in wanted)
