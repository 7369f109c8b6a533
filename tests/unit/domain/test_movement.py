"""What must hold at a door for any sequence of inputs, in any zone."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from domain.access_events import OccupancyBecameUnknown, PersonEntered
from domain.alarm_events import AlarmCleared, AlarmRaised
from domain.awakening import Found, awake
from domain.door import Effect, Input, Phase
from domain.door_events import LockReleased, LockSecured
from domain.doorway import Doorway, Moment, Setting, Turn, lock_released
from domain.escorting import Visitors
from domain.ids import DeviceId, DoorId
from domain.movement import move
from domain.occupancy import ZoneOccupancy
from domain.passage import Passenger, granted
from domain.policy import Side
from domain.policy.rules import RULES
from domain.zones import ZoneLevel
from tests.builders import LI, NINE, facts, zone

SETTING = Setting(
    door=DoorId("lab"),
    zone=zone(ZoneLevel.CORE),
    camera=DeviceId("lab.camera"),
    factor_window=timedelta(seconds=15),
    pair_window=timedelta(seconds=20),
    alone_for=timedelta(seconds=20),
    visitor_alone=timedelta(seconds=60),
    escort_window=timedelta(seconds=10),
    watches_zone=True,
)
INPUTS = st.lists(st.sampled_from(Input), max_size=30)


def moment(seconds: float = 0) -> Moment:
    return Moment(
        at=NINE + timedelta(seconds=seconds),
        facts_of=lambda _: facts(ZoneLevel.CORE),
        rules=RULES,
        here=ZoneOccupancy(),
        visitors=Visitors(),
        roster=1,
    )


def moved(doorway: Doorway, input_: Input, seconds: float = 0) -> Turn:
    return move(
        doorway, input_, setting=SETTING, moment=moment(seconds), cause="access"
    )


@given(INPUTS)
def test_a_release_is_always_recorded_with_the_turn_that_makes_it(
    inputs: list[Input],
) -> None:
    doorway = Doorway()
    for input_ in inputs:
        turn = moved(doorway, input_)
        told = [e for e in turn.events if isinstance(e, LockReleased)]
        assert len(told) == turn.effects.count(Effect.RELEASE_LOCK)
        doorway = turn.doorway


@given(INPUTS)
def test_the_records_of_the_lock_say_what_the_lock_is(inputs: list[Input]) -> None:
    doorway, released = Doorway(), False
    for input_ in inputs:
        turn = moved(doorway, input_)
        for event in turn.events:
            if isinstance(event, LockReleased | LockSecured):
                released = isinstance(event, LockReleased)
        doorway = turn.doorway
        assert released == lock_released(doorway.door.phase)


@given(INPUTS)
def test_an_alarm_of_the_door_is_cleared_only_after_it_was_raised(
    inputs: list[Input],
) -> None:
    doorway = Doorway()
    raised: set[str] = set()
    for input_ in inputs:
        turn = moved(doorway, input_)
        for event in turn.events:
            if isinstance(event, AlarmRaised):
                raised.add(event.code)
            elif isinstance(event, AlarmCleared) and event.code != "device.tamper":
                assert event.code in raised
        doorway = turn.doorway


@given(INPUTS)
def test_nobody_who_was_not_granted_is_ever_inside(inputs: list[Input]) -> None:
    doorway = Doorway()
    for input_ in inputs:
        turn = moved(doorway, input_)
        assert not any(isinstance(e, PersonEntered) for e in turn.events)
        doorway = turn.doorway


def after(*inputs: Input, doorway: Doorway | None = None) -> Turn:
    turn = Turn(doorway or Doorway())
    for seconds, input_ in enumerate(inputs):
        turn = moved(turn.doorway, input_, seconds)
    return turn


def with_li() -> Doorway:
    people = (Passenger(LI, Side.ENTRY, "none"),)
    return replace(Doorway(), passage=granted(Doorway().passage, people))


def test_a_handle_that_was_only_tried_is_no_exit() -> None:
    tried = after(Input.HANDLE, Input.RELEASE_EXPIRED).doorway
    entering = replace(tried, passage=with_li().passage)

    turn = after(Input.GRANT, Input.OPENED, Input.CLOSED, doorway=entering)

    assert not any(isinstance(e, OccupancyBecameUnknown) for e in turn.events)
    assert [e.person for e in turn.events if isinstance(e, PersonEntered)] == [LI]


def test_somebody_who_leaves_unread_while_another_enters_leaves_that_one_certain() -> (
    None
):
    turn = after(
        Input.GRANT, Input.OPENED, Input.HANDLE, Input.CLOSED, doorway=with_li()
    )

    kinds = [type(e) for e in turn.events]
    assert kinds.index(OccupancyBecameUnknown) < kinds.index(PersonEntered)


def test_a_fire_doubts_every_opening_until_the_door_is_shut_after_it() -> None:
    burning = after(Input.FIRE, Input.OPENED, Input.FIRE_CLEARED)
    shut = moved(burning.doorway, Input.CLOSED)
    again = after(Input.GRANT, Input.OPENED, Input.CLOSED, doorway=shut.doorway)

    assert [e.cause for e in _unknown(shut)] == ["fire"]
    assert _unknown(again) == []


def _unknown(turn: Turn) -> list[OccupancyBecameUnknown]:
    return [e for e in turn.events if isinstance(e, OccupancyBecameUnknown)]


FOUND = Found(
    version="1",
    simulated=False,
    unclean=False,
    last_phase=Phase.SECURED,
    open=False,
    moving=False,
    damaged=None,
)


@given(
    unclean=st.booleans(),
    open_=st.booleans(),
    moving=st.booleans(),
    phase=st.sampled_from(Phase),
)
def test_only_an_unclean_end_with_a_sign_of_movement_makes_doubt(
    unclean: bool, open_: bool, moving: bool, phase: Phase
) -> None:
    found = replace(FOUND, unclean=unclean, open=open_, moving=moving, last_phase=phase)

    turn = awake(Doorway(), found, setting=SETTING, at=NINE)

    still = phase in (Phase.SECURED, Phase.LEAVING) and not open_ and not moving
    assert bool(_unknown(turn)) == (unclean and not still)
    assert Effect.RELEASE_LOCK not in turn.effects
