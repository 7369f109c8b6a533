"""A matrix keypad on pins."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count

import pytest

from domain.errors import DeviceError, InputError
from hardware.drivers.gpio_keypad import GpioKeypad
from simulators.pins import SimulatedMatrix
from tests.virtual import virtual

_boards = count()
ROWS, COLUMNS = [4, 5, 6, 7], [8, 9, 10]


def wired() -> tuple[GpioKeypad, SimulatedMatrix, str]:
    board = f"keypad {next(_boards)}"
    matrix = SimulatedMatrix(board, row_pins=ROWS, column_pins=COLUMNS)
    keypad = GpioKeypad(row_pins=ROWS, column_pins=COLUMNS, board=board)
    return keypad, matrix, board


async def typed(keys: AsyncIterator[str], *, within: float = 1) -> str:
    heard = ""
    try:
        async with asyncio.timeout(within):
            async for key in keys:
                heard += key
    except TimeoutError:
        pass
    return heard


@virtual
async def test_every_key_is_told_once_in_order() -> None:
    keypad, matrix, _ = wired()
    keys = keypad.keys()

    await matrix.type("1234567890*#00")

    assert await typed(keys) == "1234567890*#00"
    await keypad.aclose()


@virtual
async def test_a_key_held_long_is_one_key() -> None:
    keypad, matrix, _ = wired()
    keys = keypad.keys()

    await matrix.type("5", hold=3)

    assert await typed(keys) == "5"
    await keypad.aclose()


@virtual
async def test_a_key_that_bounces_is_one_key() -> None:
    keypad, matrix, _ = wired()
    keys = keypad.keys()

    for _bounce in range(4):
        matrix.press("7")
        await asyncio.sleep(0.001)
        matrix.let_go("7")
        await asyncio.sleep(0.001)
    await matrix.type("7")

    assert await typed(keys) == "7"
    await keypad.aclose()


@virtual
async def test_the_next_key_may_come_before_the_last_is_let_go() -> None:
    keypad, matrix, _ = wired()
    keys = keypad.keys()

    matrix.press("1")
    await asyncio.sleep(0.1)
    matrix.press("5")
    await asyncio.sleep(0.1)
    matrix.let_go("1")
    await asyncio.sleep(0.1)
    matrix.let_go("5")

    assert await typed(keys) == "15"
    await keypad.aclose()


@virtual
async def test_a_palm_on_the_keys_types_nothing() -> None:
    keypad, matrix, _ = wired()
    keys = keypad.keys()

    for key in "1245":
        matrix.press(key)
    await asyncio.sleep(0.5)
    for key in "1245":
        matrix.let_go(key)
    await asyncio.sleep(0.1)
    await matrix.type("9")

    assert await typed(keys) == "9"
    await keypad.aclose()


@virtual
async def test_an_idle_keypad_sets_no_timer() -> None:
    keypad, matrix, _ = wired()
    keys = keypad.keys()
    await matrix.type("1")
    await typed(keys)

    loop = asyncio.get_running_loop()

    assert not loop._scheduled  # type: ignore[attr-defined]  # asyncio has no public way
    await keypad.aclose()


@virtual
async def test_closing_ends_the_listeners_and_is_final() -> None:
    keypad, _, _ = wired()
    keys = keypad.keys()
    await keypad.check()

    await keypad.aclose()
    await keypad.aclose()

    assert [key async for key in keys] == []
    with pytest.raises(DeviceError):
        await keypad.check()


def test_a_layout_that_does_not_fit_the_pins_is_refused() -> None:
    with pytest.raises(InputError, match="4 rows of 3 keys"):
        GpioKeypad(row_pins=ROWS, column_pins=COLUMNS, layout=["12", "34"])
