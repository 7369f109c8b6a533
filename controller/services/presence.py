"""Tell doors of a shared zone what doors of other machines saw there.

Only zones that several machines serve need it. For each door: whose latest movement
was seen by another machine, and whom this machine saw entering and another letting
out. Sent when something changes there and when a door comes online; lost ones are not
sent again, since the next one says it all.
"""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Final

from sqlalchemy import Connection

from config.schema import Door, Site
from controller.services.post import Post
from controller.store import occupancy
from controller.store.database import Database
from controller.store.occupancy import Doubt, Moved
from domain.clock import Clock
from domain.errors import LinkDown, StorageError
from domain.ids import DoorId, ZoneId
from wire.messages import Movement, PresenceSnapshot

log = logging.getLogger(__name__)

# Seconds in which movements are gathered.
COALESCE: Final = 0.05


def shared_zones(site: Site) -> frozenset[ZoneId]:
    """Zones that doors of more than one machine lead to."""
    agents: dict[ZoneId, set[str]] = {}
    for door in site.doors.values():
        agents.setdefault(door.zone, set()).add(door.agent)
    return frozenset(zone for zone, names in agents.items() if len(names) > 1)


def snapshot(
    site: Site,
    door: Door,
    moved: Sequence[Moved],
    doubts: Sequence[Doubt],
    *,
    at: datetime,
) -> PresenceSnapshot:
    """What `door` is told about its zone: pure."""

    def own(name: DoorId) -> bool:
        known = site.doors.get(name)
        return known is not None and known.agent == door.agent

    latest = occupancy.latest_moves(moved)
    others = [m for m in latest.values() if not own(m.door)]
    seen_in = {
        m.person
        for m in occupancy.latest_moves(x for x in moved if own(x.door)).values()
        if m.inside
    }
    theirs = [d for d in doubts if not own(d.door)]
    return PresenceSnapshot(
        site=site.id,
        door=door.id,
        zone=door.zone,
        at=at,
        entered=_movements(m for m in others if m.inside),
        left=_movements(m for m in others if not m.inside and m.person in seen_in),
        unknown_at=_latest(d.unknown_at for d in theirs),
        reset_at=_latest(d.reset_at for d in theirs),
        doubtful=occupancy.zone_of(moved, doubts).doubtful,
    )


class PresencePublisher:
    def __init__(
        self, site: Site, *, database: Database, post: Post, clock: Clock
    ) -> None:
        self._site = site
        self._database = database
        self._post = post
        self._clock = clock
        self._shared = shared_zones(site)
        self._due: set[DoorId] = set()
        self._wake = asyncio.Event()

    def zones_changed(self, zones: Iterable[ZoneId]) -> None:
        for zone in self._shared & frozenset(zones):
            doors = (d.id for d in self._site.doors.values() if d.zone == zone)
            self._due.update(doors)
        if self._due:
            self._wake.set()

    def came_online(self, door: DoorId) -> None:
        if self._site.doors[door].zone in self._shared:
            self._due.add(door)
            self._wake.set()

    async def run(self) -> None:
        while True:
            await self._wake.wait()
            self._wake.clear()
            await asyncio.sleep(COALESCE)
            due, self._due = self._due, set()
            try:
                for each in await self._database.read(partial(self._build, due)):
                    await self._post.presence(each)
            except (LinkDown, StorageError) as error:
                log.info("presence.unsent", extra={"problem": str(error)})

    def _build(
        self, due: Iterable[DoorId], connection: Connection
    ) -> list[PresenceSnapshot]:
        now = self._clock.now()
        found = []
        for name in sorted(due):
            door = self._site.doors[name]
            moved, doubts = occupancy.moves(connection, door.zone)
            found.append(
                snapshot(
                    self._site,
                    door,
                    moved.get(door.zone, ()),
                    doubts.get(door.zone, ()),
                    at=now,
                )
            )
        return found


def _movements(moves: Iterable[Moved]) -> tuple[Movement, ...]:
    ordered = sorted(moves, key=lambda m: m.person)
    return tuple(
        Movement(person=m.person, at=m.at, declaration=m.declaration) for m in ordered
    )


def _latest(instants: Iterable[datetime | None]) -> datetime | None:
    return max((at for at in instants if at is not None), default=None)
