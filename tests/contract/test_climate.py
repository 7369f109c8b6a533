"""What every climate sensor promises (G7.2.3-3)."""

import asyncio
from itertools import count

import pytest

from domain.errors import DeviceError, DeviceVanished, InputError
from hardware.drivers.sht3x import Sht3x
from simulators.climate_sensor import SimulatedClimateSensor
from tests.virtual import virtual

_buses = count()


def wired() -> tuple[Sht3x, SimulatedClimateSensor]:
    bus = f"climate {next(_buses)}"
    return Sht3x(bus=bus), SimulatedClimateSensor(bus)


@virtual
async def test_it_reads_what_the_room_is_like() -> None:
    sensor, room = wired()
    room.set(temperature_c=-12.5, humidity_percent=83.0)

    climate = await sensor.read()

    assert climate.temperature_c == pytest.approx(-12.5, abs=0.01)
    assert climate.humidity_percent == pytest.approx(83.0, abs=0.01)
    assert asyncio.get_running_loop().time() <= 0.05
    await sensor.aclose()


@virtual
async def test_two_damaged_answers_are_asked_for_again_and_counted() -> None:
    sensor, room = wired()
    room.corrupt(2)

    await sensor.read()

    assert sensor.damaged == 2
    await sensor.aclose()


@virtual
async def test_a_sensor_that_only_babbles_is_told_in_a_second() -> None:
    sensor, room = wired()
    room.corrupt(100)

    with pytest.raises(DeviceError, match="damaged"):
        await sensor.check()

    assert asyncio.get_running_loop().time() <= 1
    await sensor.aclose()


@virtual
async def test_a_sensor_that_goes_is_told_and_comes_back() -> None:
    sensor, room = wired()
    await sensor.check()

    room.die()
    with pytest.raises(DeviceVanished):
        await sensor.read()
    room.revive()

    await sensor.check()
    await sensor.aclose()
    await sensor.aclose()


@virtual
async def test_a_bus_nobody_attached_is_the_site_files_mistake() -> None:
    sensor = Sht3x(bus="nowhere")

    with pytest.raises(InputError, match="nowhere"):
        await sensor.read()
    await sensor.aclose()
