"""The door at the far end of the pins."""

from itertools import count

import pytest

from hardware.drivers.gpio_lock import GpioLock, Wiring
from simulators.pins import Line, SimulatedDoorHardware
from tests.virtual import virtual

_boards = count()


@pytest.fixture
def door() -> SimulatedDoorHardware:
    return SimulatedDoorHardware(f"door {next(_boards)}")


def test_a_door_without_its_agent_is_locked_and_dark(
    door: SimulatedDoorHardware,
) -> None:
    assert not door.released
    assert not door.door_open
    assert door.lights == set()
    assert list(door.history) == []


@pytest.mark.parametrize(
    ("wiring", "released"), [("fail_secure", False), ("fail_safe", True)]
)
@virtual
async def test_a_fire_releases_a_fail_safe_door_without_software(
    wiring: Wiring, released: bool
) -> None:
    door = SimulatedDoorHardware(f"door {next(_boards)}", wiring=wiring)
    lock = GpioLock(pin=door.pins.relay, wiring=wiring, board=door.board)

    door.start_fire()

    assert door.released is released
    door.end_fire()
    assert not door.released
    await lock.aclose()


@virtual
async def test_whoever_waits_at_the_door_hears_the_relay() -> None:
    door = SimulatedDoorHardware(f"door {next(_boards)}")
    lock = GpioLock(pin=17, wiring="fail_secure", board=door.board)
    moves = door.lock_moves()

    await lock.release()
    await lock.secure()

    assert [await anext(moves), await anext(moves)] == [True, False]
    await lock.aclose()


def test_the_leaf_moves_whatever_the_lock_says(door: SimulatedDoorHardware) -> None:
    door.open_door()

    assert door.door_open
    assert not door.released
    assert set(door.pins.lines) == set(Line)
