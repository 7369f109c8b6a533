"""One rendering for all who watch; nobody is sent what they have."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest

from controller.services.board import Board, DoorLook
from controller.web.live import BACKLOG, MAX_WATCHERS, Live, TooManyWatchers
from controller.web.pages.board import Fragments, fragments
from controller.web.pages.sight import Onlooker, seen
from controller.web.words import CHINESE, ENGLISH
from domain.errors import StorageError
from tests.boards import CALM, NOW, SITE, board, granted, plain_tile, row
from tests.virtual import virtual
from tests.web_site import Told

ZH, EN = Onlooker(language=CHINESE), Onlooker(language=ENGLISH)
ENTRIES = [granted("canteen", NOW, "E1026") for _ in range(9)]


class Counted:
    """The page's own rendering, and how often it was asked for."""

    def __init__(self) -> None:
        self.times = 0

    def __call__(self, shown: Board, eyes: Onlooker) -> Fragments:
        self.times += 1
        return fragments(seen(shown, eyes), SITE, eyes.language)


@asynccontextmanager
async def running(live: Live) -> AsyncIterator[None]:
    task = asyncio.create_task(live.run())
    try:
        await asyncio.sleep(0)
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def until(messages: AsyncIterator[bytes], event: str) -> str:
    """The next message of a kind."""
    async for message in messages:
        if f"event: {event}" in message.decode():
            return message.decode()
    raise AssertionError("the stream ended")


def with_events(*positions: int) -> Board:
    rows = tuple(row(p, ENTRIES[p]) for p in sorted(positions, reverse=True))
    return replace(CALM, events=rows)


@virtual
async def test_a_change_reaches_everyone_by_one_rendering() -> None:
    source, render = Told(), Counted()
    live = Live(source, render)
    async with running(live):
        streams = [await live.watch(ZH, 0) for _ in range(50)]
        for stream in streams:
            await until(stream, "patch")
        before = render.times

        forced = replace(plain_tile("archive"), look=DoorLook.FORCED)
        source.tell(board(tiles={"archive": forced}))
        patches = {await until(stream, "patch") for stream in streams}

        assert render.times == before + 1
    assert len(patches) == 1
    patch = patches.pop()
    assert 'id="door-archive" class="tile tile--forced"' in patch
    assert "door-canteen" not in patch


@virtual
async def test_each_language_is_rendered_once() -> None:
    source, render = Told(), Counted()
    live = Live(source, render)
    async with running(live):
        chinese, english = await live.watch(ZH, 0), await live.watch(EN, 0)

        assert "食堂" in await until(chinese, "patch")
        assert "Canteen" in await until(english, "patch")
        assert render.times == 2


@virtual
async def test_who_comes_back_gets_exactly_the_rows_behind_its_position() -> None:
    live = Live(Told(with_events(1, 2, 3, 4)), Counted())
    async with running(live):
        patch = await until(await live.watch(ZH, 2), "patch")

    assert [p for p in range(5) if f'id="event-{p}"' in patch] == [3, 4]
    assert patch.startswith("id: 4\n")
    # Oldest first: each finds the place of its own time.
    assert patch.index("event-3") < patch.index("event-4")


@virtual
async def test_a_hole_in_the_rows_is_never_papered_over() -> None:
    live = Live(Told(with_events(6, 7, 8)), Counted())
    async with running(live):
        lagging, close = await live.watch(ZH, 4), await live.watch(ZH, 5)

        assert "event-6" in await until(lagging, "renew")
        assert "event-6" in await until(close, "patch")


@virtual
async def test_one_that_is_up_to_date_is_sent_only_heartbeats() -> None:
    source = Told(with_events(1))
    live = Live(source, Counted())
    async with running(live):
        stream = await live.watch(ZH, 1)
        await until(stream, "patch")

        source.tell(with_events(1))
        first = await anext(stream)

    assert first.decode() == f"event: beat\ndata: {NOW.isoformat()}\n\n"


@virtual
async def test_without_a_board_there_is_no_heartbeat() -> None:
    class Broken(Told):
        async def board(self) -> Board:
            raise StorageError("the disk is gone")

    live = Live(Broken(), Counted())
    async with running(live):
        stream = await live.watch(ZH, 0)
        assert b"retry" in await anext(stream)

        with pytest.raises(TimeoutError):
            async with asyncio.timeout(60):
                await anext(stream)


@virtual
async def test_nobody_watching_costs_nothing() -> None:
    source = Told()
    live = Live(source, Counted())
    async with running(live):
        source.tell(CALM)
        await asyncio.sleep(3600)

        assert not source.asked_for.is_set()


@virtual
async def test_a_burst_is_gathered_into_few_renderings() -> None:
    source, render = Told(), Counted()
    live = Live(source, render)
    async with running(live):
        await until(await live.watch(ZH, 0), "patch")
        for _ in range(1000):
            source.tell(with_events(1))
            await asyncio.sleep(0.001)  # a second of a thousand events

    assert render.times <= 12


@virtual
async def test_one_that_does_not_read_is_dropped_and_the_others_are_not() -> None:
    source = Told()
    live = Live(source, Counted())
    async with running(live):
        slow, quick = await live.watch(ZH, 0), await live.watch(ZH, 0)
        await anext(slow)
        for n in range(BACKLOG + 5):
            look = (DoorLook.OPEN, DoorLook.SECURED)[n % 2]
            changed = replace(plain_tile("archive"), look=look)
            source.tell(board(tiles={"archive": changed}))
            await until(quick, "patch")

        assert live.watchers == 1
        assert [message async for message in slow] == []


@virtual
async def test_leaving_is_noticed() -> None:
    live = Live(Told(), Counted())
    async with running(live):
        stream = await live.watch(ZH, 0)
        await until(stream, "patch")
        await stream.aclose()

        assert live.watchers == 0


@virtual
async def test_there_is_room_for_so_many_and_no_more() -> None:
    live = Live(Told(), Counted())
    streams = [await live.watch(ZH, 0) for _ in range(MAX_WATCHERS)]

    with pytest.raises(TooManyWatchers):
        await live.watch(ZH, 0)

    assert len(streams) == MAX_WATCHERS


@virtual
async def test_a_stop_ends_every_stream() -> None:
    live = Live(Told(), Counted())
    async with running(live):
        stream = await live.watch(ZH, 0)
        await until(stream, "patch")

    assert [message async for message in stream] == []
