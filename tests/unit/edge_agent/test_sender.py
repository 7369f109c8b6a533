"""What the controller has not acknowledged is sent again, in order, without end."""

import asyncio
import shutil
from pathlib import Path

from domain.journal import Tip
from domain.zones import ZoneLevel
from tests.unit.edge_agent.entrance import World, play


def seqs(world: World) -> list[int]:
    return [e.seq for e in world.office[world.door]]


def test_events_are_acknowledged_and_nothing_waits(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.badge()
        await asyncio.sleep(1)
        assert world.agent.doors[world.door].outbox.waiting == 0
        assert seqs(world) == list(range(len(seqs(world))))

    play(tmp_path, ZoneLevel.GENERAL, story)


def test_what_the_broker_took_and_nobody_committed_is_sent_again(
    tmp_path: Path,
) -> None:
    async def story(world: World) -> None:
        await asyncio.sleep(1)
        before = len(seqs(world))
        world.receiving = False
        await world.badge()
        await asyncio.sleep(5)
        assert len(seqs(world)) == before
        world.receiving = True
        await asyncio.sleep(10)
        assert len(seqs(world)) > before
        assert world.agent.doors[world.door].outbox.waiting == 0

    play(tmp_path, ZoneLevel.GENERAL, story)


def test_days_without_a_network_arrive_afterwards_whole(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        world.broker.cut(f"{world.door}-1")
        for _ in range(8):
            await world.badge()
            await world.pass_door()
            await asyncio.sleep(6 * 3600)
        waiting = world.agent.doors[world.door].outbox.waiting
        assert waiting > 8 * 6
        world.broker.restore(f"{world.door}-1")
        await asyncio.sleep(120)
        assert world.agent.doors[world.door].outbox.waiting == 0
        assert seqs(world) == list(range(len(seqs(world))))

    play(tmp_path, ZoneLevel.GENERAL, story)


def test_what_the_office_acknowledged_and_then_lost_is_sent_again(
    tmp_path: Path,
) -> None:
    async def story(world: World) -> None:
        await world.badge()
        await asyncio.sleep(1)
        whole = list(world.office[world.door])
        copy = Tip(2, whole[3].previous)
        world.bring_back(copy)
        await world.post.ack(world.door, copy)
        await asyncio.sleep(1)
        assert world.office[world.door] == whole
        assert world.agent.doors[world.door].outbox.waiting == 0

    play(tmp_path, ZoneLevel.GENERAL, story)


def test_a_door_whose_disk_is_lost_never_uses_a_number_again(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.badge()
        await asyncio.sleep(1)
        await world.cut_power()
        held = len(seqs(world))
        shutil.rmtree(tmp_path / world.door)
        await world.start()
        await asyncio.sleep(30)
        assert len(seqs(world)) > held
        assert seqs(world) == list(range(len(seqs(world))))
        assert world.agent.doors[world.door].outbox.waiting == 0
        assert world.office[world.door][held].type == "agent_started"

    play(tmp_path, ZoneLevel.GENERAL, story)
