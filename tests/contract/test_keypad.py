"""What every keypad promises, on real bytes over a pseudo-terminal."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.errors import CallerError, DeviceVanished
from hardware.drivers.serial_keypad import SerialKeypad
from hardware.ports import Keypad
from simulators.keypad import SimulatedKeypad
from simulators.serial_line import SerialLine
from tests.virtual import virtual


@contextlib.asynccontextmanager
async def bench(
    link: Path | None = None,
) -> AsyncIterator[tuple[SerialKeypad, SimulatedKeypad]]:
    line = SerialLine(baud=9600, link=link)
    driver = SerialKeypad(port=line.path)
    await driver.check()
    try:
        yield driver, SimulatedKeypad(line)
    finally:
        await driver.aclose()
        line.close()


async def collect(keys: AsyncIterator[str], *, within: float) -> str:
    pressed = ""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(within):
            async for key in keys:
                pressed += key
    return pressed


@virtual
async def test_keys_come_as_they_were_pressed() -> None:
    async with bench() as (driver, keypad):
        port: Keypad = driver
        await keypad.press("0123456789*#")
        await keypad.press("1105#")

        assert await collect(port.keys(), within=10) == "0123456789*#1105#"


@virtual
async def test_what_is_no_key_is_counted_and_not_reported() -> None:
    async with bench() as (driver, keypad):
        keypad.line.send(b"\xff1a2\r\n3\x00")

        assert await collect(driver.keys(), within=5) == "123"
        assert driver.damaged == 3


@virtual
async def test_a_cancelled_wait_loses_no_key() -> None:
    async with bench() as (driver, keypad):
        keys, pressed = driver.keys(), ""
        pressing = asyncio.ensure_future(keypad.press("123456"))
        for _ in range(20):
            pressed += await collect(keys, within=0.1)
        await pressing

        assert pressed == "123456"


@virtual
async def test_a_keypad_may_be_unplugged_and_come_back(tmp_path: Path) -> None:
    async with bench(tmp_path / "keypad") as (driver, keypad):
        keys = driver.keys()
        assert await collect(keys, within=1) == ""

        keypad.line.cut()
        with pytest.raises(DeviceVanished, match="keypad"):
            await anext(keys)
        assert await collect(keys, within=60) == ""

        keypad.line.restore()
        await asyncio.sleep(2)
        await driver.check()
        await keypad.press("42#")
        assert await collect(keys, within=5) == "42#"


@virtual
async def test_a_pin_is_never_repeated_in_an_error() -> None:
    async with bench() as (_, keypad):
        with pytest.raises(CallerError) as error:
            await keypad.press("5281x")

        assert "5281" not in str(error.value)


@virtual
async def test_closing_ends_the_iterator_and_may_be_repeated() -> None:
    async with bench() as (driver, _):
        reading = asyncio.ensure_future(anext(driver.keys(), None))
        await asyncio.sleep(1)

        await driver.aclose()
        await driver.aclose()

        assert await reading is None
