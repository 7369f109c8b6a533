"""What every badge reader promises, on real bytes over a pseudo-terminal."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from domain.errors import DeviceVanished, InputError
from hardware.drivers.serial_badge_reader import SerialBadgeReader
from hardware.ports import BadgeRead, BadgeReader
from simulators.badge_reader import SimulatedBadgeReader
from simulators.serial_line import SerialLine
from tests.virtual import virtual

ONE = bytes.fromhex("0A1B2C3D4E")
TWO = bytes.fromhex("0A1B2C3D4F")


@contextlib.asynccontextmanager
async def bench(
    format_: str = "em4100", *, link: Path | None = None
) -> AsyncIterator[tuple[SerialBadgeReader, SimulatedBadgeReader]]:
    line = SerialLine(baud=9600, link=link)
    driver = SerialBadgeReader(port=line.path, format=format_)
    await driver.check()
    try:
        yield driver, SimulatedBadgeReader(line, format_)
    finally:
        await driver.aclose()
        line.close()


async def nothing(reads: AsyncIterator[BadgeRead], *, within: float) -> bool:
    try:
        await asyncio.wait_for(anext(reads), within)
    except TimeoutError:
        return True
    return False


@virtual
async def test_the_driver_has_the_shape_of_its_port() -> None:
    async with bench() as (driver, _):
        reader: BadgeReader = driver

        await reader.check()


@pytest.mark.parametrize(
    ("format_", "number"),
    [
        ("em4100", "0A1B2C3D4E"),
        ("em4100", "0000000000"),
        ("mifare_uid", "DEADBEEF"),
        ("mifare_uid", "04A1B2C3D4E5F6"),
    ],
)
@virtual
async def test_a_badge_is_read_with_its_number(format_: str, number: str) -> None:
    async with bench(format_) as (driver, reader):
        reader.present(bytes.fromhex(number))

        read = await anext(driver.reads())

        assert read == BadgeRead(bytes.fromhex(number), format_)
        assert number.lower() not in repr(read).lower()


@virtual
async def test_a_badge_that_is_held_is_one_read() -> None:
    async with bench() as (driver, reader):
        reads = driver.reads()
        reader.present(ONE, hold_s=5)

        assert (await anext(reads)).number == ONE
        assert await nothing(reads, within=6)
        reader.present(ONE)
        assert (await anext(reads)).number == ONE


@virtual
async def test_another_badge_is_never_held_back() -> None:
    async with bench() as (driver, reader):
        reads = driver.reads()
        for number in (ONE, TWO, ONE):
            reader.present(number)

        assert [(await anext(reads)).number for _ in range(3)] == [ONE, TWO, ONE]


@virtual
async def test_a_second_badge_presented_a_second_later_is_a_second_read() -> None:
    async with bench() as (driver, reader):
        reads = driver.reads()
        reader.present(ONE)
        await anext(reads)
        await asyncio.sleep(1)
        reader.present(ONE)

        assert not await nothing(reads, within=1)


@pytest.mark.parametrize("offset", range(16))
@virtual
async def test_a_damaged_frame_is_counted_and_not_the_next(offset: int) -> None:
    async with bench() as (driver, reader):
        reader.line.to_host.flip(offset, 0x01)
        reader.present(TWO)
        reader.present(ONE)
        reads = driver.reads()
        seen = [(await anext(reads)).number]
        while not await nothing(reads, within=1):
            pass

        assert seen[0] in (ONE, TWO)
        assert ONE in seen or driver.damaged == 0


@virtual
async def test_no_damaged_frame_ever_becomes_another_number() -> None:
    async with bench() as (driver, reader):
        reads = driver.reads()
        for bit in range(8):
            for offset in range(16):
                reader.line.to_host.flip(offset, 1 << bit)
                reader.present(ONE)
                await asyncio.sleep(2)
        reader.present(TWO)
        numbers = set()
        while TWO not in numbers:
            numbers.add((await anext(reads)).number)

        assert numbers <= {ONE, TWO}


@virtual
async def test_babble_between_frames_costs_nothing() -> None:
    async with bench() as (driver, reader):
        reads = driver.reads()
        reader.line.send(bytes(range(4, 256)) * 40)
        reader.present(ONE)

        assert (await anext(reads)).number == ONE


@virtual
async def test_a_reader_may_be_unplugged_and_come_back(tmp_path: Path) -> None:
    async with bench(link=tmp_path / "reader") as (driver, reader):
        reads = driver.reads()
        assert await nothing(reads, within=1)

        reader.line.cut()
        with pytest.raises(DeviceVanished, match="reader"):
            await anext(reads)
        with pytest.raises(DeviceVanished):
            await driver.check()
        assert await nothing(reads, within=60)

        reader.line.restore()
        assert await nothing(reads, within=2)
        reader.present(ONE)
        assert (await anext(reads)).number == ONE


@virtual
async def test_a_cancelled_wait_loses_no_badge() -> None:
    async with bench() as (driver, reader):
        reads = driver.reads()
        reader.present(ONE)
        assert await nothing(reads, within=0.009)  # in the middle of the frame

        assert (await anext(reads)).number == ONE


@virtual
async def test_two_programs_cannot_share_a_reader() -> None:
    async with bench() as (_, reader):
        second = SerialBadgeReader(port=reader.line.path)

        with pytest.raises(DeviceVanished, match="another program"):
            await second.check()
        await second.aclose()


@virtual
async def test_closing_ends_the_iterator_and_may_be_repeated() -> None:
    async with bench() as (driver, _):
        reading = asyncio.ensure_future(anext(driver.reads(), None))
        await asyncio.sleep(1)

        await driver.aclose()
        await driver.aclose()

        assert await reading is None


def test_an_unknown_format_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InputError, match="em4100, mifare_uid"):
        SerialBadgeReader(port="/dev/null", format="hitag")


def test_a_baud_rate_that_no_uart_has_is_refused() -> None:
    with pytest.raises(InputError, match="9601"):
        SerialBadgeReader(port="/dev/null", baud=9601)
