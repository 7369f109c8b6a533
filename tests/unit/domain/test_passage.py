"""Who goes through on which opening of a door."""

from typing import Final

from domain.ids import PersonId
from domain.passage import (
    Passage,
    Passed,
    Passenger,
    asked_to_leave,
    granted,
    not_opened,
    opened,
    shut,
)
from domain.policy import Side
from tests.builders import LI, WANG, ZHAO


def going(who: PersonId, side: Side = Side.ENTRY) -> Passenger:
    return Passenger(who, side, None)


IN_LI: Final = going(LI)
IN_WANG: Final = going(WANG)
OUT_ZHAO: Final = going(ZHAO, Side.EXIT)


def test_whoever_was_granted_is_in_when_the_door_shuts() -> None:
    passage, passed = shut(opened(granted(Passage(), (IN_LI, IN_WANG))))

    assert passed == Passed((IN_LI, IN_WANG), (), unread=False)
    assert passage == Passage()


def test_two_who_cross_on_one_opening_go_their_own_ways() -> None:
    one = granted(Passage(), (IN_LI,))
    _, passed = shut(opened(granted(one, (OUT_ZHAO,))))

    assert passed == Passed((IN_LI,), (OUT_ZHAO,), unread=False)


def test_who_is_granted_while_the_door_is_open_passes_with_it() -> None:
    _, passed = shut(granted(opened(granted(Passage(), (IN_LI,))), (IN_WANG,)))

    assert passed.entered == (IN_LI, IN_WANG)


def test_who_is_granted_twice_passes_once_and_the_last_way_counts() -> None:
    twice = granted(granted(Passage(), (IN_LI,)), (going(LI, Side.EXIT),))

    _, passed = shut(opened(twice))
    assert passed == Passed((), (going(LI, Side.EXIT),), unread=False)


def test_a_door_nobody_opened_let_nobody_through() -> None:
    passage, stayed = not_opened(granted(Passage(), (IN_LI,)))

    assert (passage, stayed) == (Passage(), (IN_LI,))


def test_a_contact_that_chatters_before_the_opening_is_no_passage() -> None:
    waiting = granted(Passage(), (IN_LI,))

    assert shut(waiting) == (waiting, Passed((), (), unread=False))


def test_an_opening_by_the_button_is_an_unread_exit() -> None:
    passage, passed = shut(opened(asked_to_leave(Passage())))

    assert passed == Passed((), (), unread=True)
    assert passage == Passage()


def test_an_unread_exit_beside_a_read_entry_is_both() -> None:
    _, passed = shut(opened(asked_to_leave(granted(Passage(), (IN_LI,)))))

    assert passed == Passed((IN_LI,), (), unread=True)
