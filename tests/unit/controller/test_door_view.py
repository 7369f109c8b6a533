"""What a door's own words say about it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest

from controller.services.board import DoorLook
from controller.services.door_view import DoorView, after
from domain.agent_events import AgentStarted
from domain.door_events import (
    DoorClosed,
    DoorForced,
    DoorHeldOpen,
    DoorNotOpened,
    DoorOpened,
    FireCleared,
    FireReleased,
    LockdownEnded,
    LockdownStarted,
    LockReleased,
    LockSecured,
)
from domain.events import Event
from tests.offices import LAB, NINE

SECOND = timedelta(seconds=1)


def at(second: int) -> datetime:
    return NINE + second * SECOND


STARTED = AgentStarted(door=LAB, at=at(0), version="1", simulated=True, unclean=False)
RELEASED = LockReleased(door=LAB, at=at(1), cause="access")
OPENED = DoorOpened(door=LAB, at=at(2))
SECURED = LockSecured(door=LAB, at=at(3))
CLOSED = DoorClosed(door=LAB, at=at(4), open_for=2 * SECOND)
HELD = DoorHeldOpen(door=LAB, at=at(4), open_for=30 * SECOND)
FORCED = DoorForced(door=LAB, at=at(5))
NOT_OPENED = DoorNotOpened(door=LAB, at=at(5), people=())
FIRE = FireReleased(door=LAB, at=at(6))
FIRE_OVER = FireCleared(door=LAB, at=at(7))


def view(events: Sequence[Event]) -> DoorView:
    seen = DoorView(door=LAB)
    for event in events:
        seen = after(seen, event)
    return seen


@pytest.mark.parametrize(
    ("events", "look", "since"),
    [
        pytest.param([], None, None, id="never spoke"),
        pytest.param([STARTED], DoorLook.SECURED, 0, id="started"),
        pytest.param([STARTED, RELEASED], DoorLook.RELEASED, 1, id="released"),
        pytest.param([RELEASED, OPENED], DoorLook.OPEN, 2, id="opened"),
        pytest.param(
            [RELEASED, OPENED, SECURED], DoorLook.OPEN, 2, id="secured while it is open"
        ),
        pytest.param([RELEASED, OPENED, CLOSED], DoorLook.SECURED, 4, id="shut again"),
        pytest.param([RELEASED, NOT_OPENED], DoorLook.SECURED, 5, id="nobody passed"),
        pytest.param([RELEASED, OPENED, HELD], DoorLook.HELD, 4, id="held"),
        pytest.param([STARTED, FORCED], DoorLook.FORCED, 5, id="forced"),
        pytest.param([OPENED, FIRE], DoorLook.FIRE, 6, id="fire"),
        pytest.param([FIRE, CLOSED], DoorLook.FIRE, 6, id="shut during a fire"),
        pytest.param([OPENED, FIRE, FIRE_OVER], DoorLook.OPEN, 7, id="over, open"),
        pytest.param([FIRE, FIRE_OVER], DoorLook.SECURED, 7, id="over, shut"),
    ],
)
def test_the_phase_is_what_was_told_last(
    events: list[Event], look: DoorLook | None, since: int | None
) -> None:
    seen = view(events)

    assert seen.phase is look
    assert seen.phase_since == (None if since is None else at(since))


def test_a_lockdown_lasts_until_its_end_and_over_a_restart() -> None:
    begun = LockdownStarted(door=LAB, at=at(1), reason="drill")
    over = LockdownEnded(door=LAB, at=at(2), reason="drill")

    assert view([begun, STARTED, RELEASED]).lockdown
    assert not view([begun, over]).lockdown


def test_a_simulated_door_says_so() -> None:
    assert view([STARTED]).simulated
