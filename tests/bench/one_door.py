"""One real door in a process of its own, measured at its wires.

Real are the agent, the drivers, the pseudo-terminals, the journal on the disk and the
clock; simulated are the pins and what hangs on them. The link leads nowhere, as when
the network is down. Commands come on standard input, an answer is one line of JSON:

    present N   N badges one after the other; for each the seconds from the last byte
                on the pseudo-terminal to the relay, and those of one flush before it
"""

import argparse
import asyncio
import contextlib
import json
import os
import sys
import time
import tty
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Final

from config.load import load_site
from config.schema import DeviceSpec, Door, Role, Site
from domain.credentials import Credential, Factor
from domain.door_events import LockReleased
from domain.ids import CredentialId, DeviceId, DoorId, GrantId, PersonId
from domain.people import Grant, Person, PersonState, Post, Qualifications, Rank
from domain.roster import Roster, RosterEntry
from edge_agent.agent import Agent, folder_of
from edge_agent.bootstrap import DoorParts, build_agent
from edge_agent.rosters import RosterStore
from hardware.loader import load_door as load_devices
from hardware.pins import simulated_pin
from hardware.protocols.badge_frame import BadgeFormat, encode
from simulators.clock_trust import SimulatedClockTrust
from simulators.memory_link import MemoryBroker
from simulators.pins import DoorPins, SimulatedDoorHardware
from wire import keys as key_files
from wire.clock import SystemClock
from wire.keys import DoorKeys, SiteKeys
from wire.roster_parts import pack
from wire.sealing import badge_digest

ROOT: Final = Path(__file__).parents[2]
DOOR: Final = DoorId("purchasing")  # a badge is all it asks for
_WITHIN: Final = 30.0
_SETTLES: Final = 0.05  # seconds; above the bounce of a contact


class OneDoor:
    """The door, seen from the corridor."""

    def __init__(self, folder: Path, *, people: int) -> None:
        self._folder = folder
        self._people = people
        self._next = 0
        self._released: asyncio.Future[float] | None = None
        self._records = 0

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[None]:
        site = one_door_site()
        keys, door_keys = make_keys(site, self._folder / "keys")
        data = self._folder / "data"
        folder_of(data, DOOR).mkdir(parents=True)
        store = RosterStore(folder_of(data, DOOR), door_keys, random_bytes=os.urandom)
        roster = self._roster(site, door_keys)
        public = keys.in_force(DOOR)
        assert public is not None
        store.store(
            pack(roster, key=keys.sign, seal_to=public.seal, random_bytes=os.urandom)
        )
        del roster
        self._hardware = SimulatedDoorHardware(DOOR)
        simulated_pin(DOOR, DoorPins().relay).attach(self._relay_moved)
        self._reader, slave = os.openpty()
        tty.setraw(slave)
        agent = await self._agent(site, door_keys, data, os.ttyname(slave))
        agent.listen(self._heard)
        run = asyncio.create_task(agent.run())
        await asyncio.sleep(1)
        await agent.settled()
        self._flushed = (data / "flush").open("wb", buffering=0)
        yield
        run.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await run
        await agent.aclose()

    async def present(self, count: int) -> tuple[list[float], list[float]]:
        """Seconds from badge to relay, and of one flush, for each of `count`."""
        latencies, flushes = [], []
        for _ in range(count):
            flushes.append(self._flush())
            latencies.append(await self._present_one())
        return latencies, flushes

    async def _present_one(self) -> float:
        person, self._next = self._next, (self._next + 1) % min(self._people, 250)
        frame = encode(number_of(person), BadgeFormat.EM4100)
        self._released = asyncio.get_running_loop().create_future()
        records = self._records
        os.write(self._reader, frame)
        begun = time.perf_counter()
        async with asyncio.timeout(_WITHIN):
            moved = await self._released
        # Recorded before the relay moved, or the order of things is broken.
        assert self._records > records
        self._hardware.open_door()
        await asyncio.sleep(_SETTLES)
        self._hardware.close_door()
        await asyncio.sleep(_SETTLES)
        return moved - begun

    def _relay_moved(self) -> None:
        if self._hardware.released and self._released and not self._released.done():
            self._released.set_result(time.perf_counter())

    def _heard(self, event: object) -> None:
        self._records += isinstance(event, LockReleased)

    def _flush(self) -> float:
        """One page written behind the others and flushed, as a journal does it."""
        begun = time.perf_counter()
        self._flushed.write(bytes(4096))
        os.fsync(self._flushed.fileno())
        return time.perf_counter() - begun

    async def _agent(self, site: Site, keys: DoorKeys, data: Path, port: str) -> Agent:
        door = site.doors[DOOR]
        specs = {
            role: _on(spec, port) if role is Role.ENTRY_READER else spec
            for role, spec in door.devices.items()
        }
        nowhere = MemoryBroker(())

        async def parts(_door: Door) -> DoorParts:
            link = nowhere.link("nobody", client_id=keys.client_id)
            return DoorParts(keys=keys, link=link, devices=load_devices(specs))

        return await build_agent(
            site,
            door.agent,
            folder=data,
            clock=SystemClock(),
            clock_trust=SimulatedClockTrust(),
            parts=parts,
            random=Random(1),  # noqa: S311  nothing of it is a secret
        )

    def _roster(self, site: Site, keys: DoorKeys) -> Roster:
        now = SystemClock().now()
        return Roster(
            site=site.id,
            door=DOOR,
            number=1,
            issued_at=now,
            valid_until=now + timedelta(hours=72),
            entries=tuple(_entries(self._people, site, keys.digest)),
            schedules=tuple(site.schedules.values()),
        )


def one_door_site() -> Site:
    """The example site with one door that has a lock, a contact and a reader."""
    site = load_site(ROOT / "config/sites/example.toml")
    door = site.doors[DOOR]
    kept = (Role.LOCK, Role.CONTACT, Role.ENTRY_READER)
    devices = {role: door.devices[role] for role in kept}
    return replace(site, doors={DOOR: replace(door, devices=devices)})


def make_keys(site: Site, folder: Path) -> tuple[SiteKeys, DoorKeys]:
    now = SystemClock().now()
    key_files.init_site(folder, site.id, now=now, random_bytes=os.urandom)
    home = key_files.add_door(folder, DOOR, now=now, random_bytes=os.urandom)
    return key_files.load_site(folder), key_files.load_door(home)


def number_of(person: int) -> bytes:
    return bytes([0x80]) + person.to_bytes(4)


def _on(spec: DeviceSpec, port: str) -> DeviceSpec:
    return replace(spec, id=DeviceId(spec.id), options={**spec.options, "port": port})


def _entries(count: int, site: Site, digest_key: bytes) -> Iterator[RosterEntry]:
    zone = site.doors[DOOR].zone
    since = SystemClock().now() - timedelta(days=1)
    for n in range(count):
        person = PersonId(f"E{n:06}")
        grant = Grant(
            id=GrantId(f"g{n}"),
            zone=zone,
            rank=Rank.DEPARTMENT_HEAD,
            approved_by=None,
            purpose="采购",
            since=since,
            until=None,
            schedule=None,
        )
        yield RosterEntry(
            Person(
                id=person,
                name=f"职工{n}",
                post=Post("rd_engineer"),
                state=PersonState.ACTIVE,
                qualifications=Qualifications(
                    agreement_until=None, commitment_until=None, training_until=None
                ),
                grants=(grant,),
                withdrawn=None,
                non_face=False,
            ),
            (
                Credential(
                    CredentialId(f"{person}.badge"),
                    Factor.BADGE,
                    badge_digest(digest_key, number_of(n)),
                ),
            ),
        )


async def _serve(folder: Path, people: int) -> None:
    loop = asyncio.get_running_loop()
    door = OneDoor(folder, people=people)
    async with door.running():
        print(json.dumps("ready"), flush=True)
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            latencies, flushes = await door.present(int(line.split()[1]))
            print(json.dumps([latencies, flushes]), flush=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("folder", type=Path)
    parser.add_argument("--people", type=int, required=True)
    arguments = parser.parse_args()
    asyncio.run(_serve(arguments.folder, arguments.people))


if __name__ == "__main__":
    main()
