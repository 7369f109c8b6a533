"""What a device reports reaches every listener, whole and in order."""

import asyncio
import gc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import DeviceError, DeviceVanished
from hardware.feed import Feed
from simulators.clock import run_virtual
from tests.virtual import virtual


@given(st.lists(st.integers()), st.lists(st.integers()))
def test_a_listener_hears_what_was_put_after_it_came(
    before: list[int], after: list[int]
) -> None:
    async def story() -> list[int]:
        feed: Feed[int] = Feed()
        for item in before:
            feed.put(item)
        items = feed.items()
        for item in after:
            feed.put(item)
        feed.close()
        return [item async for item in items]

    assert run_virtual(lambda _: story()) == after


@virtual
async def test_a_failure_is_told_once_behind_what_came_before_it() -> None:
    feed: Feed[str] = Feed()
    items = feed.items()
    feed.put("a")
    feed.fail(DeviceVanished("unplugged"))
    feed.put("b")

    assert await anext(items) == "a"
    with pytest.raises(DeviceError):
        await anext(items)
    assert await anext(items) == "b"


@virtual
async def test_a_listener_that_waits_is_woken() -> None:
    feed: Feed[str] = Feed()
    items = feed.items()
    waiting = asyncio.ensure_future(anext(items))
    await asyncio.sleep(5)

    feed.put("a")

    assert await waiting == "a"


@virtual
async def test_a_listener_nobody_holds_is_forgotten() -> None:
    feed: Feed[str] = Feed()
    items = feed.items()
    held = feed.heard

    del items
    gc.collect()

    assert held
    assert not feed.heard


@virtual
async def test_a_listener_that_comes_after_the_end_ends() -> None:
    feed: Feed[str] = Feed()
    feed.close()

    assert [item async for item in feed.items()] == []
