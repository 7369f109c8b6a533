"""Doors of another agent count only while the link is up."""

import asyncio
from datetime import timedelta
from pathlib import Path

from domain.access_events import AccessDenied, AccessGranted
from domain.zones import ZoneLevel
from tests.builders import LI
from tests.unit.edge_agent.entrance import World, play
from wire import json_v1, topics
from wire.messages import DoorState, Movement, PresenceSnapshot, Status


async def say_inside(world: World, *, ago: timedelta = timedelta()) -> None:
    """Another agent's door of the same zone let Li in."""
    at = world.clock.now() - ago
    snapshot = PresenceSnapshot(
        site=world.site.id,
        door=world.door,
        zone=world.site.doors[world.door].zone,
        at=world.clock.now(),
        entered=(Movement(person=LI, at=at, declaration=None),),
        left=(),
        unknown_at=None,
        reset_at=None,
        doubtful=False,
    )
    await world.post.presence(snapshot)
    await world.calm()


def test_who_entered_by_another_agents_door_is_inside_here(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await say_inside(world)
        await world.badge()
        assert "zone.passback" in [f.reason for f in world.last(AccessDenied).findings]

    play(tmp_path, ZoneLevel.IMPORTANT, story)


def test_without_the_link_only_the_own_doors_count(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await say_inside(world)
        world.broker.cut(f"{world.door}-1")
        await world.calm()
        await world.badge()
        assert world.of(AccessGranted)

    play(tmp_path, ZoneLevel.IMPORTANT, story)


def test_who_left_here_since_is_outside_whatever_was_said_before(
    tmp_path: Path,
) -> None:
    async def story(world: World) -> None:
        await say_inside(world, ago=timedelta(hours=1))
        await world.badge(out=True)
        await world.pass_door()
        await say_inside(world, ago=timedelta(hours=1))
        await world.badge()
        assert len(world.of(AccessGranted)) == 2

    play(tmp_path, ZoneLevel.IMPORTANT, story)


def test_the_door_is_said_to_be_there_and_its_vanishing_too(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        said: list[DoorState] = []

        async def listen() -> None:
            listener = world.broker.link("CN=controller,OU=1", client_id="other")
            await listener.subscribe(topics.status(world.site.id, world.door))
            running = asyncio.create_task(listener.run())
            async for message in listener.messages():
                said.append(json_v1.from_bytes(Status, message.payload).state)
                await message.done()
            running.cancel()

        listening = asyncio.create_task(listen())
        await asyncio.sleep(1)
        world.broker.cut(f"{world.door}-1")
        await asyncio.sleep(1)
        world.broker.restore(f"{world.door}-1")
        await asyncio.sleep(60)
        await world.stop()
        await asyncio.sleep(1)
        await world.start()
        listening.cancel()
        on, off = DoorState.ONLINE, DoorState.OFFLINE
        assert said == [on, off, on, off, on]

    play(tmp_path, ZoneLevel.GENERAL, story)
