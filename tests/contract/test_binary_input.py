"""What every contact, button and line promises."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from typing import Literal

import pytest

from hardware.drivers.gpio_input import GpioInput
from hardware.ports import BinaryInput
from simulators.pins import Line, SimulatedDoorHardware
from tests.virtual import virtual

_boards = count()
_HIGH = {Line.CONTACT, Line.FIRE, Line.TAMPER}

pytestmark = pytest.mark.parametrize("line", Line)


def wired(
    line: Line, *, bounce_ms: int = 30
) -> tuple[BinaryInput, SimulatedDoorHardware]:
    door = SimulatedDoorHardware(f"input {next(_boards)}")
    active_when: Literal["high", "low"] = "high" if line in _HIGH else "low"
    driver = GpioInput(
        pin=door.pins.lines[line],
        active_when=active_when,
        bounce_ms=bounce_ms,
        board=door.board,
    )
    return driver, door


async def told(changes: AsyncIterator[bool], *, within: float) -> list[bool]:
    """Everything `changes` says in the next `within` seconds."""
    heard: list[bool] = []
    try:
        async with asyncio.timeout(within):
            async for change in changes:
                heard.append(change)
    except TimeoutError:
        pass
    return heard


@virtual
async def test_a_line_at_rest_is_not_active(line: Line) -> None:
    driver, _ = wired(line)

    assert driver.active is False
    await driver.check()
    assert await told(driver.changes(), within=60) == []
    await driver.aclose()


@virtual
async def test_a_line_that_is_active_at_the_start_says_so(line: Line) -> None:
    driver, door = wired(line)
    door.set(line, active=True)

    assert driver.active is True
    await driver.aclose()


@virtual
async def test_every_change_is_told_in_order(line: Line) -> None:
    driver, door = wired(line)
    changes = driver.changes()

    for active in (True, False, True, False):
        door.set(line, active=active)
        await asyncio.sleep(0.4)

    assert await told(changes, within=1) == [True, False, True, False]
    await driver.aclose()


@virtual
async def test_bounce_is_one_change(line: Line) -> None:
    driver, door = wired(line)
    changes = driver.changes()

    for _ in range(5):
        for active in (True, False):
            door.set(line, active=active)
            await asyncio.sleep(0.002)
    door.set(line, active=True)

    assert await told(changes, within=1) == [True]
    assert driver.active is True
    await driver.aclose()


@virtual
async def test_a_spike_shorter_than_the_bounce_is_nothing(line: Line) -> None:
    driver, door = wired(line)
    changes = driver.changes()

    door.set(line, active=True)
    await asyncio.sleep(0.005)
    door.set(line, active=False)

    assert await told(changes, within=1) == []
    await driver.aclose()


@pytest.mark.parametrize("bounce_ms", [0, 30, 200])
@virtual
async def test_400_ms_are_always_told_however_it_bounced(
    line: Line, bounce_ms: int
) -> None:
    driver, door = wired(line, bounce_ms=bounce_ms)
    changes = driver.changes()

    for active in (True, False, True):
        door.set(line, active=active)
        await asyncio.sleep(0.003)
    await asyncio.sleep(0.4)
    door.set(line, active=False)

    heard = await told(changes, within=1)
    assert True in heard
    assert heard[-1] is False
    await driver.aclose()


@virtual
async def test_two_listeners_hear_the_same(line: Line) -> None:
    driver, door = wired(line)
    first, second = driver.changes(), driver.changes()

    door.set(line, active=True)

    assert await told(first, within=1) == await told(second, within=1) == [True]
    await driver.aclose()


@virtual
async def test_closing_ends_the_listeners(line: Line) -> None:
    driver, _ = wired(line)
    changes = driver.changes()

    await driver.aclose()
    await driver.aclose()

    assert [change async for change in changes] == []
