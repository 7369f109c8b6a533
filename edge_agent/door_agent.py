"""Everything that runs for one door, side by side in one task group.

Built by `bootstrap`. A clean cancel records `AgentStopped`, secures the lock unless
there is a fire, and says goodbye; `drop` is a power cut.
"""

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from config.schema import Door, Role
from domain.agent_events import AgentStopped
from domain.awakening import Found
from domain.door import Phase
from domain.doorway import face_awaited_since, face_settled, named_person
from domain.errors import DeviceError, StorageError
from domain.ids import DoorId, PersonId
from edge_agent.door_loop import RUNNING, DoorLoop
from edge_agent.fingerprint_sync import FingerprintSync
from edge_agent.inputs import Inbox
from edge_agent.outbox import Outbox
from edge_agent.post_room import StatusTeller
from edge_agent.roster_index import RosterIndex
from edge_agent.timers import Timers
from hardware.ports import Device, Lock
from wire.link import Link

Task = Callable[[], Coroutine[Any, Any, None]]

_FIRE: Final = (Phase.FIRE_SHUT, Phase.FIRE_OPEN)


class DoorDesk:
    """What presenters may ask of their door; its loop is put in once it is there."""

    def __init__(self) -> None:
        self.loop: DoorLoop

    @property
    def index(self) -> RosterIndex | None:
        return self.loop.index

    def named(self, at: datetime) -> PersonId | None:
        return named_person(self.loop.doorway, at)

    def face_awaited(self) -> datetime | None:
        return face_awaited_since(self.loop.doorway)

    def face_settled(self, at: datetime) -> bool:
        return face_settled(self.loop.doorway, at)


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorWorks:
    """What one door runs on; made by `bootstrap`."""

    door: Door
    found: Found
    loop: DoorLoop
    inbox: Inbox
    outbox: Outbox
    timers: Timers
    link: Link
    status: StatusTeller
    devices: Mapping[Role, Device]
    lock: Lock
    tasks: Sequence[Task]
    sync: FingerprintSync | None


class DoorAgent:
    def __init__(self, works: DoorWorks) -> None:
        self._works = works
        self._dropped = False
        self._closed = False

    @property
    def id(self) -> DoorId:
        return self._works.door.id

    @property
    def door(self) -> Door:
        return self._works.door

    @property
    def loop(self) -> DoorLoop:
        return self._works.loop

    @property
    def outbox(self) -> Outbox:
        return self._works.outbox

    @property
    def inbox(self) -> Inbox:
        return self._works.inbox

    async def settled(self) -> None:
        """Return once everything that came in is dealt with and the fingerprint
        module holds what the roster says."""
        await self.inbox.settled()
        if self._works.sync is not None:
            await self._works.sync.settled()
            await self.inbox.settled()

    async def run(self) -> None:
        """Until cancelled."""
        works = self._works
        try:
            with suppress(DeviceError):  # the first check tells
                await works.lock.secure()
            await works.loop.begin(works.found)
            async with asyncio.TaskGroup() as network:
                link = network.create_task(works.link.run())
                try:
                    async with asyncio.TaskGroup() as group:
                        for task in (works.loop.run, *works.tasks):
                            group.create_task(task())
                finally:
                    if not self._dropped:
                        await works.status.say_goodbye()
                    link.cancel()
        finally:
            works.timers.stop_all()
            if not self._dropped:
                await self._end()

    def drop(self) -> None:
        """Lose power: from now on nothing is recorded, said or secured. Whoever
        calls this then cancels `run`."""
        self._dropped = True
        self.outbox.drop()

    async def aclose(self) -> None:
        """Free devices and journal, if `run` has not done it. Idempotent."""
        if self._closed:
            return
        self._closed = True
        for device in {id(d): d for d in self._works.devices.values()}.values():
            with suppress(DeviceError):
                await device.aclose()
        if not self._dropped:
            with suppress(StorageError):
                await self.outbox.aclose()

    async def _end(self) -> None:
        works = self._works
        stopped = AgentStopped(door=self.id, at=self.inbox.now())
        await works.loop.end((stopped,), {RUNNING: "0"})
        if works.loop.phase not in _FIRE:
            with suppress(DeviceError):
                await works.lock.secure()
        await self.aclose()
