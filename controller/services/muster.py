"""Muster: who is inside, by zone, as far as anybody knows; for a head count.

Made from the last known state also while doors are offline, and says so: a zone with
a door that is away may hold, or have lost, more people than are written here. A zone
whose record became doubtful (a fire, a door forced) is marked, and each person in it.
Somebody inside two zones, one within the other, stands in the one entered last.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection

from config.schema import Site
from controller.services.board import Named
from controller.services.projections import load_view
from controller.services.rows import named
from controller.store import doors, occupancy, visits
from controller.store.visits import StoredVisit
from domain.ids import DoorId, PersonId, VisitId, ZoneId, is_visitor
from domain.occupancy import Occupancy, Stay
from domain.zones import ZoneLevel


@dataclass(frozen=True, slots=True, kw_only=True)
class Mustered:
    """One person. `certain`: nothing since has made it doubtful. Of a visitor: whence
    they come and who leads them."""

    person: Named
    since: datetime
    certain: bool
    visitor: bool
    organisation: str
    escorts: tuple[Named, ...]
    visit: VisitId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AwayDoor:
    """A door of the zone that is offline, or never spoke. `since` None: never."""

    door: DoorId
    name: str
    name_en: str
    since: datetime | None
    last_at: datetime | None  # when it last told of anybody


@dataclass(frozen=True, slots=True, kw_only=True)
class MusterZone:
    """`doubtful`: somebody unrecorded may be inside."""

    zone: ZoneId
    name: str
    name_en: str
    level: ZoneLevel
    people: tuple[Mustered, ...]  # longest inside first
    doubtful: bool
    away: tuple[AwayDoor, ...]

    @property
    def reliable(self) -> bool:
        certain = all(each.certain for each in self.people)
        return certain and not self.doubtful and not self.away


@dataclass(frozen=True, slots=True, kw_only=True)
class Muster:
    """`elsewhere`: visitors checked in whom no zone has, so on the premises between
    the zones."""

    at: datetime
    zones: tuple[MusterZone, ...]  # in the order of the site file
    elsewhere: tuple[Mustered, ...]

    @property
    def inside(self) -> int:
        return sum(len(zone.people) for zone in self.zones) + len(self.elsewhere)

    @property
    def visitors(self) -> int:
        people = [p for zone in self.zones for p in zone.people]
        return sum(each.visitor for each in (*people, *self.elsewhere))

    @property
    def reliable(self) -> bool:
        return all(zone.reliable for zone in self.zones)


def muster(connection: Connection, site: Site, *, at: datetime) -> Muster:
    inside = occupancy.occupancy(connection)
    coming = _visits_by_visitor(connection)
    last = _last_entered(inside)
    people = {*last, *coming}
    people |= {e for stored in coming.values() for e in stored.visit.escorts}
    names = named(connection, people)
    rows = doors.rows(connection)
    away = {
        door.id: AwayDoor(
            door=door.id,
            name=door.name,
            name_en=door.name_en,
            since=None if row is None else row.online_since,
            last_at=load_view(door.id, row).last_at,
        )
        for door in site.doors.values()
        if not ((row := rows.get(door.id)) is not None and row.online)
    }
    by_zone: defaultdict[ZoneId, list[Mustered]] = defaultdict(list)
    for person, (zone, stay) in last.items():
        by_zone[zone].append(_mustered(person, stay.since, stay.certain, names, coming))
    listed = [
        MusterZone(
            zone=zone.id,
            name=zone.name,
            name_en=zone.name_en,
            level=zone.level,
            people=_longest_first(by_zone[zone.id]),
            doubtful=inside.zone(zone.id).doubtful,
            away=tuple(
                away[door.id]
                for door in site.doors.values()
                if door.zone == zone.id and door.id in away
            ),
        )
        for zone in site.zones.values()
    ]
    elsewhere = [
        _mustered(person, since, True, names, coming)
        for person, stored in coming.items()
        if person not in last and (since := _checked_in(stored, person)) is not None
    ]
    return Muster(at=at, zones=tuple(listed), elsewhere=_longest_first(elsewhere))


def _last_entered(inside: Occupancy) -> dict[PersonId, tuple[ZoneId, Stay]]:
    found: dict[PersonId, tuple[ZoneId, Stay]] = {}
    for zone, here in inside.zones.items():
        for person, stay in here.stays.items():
            known = found.get(person)
            if known is None or (stay.since, zone) > (known[1].since, known[0]):
                found[person] = (zone, stay)
    return found


def _visits_by_visitor(connection: Connection) -> dict[PersonId, StoredVisit]:
    return {
        who.id: stored
        for stored in visits.badged(connection)
        for who in stored.visit.coming
        if who.checked_in_at is not None and who.checked_out_at is None
    }


def _checked_in(stored: StoredVisit, person: PersonId) -> datetime | None:
    who = stored.visit.visitor(person)
    return None if who is None else who.checked_in_at


def _mustered(
    person: PersonId,
    since: datetime,
    certain: bool,
    names: Mapping[PersonId, Named],
    coming: Mapping[PersonId, StoredVisit],
) -> Mustered:
    stored = coming.get(person)
    return Mustered(
        person=names[person],
        since=since,
        certain=certain,
        visitor=is_visitor(person),
        organisation="" if stored is None else stored.organisations.get(person, ""),
        escorts=()
        if stored is None
        else tuple(names[escort] for escort in stored.visit.escorts),
        visit=None if stored is None else stored.visit.id,
    )


def _longest_first(people: list[Mustered]) -> tuple[Mustered, ...]:
    return tuple(sorted(people, key=lambda each: (each.since, each.person.id)))
