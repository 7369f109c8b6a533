"""A whole site in one process: real agents, the real controller, simulated devices.

The parts are the ones that run in a factory, built by their own bootstraps; simulated
are only what they hang on: the devices at each door (`simulators.rig`), the trust in
the clock, and, in stories, the network.
"""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from datetime import datetime
from pathlib import Path
from random import Random
from typing import Any, Final

from config.schema import Door, Role, Site
from controller.bootstrap import Controller, build_controller
from controller.store.envelopes import Stored
from domain.access_events import AccessDenied, AccessGranted, AccessWaiting
from domain.agent_events import RosterApplied
from domain.clock import Clock
from domain.events import Event
from domain.ids import CONTROLLER, DoorId
from domain.zones import ZoneLevel
from edge_agent.bootstrap import Agent, DoorParts, build_agent
from edge_agent.status import will
from hardware.loader import load_door as load_devices
from hardware.ports import Device
from simulators.clock_trust import SimulatedClockTrust
from simulators.likenesses import Likenesses
from simulators.links import Network
from simulators.people import credentials
from simulators.rig import DoorRig
from wire.keys import DoorKeys, SiteKeys, load_door

# Seconds of loop time in which everything has to be up before a story begins.
_READY_WITHIN: Final = 500.0
# Seconds of real time: a busy machine's engine looks three times at a stranger's face.
PATIENCE: Final = 5.0
_FACE_LINGERS: Final = 3.0


class SimulatedSite:
    """Controller, one agent for each name in the site file, a rig at every door.

    All doors share the face engine of `likenesses`. `patience`: seconds, beyond what
    a story says, in which a presentation may be judged; none on a virtual clock, on
    which nothing is slow.
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
        patience: float = 0.0,
    ) -> None:
        self.site = site
        self._patience = patience
        self._judgements: Counter[DoorId] = Counter()
        self._judged = asyncio.Event()
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
        if patience:
            for rig in self.rigs.values():
                rig.face_lingers = _FACE_LINGERS
        self._door_keys: dict[DoorId, DoorKeys] = {
            door: load_door(keys.folder / "doors" / door) for door in site.doors
        }
        self._trust = {name: SimulatedClockTrust() for name in self.agents_named}
        self._agents: dict[str, Agent] = {}
        self._running: dict[str, asyncio.Task[None]] = {}
        self._listeners: list[Callable[[Event], None]] = []
        self._tasks = asyncio.TaskGroup()
        self._devices: dict[DoorId, tuple[Device, ...]] = {}
        self._applied: set[DoorId] = set()
        self._full: set[DoorId] = set()  # doors whose disks are
        self._all_applied = asyncio.Event()
        self.controller: Controller

    @property
    def agents_named(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(d.agent for d in self.site.doors.values()))

    def listen(self, callback: Callable[[Event], None]) -> None:
        """Hear every event of every door and of the office, once recorded."""
        self._listeners.append(callback)

    def trust_of(self, door: DoorId) -> SimulatedClockTrust:
        return self._trust[self.site.doors[door].agent]

    def agent_of(self, door: DoorId) -> Agent:
        """The running agent of a door, until its power is cut."""
        return self._agents[self.site.doors[door].agent]

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        """Everything up, every roster applied, until the block ends."""
        try:
            await self.network.start()
            self.controller = await self._office()
            await self._seed()
            async with self._tasks as tasks:
                office = tasks.create_task(self.controller.run())
                try:
                    for name in self.agents_named:
                        await self._start(name)
                    async with asyncio.timeout(_READY_WITHIN):
                        await self._all_applied.wait()
                        for agent in self._agents.values():
                            await agent.settled()
                    yield
                finally:
                    for name in tuple(self._running):
                        await self._stop(name)
                    office.cancel()
                    await asyncio.wait([office])
        finally:
            await self.network.stop()
            for rig in self.rigs.values():
                rig.close()

    async def settle(self, door: DoorId | None, *, within: float) -> None:
        """Give a presentation the time it needs to be judged."""
        before = self._judgements[door] if door is not None else 0
        await asyncio.sleep(within)
        if door is None or not self._patience:
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(self._patience):
                while self._judgements[door] == before:
                    self._judged.clear()
                    await self._judged.wait()

    def now(self) -> datetime:
        return self._clock.now()

    def later(self, deed: Coroutine[Any, Any, None]) -> None:
        """Do something beside what is going on."""
        self._tasks.create_task(deed)

    async def cut_power(self, door: DoorId) -> None:
        """The door's agent is killed in the middle of whatever it does."""
        name = self.site.doors[door].agent
        if name in self._running:  # two doors may hang on one agent
            await self._kill(name)

    async def restore_power(self, door: DoorId) -> None:
        """The agent starts, and is up at the end."""
        name = self.site.doors[door].agent
        if name not in self._running:
            await self._start(name)
        await self._agents[name].settled()

    async def fill_disk(self, door: DoorId, *, full: bool) -> None:
        """The door's journal can, or can no longer, be written; a restart of its
        agent changes nothing about that."""
        (self._full.add if full else self._full.discard)(door)
        agent = self._agents.get(self.site.doors[door].agent)
        if agent is not None:
            await agent.doors[door].outbox.turn_read_only(read_only=full)

    # --- inside ---

    async def _office(self) -> Controller:
        controller = await build_controller(
            self.site,
            keys=self._keys,
            database=self._database,
            link=self.network.office_link(),
            clock=self._clock,
            random=self._random,
        )
        controller.listen(self._heard_office)
        return controller

    def _heard_office(self, stored: Stored) -> None:
        # What doors did is heard at the doors, also while they are cut off.
        if stored.door == CONTROLLER and stored.event is not None:
            self._tell(stored.event)

    def _heard_door(self, event: Event) -> None:
        if isinstance(event, AccessWaiting | AccessGranted | AccessDenied):
            self._judgements[event.door] += 1
            self._judged.set()
        if isinstance(event, RosterApplied):
            self._applied.add(event.door)
            if self._applied >= set(self.rigs):
                self._all_applied.set()
        self._tell(event)

    def _tell(self, event: Event) -> None:
        for callback in self._listeners:
            callback(event)

    async def _seed(self) -> None:
        """People and what they present, as an enrolment desk would have taken it."""
        await self.controller.seed(
            self.site.people.values(),
            {
                person: credentials(
                    person,
                    digest_key=self._keys.digest,
                    faces=self._likenesses.enrolled(person),
                )
                for person in self.site.people
            },
            by="seed",
        )

    async def _start(self, name: str) -> None:
        agent = await build_agent(
            self.site,
            name,
            folder=self._folder / "agents" / name,
            clock=self._clock,
            clock_trust=self._trust[name],
            parts=self._parts,
            random=self._random,
        )
        agent.listen(self._heard_door)
        self._agents[name] = agent
        for door in self._full.intersection(agent.doors):
            await self.fill_disk(door, full=True)
        self._running[name] = self._tasks.create_task(agent.run(), name=name)

    async def _stop(self, name: str) -> None:
        """A clean stop, as at shutdown."""
        task = self._running.pop(name)
        self._agents.pop(name)
        task.cancel()
        await asyncio.wait([task])

    async def _kill(self, name: str) -> None:
        """Power off: nothing more is recorded, said or secured."""
        task = self._running.pop(name)
        self._agents.pop(name).drop()
        for door in self.site.doors_of(name):
            self.rigs[door.id].hardware.cut_power()
            self.network.lose(door.id)
        task.cancel()
        await asyncio.wait([task])
        for door in self.site.doors_of(name):
            for device in self._devices.pop(door.id):
                if device is not self._likenesses.engine:
                    await device.aclose()  # the kernel closes its files

    async def _parts(self, door: Door) -> DoorParts:
        keys = self._door_keys[door.id]
        devices = load_devices(self.rigs[door.id].devices)
        if Role.FACE_ENGINE in devices:
            devices[Role.FACE_ENGINE] = self._likenesses.engine
        self._devices[door.id] = tuple(devices.values())
        session = self._random.randbytes(8).hex()
        last = will(self.site.id, door.id, at=self._clock.now(), session=session)
        link = await self.network.door_link(keys, last)
        return DoorParts(keys=keys, link=link, devices=devices, session=session)
