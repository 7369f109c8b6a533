"""Who is in which zone since when: a fold over events.

Where nobody can know any more (an exit without reading, a fire, a forced door, a
power cut with movement) a zone's occupancy is *unknown*: everybody recorded inside
may have left, and somebody may have come in. The next entry is then granted with an
alarm instead of being refused by a record that may be wrong.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from domain.access_events import OccupancyBecameUnknown, PersonEntered, PersonLeft
from domain.events import Event
from domain.ids import PersonId, ZoneId
from domain.policy import Presence


@dataclass(frozen=True, slots=True)
class Stay:
    """One person in one zone. `certain`: nothing since has made it doubtful."""

    since: datetime
    declaration: str | None
    certain: bool = True


@dataclass(frozen=True, slots=True)
class ZoneOccupancy:
    """`doubtful`: somebody unrecorded may be inside until the next entry."""

    stays: Mapping[PersonId, Stay] = field(default_factory=dict)
    doubtful: bool = False

    @property
    def certain(self) -> frozenset[PersonId]:
        return frozenset(p for p, stay in self.stays.items() if stay.certain)


@dataclass(frozen=True, slots=True)
class Occupancy:
    zones: Mapping[ZoneId, ZoneOccupancy] = field(default_factory=dict)

    def zone(self, zone: ZoneId) -> ZoneOccupancy:
        return self.zones.get(zone, ZoneOccupancy())

    def presence(self, person: PersonId, zone: ZoneId) -> Presence:
        """Where `person` is, as far as `zone` is concerned."""
        here = self.zone(zone)
        stay = here.stays.get(person)
        if stay is not None:
            return Presence.INSIDE if stay.certain else Presence.UNKNOWN
        return Presence.UNKNOWN if here.doubtful else Presence.OUTSIDE


def after(occupancy: Occupancy, event: Event) -> Occupancy:
    """Occupancy once `event` has happened; other events change nothing."""
    match event:
        case PersonEntered():
            here = occupancy.zone(event.zone)
            stay = Stay(event.at, event.declaration)
            entered = ZoneOccupancy({**here.stays, event.person: stay})
            return _with(occupancy, event.zone, entered)
        case PersonLeft():
            here = occupancy.zone(event.zone)
            stays = {p: s for p, s in here.stays.items() if p != event.person}
            return _with(occupancy, event.zone, replace(here, stays=stays))
        case OccupancyBecameUnknown(cause="reset"):
            return _with(occupancy, event.zone, ZoneOccupancy())
        case OccupancyBecameUnknown():
            here = occupancy.zone(event.zone)
            stays = {p: replace(s, certain=False) for p, s in here.stays.items()}
            return _with(occupancy, event.zone, ZoneOccupancy(stays, doubtful=True))
        case _:
            return occupancy


def fold(events: Iterable[Event], occupancy: Occupancy | None = None) -> Occupancy:
    state = occupancy or Occupancy()
    for event in events:
        state = after(state, event)
    return state


def _with(occupancy: Occupancy, zone: ZoneId, here: ZoneOccupancy) -> Occupancy:
    return Occupancy({**occupancy.zones, zone: here})
