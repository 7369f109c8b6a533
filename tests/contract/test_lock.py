"""What every lock promises, in each wiring."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count, product

import pytest

from domain.errors import DeviceError
from hardware.drivers.gpio_lock import GpioLock, Level, Wiring
from hardware.ports import Lock
from simulators.pins import SimulatedDoorHardware
from tests.virtual import virtual

_boards = count()


@dataclass(frozen=True)
class Rig:
    """How one driver is built, and the door at the far end of it."""

    wiring: Wiring
    relay_on: Level

    def build(self) -> tuple[Callable[[], Lock], SimulatedDoorHardware]:
        board = f"lock {next(_boards)}"
        door = SimulatedDoorHardware(board, wiring=self.wiring, relay_on=self.relay_on)

        def lock() -> Lock:
            return GpioLock(
                pin=door.pins.relay,
                wiring=self.wiring,
                relay_on=self.relay_on,
                feedback_pin=door.pins.feedback,
                board=board,
            )

        return lock, door


_WIRINGS: tuple[Wiring, ...] = ("fail_secure", "fail_safe")
_LEVELS: tuple[Level, ...] = ("high", "low")
RIGS = [
    pytest.param(Rig(wiring, level), id=f"{wiring}, relay on {level}")
    for wiring, level in product(_WIRINGS, _LEVELS)
]

pytestmark = pytest.mark.parametrize("rig", RIGS)


@virtual
async def test_starting_secures_and_never_pulses_the_relay(rig: Rig) -> None:
    build, door = rig.build()
    was_on = door.relay_on

    lock = build()

    assert not door.released
    # A fail-safe lock is powered once; a fail-secure relay does not move at all.
    assert len(door.history) == (rig.wiring == "fail_safe")
    assert not was_on
    await lock.aclose()


@virtual
async def test_release_and_secure_move_the_lock_and_may_be_repeated(rig: Rig) -> None:
    build, door = rig.build()
    lock = build()
    before = len(door.history)

    seen = []
    for act in (lock.release, lock.release, lock.secure, lock.secure):
        await act()
        seen.append(door.released)

    assert seen == [True, True, False, False]
    assert [move.released for move in door.history][before:] == [True, False]
    await lock.aclose()


@virtual
async def test_a_relay_that_does_not_move_is_told_within_50_ms(rig: Rig) -> None:
    build, door = rig.build()
    lock = build()
    door.jam_relay()
    started = asyncio.get_running_loop().time()

    with pytest.raises(DeviceError, match="did not confirm"):
        await lock.release()

    assert asyncio.get_running_loop().time() - started <= 0.050
    assert not door.released
    await lock.aclose()


@virtual
async def test_securing_works_after_a_failure(rig: Rig) -> None:
    build, door = rig.build()
    lock = build()
    await lock.release()
    door.jam_relay()
    with pytest.raises(DeviceError):
        await lock.secure()

    door.free_relay()
    await lock.secure()

    assert not door.released
    await lock.check()
    await lock.aclose()


@virtual
async def test_closing_leaves_the_relay_without_power(rig: Rig) -> None:
    build, door = rig.build()
    lock = build()
    await lock.release()

    await lock.aclose()
    await lock.aclose()

    assert not door.relay_on
    assert door.released == (rig.wiring == "fail_safe")


@virtual
async def test_a_new_driver_takes_over_after_a_power_cut(rig: Rig) -> None:
    build, door = rig.build()
    old = build()
    await old.release()
    door.cut_power()
    assert not door.relay_on

    new = build()
    await old.aclose()
    await new.release()

    assert door.released
    with pytest.raises(DeviceError):
        await old.release()
    await new.aclose()
