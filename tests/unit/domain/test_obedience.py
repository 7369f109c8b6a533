"""What commands make of a door, whatever is going on at it."""

from dataclasses import replace
from datetime import timedelta

import pytest

from domain.access_events import OccupancyBecameUnknown
from domain.agent_events import CommandReceived, CommandRefused
from domain.commands import (
    Command,
    EndLockdown,
    Order,
    ResetOccupancy,
    StartLockdown,
    UnlockDoor,
)
from domain.door import Effect, Input
from domain.door_events import LockdownEnded, LockdownStarted, LockReleased
from domain.doorway import Doorway, Turn
from domain.ids import CommandId, DoorId
from domain.obedience import obey
from domain.passage import Passenger, granted
from domain.policy import Side
from tests.builders import LI, NINE
from tests.unit.domain.test_movement import SETTING, moment, moved


def obeyed(doorway: Doorway, order: Order, *, writable: bool = True) -> Turn:
    command = Command(
        id=CommandId("c1"),
        door=DoorId("lab"),
        issued_at=NINE,
        expires_at=NINE + timedelta(seconds=30),
        nonce="00" * 16,
        issued_by="guard",
        order=order,
    )
    return obey(
        doorway, command, journal_writable=writable, setting=SETTING, moment=moment()
    )


def let_through(side: Side) -> Doorway:
    """A door that was just released for somebody on their way."""
    doorway = moved(Doorway(), Input.GRANT).doorway
    going = granted(doorway.passage, (Passenger(LI, side, None),))
    return replace(doorway, passage=going)


@pytest.mark.parametrize(
    "order",
    [
        UnlockDoor("delivery"),
        StartLockdown("drill"),
        EndLockdown("over"),
        ResetOccupancy("muster"),
    ],
)
def test_every_order_is_received_on_record_before_it_is_obeyed(order: Order) -> None:
    first = obeyed(Doorway(), order).events[0]

    assert isinstance(first, CommandReceived)
    assert first.reason == order.reason


def test_unlocking_releases_the_door_and_says_why() -> None:
    turn = obeyed(Doorway(), UnlockDoor("delivery"))

    assert Effect.RELEASE_LOCK in turn.effects
    assert any(
        isinstance(e, LockReleased) and e.cause == "command" for e in turn.events
    )


def test_nothing_is_unlocked_that_cannot_be_recorded() -> None:
    turn = obeyed(Doorway(), UnlockDoor("delivery"), writable=False)

    assert turn.effects == ()
    assert isinstance(turn.events[0], CommandRefused)


def test_a_lockdown_begins_even_if_it_cannot_be_recorded() -> None:
    assert obeyed(Doorway(), StartLockdown("drill"), writable=False).doorway.lockdown


def test_a_lockdown_takes_the_release_from_who_is_on_the_way_in() -> None:
    turn = obeyed(let_through(Side.ENTRY), StartLockdown("intruder"))

    assert Effect.SECURE_LOCK in turn.effects


def test_a_lockdown_takes_no_release_from_who_reads_on_the_way_out() -> None:
    turn = obeyed(let_through(Side.EXIT), StartLockdown("intruder"))

    assert turn.doorway.lockdown
    assert Effect.SECURE_LOCK not in turn.effects


def test_a_lockdown_takes_no_release_from_who_pressed_the_button() -> None:
    doorway = moved(Doorway(), Input.EXIT_BUTTON).doorway

    assert Effect.SECURE_LOCK not in obeyed(doorway, StartLockdown("drill")).effects


def test_a_second_lockdown_changes_nothing() -> None:
    locked = obeyed(Doorway(), StartLockdown("drill")).doorway

    events = obeyed(locked, StartLockdown("drill")).events

    assert not any(isinstance(e, LockdownStarted) for e in events)


def test_the_end_of_a_lockdown_is_told_once() -> None:
    locked = obeyed(Doorway(), StartLockdown("drill")).doorway
    ended = obeyed(locked, EndLockdown("over"))
    again = obeyed(ended.doorway, EndLockdown("over"))

    assert any(isinstance(e, LockdownEnded) for e in ended.events)
    assert not any(isinstance(e, LockdownEnded) for e in again.events)


def test_forgetting_who_is_inside_is_an_event_like_any_other() -> None:
    events = obeyed(Doorway(), ResetOccupancy("muster")).events

    assert any(
        isinstance(e, OccupancyBecameUnknown) and e.cause == "reset" for e in events
    )
