"""Which doors are there, and what to tell when one stays away or entries stay missing.

A door says so itself when it comes and goes (`…/status`, retained), and the broker
says it for a door that vanishes (last will). A will belongs to one connection: an
older one's does not make a newer one offline. A door that is away for `PATIENCE`, or
that never spoke, raises `door.offline`; its return clears it. While the office itself
has no broker nobody is accused of silence.
"""

import asyncio
import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from typing import Final

from sqlalchemy import Connection

from controller.services import gaps
from controller.services.alarm import cleared, raised
from controller.services.office import Acted, Office
from controller.store import alarms, doors, envelopes
from domain.alarm_events import AlarmCode
from domain.errors import (
    MessageMalformed,
    StorageError,
    UnknownMessageType,
)
from domain.events import Event
from domain.ids import DoorId
from wire import json_v1, topics
from wire.link import Backoff, Link, Message
from wire.messages import DoorState, Status

log = logging.getLogger(__name__)

PATIENCE: Final = timedelta(seconds=60)


class Watch:
    """`came_online` is called on the loop for a door that has just come."""

    def __init__(
        self,
        office: Office,
        *,
        link: Link,
        backoff: Backoff,
        acted: Callable[[Acted], None],
        came_online: Callable[[DoorId], None],
    ) -> None:
        self._office = office
        self._link = link
        self._backoff = backoff
        self._acted = acted
        self._came_online = came_online
        self._away: dict[DoorId, datetime] = {}  # since when, not alarmed yet
        self._gaps_due: datetime | None = None
        self._wake = asyncio.Event()
        self._sessions: dict[DoorId, str] = {}  # of doors that are there

    async def take(self, message: Message) -> None:
        """A door's status; when this returns it is committed."""
        while True:
            try:
                await self._take(message)
            except StorageError as error:
                log.error("watch.storage", extra={"problem": str(error)})
                await asyncio.sleep(self._backoff.next())
            else:
                self._backoff.reset()
                await message.done()
                return

    def gaps_seen(self) -> None:
        """Entries are missing: look when they have been for too long."""
        if self._gaps_due is None:
            self._gaps_due = self._office.clock.now() + gaps.PATIENCE
            self._wake.set()

    async def run(self) -> None:
        """Raise alarms as they fall due, until cancelled."""
        await self._link.wait_connected()
        now = self._office.clock.now()
        there = set(self._sessions)
        self._away |= {d: now for d in self._office.site.doors if d not in there}
        self._gaps_due = await self._office.database.read(gaps.next_overdue)
        while True:
            await self._wait()
            if not self._link.connected:
                await self._link.wait_connected()
                now = self._office.clock.now()
                self._away = dict.fromkeys(self._away, now)
                continue
            await self._alarm()

    async def _wait(self) -> None:
        """Return at the next deadline, whatever it was set by."""
        while True:
            self._wake.clear()
            ends = [at + PATIENCE for at in self._away.values()]
            if self._gaps_due is not None:
                ends.append(self._gaps_due)
            now = self._office.clock.now()
            timeout = (min(ends) - now).total_seconds() if ends else None
            if timeout is not None and timeout <= 0:
                return
            try:
                async with asyncio.timeout(timeout):
                    await self._wake.wait()
            except TimeoutError:
                return

    async def _alarm(self) -> None:
        now = self._office.clock.now()
        late = [door for door, at in self._away.items() if at + PATIENCE <= now]
        try:
            acted, self._gaps_due = await self._office.database.write(
                partial(self._record_overdue, late, now)
            )
        except StorageError as error:
            log.error("watch.storage", extra={"problem": str(error)})
            await asyncio.sleep(self._backoff.next())
            return
        for door in late:
            self._away.pop(door, None)
        self._acted(acted)

    def _record_overdue(
        self, late: list[DoorId], now: datetime, connection: Connection
    ) -> tuple[Acted, datetime | None]:
        office = self._office
        events: list[Event] = [
            raised(
                office.site,
                door,
                AlarmCode.DOOR_OFFLINE,
                at=now,
                detail="nothing was heard of it for a minute",
            )
            for door in late
            if not alarms.is_open(connection, door, AlarmCode.DOOR_OFFLINE)
        ]
        for door in late:
            doors.put(connection, door, {"online": False})
        events += gaps.overdue(connection, office.site, at=now)
        entries = office.recorder.record(connection, events)
        acted = Acted(entries=tuple(entries), doors=frozenset())
        return acted, gaps.next_overdue(connection)

    async def _take(self, message: Message) -> None:
        try:
            place = topics.parse(message.topic)
            status = json_v1.from_bytes(Status, message.payload)
        except (MessageMalformed, UnknownMessageType) as error:
            await self._put_aside(message, str(error))
            return
        door = place.door
        if place.site != self._office.site.id or door not in self._office.site.doors:
            await self._put_aside(message, "status of no door of this site")
            return
        if status.state is DoorState.ONLINE:
            await self._online(door, status.session)
        elif self._sessions.get(door, status.session) == status.session:
            await self._offline(door)

    async def _online(self, door: DoorId, session: str) -> None:
        if self._sessions.get(door) == session:  # it was only said again
            return
        acted = await self._office.database.write(
            partial(self._record_online, door, session)
        )
        self._sessions[door] = session
        self._away.pop(door, None)
        self._acted(acted)
        self._came_online(door)

    def _record_online(
        self, door: DoorId, session: str, connection: Connection
    ) -> Acted:
        now = self._office.clock.now()
        row = doors.rows(connection, [door]).get(door)
        values: dict[str, object] = {"online": True, "session": session}
        if row is None or not row.online:
            values["online_since"] = now
        doors.put(connection, door, values)
        events = (
            [cleared(door, AlarmCode.DOOR_OFFLINE, at=now)]
            if alarms.is_open(connection, door, AlarmCode.DOOR_OFFLINE)
            else []
        )
        entries = self._office.recorder.record(connection, events)
        return Acted(entries=tuple(entries), doors=frozenset())

    async def _offline(self, door: DoorId) -> None:
        now = self._office.clock.now()
        await self._office.database.write(
            lambda c: doors.put(c, door, {"online": False, "online_since": now})
        )
        self._sessions.pop(door, None)
        self._away.setdefault(door, now)
        self._wake.set()
        self._acted(Acted(entries=(), doors=frozenset()))

    async def _put_aside(self, message: Message, reason: str) -> None:
        await self._office.database.write(
            lambda c: envelopes.quarantine(
                c,
                message.payload,
                topic=message.topic[:200],
                door=None,
                seq=None,
                reason=reason,
                at=self._office.clock.now(),
            )
        )
