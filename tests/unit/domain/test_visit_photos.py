"""How long a photograph may be kept, in every state of a visit."""

from dataclasses import replace

import pytest

from domain.visit_life import ENDED, PRESENT, VisitState
from domain.visit_photos import is_of_use, may_be_taken
from tests.builders import NINE
from tests.visits import visit, visitor


@pytest.mark.parametrize("state", VisitState)
def test_a_photograph_is_of_use_until_the_visit_has_ended(state: VisitState) -> None:
    inside = replace(visitor(), checked_in_at=NINE, checked_out_at=None)
    expected = replace(visitor(), checked_in_at=None, checked_out_at=None)
    left = replace(inside, checked_out_at=NINE)
    of = replace(visit(), state=state)

    assert is_of_use(of, inside) is (state not in ENDED)
    assert is_of_use(of, expected) is (state not in ENDED | {VisitState.BLOCKED})
    assert not is_of_use(of, left)
    assert not is_of_use(of, replace(expected, turned_away=True))


@pytest.mark.parametrize("state", VisitState)
def test_a_photograph_is_taken_at_the_desk_alone(state: VisitState) -> None:
    at_desk = {VisitState.APPROVED, VisitState.UNDERTAKING_SIGNED}
    of, who = replace(visit(), state=state), replace(visitor(), turned_away=False)

    assert may_be_taken(of, who) is (state in at_desk)
    assert not may_be_taken(of, replace(who, turned_away=True))
    assert not at_desk & PRESENT
