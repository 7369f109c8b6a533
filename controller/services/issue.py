"""Keep every door's roster fresh: issue on change, before its end, and in time for
templates to go.

A roster is issued only while there is a broker: its number is taken, the changes it
carries are noted and `RosterIssued` is recorded in one transaction with the reading of
the register, then it is packed and published, retained. What could not be published is
issued anew, with a new number; numbers only grow.
"""

import asyncio
import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy import Connection

from config.schema import Door
from controller.services import rosters
from controller.services.office import Acted, Office
from controller.services.post import Post
from controller.services.rosters import Known
from controller.services.visitors import known_visitors
from controller.store import credentials, doors, register, sendings
from controller.store.sendings import IssuedRoster
from domain.errors import LinkDown, StorageError
from domain.ids import CONTROLLER, DoorId
from domain.office_events import RosterIssued
from domain.roster import Roster
from domain.zones import ZoneLevel
from wire.keys import SiteKeys
from wire.link import Backoff
from wire.roster_parts import pack

log = logging.getLogger(__name__)

# Seconds in which changes are gathered, so that a leaver's five grants make one roster.
COALESCE: Final = 0.05
# A roster is renewed when this part of its validity has passed.
_RENEW: Final = 1 / 3
# A door that came back and has not confirmed the latest roster by then gets a new one:
# the broker may have lost what it kept.
_LAGGING: Final = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Due:
    """When a door's roster is to be issued again if nothing happens before."""

    at: datetime
    number: int


class Issuer:
    """`acted` hears of every `RosterIssued`."""

    def __init__(
        self,
        office: Office,
        *,
        keys: SiteKeys,
        post: Post,
        backoff: Backoff,
        acted: Callable[[Acted], None],
    ) -> None:
        self._office = office
        self._keys = keys
        self._post = post
        self._backoff = backoff
        self._acted = acted
        self._dirty: set[DoorId] = set(office.site.doors)
        self._due: dict[DoorId, _Due] = {}
        self._to_check: dict[DoorId, datetime] = {}
        self._wake = asyncio.Event()

    def changed(self, door_ids: Iterable[DoorId]) -> None:
        """Something in these doors' rosters changed."""
        wanted = set(door_ids) & set(self._office.site.doors)
        if wanted:
            self._dirty |= wanted
            self._wake.set()

    def came_online(self, door: DoorId) -> None:
        """See to it that the door gets what was issued while it was away."""
        if door in self._office.site.doors:
            self._to_check[door] = self._office.clock.now() + _LAGGING
            self._wake.set()

    async def run(self) -> None:
        """Issue what is due, until cancelled."""
        while True:
            await self._wait()
            await asyncio.sleep(COALESCE)
            await self._post.link.wait_connected()
            for door in await self._take_due():
                await self._issue(door)

    async def _wait(self) -> None:
        """Return when something is dirty or due."""
        while not self._dirty:
            self._wake.clear()
            ends = [*(d.at for d in self._due.values()), *self._to_check.values()]
            timeout = self._seconds_until(min(ends)) if ends else None
            try:
                async with asyncio.timeout(timeout):
                    await self._wake.wait()
            except TimeoutError:
                return

    def _seconds_until(self, at: datetime) -> float:
        return max(0.0, (at - self._office.clock.now()).total_seconds())

    async def _take_due(self) -> list[DoorId]:
        now = self._office.clock.now()
        late = {door for door, due in self._due.items() if due.at <= now}
        check = {door for door, at in self._to_check.items() if at <= now}
        for door in check:
            del self._to_check[door]
        wanted = (
            self._dirty
            | late
            | await self._office.database.read(lambda c: _behind(c, check))
        )
        self._dirty -= wanted
        return [door for door in self._office.site.doors if door in wanted]

    async def _issue(self, door_id: DoorId) -> None:
        door = self._office.site.doors[door_id]
        public = self._keys.in_force(door_id)
        if public is None:
            log.warning("roster.no_keys", extra={"door": door_id})
            self._due.pop(door_id, None)
            return
        try:
            roster, before, acted = await self._office.database.write(
                partial(self._number, door)
            )
            self._acted(acted)
            packed = await asyncio.to_thread(
                pack,
                roster,
                key=self._keys.sign,
                seal_to=public.seal,
                random_bytes=self._office.vault.random_bytes,
            )
            await self._post.roster(door_id, packed, parts=before)
            await self._office.database.write(
                lambda c: sendings.set_parts(
                    c, door_id, roster.number, len(packed.parts)
                )
            )
        except (LinkDown, StorageError) as error:
            log.warning("roster.unsent", extra={"door": door_id, "problem": str(error)})
            self._dirty.add(door_id)
            await asyncio.sleep(self._backoff.next())
            return
        self._backoff.reset()
        self._due[door_id] = _Due(at=_renewal(roster), number=roster.number)

    def _number(self, door: Door, connection: Connection) -> tuple[Roster, int, Acted]:
        """Take a number and build the roster, in one transaction."""
        office = self._office
        last = sendings.latest_roster(connection, door.id)
        row = doors.rows(connection, [door.id]).get(door.id)
        # A door may have seen more than a register that was restored from a backup.
        seen = 0 if row is None else row.seen_roster
        issued = 0 if last is None else last.number
        roster = rosters.build(
            office.site,
            door,
            load_known(office, connection, door),
            number=max(seen, issued) + 1,
            at=office.clock.now(),
        )
        sendings.add_roster(
            connection,
            IssuedRoster(
                door=door.id,
                number=roster.number,
                issued_at=roster.issued_at,
                valid_until=roster.valid_until,
                people=len(roster.entries),
                parts=0 if last is None else last.parts,
                applied_at=None,
            ),
        )
        entries = office.recorder.record(
            connection,
            [
                RosterIssued(
                    door=CONTROLLER,
                    at=roster.issued_at,
                    target=door.id,
                    number=roster.number,
                    people=len(roster.entries),
                    valid_until=roster.valid_until,
                )
            ],
        )
        parts = 0 if last is None else last.parts
        return roster, parts, Acted(entries=tuple(entries), doors=frozenset())


def load_known(office: Office, connection: Connection, door: Door) -> Known:
    """What the register holds of those whom `door` may know."""
    zone = office.site.zones[door.zone]
    general = zone.level is ZoneLevel.GENERAL
    people = register.people_of_zone(
        connection,
        zone.id,
        posts=zone.posts if general else (),
        everybody=zone.level is ZoneLevel.NON_SECRET,
    )
    return Known(
        people=people,
        grants=rosters.by_person(register.grants_for(connection, zone.id)),
        credentials=credentials.of_people(
            connection, office.vault, [p.id for p in people]
        ),
        visitors=known_visitors(connection, office.vault, zone.id),
    )


def _behind(connection: Connection, door_ids: Iterable[DoorId]) -> set[DoorId]:
    """Which of them have not applied the latest roster."""
    behind = set()
    for door in door_ids:
        last = sendings.latest_roster(connection, door)
        if last is not None and last.applied_at is None:
            behind.add(door)
    return behind


def _renewal(roster: Roster) -> datetime:
    validity = roster.valid_until - roster.issued_at
    renewal = roster.issued_at + validity * _RENEW
    change = rosters.next_change(roster)
    return renewal if change is None else min(renewal, change)
