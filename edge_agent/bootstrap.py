"""Builds the doors of one agent and wires them together; nothing else does.

    build_agent(site, name, folder=…, …, parts=…) -> Agent

`parts` says what a door is made of: the real thing by `edge_agent.cli`, simulated
parts by `simulators`. Everything an agent must not forget is in `folder`, one folder
per door, so an agent that was dropped without any clean-up starts again from it.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib import metadata
from pathlib import Path
from random import Random
from typing import Final, cast

from config.schema import Door, Role, Site
from domain.awakening import Found
from domain.clock import Clock
from domain.credentials import Factor
from domain.door import Phase
from domain.doorway import Doorway, Setting
from domain.errors import InputError, RosterRejected, StorageError
from domain.events import Event
from domain.ids import DoorId, ZoneId
from domain.vigil import Limits
from domain.zones import LEVEL_DEMANDS, Zone
from edge_agent.agent import Agent, folder_of
from edge_agent.clock_trust import ClockTrust
from edge_agent.device_tasks import DeviceTasks
from edge_agent.door_agent import DoorAgent, DoorDesk, DoorWorks
from edge_agent.door_loop import PHASE, ROSTER, RUNNING, DoorLoop, Fittings
from edge_agent.fingerprint_sync import MODULE
from edge_agent.health import Condition, Health, MachineReader
from edge_agent.inputs import CompanyChanged, Inbox, RosterUnusable
from edge_agent.journal_rows import Opened
from edge_agent.lights import Lights
from edge_agent.occupancy_book import OccupancyBook
from edge_agent.outbox import Outbox, Ticks
from edge_agent.perform import Performer
from edge_agent.post_room import PostRoom, StatusTeller
from edge_agent.roster_index import RosterIndex
from edge_agent.rosters import RosterDesk, RosterStore
from edge_agent.sender import Sender
from edge_agent.timers import Timers
from edge_agent.watchdog import Watchdog
from hardware.ports import Device, Lock
from wire.keys import DoorKeys
from wire.link import Link

__all__ = ["Agent", "DoorParts", "build_agent"]

log = logging.getLogger(__name__)

UNKNOWN_VERSION: Final = "0"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorParts:
    """What a door is built from. `session` names the link's connection in its will
    (`edge_agent.status.will`) and in what the door says of itself."""

    keys: DoorKeys
    link: Link
    devices: Mapping[Role, Device]
    session: str = ""


async def build_agent(
    site: Site,
    agent: str,
    *,
    folder: Path,
    clock: Clock,
    clock_trust: ClockTrust,
    parts: Callable[[Door], Awaitable[DoorParts]],
    random: Random,
) -> Agent:
    """The agent `agent` of `site`, ready to run.

    Raises:
        InputError: the site has no such agent, or its keys are not the doors'.
    """
    doors = site.doors_of(agent)
    if not doors:
        raise InputError(f"agent `{agent}` serves no door of site `{site.id}`")
    builder = _Builder(site, agent, folder, clock, random)
    built = {door.id: await builder.prepare(door, await parts(door)) for door in doors}
    builder.restore_occupancy()
    for prepared in built.values():
        builder.doors[prepared.door.id] = await builder.build(prepared)
    newest = [p.opened.newest for p in built.values() if p.opened and p.opened.newest]
    return Agent(
        builder.doors,
        clock=clock,
        clock_trust=clock_trust,
        newest=max(newest, default=None),
        watchdog=Watchdog(),
        listeners=builder.listeners,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Prepared:
    """A door whose journal is open; `opened` is None if the disk failed."""

    door: Door
    parts: DoorParts
    folder: Path
    outbox: Outbox
    opened: Opened | None


class _Builder:
    def __init__(
        self, site: Site, agent: str, folder: Path, clock: Clock, random: Random
    ) -> None:
        self.doors: dict[DoorId, DoorAgent] = {}
        self.listeners: list[Callable[[Event], None]] = []
        self._site = site
        self._agent = agent
        self._folder = folder
        self._clock = clock
        self._random = random
        self._book = OccupancyBook()
        self._ticks = Ticks()
        self._machine = MachineReader(folder)
        self._recorded: list[Opened] = []

    async def prepare(self, door: Door, parts: DoorParts) -> _Prepared:
        keys = parts.keys
        if (keys.site, keys.door) != (self._site.id, door.id):
            raise InputError(
                f"keys of door `{keys.door}` of site `{keys.site}` are not those of "
                f"door `{door.id}` of site `{self._site.id}`"
            )
        strangers = set(door.interlock) - {
            d.id for d in self._site.doors_of(self._agent)
        }
        if strangers:
            raise InputError(
                f"door `{door.id}`: interlock with `{min(strangers)}`, which another "
                "agent serves; both doors of a lock chamber belong to one agent"
            )
        folder = folder_of(self._folder, door.id)
        outbox = Outbox(folder, door.id, keys.sign, ticks=self._ticks)
        opened = None
        try:
            opened = await outbox.open(self._clock.now())
            self._recorded.append(opened)
        except StorageError as error:
            log.error("journal.unavailable", extra={"cause": str(error)})
        return _Prepared(
            door=door, parts=parts, folder=folder, outbox=outbox, opened=opened
        )

    def restore_occupancy(self) -> None:
        """Of all doors together, in the order in which things happened."""
        events = [r for opened in self._recorded for r in opened.occupancy]
        self._ticks.next = self._book.restore(events)

    async def build(self, prepared: _Prepared) -> DoorAgent:
        door, parts, outbox = prepared.door, prepared.parts, prepared.outbox
        keys, link = parts.keys, parts.link
        if Role.LOCK not in parts.devices:
            raise InputError(f"door `{door.id}` has no lock; name one in its devices")
        lock = cast(Lock, parts.devices[Role.LOCK])
        inbox, desk = Inbox(self._clock), DoorDesk()
        timers = Timers(inbox.put)
        setting = self._setting(door)
        face_demanded = Factor.FACE in _factors(door, setting.zone)
        store = RosterStore(
            prepared.folder,
            keys,
            faces=face_demanded and Role.FACE_ENGINE in parts.devices,
            random_bytes=self._random.randbytes,
        )
        index = await self._stored_roster(store, prepared, inbox)
        devices = DeviceTasks(
            door,
            parts.devices,
            desk=desk,
            inbox=inbox,
            outbox=outbox,
            digest_key=keys.digest,
            slots=() if prepared.opened is None else prepared.opened.slots,
            module=_setting_of(prepared.opened, MODULE),
            face_demanded=face_demanded,
            random=self._random,
        )
        lights = Lights(devices.lamps, inbox.put)
        loop = DoorLoop(
            Fittings(
                door=door,
                setting=setting,
                tz=self._site.tz,
                ratio=self._site.escorts,
                limits=_limits(door),
                face_devices=devices.face_devices,
                inbox=inbox,
                outbox=outbox,
                book=self._book,
                timers=timers,
                performer=Performer(lock, timers, door.timing),
                lights=lights,
                interlocked=partial(self._interlocked, door),
                company_changed=self._company_changed,
                tell=self._tell,
            ),
            doorway=Doorway(),
        )
        desk.loop = loop
        if prepared.opened is not None:
            loop.restore(prepared.opened)
        if index is not None:
            loop.begin_with(index)
            devices.want(index)
        health = Health(
            door.id,
            machine=self._machine,
            outbox=outbox,
            checks=devices.checks,
            is_down=loop.is_down,
            condition=partial(_condition, loop),
            put=inbox.put,
            now=self._clock.now,
            every=door.timing.health_every,
            kept=door.timing.journal_kept,
        )

        def on_turn() -> None:
            devices.on_turn()
            here = loop.doorway.entry.attempt
            if here is not None:
                health.attend(here.since)

        loop.on_turn = on_turn
        status = StatusTeller(link, keys, self._clock, inbox.put, session=parts.session)
        rosters = RosterDesk(
            store,
            keys,
            inbox.put,
            devices.want,
            number=loop.roster_floor,
            lost=index is None,
        )
        post = PostRoom(link, keys, outbox, rosters, inbox.put)
        await post.subscribe()
        sender = Sender(
            link,
            outbox,
            site=self._site.id,
            door=door.id,
            resend_after=door.timing.resend_after,
        )
        inbox.put(CompanyChanged())  # somebody may be alone inside already
        return DoorAgent(
            DoorWorks(
                door=door,
                found=self._found(prepared, devices),
                loop=loop,
                inbox=inbox,
                outbox=outbox,
                timers=timers,
                link=link,
                status=status,
                devices=parts.devices,
                lock=lock,
                tasks=(
                    lights.run,
                    post.run,
                    sender.run,
                    status.run,
                    health.run,
                    *devices.tasks,
                ),
                sync=devices.sync,
            )
        )

    def _setting(self, door: Door) -> Setting:
        zone = self._site.zone_of(door.id)
        camera = door.device(Role.CAMERA)
        same_zone = (
            d.id for d in self._site.doors_of(self._agent) if d.zone == door.zone
        )
        return Setting(
            door=door.id,
            zone=zone,
            camera=None if camera is None else camera.id,
            factor_window=door.timing.factor_window,
            pair_window=door.timing.pair_window,
            escort_window=door.timing.escort_window,
            alone_for=door.timing.alone_for,
            visitor_alone=door.timing.visitor_alone_for,
            watches_zone=next(same_zone) == door.id,
        )

    async def _stored_roster(
        self, store: RosterStore, prepared: _Prepared, inbox: Inbox
    ) -> RosterIndex | None:
        floor = int(_setting_of(prepared.opened, ROSTER) or 0)
        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(None, partial(store.load, at_least=floor))
        except (RosterRejected, StorageError) as error:
            inbox.put(RosterUnusable(None, str(error)))
            return None

    def _found(self, prepared: _Prepared, devices: DeviceTasks) -> Found:
        opened = prepared.opened
        return Found(
            version=_version(),
            simulated=any(
                spec.simulated
                for door in self._site.doors_of(self._agent)
                for spec in door.devices.values()
            ),
            unclean=_setting_of(opened, RUNNING) == "1",
            last_phase=Phase(_setting_of(opened, PHASE) or Phase.SECURED),
            open=devices.level(Role.CONTACT),
            moving=devices.level(Role.EXIT_BUTTON) or devices.level(Role.HANDLE),
            damaged=None if opened is None else opened.damaged_as,
        )

    def _interlocked(self, door: Door) -> bool:
        return any(not self.doors[other].loop.secured for other in door.interlock)

    def _company_changed(self, zone: ZoneId) -> None:
        for door in self.doors.values():
            if door.door.zone == zone:
                door.inbox.put(CompanyChanged())

    def _tell(self, event: Event) -> None:
        for listener in self.listeners:
            listener(event)


def _factors(door: Door, zone: Zone) -> tuple[Factor, ...]:
    return (*LEVEL_DEMANDS[zone.level].factors, *door.factors)


def _condition(loop: DoorLoop) -> Condition:
    return Condition(
        clock_trusted=loop.clock_trusted,
        roster=loop.roster_number,
        roster_until=loop.doorway.roster_until,
    )


def _limits(door: Door) -> Limits | None:
    climate = door.climate
    if climate is None:
        return None
    return Limits(
        temperature_min_c=climate.temperature_min_c,
        temperature_max_c=climate.temperature_max_c,
        humidity_min_percent=climate.humidity_min_percent,
        humidity_max_percent=climate.humidity_max_percent,
    )


def _setting_of(opened: Opened | None, key: str) -> str | None:
    return None if opened is None else opened.settings.get(key)


def _version() -> str:
    try:
        return metadata.version("menshen")
    except metadata.PackageNotFoundError:
        return UNKNOWN_VERSION
