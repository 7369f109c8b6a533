"""A Wiegand reader on pins: what it tells, and what it throws away."""

import asyncio
from collections.abc import AsyncIterator
from itertools import count
from threading import Event, Thread
from typing import TypeVar

import pytest

from domain.errors import DeviceError
from hardware.drivers.wiegand_reader import WiegandReader
from hardware.pins import simulated_pin
from hardware.ports import BadgeRead
from hardware.protocols.wiegand import encode_card, encode_key
from simulators.pins import SimulatedWiegand
from tests.virtual import virtual

T = TypeVar("T")
_boards = count()


def wired() -> tuple[WiegandReader, SimulatedWiegand, str]:
    board = f"wiegand {next(_boards)}"
    far = SimulatedWiegand(board)
    return WiegandReader(d0_pin=20, d1_pin=21, board=board), far, board


async def told(items: AsyncIterator[T], *, within: float = 1) -> list[T]:
    heard = []
    try:
        async with asyncio.timeout(within):
            async for item in items:
                heard.append(item)
    except TimeoutError:
        pass
    return heard


@virtual
async def test_badges_and_keys_come_from_one_device() -> None:
    reader, far, _ = wired()
    reads, keys = reader.reads(), reader.keys()

    await far.present(bytes.fromhex("01E240"))
    await far.type("12#")
    await far.present(bytes.fromhex("DEADBEEF"))
    await far.send(encode_key("*", bits=4))

    assert await told(keys) == ["1", "2", "#", "*"]
    assert await told(reads) == [
        BadgeRead(bytes.fromhex("01E240"), "wiegand26"),
        BadgeRead(bytes.fromhex("DEADBEEF"), "wiegand34"),
    ]
    assert reader.damaged == 0
    await reader.aclose()


@pytest.mark.parametrize(
    "damage",
    [
        slice(0, 25),
        slice(0, 0),
    ],
    ids=["lost", "flipped"],
)
@virtual
async def test_a_damaged_burst_is_counted_and_the_next_one_is_read(
    damage: slice,
) -> None:
    reader, far, _ = wired()
    reads = reader.reads()
    bits = encode_card(bytes.fromhex("01E240"))
    broken = bits[damage] or [not bits[0], *bits[1:]]

    await far.send(broken)
    await asyncio.sleep(0.05)
    await far.present(bytes.fromhex("01E240"))

    assert len(await told(reads)) == 1
    assert reader.damaged == 1
    await reader.aclose()


@virtual
async def test_a_burst_ends_after_25_ms() -> None:
    reader, far, _ = wired()
    reads = reader.reads()
    loop = asyncio.get_running_loop()

    await far.send(encode_card(bytes(3)))
    last_pulse = loop.time() - 0.002
    async for _ in reads:
        break

    assert loop.time() - last_pulse == pytest.approx(0.025, abs=0.001)
    await reader.aclose()


async def test_a_loop_that_is_late_neither_joins_nor_splits_bursts() -> None:
    """As on a Pi: lgpio's thread sees the edges while the loop is busy."""
    reader, _, board = wired()
    reads = reader.reads()
    wires = (simulated_pin(board, 20), simulated_pin(board, 21))
    numbers = [bytes.fromhex("01E240"), bytes.fromhex("0A1B2C")]

    def pulses() -> None:
        for number in numbers:
            for bit in encode_card(number):
                wires[bit].drive(False)
                wires[bit].drive(True)
            Event().wait(0.030)  # the gap between two badges, on a real wire

    thread = Thread(target=pulses)
    thread.start()
    thread.join()  # the loop stands still meanwhile

    heard = [await anext(reads) for _ in numbers]
    assert [read.number for read in heard] == numbers
    assert reader.damaged == 0
    await reader.aclose()


@virtual
async def test_noise_without_end_is_one_damaged_burst() -> None:
    reader, far, _ = wired()
    reads = reader.reads()

    await far.send([True] * 5000)

    assert await told(reads) == []
    assert reader.damaged == 1
    await reader.aclose()


@virtual
async def test_a_wire_held_low_is_told() -> None:
    reader, _, board = wired()
    await reader.check()

    simulated_pin(board, 20).drive(False)
    await asyncio.sleep(1)

    with pytest.raises(DeviceError, match="GPIO20"):
        await reader.check()
    await reader.aclose()


def test_a_badge_number_is_in_no_repr() -> None:
    assert "E240" not in repr(BadgeRead(bytes.fromhex("01E240"), "wiegand26")).upper()


@virtual
async def test_closing_ends_both_kinds_of_listeners() -> None:
    reader, _, _ = wired()
    reads, keys = reader.reads(), reader.keys()

    await reader.aclose()
    await reader.aclose()

    assert [read async for read in reads] == []
    assert [key async for key in keys] == []
