"""Kill -9 of doors, office and broker at random moments under load: nothing is lost.

    make torture N=5000            more often than the suite does it
    MENSHEN_TORTURE_SEED=17        the same moments again

A round waits a random while, kills one of the three and starts it again, sometimes
after a pause in which the others go on alone. In the end everything is brought up
once more, without load, until the office has acknowledged all there is.
"""

import asyncio
import json
import os
import sqlite3
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random, SystemRandom
from subprocess import PIPE
from typing import Any, Final, Literal

import pytest

from config.load import load_site
from controller.bootstrap import build_controller
from domain.ids import CONTROLLER, DoorId
from domain.journal import first_break
from simulators.broker import NatsBroker
from simulators.likenesses import Drawn
from simulators.memory_link import MemoryBroker
from simulators.people import credentials
from simulators.simulate import make_keys
from tests.torture import ledger
from tests.torture.victims import AGENT, RECORDED, SITE, Place
from wire.broker_config import users_of
from wire.clock import SystemClock
from wire.keys import SiteKeys, user_name

Role = Literal["office", "edge"]

N: Final = int(os.environ.get("MENSHEN_TORTURE_N", "200"))
SEED: Final = int(os.environ.get("MENSHEN_TORTURE_SEED", "20261123"))
_SECONDS: Final = 115.0 if N <= 200 else 0.6 * N + 60

_MEAN_LIFE: Final = 0.08  # seconds between a start and the next kill
_LONGEST_LIFE: Final = 0.6
_PAUSE: Final = 0.1  # at most, and in a third of the rounds
_UP_WITHIN: Final = 30.0
_ACKNOWLEDGED_WITHIN: Final = 40.0
_GLANCE: Final = 0.05


class Torture:
    """Three processes: the broker's is a child of this one, the others' parent is
    the zygote."""

    def __init__(
        self, place: Place, broker: NatsBroker, zygote: asyncio.subprocess.Process
    ) -> None:
        self.place = place
        self.kills: Counter[str] = Counter()
        self._broker = broker
        self._zygote = zygote
        self._pids: dict[Role, int] = {}

    async def start(self, role: Role, *, load: bool = False, seed: int = 0) -> None:
        answer = await self._ask(
            start=role,
            log=str(self.log(role)),
            folder=str(self.place.folder),
            port=self.place.port,
            load=load,
            seed=seed,
        )
        self._pids[role] = answer["pid"]

    async def kill(self, role: Role) -> None:
        answer = await self._ask(kill=self._pids.pop(role))
        if answer["status"] != -9:
            raise AssertionError(
                f"the {role} ended by itself ({answer['status']}):\n"
                f"{self.log(role).read_text()[-4000:]}"
            )

    async def one_round(self, random: Random) -> None:
        await asyncio.sleep(min(random.expovariate(1 / _MEAN_LIFE), _LONGEST_LIFE))
        victim = random.choice(("edge", "office", "broker"))
        pause = random.uniform(0, _PAUSE) if random.random() < 1 / 3 else 0.0
        self.kills[victim] += 1
        if victim == "broker":
            await self._broker.kill()
            await asyncio.sleep(pause)
            await self._broker.start()
            return
        role: Role = "edge" if victim == "edge" else "office"
        await self.kill(role)
        await asyncio.sleep(pause)
        await self.start(role, load=True, seed=random.getrandbits(32))

    def log(self, role: Role) -> Path:
        return self.place.folder / f"{role}.log"

    async def _ask(self, **what: object) -> dict[str, Any]:
        assert self._zygote.stdin is not None
        assert self._zygote.stdout is not None
        self._zygote.stdin.write(json.dumps(what).encode() + b"\n")
        answer: dict[str, Any] = json.loads(await self._zygote.stdout.readline())
        return answer


async def test_what_the_journal_recorded_reaches_the_office_exactly_once_in_order(
    tmp_path: Path,
) -> None:
    site = load_site(SITE)
    doors = [door.id for door in site.doors_of(AGENT)]
    random = Random(SEED)  # noqa: S311  repeatable
    print(f"torture: N={N}, MENSHEN_TORTURE_SEED={SEED}")

    async with asyncio.timeout(_SECONDS), _torture(tmp_path) as (torture, keys):
        await torture.start("office")
        await torture.start("edge", load=True, seed=SEED)
        await _until(torture, doors, _is_recorded, within=_UP_WITHIN)
        for _ in range(N):
            await torture.one_round(random)
        await _rest(torture, doors)

    place = torture.place
    problems = ledger.left_over(place.database)
    total = 0
    for door in doors:
        recorded = ledger.journal(place.journal(door))
        public = keys.in_force(door)
        assert public is not None
        held = ledger.log(place.database, door)
        problems += ledger.differences(door, recorded, held, public.sign)
        total += len(recorded)
    own = ledger.log(place.database, CONTROLLER)
    released = Counter(place.releases.read_text().split()[::2])
    print(f"torture: {total} events, {released.total()} releases, {torture.kills}")
    assert problems == []
    assert released.keys() == {RECORDED}
    assert first_break(own) is None
    assert torture.kills.total() == N
    assert min(torture.kills.values()) > N // 6
    assert total > 4 * N


async def _rest(torture: Torture, doors: list[DoorId]) -> None:
    """Everything up, no load, until all is acknowledged; then everything is dead."""
    await torture.kill("edge")
    await torture.start("edge")
    while True:
        await _until(torture, doors, _is_settled, within=_ACKNOWLEDGED_WITHIN)
        await torture.kill("edge")
        await torture.kill("office")
        if all(_is_settled(s) for s in _states(torture, doors)):
            return
        await torture.start("office")  # something was recorded in the last moment
        await torture.start("edge")


def _is_settled(state: ledger.State) -> bool:
    return state.acked == state.tip


def _is_recorded(state: ledger.State) -> bool:
    return state.acked > 0


async def _until(
    torture: Torture,
    doors: list[DoorId],
    holds: Callable[[ledger.State], bool],
    *,
    within: float,
) -> None:
    try:
        async with asyncio.timeout(within):
            # Another process's file: nobody here can tell us of a change.
            while not all(map(holds, _states(torture, doors))):  # noqa: ASYNC110
                await asyncio.sleep(_GLANCE)
    except TimeoutError:
        raise AssertionError(
            f"not so within {within} s: {_states(torture, doors)}\n"
            f"edge: {torture.log('edge').read_text()[-2000:]}\n"
            f"office: {torture.log('office').read_text()[-2000:]}"
        ) from None


def _states(torture: Torture, doors: list[DoorId]) -> list[ledger.State]:
    try:
        return [ledger.state(torture.place.journal(door)) for door in doors]
    except sqlite3.OperationalError:  # being made, or busy
        return [ledger.State(tip=0, acked=-1)]


@asynccontextmanager
async def _torture(folder: Path) -> AsyncIterator[tuple[Torture, SiteKeys]]:
    """A seeded register, a broker that serves, a zygote that has imported all."""
    keys = make_keys(load_site(SITE), folder / "keys", now=datetime.now(UTC))
    broker = NatsBroker(folder / "broker", keys)
    place = Place(folder, broker.port)
    await _seed(place, keys)
    await broker.start()
    zygote = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.torture.zygote", stdin=PIPE, stdout=PIPE
    )
    try:
        yield Torture(place, broker, zygote), keys
    finally:
        assert zygote.stdin is not None
        zygote.stdin.close()  # it ends, and its children with it
        await zygote.wait()
        await broker.stop()


async def _seed(place: Place, keys: SiteKeys) -> None:
    site = load_site(SITE)
    nowhere = MemoryBroker(users_of(keys))
    controller = await build_controller(
        site,
        keys=keys,
        database=f"sqlite:///{place.database}",
        link=nowhere.link(user_name(CONTROLLER, 1), client_id=keys.client_id),
        clock=SystemClock(),
        random=SystemRandom(),
    )
    faces = Drawn()
    shown = {
        person: credentials(
            person, digest_key=keys.digest, faces=faces.enrolled(person)
        )
        for person in site.people
    }
    await controller.seed(site.people.values(), shown, by="test")
    await controller.close()


pytestmark = pytest.mark.torture
