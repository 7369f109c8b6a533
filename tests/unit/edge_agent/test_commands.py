"""A command opens something only if it is ours, fresh, new and just sent."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest

from domain.agent_events import CommandReceived, CommandRefused
from domain.commands import ResetOccupancy, StartLockdown, UnlockDoor
from domain.door_events import LockReleased
from domain.ids import DoorId
from domain.zones import ZoneLevel
from simulators.clock import VirtualClock, run_virtual
from tests.builders import NINE
from tests.unit.edge_agent.entrance import (
    OFFICE_KEY,
    World,
    entrance,
    level_site,
    play,
)
from wire import frame, json_v1, topics
from wire.envelope import sign
from wire.sealing import SigningKey

UNLOCK = UnlockDoor("delivery")


async def send(world: World, **how: object) -> None:
    key = how.pop("key", OFFICE_KEY)
    assert isinstance(key, SigningKey)
    command = world.command(UNLOCK, **how)
    topic = topics.commands(world.site.id, world.door)
    await world.say_to_door(topic, json_v1.to_bytes(command), key=key)


async def replayed(world: World) -> None:
    command = world.command(StartLockdown("drill"))
    await world.post.command(command)
    await world.post.command(command)
    await world.calm()


async def rubbish(world: World) -> None:
    topic = topics.commands(world.site.id, world.door)
    await world.office_link.publish(topic, b"open, please")
    await world.calm()


def test_a_recorded_opening_releases_the_lock_once(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.order(UNLOCK)
        assert world.here.lock.released
        received, released = world.of(CommandReceived)[0], world.of(LockReleased)[0]
        assert (received.order, released.cause) == ("unlock_door", "command")
        assert world.events.index(received) < world.events.index(released)

    play(tmp_path, ZoneLevel.CORE, story)


@pytest.mark.parametrize(
    ("deed", "reason"),
    [
        pytest.param(replayed, "command.repeated", id="replayed"),
        pytest.param(rubbish, "command.malformed", id="rubbish"),
        pytest.param(
            lambda w: send(w, key=SigningKey(b"Z" * 32)),
            "command.unsigned",
            id="signed by somebody else",
        ),
        pytest.param(
            lambda w: send(w, door=DoorId("another")), "command.foreign", id="foreign"
        ),
        pytest.param(
            lambda w: send(w, expires_at=w.clock.now()), "command.expired", id="expired"
        ),
        pytest.param(
            lambda w: send(w, issued_at=w.clock.now() + timedelta(minutes=1)),
            "command.early",
            id="from the future",
        ),
    ],
)
def test_a_bad_command_opens_nothing_and_is_recorded(
    tmp_path: Path, deed: Callable[[World], Awaitable[None]], reason: str
) -> None:
    async def story(world: World) -> None:
        await deed(world)
        assert world.last(CommandRefused).reason == reason
        assert "command.refused" in world.alarms
        assert world.here.lock.releases == 0

    play(tmp_path, ZoneLevel.GENERAL, story)


def test_a_retained_command_opens_nothing_however_fresh(tmp_path: Path) -> None:
    """It lay at the broker before the door first listened."""

    async def main(clock: VirtualClock) -> None:
        site = level_site(ZoneLevel.GENERAL)
        async with entrance(site, tmp_path, clock, started=False) as world:
            await asyncio.sleep(1)
            topic = topics.commands(site.id, world.door)
            document = json_v1.to_bytes(world.command(UNLOCK))
            payload = frame.pack([sign(OFFICE_KEY, document)])
            await world.office_link.publish(topic, payload, retain=True)
            await world.start()
            assert world.last(CommandRefused).reason == "command.retained"
            assert world.here.lock.releases == 0
            await world.stop()

    run_virtual(main, starts=NINE, patience=5)


def test_a_reset_forgets_who_is_inside(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.badge()
        await world.pass_door()
        await world.order(ResetOccupancy("muster"))
        await asyncio.sleep(30)
        world.forget()
        await world.badge()
        assert world.here.lock.released
        assert world.alarms == []

    play(tmp_path, ZoneLevel.IMPORTANT, story)
