"""`menshen simulate FILE…`: play stories and say whether every expectation held.

On the virtual clock by default: a day in seconds, links in memory, drawn faces.
`--real-time` plays the same files on a NATS server and the machine's clock;
`--real-faces` photographs people and runs the real engine.
"""

import argparse
import asyncio
import json
import secrets
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Final, cast

from config.schema import FaceLimits, Role, Site
from domain.clock import Clock
from hardware.loader import load
from hardware.ports import FaceEngine
from simulators.clock import VirtualClock, VirtualLoop
from simulators.likenesses import Drawn, Likenesses, photograph
from simulators.links import MemoryNetwork, NatsNetwork, Network
from simulators.scenario import load_story
from simulators.site import PATIENCE, SimulatedSite
from simulators.stage import Stage
from simulators.story import NEEDS_PERSON, StepResult, Story, shortfalls
from wire.clock import SystemClock
from wire.keys import SiteKeys, add_door, init_site, load_site

# Before the story begins everything starts, and rosters and templates arrive.
_PROLOGUE: Final = timedelta(minutes=10)
# After the last step: longer than any timer of a door, and than the minute after
# which a door counts as offline.
_TAIL: Final = timedelta(seconds=90)
_REAL_TAIL: Final = timedelta(seconds=40)
# Of the doors' clocks: longer than any device takes, so that what a story presents at
# a second is judged at that second, and boundaries are exact.
_RESOLUTION: Final = timedelta(milliseconds=500)
_SEED: Final = 20260302


@dataclass(frozen=True, slots=True)
class Run:
    """How to play: on which clock, with which faces, and how long timers may still
    run after the last step (None: until there are none)."""

    real_time: bool = False
    real_faces: bool = False
    tail: timedelta | None = None


def main(argv: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(
        prog="menshen simulate", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("files", nargs="+", type=Path, metavar="FILE")
    parser.add_argument("--json", action="store_true", help="one object a step")
    parser.add_argument(
        "--real-time", action="store_true", help="on a NATS server, in real time"
    )
    parser.add_argument(
        "--real-faces", action="store_true", help="photographs and the real engine"
    )
    options = parser.parse_args(argv)
    run = Run(real_time=options.real_time, real_faces=options.real_faces)
    stories = [load_story(path) for path in options.files]
    held = True
    for story, site in stories:
        results = play(story, site, run)
        held &= _report(story, site, results, as_json=options.json)
    return 0 if held else 1


def play(story: Story, site: Site, run: Run) -> Sequence[StepResult]:
    """What came of each step."""
    with tempfile.TemporaryDirectory(prefix="menshen-") as folder:
        if run.real_time:
            return asyncio.run(_play(story, site, run, SystemClock(), Path(folder)))
        loop = VirtualLoop()
        clock = VirtualClock(loop, story.starts - _PROLOGUE, resolution=_RESOLUTION)
        with asyncio.Runner(loop_factory=lambda: loop) as runner:
            results = runner.run(_play(story, site, run, clock, Path(folder)))
            if loop.failures:  # what nobody awaited
                raise loop.failures.pop(0)
            return results


async def _play(
    story: Story, site: Site, run: Run, clock: Clock, folder: Path
) -> Sequence[StepResult]:
    site = on_stage(site, story)
    random = Random(_SEED)  # noqa: S311  jitter and simulated chance, no secrets
    keys = make_keys(site, folder / "keys", now=_certified_at(clock, run))
    network: Network = (
        NatsNetwork(folder / "broker", keys, random=random.random)
        if run.real_time
        else MemoryNetwork(keys, random=random.random)
    )
    likenesses = await _likenesses(story, run)
    stage_site = SimulatedSite(
        site,
        folder=folder,
        keys=keys,
        network=network,
        clock=clock,
        random=random,
        likenesses=likenesses,
        patience=PATIENCE if run.real_time else 0.0,
    )
    tail = run.tail or (_REAL_TAIL if run.real_time else _TAIL)
    stage = Stage(stage_site, story, clock=clock, tail=tail)
    async with stage_site.running():
        await stage.prepare()
        if not run.real_time:
            await asyncio.sleep((story.starts - clock.now()).total_seconds())
        return await stage.play()


def on_stage(site: Site, story: Story) -> Site:
    """The site with the doors that the story is about, so that the others need not
    be built: all of them if a deed concerns all, else those named and whatever is
    interlocked with them or leads to the same zone."""
    named = {step.door for step in story.steps}
    at_all = any(
        step.door is None and step.deed is not None and step.deed not in NEEDS_PERSON
        for step in story.steps
    )
    if at_all:
        return site
    agents = {d.agent for d in site.doors.values() if d.id in named}
    zones = {d.zone for d in site.doors.values() if d.agent in agents}
    doors = {
        id_: d for id_, d in site.doors.items() if d.agent in agents or d.zone in zones
    }
    return replace(site, doors=doors)


def make_keys(site: Site, folder: Path, *, now: datetime) -> SiteKeys:
    """Keys for a whole site, as `menshen site init` and `door add` make them."""
    init_site(folder, site.id, now=now, random_bytes=secrets.token_bytes)
    for door in site.doors:
        add_door(folder, door, now=now, random_bytes=secrets.token_bytes)
    return load_site(folder)


def _certified_at(clock: Clock, run: Run) -> datetime:
    # In memory nobody checks a certificate's date; a real broker does, by its clock.
    return datetime.now(UTC) if run.real_time else clock.now()


async def _likenesses(story: Story, run: Run) -> Likenesses:
    if not run.real_faces:
        return Drawn()
    return await photograph(story.people.values(), real_engine(), limits=FaceLimits())


def real_engine() -> FaceEngine:
    """The engine of a real door, found by name as a site file would name it."""
    name = "hardware.drivers.dlib_engine:DlibEngine"
    engine = load("faces", name, {}, kind=Role.FACE_ENGINE, simulated=False)
    return cast(FaceEngine, engine)


def _report(
    story: Story, site: Site, results: Sequence[StepResult], *, as_json: bool
) -> bool:
    """Print what came of each step; whether every expectation held."""
    held = True
    if not as_json:
        print(f"{story.path}: {story.title}")
    for step, result in zip(story.steps, results, strict=True):
        if as_json:
            print(_json(result))
        else:
            print(f"  {_line(result, story, site)}")
        for shortfall in shortfalls(step.expect, result):
            held = False
            print(
                f"{story.path}:{step.line}: step {step.number}: {shortfall}",
                file=sys.stderr,
            )
    if not as_json:
        print("  every expectation held" if held else "  NOT as expected")
    return held


def _json(result: StepResult) -> str:
    return json.dumps(
        {**asdict(result), "at": result.at.isoformat()}, ensure_ascii=False
    )


def _line(result: StepResult, story: Story, site: Site) -> str:
    step = story.steps[result.step - 1]
    what = step.deed or result.outcome or "nothing"
    where = f" {result.door}" if result.door else ""
    who = f" {', '.join(result.people)}" if result.people else ""
    told = [*result.waiting_for, *result.reasons]
    why = f": {', '.join(told)}" if told else ""
    alarms = f" ! {', '.join(result.alarms)}" if result.alarms else ""
    at = result.at.astimezone(site.tz)
    return f"{at:%m-%d %H:%M:%S}{where} {what}{who}{why}{alarms}"
