"""An agent that was dropped without clean-up starts again from its folder."""

import asyncio
from pathlib import Path

from domain.access_events import (
    AccessDenied,
    AccessGranted,
    OccupancyBecameUnknown,
    PersonEntered,
)
from domain.agent_events import AgentStarted, AgentStopped
from domain.commands import EndLockdown, StartLockdown
from domain.zones import ZoneLevel
from tests.unit.edge_agent.entrance import World, play


def reasons(world: World) -> list[str]:
    return [f.reason for f in world.last(AccessDenied).findings]


def test_a_clean_stop_is_told_and_locks_the_door(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.badge()
        assert world.here.lock.released
        await world.stop()
        assert not world.here.lock.released
        assert world.here.lock.closed
        assert isinstance(world.events[-1], AgentStopped)
        await world.start()
        assert not world.last(AgentStarted).unclean

    play(tmp_path, ZoneLevel.GENERAL, story)


def test_a_stop_in_a_fire_leaves_the_lock_released(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.here.fire.set(active=True)
        await world.calm()
        await world.stop()
        assert world.here.lock.released
        await world.start()
        assert world.here.lock.released

    play(tmp_path, ZoneLevel.GENERAL, story)


def test_a_power_cut_keeps_roster_company_lockdown_and_commands(
    tmp_path: Path,
) -> None:
    async def story(world: World) -> None:
        await world.badge()
        await world.pass_door()
        order = world.command(StartLockdown("drill"))
        await world.post.command(order)
        await world.calm()
        await world.cut_power()
        world.receiving = True
        world.forget()
        await world.start()
        assert world.last(AgentStarted).unclean
        assert world.of(OccupancyBecameUnknown) == []
        await world.badge()
        assert "door.lockdown" in reasons(world)
        assert "zone.passback" in reasons(world)
        await world.post.command(order)
        await world.calm()
        assert "command.refused" in world.alarms
        await world.order(EndLockdown("over"))
        await asyncio.sleep(30)
        await world.badge()
        assert "door.lockdown" not in reasons(world)

    play(tmp_path, ZoneLevel.IMPORTANT, story)


def test_a_power_cut_with_the_door_open_makes_the_company_unknown(
    tmp_path: Path,
) -> None:
    async def story(world: World) -> None:
        await world.badge()
        await world.pass_door()
        await world.badge(out=True)
        world.here.contact.set(active=True)
        await world.calm()
        await world.cut_power()
        world.here.contact.active = False
        world.forget()
        await world.start()
        assert world.last(OccupancyBecameUnknown).cause == "power"
        await world.badge()
        assert world.of(AccessGranted)
        assert "occupancy.unknown" in world.alarms

    play(tmp_path, ZoneLevel.IMPORTANT, story)


def test_an_open_door_at_the_start_is_held_not_forced(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.stop()
        world.here.contact.active = True
        world.forget()
        await world.start()
        await asyncio.sleep(31)
        assert world.alarms == ["door.held"]

    play(tmp_path, ZoneLevel.GENERAL, story)


def test_everything_recorded_before_a_power_cut_reaches_the_office(
    tmp_path: Path,
) -> None:
    async def story(world: World) -> None:
        world.broker.kill()
        for _ in range(5):
            await world.badge()
            await world.pass_door()
            await asyncio.sleep(20)
        count = len(world.of(PersonEntered))
        await world.cut_power()
        world.broker.start()
        await world.start()
        await asyncio.sleep(60)
        held = world.office[world.door]
        types = [e.type for e in held]
        assert types.count("person_entered") == count == 5
        assert [e.seq for e in held] == list(range(len(held)))
        assert world.agent.doors[world.door].outbox.waiting == 0

    play(tmp_path, ZoneLevel.GENERAL, story)
