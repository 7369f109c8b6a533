"""A site for a whole day in one process: real office, real agents, real doors, and a
console that is really served, on a clock that jumps.

A browser knows no virtual clock: while somebody is at the screen, time passes for the
site as it does for them, and `Day.pass_by` lets it jump, for the pages' clocks, too.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Final

from playwright.async_api import Page

from config.load import load_site
from controller.services.one_time import STEP, code_at
from controller.store import envelopes
from controller.web.app import build_app
from controller.web.server import run_web
from domain.credentials import Factor
from domain.events import Event
from domain.ids import DoorId
from domain.policy import Side
from simulators import demo_operators
from simulators.clock import VirtualClock, VirtualLoop
from simulators.demo_operators import Given
from simulators.likenesses import Drawn
from simulators.links import MemoryNetwork
from simulators.people import Shown
from simulators.simulate import make_keys
from simulators.site import SimulatedSite
from simulators.stage import Stage
from simulators.story import Deed, Step, Story
from simulators.visit_day import ARCHIVE, GRINDING

SITE: Final = load_site(Path("config/sites/example.toml"))
_PLAN: Final = replace(SITE, doors={d: SITE.doors[d] for d in (GRINDING, ARCHIVE)})
# Seconds until what somebody did at a door, or a command, is on the screen.
_SOON: Final = 3.0
# The most by which the site may run ahead of who sits at the screen.
_TICK: Final = 0.02


class _Pace:
    """Holds a virtual loop to real time, except for jumps."""

    def __init__(self, loop: VirtualLoop) -> None:
        self._loop = loop
        self._jumping = 0
        self._real = time.monotonic() - loop.time()
        loop.in_flight.append(self._is_ahead)

    def keep(self) -> None:
        """From now on no jump is longer than a tick, but those of `jump`."""
        self._loop.call_later(_TICK, self.keep)

    async def jump(self, doing: Awaitable[object]) -> None:
        self._jumping += 1
        await doing
        self._jumping -= 1
        self._real = time.monotonic() - self._loop.time()

    def _is_ahead(self) -> bool:
        real = time.monotonic() - self._real
        return not self._jumping and self._loop.time() >= real


@dataclass(slots=True)
class Day:
    """`address` is the console's; `given` what its operators sign in with."""

    address: str
    simulated: SimulatedSite
    given: dict[str, Given]
    clock: VirtualClock
    pace: _Pace
    pages: list[Page] = field(default_factory=list)
    _stage: Stage | None = None
    _codes: dict[str, int] = field(default_factory=dict)

    async def pass_by(self, seconds: float) -> None:
        """Let the site run on, and the clocks of every page."""
        await self.pace.jump(asyncio.sleep(seconds))
        for page in self.pages:
            await page.clock.run_for(round(seconds * 1000))

    async def code(self, name: str) -> str:
        """One that was not given yet: if need be, the next half minute's."""
        now = self.clock.now()
        if int(now.timestamp()) // STEP <= self._codes.get(name, 0):
            await self.pass_by(STEP)
            now = self.clock.now()
        self._codes[name] = int(now.timestamp()) // STEP
        return code_at(self.given[name].secret, now)

    async def shows(self, door: DoorId, side: Side, *who: str) -> None:
        """Badges, in this order, and whoever is let through goes."""
        badges = tuple(Shown(Factor.BADGE, each) for each in who)
        await self._perform(_step(door, side=side, shown=badges))

    async def does(self, deed: Deed, door: DoorId) -> None:
        await self._perform(_step(door, deed=deed))

    async def log(self) -> list[Event]:
        """Everything the office has, in its order."""
        database = self.simulated.controller.operators.sessions.office.database
        entries = await database.read(lambda c: envelopes.page(c, limit=5000))
        return [each.event for each in reversed(entries) if each.event is not None]

    async def _perform(self, step: Step) -> None:
        if self._stage is None:
            story = Story(
                path=Path("day"),
                title="day",
                site=Path("day"),
                starts=self.clock.now(),
                people={},
                steps=(),
            )
            self._stage = Stage(
                self.simulated, story, clock=self.clock, tail=timedelta()
            )
        await self.pace.jump(self._stage.improvise([step]))
        await self.pass_by(_SOON)


def _step(
    door: DoorId,
    *,
    side: Side = Side.ENTRY,
    shown: Sequence[Shown] = (),
    deed: Deed | None = None,
) -> Step:
    return Step(
        number=1,
        line=0,
        after=timedelta(),
        door=door,
        side=side,
        person=None,
        shown=tuple(shown),
        passes=True,
        deed=deed,
        expect=None,
    )


@asynccontextmanager
async def a_day(clock: VirtualClock, folder: Path) -> AsyncIterator[Day]:
    """Two doors of the example site, as `menshen demo` has them."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    random = Random(3)  # noqa: S311  no secrets
    keys = make_keys(_PLAN, folder / "keys", now=clock.now())
    simulated = SimulatedSite(
        _PLAN,
        folder=folder,
        keys=keys,
        network=MemoryNetwork(keys, random=random.random),
        clock=clock,
        random=random,
        likenesses=Drawn(),
    )
    async with simulated.running():
        operators = simulated.controller.operators
        given = await demo_operators.make(operators, _PLAN)
        app = build_app(
            simulated.controller, site=_PLAN, operators=operators, clock=clock
        )
        port: asyncio.Future[int] = loop.create_future()
        serving = asyncio.create_task(
            run_web(app, host="127.0.0.1", port=0, started=port.set_result)
        )
        address = f"http://127.0.0.1:{await port}"
        pace = _Pace(loop)
        pace.keep()
        try:
            yield Day(
                address, simulated, {each.name: each for each in given}, clock, pace
            )
        finally:
            serving.cancel()
            await asyncio.wait([serving])
