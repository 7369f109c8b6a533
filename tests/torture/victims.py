"""The two processes that the torture kills: one machine's doors, and the office.

Both are the real thing, built by their own bootstraps on files that stay: only the
patience of their links is short, and at the doors hangs what `simulators` makes.
Somebody presents badges there as fast as readers can read. Every release of a lock is
noted in a file at once, so that a kill leaves the door's word to be compared with it.
"""

import asyncio
import os
import sqlite3
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from random import Random, SystemRandom
from typing import Final

from config.load import load_site
from config.schema import Door, Role, Site
from controller.bootstrap import build_controller
from domain.credentials import Factor
from domain.ids import DoorId
from domain.policy import Side
from edge_agent.bootstrap import DoorParts, build_agent
from edge_agent.status import will
from hardware.loader import load_door as load_devices
from hardware.pins import simulated_pin
from simulators.clock_trust import SimulatedClockTrust
from simulators.likenesses import Drawn
from simulators.people import Shown
from simulators.rig import DoorRig
from wire.clock import SystemClock
from wire.keys import ClientFiles, DoorKeys, load_door
from wire.keys import load_site as load_keys
from wire.link import Backoff, Will
from wire.mqtt_link import Endpoint, MqttLink, tls_context

SITE: Final = Path(__file__).with_name("small_site.toml")
AGENT: Final = "gate"
RECORDED, UNRECORDED = "recorded", "UNRECORDED"

# Seconds. A broker that is killed every second must not make doors wait for half a
# minute; the law of endless patience has its own tests.
_FIRST_WAIT, _LONGEST_WAIT = 0.02, 0.2
_BETWEEN_BADGES: Final = 0.02
_DOORWAY: Final = 0.05  # seconds between opening and shutting
_STRANGERS: Final = 1000


@dataclass(frozen=True, slots=True)
class Place:
    """Where everything is that outlives a kill, and where the broker listens."""

    folder: Path
    port: int

    @property
    def keys(self) -> Path:
        return self.folder / "keys"

    @property
    def database(self) -> Path:
        return self.folder / "controller.sqlite"

    @property
    def releases(self) -> Path:
        """A line for each time a lock let go: whether it was recorded, and where."""
        return self.folder / "releases.log"

    def journal(self, door: DoorId) -> Path:
        return self.folder / "agents" / AGENT / door / "journal.db"


async def run_office(place: Place) -> None:
    keys = load_keys(place.keys)
    controller = await build_controller(
        load_site(SITE),
        keys=keys,
        database=f"sqlite:///{place.database}",
        link=_link(place, keys.client_id, keys.client),
        clock=SystemClock(),
        random=SystemRandom(),
    )
    await controller.run()


async def run_edge(place: Place, *, load: bool, seed: int) -> None:
    """The doors of one machine, under load or left alone."""
    site = load_site(SITE)
    rigs = {d.id: _rig(d) for d in site.doors_of(AGENT)}
    for rig in rigs.values():
        _note_releases(place, rig)
    clock = SystemClock()

    async def parts(door: Door) -> DoorParts:
        keys: DoorKeys = load_door(place.keys / "doors" / door.id)
        session = os.urandom(8).hex()
        last = will(site.id, door.id, at=clock.now(), session=session)
        return DoorParts(
            keys=keys,
            link=_link(place, keys.client_id, keys.client, last),
            devices=load_devices(rigs[door.id].devices),
            session=session,
        )

    agent = await build_agent(
        site,
        AGENT,
        folder=place.folder / "agents" / AGENT,
        clock=clock,
        clock_trust=SimulatedClockTrust(),
        parts=parts,
        random=SystemRandom(),
    )
    async with asyncio.TaskGroup() as group:
        group.create_task(agent.run())
        if load:
            for number, rig in enumerate(rigs.values()):
                group.create_task(_crowd(site, rig, Random(seed + number)))  # noqa: S311  repeatable


async def _crowd(site: Site, rig: DoorRig, random: Random) -> None:
    """Badges without end, known and unknown, in and out; whoever may, passes."""
    while True:
        side = random.choice((Side.ENTRY, Side.EXIT))
        stranger = f"stranger {random.randrange(_STRANGERS)}"
        who = random.choice((*site.people, stranger))
        await rig.present(Shown(Factor.BADGE, who), side)
        await asyncio.sleep(_BETWEEN_BADGES)
        if rig.hardware.released:
            await rig.pass_through(_DOORWAY)


def _rig(door: Door) -> DoorRig:
    return DoorRig(door, core=False, picture_of=Drawn().seen)


def _note_releases(place: Place, rig: DoorRig) -> None:
    """At the moment a lock lets go: is that in the journal already?

    The answer is one unbuffered write: what a killed process wrote this way stays.
    """
    handle = os.open(place.releases, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    journal = place.journal(rig.door.id)
    options = rig.door.devices[Role.LOCK].options
    pin = simulated_pin(str(options["board"]), int(str(options["pin"])))
    known = _newest(journal, "1") if journal.exists() else -1
    before = rig.hardware.released

    def look() -> None:
        nonlocal before, known
        now = rig.hardware.released
        if now and not before:
            found = _newest(journal, "instr(body, 'lock_released') > 0")
            word = RECORDED if found > known else UNRECORDED
            known = max(known, found)
            os.write(handle, f"{word} {rig.door.id}\n".encode())
        before = now

    pin.attach(look)


def _newest(journal: Path, which: str) -> int:
    """The highest number among such entries, on the disk by now."""
    with closing(sqlite3.connect(f"file:{journal}?mode=ro", uri=True)) as db:
        query = f"SELECT max(seq) FROM entries WHERE {which}"  # noqa: S608  ours
        found = db.execute(query).fetchone()[0]
    return -1 if found is None else int(found)


def _link(
    place: Place, client_id: str, files: ClientFiles, last: Will | None = None
) -> MqttLink:
    random = SystemRandom().random
    return MqttLink(
        [Endpoint("127.0.0.1", place.port)],
        client_id=client_id,
        tls=tls_context(files),
        backoff=Backoff(random, first=_FIRST_WAIT, cap=_LONGEST_WAIT),
        will=last,
    )
