"""What the lights and the buzzer at a door promise."""

import asyncio
from itertools import count

import pytest

from domain.errors import DeviceError
from hardware.drivers.gpio_indicator import GpioIndicator
from hardware.ports import Signal
from simulators.pins import SimulatedDoorHardware
from tests.virtual import virtual

_boards = count()


def wired() -> tuple[GpioIndicator, SimulatedDoorHardware]:
    door = SimulatedDoorHardware(f"indicator {next(_boards)}")
    pins = door.pins
    driver = GpioIndicator(
        green_pin=pins.green,
        red_pin=pins.red,
        buzzer_pin=pins.buzzer,
        board=door.board,
    )
    return driver, door


@pytest.mark.parametrize(
    ("signal", "stays"),
    [
        (Signal.IDLE, set()),
        (Signal.WAITING, {"green"}),
        (Signal.GRANTED, {"green"}),
        (Signal.REFUSED, {"red"}),
        (Signal.ALARM, {"red"}),
        (Signal.LOCKDOWN, {"green", "red"}),
    ],
)
@virtual
async def test_each_signal_ends_in_its_steady_state(
    signal: Signal, stays: set[str]
) -> None:
    indicator, door = wired()

    await indicator.show(signal)
    await asyncio.sleep(120)

    assert door.lights == stays
    await indicator.aclose()


@virtual
async def test_signals_differ_at_once() -> None:
    indicator, door = wired()
    looks = []

    for signal in (Signal.GRANTED, Signal.REFUSED, Signal.IDLE):
        await indicator.show(signal)
        looks.append(door.lights)

    assert looks == [{"green", "buzzer"}, {"red", "buzzer"}, set()]
    await indicator.aclose()


@virtual
async def test_a_new_signal_ends_the_tune_of_the_last() -> None:
    indicator, door = wired()
    await indicator.show(Signal.ALARM)
    await asyncio.sleep(0.2)

    await indicator.show(Signal.IDLE)
    lights: set[str] = set()
    for _ in range(100):
        await asyncio.sleep(0.1)
        lights |= door.lights

    assert lights == set()
    await indicator.aclose()


@virtual
async def test_an_idle_door_has_no_timer() -> None:
    indicator, _ = wired()
    for signal in Signal:
        await indicator.show(signal)
        await asyncio.sleep(120)

    loop = asyncio.get_running_loop()
    started = loop.time()
    await asyncio.sleep(86_400)

    assert loop.time() - started == pytest.approx(86_400)
    assert not loop._scheduled  # type: ignore[attr-defined]  # asyncio has no public way
    await indicator.aclose()


@virtual
async def test_closing_puts_everything_out_and_is_final() -> None:
    indicator, door = wired()
    await indicator.show(Signal.ALARM)

    await indicator.aclose()
    await indicator.aclose()

    assert door.lights == set()
    with pytest.raises(DeviceError):
        await indicator.show(Signal.IDLE)
