"""One machine and the doors it serves.

A door that fails does not stop: only a bug ends the process, for systemd to start it
again. Doors share the machine's clock and who is inside; everything else is theirs.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import datetime
from pathlib import Path

from domain.clock import Clock
from domain.events import Event
from domain.ids import DoorId
from edge_agent.clock_trust import ClockTrust
from edge_agent.door_agent import DoorAgent
from edge_agent.inputs import ClockJudged
from edge_agent.watchdog import ALIVE, READY, STOPPING, Watchdog


class Agent:
    """`newest`: the instant of the newest journal entry of its doors."""

    def __init__(
        self,
        doors: Mapping[DoorId, DoorAgent],
        *,
        clock: Clock,
        clock_trust: ClockTrust,
        newest: datetime | None,
        watchdog: Watchdog,
        listeners: "list[Callable[[Event], None]]",
    ) -> None:
        self.doors = doors
        self._clock = clock
        self._trust = clock_trust
        self._newest = newest
        self._watchdog = watchdog
        self._listeners = listeners
        self._judged: tuple[bool, str] | None = None

    def listen(self, callback: Callable[[Event], None]) -> None:
        """Call back with every event, right after it is recorded; while the disk
        fails, once it is kept in memory for it."""
        self._listeners.append(callback)

    async def run(self) -> None:
        """Until cancelled; a clean cancel records that every door has stopped."""
        changes = self._trust.changes()  # before the first look: none is missed
        await self._judge_clock()
        self._watchdog.tell(READY)
        try:
            async with asyncio.TaskGroup() as group:
                for door in self.doors.values():
                    group.create_task(door.run(), name=f"door {door.id}")
                group.create_task(self._watch_clock(changes), name="clock")
                group.create_task(self._stay_alive(), name="watchdog")
        finally:
            self._watchdog.tell(STOPPING)

    async def settled(self) -> None:
        """Return once every door has dealt with everything that came in."""
        for door in self.doors.values():
            await door.settled()

    def drop(self) -> None:
        """Lose power: cancel `run` after this, and nothing more is recorded."""
        for door in self.doors.values():
            door.drop()

    async def aclose(self) -> None:
        """Free what an agent holds that never ran. Idempotent."""
        for door in self.doors.values():
            await door.aclose()

    async def _watch_clock(self, changes: AsyncIterator[bool]) -> None:
        async for _ in changes:
            await self._judge_clock()

    async def _judge_clock(self) -> None:
        trusted, source = await self._trust.state()
        if source == "rtc" and self._newest and self._clock.now() < self._newest:
            trusted, source = False, "none"  # a battery that ran out
        if (trusted, source) == self._judged:
            return
        self._judged = trusted, source
        for door in self.doors.values():
            door.inbox.put(ClockJudged(trusted, source))

    async def _stay_alive(self) -> None:
        """A sign of life, as long as this loop turns and doors get their turns."""
        every = self._watchdog.every
        while every is not None:
            self._watchdog.tell(ALIVE)
            await asyncio.sleep(every)


def folder_of(folder: Path, door: DoorId) -> Path:
    """Where a door keeps what it must not forget."""
    return folder / door
