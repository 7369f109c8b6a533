"""Whom a face belongs to."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import CallerError
from domain.ids import PersonId
from hardware.faces.matching import Gallery, identify, verify
from hardware.ports import Embedding

LI, WANG = PersonId("E1001"), PersonId("E1002")


def at(distance: float, *, axis: int = 0) -> Embedding:
    embedding = np.zeros(128, dtype=np.float32)
    embedding[axis] = distance
    return embedding


HERE = at(0)


@pytest.mark.parametrize(
    ("distance", "matches"),
    [(0.0, True), (0.5, True), (0.5001, False), (0.6, False)],
)
def test_confirming_a_person_accepts_up_to_half(distance: float, matches: bool) -> None:
    verified = verify(HERE, [at(distance)])

    assert verified.matches is matches
    assert verified.distance == pytest.approx(distance)


def test_the_nearest_of_several_pictures_counts() -> None:
    assert verify(HERE, [at(0.9), at(0.2), at(0.7)]).distance == pytest.approx(0.2)


def test_nobody_matches_without_an_enrolled_picture() -> None:
    assert not verify(HERE, []).matches
    assert identify(HERE, Gallery({})).person is None
    assert identify(HERE, Gallery({LI: []})).person is None


def test_not_a_number_never_matches() -> None:
    nan = np.full(128, np.nan, dtype=np.float32)

    assert not verify(nan, [HERE]).matches
    assert not verify(HERE, [nan]).matches
    assert identify(nan, Gallery({LI: [HERE]})).person is None


@pytest.mark.parametrize(
    ("li", "wang", "who"),
    [
        pytest.param(0.30, 0.80, LI, id="clearly one"),
        pytest.param(0.45, 0.80, LI, id="exactly at the threshold"),
        pytest.param(0.46, 0.80, None, id="too far to be named by face alone"),
        pytest.param(0.40, 0.44, None, id="two about equally near"),
        pytest.param(0.80, 0.30, WANG, id="the other"),
    ],
)
def test_naming_a_person_wants_the_runner_up_well_behind(
    li: float, wang: float, who: PersonId | None
) -> None:
    gallery = Gallery({LI: [at(li)], WANG: [at(wang, axis=1)]})

    assert identify(HERE, gallery).person == who


def test_a_persons_own_second_picture_is_no_runner_up() -> None:
    gallery = Gallery({LI: [at(0.40), at(0.41)], WANG: [at(0.9)]})

    assert identify(HERE, gallery).person == LI


@given(
    st.lists(st.floats(0, 2, width=32), min_size=1, max_size=8),
    st.floats(0, 2, width=32),
)
def test_one_more_person_never_lets_in_somebody_new(
    distances: list[float], extra: float
) -> None:
    people = {PersonId(f"E{n}"): [at(d, axis=n)] for n, d in enumerate(distances)}
    before = identify(HERE, Gallery(people)).person

    after = identify(HERE, Gallery({**people, LI: [at(extra, axis=100)]})).person

    assert after in (before, None, LI)


def test_an_embedding_of_another_network_is_a_bug() -> None:
    with pytest.raises(CallerError, match="128"):
        verify(np.zeros(512, dtype=np.float32), [HERE])
