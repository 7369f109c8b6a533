"""Who is inside, as one agent knows it: a fold over the events of all its doors; and
which visitors were handed over at one of them (`handed`) and with whom they came in.

Doors of other agents at the same zone count only while the link is up, through the
controller's snapshots (`wire.presence`); of two that speak of one person the later is
right.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from domain.access_events import (
    AccessGranted,
    OccupancyBecameUnknown,
    PersonEntered,
    PersonLeft,
    VisitorHandedOver,
)
from domain.events import Event
from domain.ids import PersonId, ZoneId, is_visitor
from domain.occupancy import Occupancy, ZoneOccupancy, after
from domain.policy import Side
from edge_agent.journal_rows import Recorded
from wire.messages import Movement, PresenceSnapshot
from wire.presence import merge


class OccupancyBook:
    def __init__(self) -> None:
        self.handed: dict[PersonId, VisitorHandedOver] = {}
        self._let_in: dict[ZoneId, dict[PersonId, AccessGranted]] = {}
        self._local = Occupancy()
        self._left: dict[tuple[ZoneId, PersonId], datetime] = {}
        self._others: dict[ZoneId, PresenceSnapshot] = {}

    def restore(self, recorded: Iterable[Recorded]) -> int:
        """Fold what the doors' journals kept; the first tick that is free."""
        tick = 0
        for each in sorted(recorded, key=lambda r: r.tick):
            self.take(each.event)
            tick = max(tick, each.tick + 1)
        return tick

    def take(self, event: Event) -> ZoneId | None:
        """Note a recorded event; the zone whose occupancy it changes, if one."""
        match event:
            case PersonEntered():
                self._left.pop((event.zone, event.person), None)
            case AccessGranted(side=Side.ENTRY):
                here = self._let_in.setdefault(event.zone, {})
                here.update((p, event) for p in event.people if is_visitor(p))
                return None
            case PersonLeft():
                self._let_in.get(event.zone, {}).pop(event.person, None)
                self._left[event.zone, event.person] = event.at
            case OccupancyBecameUnknown():
                pass
            case VisitorHandedOver():
                self.handed[event.visitor] = event
                return None
            case _:
                return None
        self._local = after(self._local, event)
        return event.zone

    def let_in(self, zone: ZoneId) -> Mapping[PersonId, AccessGranted]:
        """How the visitors in `zone` were let in, since this agent runs."""
        return self._let_in.get(zone, {})

    def hear(self, snapshot: PresenceSnapshot) -> None:
        """What the doors of others say of a zone, by way of the controller."""
        known = self._others.get(snapshot.zone)
        if known is None or known.at <= snapshot.at:
            self._others[snapshot.zone] = snapshot

    def zone(self, zone: ZoneId, *, connected: bool) -> ZoneOccupancy:
        """Who is inside now."""
        own, others = self._local.zone(zone), self._others.get(zone)
        if not connected or others is None:
            return own
        news = tuple(m for m in others.entered if not self._left_since(zone, m))
        return merge(own, replace(others, entered=news))

    def _left_since(self, zone: ZoneId, move: Movement) -> bool:
        """Whether this agent let them out after another's door let them in."""
        left_at = self._left.get((zone, move.person))
        return left_at is not None and left_at >= move.at
