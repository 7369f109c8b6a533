"""`menshen demo`: the example factory on this one machine, alive.

A real broker, the real controller with its register and page, the real agents and
drivers at eleven doors, and the real face engine on photographs. Simulated are the
people, and the far ends of the devices' wires. Everything listens on loopback, lives
in a temporary folder, and ends with Ctrl-C.
"""

import argparse
import asyncio
import contextlib
import signal
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final

from config.load import load_site
from config.schema import FaceLimits, Site
from controller.web.app import build_app
from controller.web.server import run_web
from domain.visit_life import VisitState
from simulators import demo_displays, demo_operators, demo_visitors, visit_day
from simulators.day import day
from simulators.likenesses import Drawn, Likenesses, photograph
from simulators.links import NatsNetwork
from simulators.scenario import DEFAULT_SITE
from simulators.simulate import make_keys, real_engine
from simulators.site import PATIENCE, SimulatedSite
from simulators.stage import Stage
from simulators.story import Story
from simulators.visit_deeds import bring_to_its_beginning
from wire.clock import SystemClock

_STEPS: Final = 6


class _Progress:
    """One line for each thing that takes a while, so that nobody wonders."""

    def __init__(self) -> None:
        self._number = 0

    def next(self, what: str) -> None:
        self._number += 1
        print(f"[{self._number}/{_STEPS}] {what} …", flush=True)


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="menshen demo", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("--site", type=Path, default=DEFAULT_SITE)
    parser.add_argument("--port", type=int, help="of the page (0: any that is free)")
    parser.add_argument("--seed", type=int, default=7, help="another seed, another day")
    parser.add_argument(
        "--drawn-faces", action="store_true", help="without the face engine"
    )
    parser.add_argument(
        "--for", type=float, dest="seconds", help="stop after so many seconds"
    )
    options = parser.parse_args(argv)
    site = load_site(options.site)
    with tempfile.TemporaryDirectory(prefix="menshen-demo-") as folder:
        asyncio.run(_until_stopped(site, Path(folder), options))
    print("stopped; nothing is left running", flush=True)
    return 0


async def _until_stopped(site: Site, folder: Path, options: argparse.Namespace) -> None:
    loop = asyncio.get_running_loop()
    stop = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    running = asyncio.create_task(_run(site, folder, options))
    stopping = asyncio.create_task(stop.wait())
    try:
        async with asyncio.timeout(options.seconds):
            await asyncio.wait((running, stopping), return_when=asyncio.FIRST_COMPLETED)
    except TimeoutError:
        pass
    stopping.cancel()
    if running.done():
        running.result()  # it failed: say so
        return
    print("stopping …", flush=True)
    running.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await running


async def _run(site: Site, folder: Path, options: argparse.Namespace) -> None:
    progress = _Progress()
    random = Random(options.seed)  # noqa: S311  who walks where, no secrets
    clock = SystemClock()
    progress.next(f"issuing certificates and keys for {len(site.doors)} doors")
    keys = await asyncio.to_thread(
        make_keys, site, folder / "keys", now=datetime.now(UTC)
    )
    progress.next(f"photographing {len(site.people)} people for the face engine")
    likenesses = await _likenesses(site, options)
    progress.next("starting the broker (NATS server, MQTT over TLS)")
    network = NatsNetwork(
        folder / "broker", keys, random=random.random, binary=site.broker.binary
    )
    simulated = SimulatedSite(
        site,
        folder=folder,
        keys=keys,
        network=network,
        clock=clock,
        random=random,
        likenesses=likenesses,
        patience=PATIENCE,
    )
    progress.next("starting the controller and the agents; sending rosters")
    async with simulated.running(), asyncio.TaskGroup() as tasks:
        progress.next("opening the page")
        operators = simulated.controller.operators
        given = await demo_operators.make(operators, site)
        app = build_app(
            simulated.controller, site=site, operators=operators, clock=clock
        )
        opened: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        port = site.controller.port if options.port is None else options.port
        tasks.create_task(
            run_web(app, host="127.0.0.1", port=port, started=opened.set_result)
        )
        address = f"http://127.0.0.1:{await opened}/"
        progress.next("people are walking")
        print(f"\n  {site.name} · {site.name_en}\n  {address}\n", flush=True)
        print("\n".join(demo_operators.lines(given, clock)), flush=True)
        print("\n".join(demo_visitors.lines()))
        print("\n".join(("", *await demo_displays.show(simulated, clock, tasks))))
        print("\n  Each code is taken once. Ctrl-C stops it all.\n", flush=True)
        tasks.create_task(demo_operators.show_codes(given, clock))
        walkers = demo_visitors.Walkers(simulated, digest_key=keys.digest, clock=clock)
        tasks.create_task(walkers.run())
        await _people_walk(simulated, site, random, clock)


async def _likenesses(site: Site, options: argparse.Namespace) -> Likenesses:
    if options.drawn_faces:
        return Drawn()
    return await photograph(site.people.values(), real_engine(), limits=FaceLimits())


async def _people_walk(
    simulated: SimulatedSite, site: Site, random: Random, clock: SystemClock
) -> None:
    story = Story(
        path=Path("demo"),
        title="a day in the factory",
        site=DEFAULT_SITE,
        starts=clock.now(),
        people=site.people,
        steps=(),
    )
    stage = Stage(simulated, story, clock=clock, tail=timedelta())
    if not visit_day.fits(site):
        await stage.improvise(day(site, random))
        return
    desk = Stage(simulated, story, clock=clock, tail=timedelta())
    expected = replace(
        visit_day.for_the_desk(site, story.starts), begins=VisitState.APPROVED
    )
    await bring_to_its_beginning(expected, simulated.controller)
    async with asyncio.TaskGroup() as tasks:
        visits = visit_day.visits_day(site, story.starts)
        tasks.create_task(desk.improvise(visits))
        await stage.improvise(day(site, random, busy=visit_day.ESCORTS))
