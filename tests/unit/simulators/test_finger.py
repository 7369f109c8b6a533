"""Fingers made of nothing."""

from hypothesis import given
from hypothesis import strategies as st

from simulators.finger import TEMPLATE_BYTES, same_finger, score_of, template_for

names = st.text(min_size=1, max_size=20)


@given(names, st.integers(0, 1000), st.integers(0, 1000))
def test_two_captures_are_alike_and_not_equal(name: str, one: int, other: int) -> None:
    first, second = template_for(name, one), template_for(name, other)

    assert same_finger(first, second)
    assert (first == second) == (one == other)
    assert len(first) == TEMPLATE_BYTES
    assert 0 < score_of(first, second) < 0x10000


@given(names, names)
def test_two_people_never_match(one: str, other: str) -> None:
    assert same_finger(template_for(one), template_for(other)) == (one == other)


def test_what_is_no_template_matches_nothing() -> None:
    assert not same_finger(b"", b"")
