"""The small site in one process, for stories that need a hand at everything.

    async with small_site(folder, clock) as site:
        await site.enter("archive", WU)

On the virtual clock with links in memory, or on a real broker in real time.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Any, Final, TypeVar

from config.load import load_site
from domain.access_events import AccessDenied, AccessGranted, AccessWaiting
from domain.alarm_events import AlarmRaised
from domain.clock import Clock
from domain.credentials import Factor
from domain.events import Event
from domain.ids import DoorId, PersonId
from domain.journal import Entry
from domain.policy import Outcome, Side
from simulators.clock import VirtualClock, run_virtual
from simulators.likenesses import Drawn
from simulators.links import MemoryNetwork, NatsNetwork, Network
from simulators.people import Shown
from simulators.rig import DoorRig
from simulators.simulate import make_keys
from simulators.site import SimulatedSite
from tests.builders import NINE
from tests.torture import ledger
from tests.torture.victims import SITE
from wire.clock import SystemClock
from wire.keys import SiteKeys

LAB, ARCHIVE, OFFICE, CANTEEN = map(DoorId, ("lab", "archive", "office", "canteen"))
WANG, WU, MA = map(PersonId, ("E1003", "E1009", "E1011"))

BADGE: Final = (Factor.BADGE,)
CORE: Final = (Factor.BADGE, Factor.FINGERPRINT, Factor.FACE)

E = TypeVar("E", bound=Event)

_OUTCOMES: Final = {
    AccessGranted: Outcome.GRANTED,
    AccessDenied: Outcome.DENIED,
    AccessWaiting: Outcome.WAITING,
}


class SmallSite:
    """`events`: what every door and the office recorded, as it came."""

    def __init__(
        self, simulated: SimulatedSite, keys: SiteKeys, clock: Clock, folder: Path
    ) -> None:
        self.simulated = simulated
        self.keys = keys
        self.clock = clock
        self.folder = folder
        self.events: list[Event] = []
        simulated.listen(self.events.append)

    @property
    def network(self) -> Network:
        return self.simulated.network

    @property
    def database(self) -> Path:
        return self.folder / "controller.sqlite"

    def rig(self, door: DoorId) -> DoorRig:
        return self.simulated.rigs[door]

    def folder_of(self, door: DoorId) -> Path:
        """Where the door keeps its journal and its roster."""
        return self.folder / "agents" / self.simulated.site.doors[door].agent / door

    def journal(self, door: DoorId) -> tuple[Entry, ...]:
        return ledger.journal(self.folder_of(door) / "journal.db")

    def log(self, door: DoorId) -> tuple[Entry, ...]:
        return ledger.log(self.database, door)

    # --- what people do ---

    async def enter(
        self, door: DoorId, who: PersonId, factors: Sequence[Factor] = BADGE
    ) -> Outcome | None:
        """Present what is asked, walk through if it opens; how it was judged."""
        rig = self.rig(door)
        seen = len(self.events)
        if rig.wants_declaration:
            await rig.key_in("0#")
        for factor in factors:
            await rig.present(Shown(factor, who), Side.ENTRY)
            await asyncio.sleep(1)
        outcome = self.judged(door, seen)
        await self._walk(rig)
        return outcome

    async def leave(self, door: DoorId, who: PersonId) -> Outcome | None:
        seen = len(self.events)
        await self.rig(door).present(Shown(Factor.BADGE, who), Side.EXIT)
        await asyncio.sleep(1)
        outcome = self.judged(door, seen)
        await self._walk(self.rig(door))
        return outcome

    def judged(self, door: DoorId, since: int) -> Outcome | None:
        """What the door last said, behind event number `since`."""
        for event in reversed(self.events[since:]):
            if event.door == door and type(event) in _OUTCOMES:
                return _OUTCOMES[type(event)]
        return None

    # --- what was recorded ---

    def of(self, kind: type[E], door: DoorId | None = None) -> list[E]:
        return [
            e
            for e in self.events
            if isinstance(e, kind) and (door is None or e.door == door)
        ]

    def alarms(self, door: DoorId) -> list[str]:
        return [a.code for a in self.of(AlarmRaised, door)]

    def releases(self, door: DoorId) -> int:
        """How often the lock really moved to let somebody through."""
        return sum(move.released for move in self.rig(door).hardware.history)

    def differences(self, door: DoorId) -> list[str]:
        """How the office's log differs from the door's journal."""
        public = self.keys.in_force(door)
        assert public is not None
        return ledger.differences(door, self.journal(door), self.log(door), public.sign)

    async def _walk(self, rig: DoorRig) -> None:
        await asyncio.sleep(1)
        await rig.pass_through(2)
        await asyncio.sleep(6)  # longer than a lock stays released


@asynccontextmanager
async def small_site(
    folder: Path, clock: Clock, *, real: bool = False
) -> AsyncIterator[SmallSite]:
    """Running, seeded, every roster applied. `real`: on a NATS server over TLS."""
    site = load_site(SITE)
    random = Random(7)  # noqa: S311  repeatable
    fresh = not (folder / "keys").exists()
    now = datetime.now(UTC) if real else clock.now()
    keys = make_keys(site, folder / "keys", now=now) if fresh else _keys(folder)
    network: Network = (
        NatsNetwork(folder / "broker", keys, random=random.random)
        if real
        else MemoryNetwork(keys, random=random.random)
    )
    simulated = SimulatedSite(
        site,
        folder=folder,
        keys=keys,
        network=network,
        clock=clock,
        random=random,
        likenesses=Drawn(),
    )
    small = SmallSite(simulated, keys, clock, folder)
    async with simulated.running():
        yield small


def play(folder: Path, story: Callable[[SmallSite], Coroutine[Any, Any, None]]) -> None:
    """Run `story` on the virtual clock, from nine o'clock on a Monday."""

    async def main(clock: VirtualClock) -> None:
        async with small_site(folder, clock) as site:
            await story(site)

    run_virtual(main, starts=NINE, patience=10)


def play_for_real(
    folder: Path, story: Callable[[SmallSite], Coroutine[Any, Any, None]]
) -> None:
    async def main() -> None:
        async with small_site(folder, SystemClock(), real=True) as site:
            await story(site)

    asyncio.run(main())


def _keys(folder: Path) -> SiteKeys:
    from wire.keys import load_site as load_keys

    return load_keys(folder / "keys")
