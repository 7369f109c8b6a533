"""An office on a memory broker, and doors worked by hand: signed, chained, answering.

A hand-worked door speaks the wire and decides nothing, so that a test can say the
wrong thing on purpose.
"""

import asyncio
import atexit
import contextlib
import itertools
import shutil
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Final
from zoneinfo import ZoneInfo

from config.schema import (
    DeviceSpec,
    Door,
    FaceLimits,
    GrantSpec,
    PersonSpec,
    Role,
    Site,
    Timing,
    Wiring,
)
from controller.bootstrap import Controller, build_controller
from controller.store.envelopes import Stored
from domain.agent_events import CommandReceived, RosterApplied
from domain.clock import Clock
from domain.commands import Command
from domain.credentials import Credential, Factor
from domain.errors import RosterRejected
from domain.events import Event
from domain.ids import (
    CONTROLLER,
    CredentialId,
    DeviceId,
    DoorId,
    PersonId,
    SiteId,
    ZoneId,
)
from domain.journal import EMPTY, Tip
from domain.people import PersonState, Post, Rank
from domain.roster import Roster
from domain.zones import WhenExpired, Zone, ZoneLevel
from simulators.memory_link import MemoryBroker, MemoryLink
from wire import frame, json_v1, topics
from wire.broker_config import users_of
from wire.codec import type_name
from wire.envelope import Envelope, Signed, encode, sign
from wire.keys import (
    DoorKeys,
    SiteKeys,
    add_door,
    init_site,
    load_door,
    load_site,
    user_name,
)
from wire.link import Will
from wire.messages import Ack, DoorState, Status
from wire.roster_parts import RosterInbox, unpack

NINE: Final = datetime(2026, 3, 2, 9, tzinfo=UTC)
SITE: Final = SiteId("works")
EVERY_FACTOR: Final = (Role.FINGERPRINT, Role.CAMERA, Role.KEYPAD)

LAB, OFFICE, CANTEEN = DoorId("lab"), DoorId("purchasing"), DoorId("canteen")
LAB_ZONE, OFFICE_ZONE, CANTEEN_ZONE = map(ZoneId, ("lab", "purchasing", "canteen"))
ADA, BO, COOK = map(PersonId, ("E1001", "E1002", "E1003"))

RANDOM: Final = Random(1)  # noqa: S311  so that a test can be repeated


def zone(id_: str, level: ZoneLevel, *, posts: Iterable[str] = ()) -> Zone:
    return Zone(
        id=ZoneId(id_),
        name=f"{id_} 区",
        name_en=id_,
        level=level,
        two_person=False,
        anti_passback=level in (ZoneLevel.CORE, ZoneLevel.IMPORTANT),
        posts=frozenset(map(Post, posts)),
        schedule=None,
        roster_expired=WhenExpired.REFUSE,
    )


def door(
    id_: str,
    *,
    zone: str | None = None,
    agent: str | None = None,
    devices: Iterable[Role] = EVERY_FACTOR,
    timing: Timing | None = None,
) -> Door:
    return Door(
        id=DoorId(id_),
        name=f"{id_} 门",
        name_en=id_,
        zone=ZoneId(zone or id_),
        agent=agent or f"pi-{id_}",
        wiring=Wiring.FAIL_SECURE,
        has_handle=True,
        has_fire_relay=False,
        has_break_glass=False,
        factors=(),
        interlock=(),
        devices={r: _device(id_, r) for r in devices},
        timing=timing or Timing(),
        climate=None,
        faces=FaceLimits(),
    )


def _device(door_id: str, role: Role) -> DeviceSpec:
    return DeviceSpec(
        id=DeviceId(f"{door_id}.{role}"),
        role=role,
        driver="simulators.none:None",
        options={},
        simulated=True,
    )


def site(*doors: Door, zones: Sequence[Zone] | None = None) -> Site:
    built = zones or (
        zone("lab", ZoneLevel.CORE),
        zone("purchasing", ZoneLevel.GENERAL, posts=["purchasing_manager"]),
        zone("canteen", ZoneLevel.NON_SECRET),
    )
    listed = doors or (door("lab"), door("purchasing"), door("canteen"))
    return Site(
        id=SITE,
        name="示范",
        name_en="Works",
        tz=ZoneInfo("Asia/Shanghai"),
        zones={z.id: z for z in built},
        doors={d.id: d for d in listed},
        people={},
        schedules={},
        posts={},
    )


def grant(zone: ZoneId, **changes: object) -> GrantSpec:
    spec = GrantSpec(
        zone=zone,
        rank=Rank.GENERAL_MANAGER,
        purpose="研发",
        since=None,
        until=None,
        schedule=None,
    )
    return replace(spec, **changes)  # type: ignore[arg-type]  # each field by name


def person(id_: str, *grants: GrantSpec, post: str = "rd_engineer") -> PersonSpec:
    return PersonSpec(
        id=PersonId(id_),
        name=f"周{id_}",
        name_en=f"Zhou {id_}",
        post=Post(post),
        state=PersonState.ACTIVE,
        agreement_until=NINE.date() + timedelta(days=300),
        commitment_until=NINE.date() + timedelta(days=300),
        training_until=NINE.date() + timedelta(days=300),
        grants=grants,
        non_face=False,
        devices="none",
        face=None,
    )


def credentials(id_: PersonId) -> tuple[Credential, ...]:
    """One of every factor."""
    return tuple(
        Credential(CredentialId(f"{id_}.{factor}"), factor, f"{id_}{factor}".encode())
        for factor in Factor
    )


@cache
def keys_of(site_id: SiteId, *doors: DoorId) -> SiteKeys:
    """Keys for a site with these doors, made once a run."""
    folder = Path(mkdtemp(prefix="menshen-keys-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    init_site(folder, site_id, now=NINE, random_bytes=RANDOM.randbytes)
    for each in doors:
        add_door(folder, each, now=NINE, random_bytes=RANDOM.randbytes)
    return load_site(folder)


@dataclass
class HandDoor:
    """A door that says what the test tells it to."""

    keys: DoorKeys
    link: MemoryLink
    clock: Clock
    confirms: bool = True  # answers every roster with `RosterApplied`
    tip: Tip = EMPTY
    acks: list[Ack] = field(default_factory=list)
    rosters: list[Roster] = field(default_factory=list)
    commands: list[Command] = field(default_factory=list)
    presence: list[bytes] = field(default_factory=list)
    session: int = 0

    @property
    def id(self) -> DoorId:
        return self.keys.door

    def entry(self, event: Event, *, at: Tip | None = None) -> Signed:
        """The next entry of this door's journal (or the one after `at`)."""
        tip = at or self.tip
        envelope = json_v1.envelope_of(event, seq=tip.seq + 1, previous=tip.digest)
        signed = self.signed(envelope)
        if at is None:
            self.tip = Tip(envelope.seq, signed.digest)
        return signed

    def signed(self, envelope: Envelope) -> Signed:
        return sign(self.keys.sign, encode(envelope))

    async def say(self, *events: Event) -> list[Signed]:
        entries = [self.entry(event) for event in events]
        await self.send(*entries)
        return entries

    async def send(self, *entries: Signed) -> None:
        for batch in frame.batches(entries):
            await self.send_bytes(frame.pack(batch))

    async def send_bytes(self, payload: bytes) -> None:
        await self.link.publish(topics.events(self.keys.site, self.id), payload)

    async def online(self) -> None:
        self.session += 1
        await self._status(DoorState.ONLINE, str(self.session))

    async def offline(self, *, session: int | None = None) -> None:
        await self._status(DoorState.OFFLINE, str(session or self.session))

    async def _status(self, state: DoorState, session: str) -> None:
        status = Status(state=state, at=self.clock.now(), session=session)
        topic = topics.status(self.keys.site, self.id)
        await self.link.publish(topic, json_v1.to_bytes(status), retain=True)

    async def run(self) -> None:
        for filter_ in (
            topics.ack(self.keys.site, self.id),
            topics.commands(self.keys.site, self.id),
            topics.roster_filter(self.keys.site, self.id),
            topics.presence(self.keys.site, self.id),
        ):
            await self.link.subscribe(filter_)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.link.run())
            tasks.create_task(self._hear())

    async def _hear(self) -> None:
        inbox = RosterInbox(
            controller=self.keys.controller, site=self.keys.site, door=self.id
        )
        async for message in self.link.messages():
            place = topics.parse(message.topic)
            match place.kind:
                case topics.Kind.ACK:
                    signed = frame.unpack(message.payload)[0]
                    signed.verify(self.keys.controller)
                    self.acks.append(json_v1.from_bytes(Ack, signed.signed))
                case topics.Kind.COMMANDS:
                    await self._take_command(message.payload)
                case topics.Kind.PRESENCE:
                    self.presence.append(message.payload)
                case topics.Kind.ROSTER if place.part is not None:
                    await self._take_roster(inbox, place.part, message.payload)
                case _:
                    raise AssertionError(message.topic)
            await message.done()

    async def _take_command(self, payload: bytes) -> None:
        signed = frame.unpack(payload)[0]
        signed.verify(self.keys.controller)
        command = json_v1.from_bytes(Command, signed.signed)
        self.commands.append(command)
        if self.confirms:
            await self.say(
                CommandReceived(
                    door=self.id,
                    at=self.clock.now(),
                    command=command.id,
                    order=type_name(type(command.order)),
                    issued_by=command.issued_by,
                    reason=command.order.reason,
                )
            )

    async def _take_roster(self, inbox: RosterInbox, part: str, payload: bytes) -> None:
        packed = inbox.take(part, payload)
        if packed is None:
            return
        newest = self.rosters[-1].number if self.rosters else None
        try:
            roster = unpack(
                packed,
                controller=self.keys.controller,
                opening=self.keys.open,
                site=self.keys.site,
                door=self.id,
                newer_than=newest,
            )
        except RosterRejected:
            return
        inbox.in_force(roster.number)
        self.rosters.append(roster)
        if self.confirms:
            await self.say(
                RosterApplied(
                    door=self.id,
                    at=self.clock.now(),
                    number=roster.number,
                    people=len(roster.entries),
                    valid_until=roster.valid_until,
                )
            )


@dataclass
class World:
    """A running office with its doors."""

    site: Site
    broker: MemoryBroker
    controller: Controller
    doors: dict[DoorId, HandDoor]
    heard: list[Stored]
    clock: Clock
    running: asyncio.Task[None]  # the controller

    def kill(self) -> None:
        """Stop the controller at whatever it awaits next."""
        self.running.cancel()

    async def settle(self, seconds: float = 1.0) -> None:
        """Let everything that is under way arrive."""
        await asyncio.sleep(seconds)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Return once `condition` holds; looked at after every entry of the log."""
        heard = asyncio.Event()
        self.controller.listen(lambda stored: heard.set())
        while not condition():
            await heard.wait()
            heard.clear()

    def events(self, kind: type[Event] | None = None) -> list[Event]:
        found = [s.event for s in self.heard if s.event is not None]
        return found if kind is None else [e for e in found if isinstance(e, kind)]


@contextlib.asynccontextmanager
async def office(
    database: str,
    clock: Clock,
    *,
    plan: Site | None = None,
    people: Iterable[PersonSpec] = (),
    confirms: bool = True,
    broker: MemoryBroker | None = None,
    doors: Mapping[DoorId, HandDoor] | None = None,
    watch_every: float | None = None,
) -> AsyncIterator[World]:
    """A running office of `plan`, seeded, whose doors have their first rosters.

    `broker`, `doors`: those of an office that ran before.
    """
    plan = plan or site()
    keys = keys_of(plan.id, *plan.doors)
    broker = broker or MemoryBroker(users_of(keys))
    controller = await build_controller(
        plan,
        keys=keys,
        database=database,
        link=_office_link(broker, keys),
        clock=clock,
        random=Random(2),  # noqa: S311  so that a test can be repeated
        new_id=_counter(clock),
        watch_every=watch_every,
    )
    heard: list[Stored] = []
    controller.listen(heard.append)
    specs = tuple(people)
    await controller.seed(specs, {p.id: credentials(p.id) for p in specs}, by="test")
    hands = (
        dict(doors)
        if doors is not None
        else {
            d: hand_door(broker, keys, d, clock, confirms=confirms) for d in plan.doors
        }
    )
    running = [asyncio.create_task(controller.run())]
    world = World(plan, broker, controller, hands, heard, clock, running[0])
    running += [asyncio.create_task(d.run()) for d in hands.values()]
    try:
        await world.settle()
        yield world
    finally:
        for task in running:
            task.cancel()
        await asyncio.gather(*running, return_exceptions=True)
        failures = [t.exception() for t in running if t.done() and not t.cancelled()]
        for failure in failures:
            if failure is not None:
                raise failure


def hand_door(
    broker: MemoryBroker,
    keys: SiteKeys,
    id_: DoorId,
    clock: Clock,
    *,
    confirms: bool = True,
) -> HandDoor:
    mine = load_door(keys.folder / "doors" / id_)
    gone = Status(state=DoorState.OFFLINE, at=clock.now(), session="1")
    link = broker.link(
        user_name(id_, 1),
        client_id=mine.client_id,
        will=Will(topics.status(keys.site, id_), json_v1.to_bytes(gone)),
    )
    return HandDoor(keys=mine, link=link, clock=clock, confirms=confirms)


def _office_link(broker: MemoryBroker, keys: SiteKeys) -> MemoryLink:
    return broker.link(user_name(CONTROLLER, 1), client_id=keys.client_id)


def _counter(clock: Clock) -> Callable[[], str]:
    numbers = itertools.count()
    return lambda: f"id-{clock.now():%d%H%M%S%f}-{next(numbers)}"
