"""Who is in which zone, as a fold over events."""

from datetime import datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.access_events import OccupancyBecameUnknown, PersonEntered, PersonLeft
from domain.door_events import DoorOpened
from domain.events import Event
from domain.ids import DoorId, PersonId, ZoneId
from domain.occupancy import Occupancy, ZoneOccupancy, after, fold
from domain.policy import Presence
from tests.builders import LI, NINE, WANG

LAB: Final = ZoneId("lab")
HALL: Final = ZoneId("hall")
DOOR: Final = DoorId("lab")


def entered(who: PersonId, *, zone: ZoneId = LAB, at: datetime = NINE) -> Event:
    return PersonEntered(door=DOOR, at=at, zone=zone, person=who, declaration="none")


def left(who: PersonId, *, zone: ZoneId = LAB) -> Event:
    return PersonLeft(door=DOOR, at=NINE, zone=zone, person=who, declaration=None)


def unknown(cause: str = "fire", *, zone: ZoneId = LAB) -> Event:
    return OccupancyBecameUnknown(door=DOOR, at=NINE, zone=zone, cause=cause)


@pytest.mark.parametrize(
    ("events", "presence"),
    [
        pytest.param([], Presence.OUTSIDE, id="at first"),
        pytest.param([entered(LI)], Presence.INSIDE, id="entered"),
        pytest.param([entered(LI), left(LI)], Presence.OUTSIDE, id="entered and left"),
        pytest.param([left(LI)], Presence.OUTSIDE, id="left without having entered"),
        pytest.param([entered(WANG)], Presence.OUTSIDE, id="somebody else entered"),
        pytest.param([entered(LI, zone=HALL)], Presence.OUTSIDE, id="elsewhere"),
        pytest.param([entered(LI), unknown()], Presence.UNKNOWN, id="then a fire"),
        pytest.param([unknown()], Presence.UNKNOWN, id="a fire; maybe they slipped in"),
        pytest.param(
            [entered(LI), unknown(zone=HALL)], Presence.INSIDE, id="a fire elsewhere"
        ),
        pytest.param(
            [entered(LI), unknown(), entered(LI)],
            Presence.INSIDE,
            id="entered after it",
        ),
        pytest.param(
            [entered(LI), unknown(), entered(WANG)],
            Presence.UNKNOWN,
            id="another's entry says nothing about who was inside",
        ),
        pytest.param(
            [unknown(), entered(WANG)],
            Presence.OUTSIDE,
            id="the next entry ends the doubt about who was not",
        ),
        pytest.param(
            [entered(LI), unknown(), left(LI), entered(WANG)],
            Presence.OUTSIDE,
            id="left after it",
        ),
        pytest.param(
            [entered(LI), unknown(), unknown("reset")], Presence.OUTSIDE, id="counted"
        ),
    ],
)
def test_where_li_is(events: list[Event], presence: Presence) -> None:
    assert fold(events).presence(LI, LAB) is presence


def test_a_stay_knows_since_when_and_what_was_declared() -> None:
    later = NINE + timedelta(hours=1)

    stay = fold([entered(LI, at=later)]).zone(LAB).stays[LI]
    assert (stay.since, stay.declaration, stay.certain) == (later, "none", True)


def test_who_is_certainly_inside_are_those_whom_nothing_made_doubtful() -> None:
    here = fold([entered(LI), unknown(), entered(WANG)]).zone(LAB)

    assert here.certain == {WANG}
    assert set(here.stays) == {LI, WANG}


def test_other_events_change_nothing() -> None:
    before = fold([entered(LI)])

    assert after(before, DoorOpened(door=DOOR, at=NINE)) is before


def test_a_zone_nobody_spoke_of_is_empty() -> None:
    assert Occupancy().zone(LAB) == ZoneOccupancy()


events = st.lists(
    st.one_of(
        st.builds(
            entered, st.sampled_from([LI, WANG]), zone=st.sampled_from([LAB, HALL])
        ),
        st.builds(left, st.sampled_from([LI, WANG]), zone=st.sampled_from([LAB, HALL])),
        st.builds(
            unknown,
            st.sampled_from(["fire", "forced", "exit_unread", "power", "reset"]),
            zone=st.sampled_from([LAB, HALL]),
        ),
    ),
    max_size=20,
)


@given(events, st.integers(0, 20))
def test_a_fold_can_be_interrupted_anywhere(row: list[Event], where: int) -> None:
    """So a door that restarts folds on from what it kept."""
    assert fold(row[where:], fold(row[:where])) == fold(row)


@given(events)
def test_the_record_never_refuses_where_it_may_be_wrong(row: list[Event]) -> None:
    """INSIDE, which refuses, is only said of an entry with no doubt since."""
    state = fold(row)
    for who in (LI, WANG):
        mine = [
            e
            for e in row
            if (isinstance(e, OccupancyBecameUnknown) and e.zone == LAB)
            or (
                isinstance(e, PersonEntered | PersonLeft)
                and (e.person, e.zone) == (who, LAB)
            )
        ]
        last = mine[-1] if mine else None

        inside = state.presence(who, LAB) is Presence.INSIDE
        assert inside == isinstance(last, PersonEntered)
