"""The virtual clock: what every simulated story stands on."""

import asyncio
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.clock import Deadlock, VirtualClock, VirtualLoop, run_virtual
from tests.virtual import virtual

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)


def test_a_day_takes_no_time() -> None:
    began = time.monotonic()

    async def main(clock: VirtualClock) -> datetime:
        await asyncio.sleep(86_400)
        return clock.now()

    assert run_virtual(main, starts=NINE) == NINE + timedelta(days=1)
    assert time.monotonic() - began < 5


@given(st.lists(st.integers(0, 10**13), max_size=8))
def test_instants_are_exact_even_after_years(waits_us: list[int]) -> None:
    async def main(clock: VirtualClock) -> list[timedelta]:
        seen = []
        for wait in waits_us:
            before = clock.now()
            await asyncio.sleep(wait / 1_000_000)
            seen.append(clock.now() - before)
        return seen

    seen = run_virtual(main, starts=NINE)

    for wait, took in zip(waits_us, seen, strict=True):
        assert abs(took - timedelta(microseconds=wait)) <= timedelta(microseconds=1)


@virtual
async def test_timers_fire_in_order_at_their_own_instants() -> None:
    loop, fired = asyncio.get_running_loop(), list[float]()
    for at in (3.5, 0.25, 15.0, 0.1):
        loop.call_at(at, lambda: fired.append(loop.time()))

    await asyncio.sleep(20)

    assert fired == [0.1, 0.25, 3.5, 15.0]


@virtual
async def test_a_timeout_expires_in_virtual_time() -> None:
    loop = asyncio.get_running_loop()

    with pytest.raises(TimeoutError):
        async with asyncio.timeout(3600):
            await asyncio.Event().wait()

    assert loop.time() == 3600


@virtual
async def test_time_stands_still_while_a_thread_works() -> None:
    loop = asyncio.get_running_loop()
    ticking = asyncio.ensure_future(asyncio.sleep(0.001))

    await asyncio.to_thread(time.sleep, 0.05)

    assert loop.time() == 0
    await ticking


@virtual
async def test_time_stands_still_for_a_job_whose_caller_gave_up() -> None:
    loop, done = asyncio.get_running_loop(), threading.Event()

    def job() -> None:
        time.sleep(0.05)
        done.set()

    with ThreadPoolExecutor() as pool:
        waiting = loop.run_in_executor(pool, job)
        waiting.cancel()
        await asyncio.sleep(1)

        assert done.is_set()


@virtual
async def test_time_stands_still_while_a_hook_says_so() -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    answers = [True, True, True]
    loop.in_flight.append(lambda: bool(answers and answers.pop()))

    await asyncio.sleep(5)

    assert answers == []
    assert loop.time() == 5


@virtual
async def test_time_stands_still_while_held() -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    late = loop.call_later(1, lambda: None)
    reader, writer = os.pipe()
    woken = asyncio.Event()
    loop.add_reader(reader, woken.set)
    thread = threading.Timer(0.03, os.write, (writer, b"x"))
    thread.start()

    with loop.held():
        await woken.wait()

    assert loop.time() == 0
    late.cancel()
    thread.join()
    loop.remove_reader(reader)
    os.close(reader)
    os.close(writer)


@virtual
async def test_a_readable_byte_comes_before_the_next_timer() -> None:
    loop, order = asyncio.get_running_loop(), list[str]()
    reader, writer = os.pipe()

    def on_readable() -> None:
        os.read(reader, 1)
        order.append("byte")

    loop.add_reader(reader, on_readable)
    loop.call_later(0.000_001, order.append, "timer")
    os.write(writer, b"x")

    await asyncio.sleep(1)

    assert order == ["byte", "timer"]
    loop.remove_reader(reader)
    os.close(reader)
    os.close(writer)


def test_waiting_for_nothing_is_a_deadlock() -> None:
    async def main(clock: VirtualClock) -> None:
        await asyncio.Event().wait()

    with pytest.raises(Deadlock, match="nothing is scheduled"):
        run_virtual(main, patience=0.05)


def test_a_flight_that_never_lands_is_a_deadlock() -> None:
    async def main(clock: VirtualClock) -> None:
        loop = asyncio.get_running_loop()
        assert isinstance(loop, VirtualLoop)
        with loop.held():
            await asyncio.sleep(1)

    with pytest.raises(Deadlock, match="does not land"):
        run_virtual(main, patience=0.05)


def test_an_exception_in_a_callback_ends_the_run() -> None:
    async def main(clock: VirtualClock) -> None:
        asyncio.get_running_loop().call_later(1, lambda: 1 / 0)
        await asyncio.sleep(10)

    with pytest.raises(ZeroDivisionError):
        run_virtual(main)


def test_an_exception_in_the_last_callback_is_not_lost() -> None:
    async def main(clock: VirtualClock) -> None:
        asyncio.get_running_loop().call_soon(lambda: 1 / 0)
        await asyncio.sleep(0)

    with pytest.raises(ZeroDivisionError):
        run_virtual(main)


def test_the_result_and_the_error_of_main_come_through() -> None:
    async def fine(clock: VirtualClock) -> int:
        return await asyncio.to_thread(lambda: 42)

    async def broken(clock: VirtualClock) -> int:
        raise KeyError("x")

    assert run_virtual(fine) == 42
    with pytest.raises(KeyError):
        run_virtual(broken)


def test_a_clock_shows_utc_wherever_the_story_starts() -> None:
    beijing = timezone(timedelta(hours=8))

    async def main(clock: VirtualClock) -> datetime:
        return clock.now()

    shown = run_virtual(main, starts=datetime(2026, 11, 23, 8, tzinfo=beijing))

    assert shown == datetime(2026, 11, 23, tzinfo=UTC)
    assert shown.tzinfo is UTC


def test_a_clock_without_a_zone_is_refused() -> None:
    loop = VirtualLoop()
    try:
        with pytest.raises(ValueError, match="time zone"):
            VirtualClock(loop, datetime(2026, 3, 2))  # noqa: DTZ001  # what is refused
    finally:
        loop.close()


@virtual
async def test_a_clock_can_be_set_wrong_without_moving_the_loop() -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    clock = VirtualClock(loop, NINE)
    await asyncio.sleep(5)

    clock.jump(-timedelta(days=20_000))

    assert clock.now() == NINE + timedelta(seconds=5) - timedelta(days=20_000)
    assert loop.time() == 5


@virtual
async def test_a_coarse_clock_shows_the_instant_last_reached() -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, VirtualLoop)
    clock = VirtualClock(loop, NINE, resolution=timedelta(milliseconds=100))

    await asyncio.sleep(1.099)
    assert clock.now() == NINE + timedelta(seconds=1)
    await asyncio.sleep(0.001)
    assert clock.now() == NINE + timedelta(seconds=1.1)
