"""One or more doors run by the real agent, an office worked by hand, in memory.

    async with entrance(folder, clock) as world:
        await world.issue(people=(…))
        world.badge(LI)

On the virtual loop; `world.events` is what the doors recorded.
"""

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from functools import cache
from hashlib import sha256
from pathlib import Path
from random import Random
from typing import Final, TypeVar

import numpy as np

from config.schema import (
    ClimateLimits,
    DeviceSpec,
    Door,
    FaceLimits,
    Role,
    Site,
    Timing,
    Wiring,
)
from controller.services.post import Post
from domain.alarm_events import AlarmRaised
from domain.clock import Clock
from domain.commands import Command, Order
from domain.credentials import Credential, Factor
from domain.events import Event
from domain.ids import CommandId, CredentialId, DeviceId, DoorId, PersonId, SiteId
from domain.journal import Tip
from domain.people import Person
from domain.roster import Roster, RosterEntry
from domain.visits import VisitorRight
from domain.zones import Zone, ZoneLevel
from edge_agent.bootstrap import Agent, DoorParts, build_agent
from edge_agent.status import will
from hardware.ports import FaceFound
from simulators.clock import VirtualClock, run_virtual
from simulators.clock_trust import SimulatedClockTrust
from simulators.memory_link import MemoryBroker, MemoryLink
from tests.builders import (
    ALWAYS,
    LI,
    NEVER,
    NINE,
    OFFICE,
    SHANGHAI,
    WANG,
    person,
    zone,
)
from tests.unit.edge_agent import devices as d
from wire import frame, sealing, topics
from wire.broker_config import site_users
from wire.envelope import Envelope, decode, sign
from wire.keys import ClientFiles, DoorKeys, user_name
from wire.roster_parts import pack
from wire.sealing import OpeningKey, SigningKey

SITE: Final = SiteId("works")
OFFICE_KEY: Final = SigningKey(b"C" * 32)
DIGEST: Final = b"D" * 32
PIN: Final = "246810"

E = TypeVar("E", bound=Event)


def badge_number(who: str) -> bytes:
    return sha256(f"badge {who}".encode()).digest()[:5]


def finger(who: str, *, duress: bool = False) -> bytes:
    return f"finger {who} {duress}".encode()


def face(who: str) -> FaceFound:
    seed = int.from_bytes(sha256(who.encode()).digest()[:4])
    spread = np.random.default_rng(seed).normal(size=128)
    unit = 0.5 * spread / np.linalg.norm(spread)
    return FaceFound(unit.astype(np.float32), (0, 0, 1, 1))


@cache
def credentials(who: PersonId) -> tuple[Credential, ...]:
    def made(
        kind: str, factor: Factor, data: bytes, duress: bool = False
    ) -> Credential:
        return Credential(CredentialId(f"{who}.{kind}"), factor, data, duress)

    return (
        made("badge", Factor.BADGE, sealing.badge_digest(DIGEST, badge_number(who))),
        made("finger", Factor.FINGERPRINT, finger(who)),
        made("duress", Factor.FINGERPRINT, finger(who, duress=True), True),
        made("face", Factor.FACE, face(who).embedding.astype("<f4").tobytes()),
        made("pin", Factor.PIN, sealing.pin_verifier(DIGEST, who, PIN)),
    )


def door_keys(door: DoorId) -> DoorKeys:
    seed = sha256(door.encode()).digest()
    nowhere = Path("nowhere")
    return DoorKeys(
        folder=nowhere,
        site=SITE,
        door=door,
        issue=1,
        client_id=f"{door}-1",
        sign=SigningKey(sha256(b"sign" + seed).digest()),
        open=OpeningKey(sha256(b"open" + seed).digest()),
        local=sha256(b"local" + seed).digest(),
        digest=DIGEST,
        controller=OFFICE_KEY.public,
        client=ClientFiles(certificate=nowhere, key=nowhere, authority=nowhere),
    )


def make_door(zone_: Zone, *, id_: str | None = None, **changes: object) -> Door:
    name = DoorId(id_ or str(zone_.id))
    roles = [r for r in Role if r is not Role.TOUCH]
    plain = Door(
        id=name,
        name="门",
        name_en="door",
        zone=zone_.id,
        agent="pi",
        wiring=Wiring.FAIL_SECURE,
        has_handle=True,
        has_fire_relay=False,
        has_break_glass=False,
        factors=(),
        interlock=(),
        devices={
            role: DeviceSpec(
                id=DeviceId(f"{name}.{role}"),
                role=role,
                driver="memory",
                options={},
                simulated=True,
            )
            for role in roles
        },
        timing=Timing(),
        climate=ClimateLimits(),
        faces=FaceLimits(),
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # any field


def make_site(zones: Iterable[Zone], doors: Iterable[Door]) -> Site:
    return Site(
        id=SITE,
        name="厂",
        name_en="works",
        tz=SHANGHAI,
        zones={z.id: z for z in zones},
        doors={x.id: x for x in doors},
        people={},
        schedules={},
        posts={},
    )


class Fittings:
    """What hangs at one door; it outlives the agent."""

    def __init__(self, door: Door) -> None:
        self.lock = d.Lock()
        self.contact = d.Line()
        self.exit_button = d.Line()
        self.handle = d.Line()
        self.fire = d.Line()
        self.tamper = d.Line()
        self.entry_reader = d.Reader()
        self.exit_reader = d.Reader()
        self.keypad = d.Keypad()
        self.fingerprint = d.Module()
        self.camera = d.Camera()
        self.face_engine = d.Engine(self.camera)
        self.indicator = d.Indicator()
        self.climate = d.ClimateSensor()
        self.devices = {role: getattr(self, role.value) for role in door.devices}


class World:
    def __init__(self, site: Site, folder: Path, clock: Clock) -> None:
        self.site = site
        self.folder = folder
        self.clock = clock
        self.events: list[Event] = []
        self.trust = SimulatedClockTrust()
        self.fittings = {door.id: Fittings(door) for door in site.doors.values()}
        self.agent: Agent
        self.office: dict[DoorId, list[Envelope]] = {door: [] for door in site.doors}
        self.acks = True
        self.receiving = True
        self._running: asyncio.Task[None] | None = None
        self._nonces = 0
        self._tips: dict[DoorId, Tip] = {}
        users = site_users(SITE, [(door, 1) for door in site.doors])
        self.broker = MemoryBroker(users)
        self.office_link = self.broker.link("CN=controller,OU=1", client_id="office")
        self.post = Post(site=SITE, key=OFFICE_KEY, link=self.office_link)
        self.links: dict[DoorId, MemoryLink] = {}

    @property
    def door(self) -> DoorId:
        return next(iter(self.site.doors))

    @property
    def here(self) -> Fittings:
        return self.fittings[self.door]

    # --- running ------------------------------------------------------------------

    async def start(self) -> None:
        self.agent = await build_agent(
            self.site,
            "pi",
            folder=self.folder,
            clock=self.clock,
            clock_trust=self.trust,
            parts=self._parts,
            random=Random(7),  # noqa: S311  so that a test can be repeated
        )
        self.agent.listen(self.events.append)
        self._running = asyncio.create_task(self.agent.run())
        await asyncio.sleep(2)
        await self.agent.settled()

    async def stop(self) -> None:
        await self._cancel()
        await self.agent.aclose()

    async def cut_power(self) -> None:
        self.agent.drop()
        await self._cancel()

    async def _cancel(self) -> None:
        if self._running is not None:
            self._running.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._running
            self._running = None

    async def _parts(self, door: Door) -> DoorParts:
        keys = door_keys(door.id)
        link = self.broker.link(
            user_name(door.id, 1),
            client_id=keys.client_id,
            will=will(SITE, door.id, at=self.clock.now(), session="s"),
        )
        self.links[door.id] = link
        devices = self.fittings[door.id].devices
        return DoorParts(keys=keys, link=link, devices=devices, session="s")

    async def run_office(self) -> None:
        await self.office_link.subscribe(topics.every_door(SITE, topics.Kind.EVENTS))
        async for message in self.office_link.messages():
            if not self.receiving:
                continue
            topic = topics.parse(message.topic)
            held = self.office[topic.door]
            for signed in frame.unpack(message.payload):
                signed.verify(door_keys(topic.door).sign.public)
                envelope = decode(signed.signed)
                if envelope.seq == len(held):
                    held.append(envelope)
                    self._tips[topic.door] = Tip(envelope.seq, signed.digest)
            await message.done()
            if self.acks and topic.door in self._tips:
                await self.post.ack(topic.door, self._tips[topic.door])

    # --- what the office does -----------------------------------------------------

    async def issue(
        self,
        people: Sequence[Person] = (person(),),
        *,
        rights: Sequence[VisitorRight] = (),
        number: int = 1,
        valid_for: timedelta = timedelta(hours=72),
        door: DoorId | None = None,
        wait: bool = True,
    ) -> None:
        name = door or self.door
        keys = door_keys(name)
        of = {right.person: right for right in rights}
        now = self.clock.now()
        roster = Roster(
            site=SITE,
            door=name,
            number=number,
            issued_at=now,
            valid_until=now + valid_for,
            entries=tuple(
                RosterEntry(p, credentials(p.id), of.get(p.id)) for p in people
            ),
            schedules=(OFFICE, NEVER, ALWAYS),
        )
        packed = pack(
            roster,
            key=OFFICE_KEY,
            seal_to=keys.open.public,
            random_bytes=Random(number).randbytes,  # noqa: S311  repeatable
        )
        await self.post.roster(name, packed, parts=0)
        if wait:
            await self.calm()

    def command(self, order: Order, **changes: object) -> Command:
        self._nonces += 1
        now = self.clock.now()
        plain = Command(
            id=CommandId(f"c{self._nonces}"),
            door=self.door,
            issued_at=now,
            expires_at=now + timedelta(seconds=30),
            nonce=f"{self._nonces:032x}",
            issued_by="guard",
            order=order,
        )
        return replace(plain, **changes)  # type: ignore[arg-type]  # any field

    def bring_back(self, end: Tip) -> None:
        """The office goes on with a copy of its log that ends there."""
        del self.office[self.door][end.seq + 1 :]
        self._tips[self.door] = end

    async def order(self, order: Order) -> None:
        await self.post.command(self.command(order))
        await self.calm()

    async def say_to_door(
        self, topic: str, document: bytes, *, key: SigningKey, retain: bool = False
    ) -> None:
        payload = frame.pack([sign(key, document)])
        await self.office_link.publish(topic, payload, retain=retain)
        await self.calm()

    # --- what people do -----------------------------------------------------------

    async def calm(self) -> None:
        """Let everything that was said or presented be dealt with."""
        await asyncio.sleep(0.01)
        await self.agent.settled()

    async def badge(self, who: str = LI, *, out: bool = False) -> None:
        reader = self.here.exit_reader if out else self.here.entry_reader
        reader.present(badge_number(who))
        await self.calm()

    async def lay_finger(self, who: str = LI, *, duress: bool = False) -> None:
        self.here.fingerprint.lay(finger(who, duress=duress))
        await self.calm()

    async def key_in(self, keys: str) -> None:
        self.here.keypad.press(keys)
        await self.calm()

    async def pass_door(self) -> None:
        """Open it, walk through, let it shut."""
        self.here.contact.set(active=True)
        await asyncio.sleep(3)
        self.here.contact.set(active=False)
        await self.calm()

    # --- what was recorded --------------------------------------------------------

    def of(self, kind: type[E]) -> list[E]:
        return [e for e in self.events if isinstance(e, kind)]

    def last(self, kind: type[E]) -> E:
        return self.of(kind)[-1]

    @property
    def alarms(self) -> list[str]:
        return [e.code for e in self.of(AlarmRaised)]

    def forget(self) -> None:
        self.events.clear()


def level_site(level: ZoneLevel, **changes: object) -> Site:
    """One zone of that level with one door."""
    one = zone(level, **changes)
    return make_site([one], [make_door(one)])


@contextlib.asynccontextmanager
async def entrance(
    site: Site, folder: Path, clock: Clock, *, started: bool = True
) -> AsyncIterator[World]:
    """A running agent beside a running office."""
    world = World(site, folder, clock)
    tasks = [
        asyncio.create_task(world.office_link.run()),
        asyncio.create_task(world.run_office()),
    ]
    try:
        if started:
            await world.start()
        yield world
        if started:
            await world.stop()
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


Story = Callable[[World], Awaitable[None]]


def play(
    folder: Path,
    level: ZoneLevel | Site,
    story: Story,
    *,
    people: Sequence[Person] = (person(LI), person(WANG)),
    **changes: object,
) -> None:
    """Run `story` on the virtual clock, from nine on, at a door of that level whose
    roster knows `people`; or at the doors of a site."""
    site = level if isinstance(level, Site) else level_site(level, **changes)

    async def main(clock: VirtualClock) -> None:
        async with entrance(site, folder, clock) as world:
            for door in site.doors:
                await world.issue(people, door=door)
            world.forget()
            await story(world)

    run_virtual(main, starts=NINE, patience=5)
