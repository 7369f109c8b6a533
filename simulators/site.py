"""A whole site in one process: real agents, the real controller, simulated devices.

The parts are the ones that run in a factory, built by their own bootstraps; simulated
are only what they hang on: the devices at each door (`simulators.rig`), the trust in
the clock, and, in stories, the network.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from pathlib import Path
from random import Random
from typing import Any

from config.schema import Door, Role, Site
from controller.bootstrap import Controller, build_controller
from domain.clock import Clock
from domain.events import Event, RosterApplied
from domain.ids import DoorId, PersonId
from domain.zones import ZoneLevel
from edge_agent.bootstrap import Agent, DoorParts, build_agent
from hardware.loader import load_all
from hardware.ports import Device
from simulators.clock_trust import SimulatedClockTrust
from simulators.likenesses import Likenesses
from simulators.links import Network
from simulators.people import credentials
from simulators.rig import DoorRig
from wire.keys import DoorKeys, SiteKeys, load_door

# Seconds of loop time in which everything has to be up before a story begins.
_READY_WITHIN = 600.0


class SimulatedSite:
    """Controller, one agent for each name in the site file, a rig at every door.

    All doors share the face engine of `likenesses`.
    """

    def __init__(
        self,
        site: Site,
        *,
        folder: Path,
        keys: SiteKeys,
        network: Network,
        clock: Clock,
        random: Random,
        likenesses: Likenesses,
        database: str | None = None,
    ) -> None:
        self.site = site
        self.network = network
        self._folder = folder
        self._keys = keys
        self._clock = clock
        self._random = random
        self._likenesses = likenesses
        self._database = database or f"sqlite:///{folder / 'controller.sqlite'}"
        self.rigs: Mapping[DoorId, DoorRig] = {
            door.id: DoorRig(
                door,
                core=site.zone_of(door.id).level is ZoneLevel.CORE,
                picture_of=likenesses.seen,
            )
            for door in site.doors.values()
        }
        self._door_keys: dict[DoorId, DoorKeys] = {
            door: load_door(keys.folder / "doors" / door) for door in site.doors
        }
        self._trust = {name: SimulatedClockTrust() for name in self.agents_named}
        self._agents: dict[str, Agent] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._listeners: list[Callable[[Event], None]] = []
        self._tasks = asyncio.TaskGroup()
        self.controller: Controller

    @property
    def agents_named(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(d.agent for d in self.site.doors.values()))

    def listen(self, callback: Callable[[Event], None]) -> None:
        """Hear every event of every door and of the office, once recorded."""
        self._listeners.append(callback)

    def trust_of(self, door: DoorId) -> SimulatedClockTrust:
        return self._trust[self.site.doors[door].agent]

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Everything up, every roster applied, until the block ends."""
        await self.network.start()
        async with self._tasks as tasks:
            office = tasks.create_task(self._run_office())
            try:
                await self._seed()
                for name in self.agents_named:
                    await self._start(name)
                await self._until_rosters_are_applied()
                yield
            finally:
                for name in tuple(self._running):
                    await self._stop(name)
                office.cancel()
                await self.network.stop()
                for rig in self.rigs.values():
                    await rig.aclose()

    async def settle(self, door: DoorId | None, *, within: float) -> None:
        """Give a presentation the time it needs to be judged."""
        await asyncio.sleep(within)

    def later(self, deed: Coroutine[Any, Any, None]) -> None:
        """Do something beside what is going on."""
        self._tasks.create_task(deed)

    async def cut_power(self, door: DoorId) -> None:
        """The door's agent is killed in the middle of whatever it does."""
        await self._kill(self.site.doors[door].agent)

    async def restore_power(self, door: DoorId) -> None:
        name = self.site.doors[door].agent
        if name not in self._running:
            await self._start(name)

    # --- inside ---

    async def _run_office(self) -> None:
        self.controller = await build_controller(
            self.site,
            keys=self._keys,
            database=self._database,
            link=self.network.office_link(),
            clock=self._clock,
            random=self._random,
        )
        await self.controller.run()
