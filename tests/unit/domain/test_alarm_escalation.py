"""Whom an alarm is called out to, at which instant; and when it is told again."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.alarm_acts import Called
from domain.alarm_escalation import (
    Calling,
    callable_by_hand,
    coming,
    due,
    reminders,
    steps,
)

T: Final = datetime(2026, 11, 23, 6, 32, 8, tzinfo=UTC)
A_MOMENT: Final = timedelta(microseconds=1)
LEAD, OWNER, OFFICER, CONTACTS = Called
NOBODY: Final = frozenset[Called]()


def alarm(
    priority: int, *, owned: bool = True, called: frozenset[Called] = NOBODY
) -> Calling:
    return Calling(
        priority=priority,
        owned=owned,
        heard_at=T,
        acknowledged_at=None,
        called=called,
    )


def s(seconds: float) -> timedelta:
    return timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("priority", "after", "expected"),
    [
        (1, s(60) - A_MOMENT, []),
        (1, s(60), [LEAD]),
        (1, s(180) - A_MOMENT, [LEAD]),
        (1, s(180), [LEAD, OFFICER]),
        (1, s(300) - A_MOMENT, [LEAD, OFFICER]),
        (1, s(300), [LEAD, OFFICER, CONTACTS]),
        (1, s(86400), [LEAD, OFFICER, CONTACTS]),
        (2, s(180) - A_MOMENT, []),
        (2, s(180), [LEAD]),
        (2, s(600) - A_MOMENT, [LEAD]),
        (2, s(600), [LEAD, OWNER]),
        (3, s(86400), []),
    ],
)
def test_a_step_is_due_at_its_instant(
    priority: int, after: timedelta, expected: list[Called]
) -> None:
    assert [step.to for step in due(alarm(priority), T + after)] == expected


def test_where_no_zone_owner_answers_the_secrecy_officer_is_called() -> None:
    found = due(alarm(2, owned=False), T + s(600))

    assert [step.to for step in found] == [LEAD, OFFICER]


def test_whoever_was_called_is_not_called_again() -> None:
    by_hand = alarm(1, called=frozenset({LEAD}))

    assert due(by_hand, T + s(60)) == ()
    assert [step.to for step in due(by_hand, T + s(180))] == [OFFICER]


@pytest.mark.parametrize("priority", [1, 2])
def test_nobody_is_called_once_it_is_acknowledged(priority: int) -> None:
    seen = replace(alarm(priority), acknowledged_at=T + s(59))

    assert due(seen, T + s(86400)) == ()
    assert coming(seen, T + s(59)) is None


def test_what_comes_next_is_named_with_its_instant() -> None:
    first, second = steps(1, owned=True)[:2]

    assert coming(alarm(1), T) == (first, T + s(60))
    assert coming(alarm(1), T + s(60) - A_MOMENT) == (first, T + s(60))
    assert coming(alarm(1), T + s(60)) == (second, T + s(180))
    assert coming(alarm(1), T + s(300)) is None
    assert coming(alarm(3), T) is None


@pytest.mark.parametrize(
    ("priority", "after", "expected"),
    [
        (1, s(600) - A_MOMENT, 0),
        (1, s(600), 1),
        (1, s(1200), 2),
        (2, s(1800) - A_MOMENT, 0),
        (2, s(1800), 1),
        (3, s(86400), 0),
        (1, -s(1), 0),
    ],
)
def test_what_is_still_wrong_is_told_again(
    priority: int, after: timedelta, expected: int
) -> None:
    def told(*, still_wrong: bool, acknowledged_at: datetime | None = T) -> int:
        return reminders(
            priority,
            acknowledged_at=acknowledged_at,
            still_wrong=still_wrong,
            now=T + after,
        )

    assert told(still_wrong=True) == expected
    assert told(still_wrong=False) == 0
    assert told(still_wrong=True, acknowledged_at=None) == 0


def test_by_hand_whoever_was_not_called_yet_and_answers_for_it() -> None:
    def whom(owned: bool, *called: Called, resolved: bool = False) -> object:
        return callable_by_hand(
            owned=owned, called=frozenset(called), resolved=resolved
        )

    assert whom(True) == (LEAD, OWNER, OFFICER, CONTACTS)
    assert whom(False) == (LEAD, OFFICER, CONTACTS)
    assert whom(True, LEAD, OFFICER) == (OWNER, CONTACTS)
    assert whom(True, resolved=True) == ()


callings = st.builds(
    Calling,
    priority=st.integers(1, 3),
    owned=st.booleans(),
    heard_at=st.just(T),
    acknowledged_at=st.none() | st.just(T),
    called=st.frozensets(st.sampled_from(Called)),
)
moments = st.lists(st.integers(-10, 2000).map(s), min_size=1).map(sorted)


@given(callings, moments)
def test_however_often_somebody_looks_nobody_is_called_twice_nor_out_of_turn(
    state: Calling, looks: list[timedelta]
) -> None:
    """The same calls in the same order as by one look at the end."""
    at_the_end = [step.to for step in due(state, T + looks[-1])]
    told: list[Called] = []
    for after in looks:
        for step in due(state, T + after):
            assert T + after >= state.heard_at + step.after
            told.append(step.to)
            state = replace(state, called=state.called | {step.to})

    assert told == at_the_end
    assert len(told) == len(set(told))


@given(callings, st.integers(-10, 2000).map(s))
def test_what_is_coming_is_what_will_be_due(state: Calling, after: timedelta) -> None:
    next_ = coming(state, T + after)
    if next_ is None:
        assert due(state, T + s(86400)) == due(state, T + after)
    else:
        step, at = next_
        assert step not in due(state, at - A_MOMENT)
        assert step in due(state, at)
