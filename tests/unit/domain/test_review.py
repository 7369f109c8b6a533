"""Rounds of review: when they open, warn, end; what a grant may become (G5.1.2-3)."""

from datetime import UTC, datetime, timedelta
from itertools import product
from typing import Final
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.ids import PersonId, ZoneId
from domain.operators import Operator, OperatorId, OperatorRole
from domain.review import (
    KEPT,
    ROUND_TRANSITIONS,
    SHORTEST,
    TRANSITIONS,
    WARN_DAYS,
    ReviewAct,
    ReviewProblem,
    ReviewState,
    RoundAct,
    RoundState,
    bars_to_reviewing,
    next_opening,
    next_reminder,
    next_step,
    planned,
    reminder_due,
    step,
    takes_much,
    to_open,
    warning_due,
)

TZ: Final = ZoneInfo("Asia/Shanghai")
TICK: Final = timedelta(microseconds=1)
INSTANTS: Final = st.timedeltas(timedelta(0), timedelta(days=25_000)).map(
    lambda span: datetime(2020, 1, 1, tzinfo=UTC) + span
)
ENDS: Final = datetime(2027, 1, 1, tzinfo=TZ)
DAY: Final = timedelta(days=1)


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=TZ)  # type: ignore[arg-type,misc]  # year, month, …


@pytest.mark.parametrize(
    ("opens", "ends", "name"),
    [
        (local(2026, 5, 1), local(2026, 7, 1), "2026-H1"),
        (local(2026, 11, 1), local(2027, 1, 1), "2026-H2"),
    ],
)
def test_a_round_opens_and_ends_at_local_midnight_to_the_instant(
    opens: datetime, ends: datetime, name: str
) -> None:
    assert to_open(opens - TICK, TZ) is None
    first, last = to_open(opens, TZ), to_open(ends - TICK, TZ)
    assert first is not None
    assert last is not None
    assert (first.id, first.ends_at) == (name, ends)
    assert (last.id, last.ends_at) == (name, ends - TICK + SHORTEST)
    assert to_open(ends, TZ) is None
    assert next_opening(opens - TICK, TZ) == opens
    assert next_opening(opens, TZ) > ends


@given(INSTANTS)
def test_every_half_year_has_one_round_with_time_to_review(at: datetime) -> None:
    plan = planned(at, TZ)
    assert plan.opens_at < plan.ends_at
    assert at < plan.ends_at
    assert planned(plan.ends_at, TZ).id != plan.id
    assert planned(plan.ends_at - TICK, TZ) == plan
    if (span := to_open(at, TZ)) is not None:
        assert span.opens_at == at
        assert span.ends_at - at >= SHORTEST
    assert at < next_opening(at, TZ) <= at + timedelta(days=185)


@pytest.mark.parametrize("days", WARN_DAYS)
def test_a_warning_is_due_at_its_instant_and_once(days: int) -> None:
    at = ENDS - days * DAY
    earlier = [d for d in WARN_DAYS if d > days]
    before = min(earlier, default=None)

    assert warning_due(at - TICK, ENDS, before) is None
    assert warning_due(at, ENDS, before) == days
    assert warning_due(at, ENDS, days) is None


def test_who_comes_late_gives_only_the_latest_warning_and_none_after_the_end() -> None:
    late = ENDS - timedelta(hours=2)

    assert warning_due(late, ENDS, None) == 1
    assert warning_due(late, ENDS, 14) == 1
    assert warning_due(ENDS, ENDS, None) is None


@given(st.timedeltas(timedelta(microseconds=1), timedelta(days=70)))
def test_the_next_step_is_the_first_instant_at_which_something_changes(
    left: timedelta,
) -> None:
    at = ENDS - left
    due = next_step(at, ENDS)

    assert at < due <= ENDS
    assert warning_due(due - TICK, ENDS, None) == warning_due(at, ENDS, None)


def test_the_tables_are_total() -> None:
    assert set(TRANSITIONS) == set(product(ReviewState, ReviewAct))
    assert set(ROUND_TRANSITIONS) == set(product(RoundState, RoundAct))


@given(st.lists(st.sampled_from(ReviewAct), max_size=8))
def test_what_is_gone_stays_gone_and_what_was_reviewed_never_lapses(
    acts: list[ReviewAct],
) -> None:
    state = ReviewState.OUTSTANDING
    for act in acts:
        after = step(state, act)
        if isinstance(after, ReviewProblem):
            continue
        if state not in KEPT:
            assert after is state
        if state is ReviewState.CONFIRMED:
            assert after in (ReviewState.CONFIRMED, ReviewState.WITHDRAWN)
        if after is ReviewState.WITHDRAWN and after is not state:
            assert act is ReviewAct.WITHDRAW  # nothing but a person's word
        state = after


@given(st.lists(st.sampled_from(RoundAct), max_size=6))
def test_a_closed_round_never_opens_again(acts: list[RoundAct]) -> None:
    state = RoundState.OPEN
    for act in acts:
        after = ROUND_TRANSITIONS[state, act]
        assert list(RoundState).index(after) >= list(RoundState).index(state)
        state = after


@pytest.mark.parametrize(
    ("lapsing", "live", "much"),
    [(1, 10, False), (1, 9, True), (2, 19, True), (2, 20, False), (0, 0, False)],
)
def test_exactly_a_tenth_is_not_more_than_a_tenth(
    lapsing: int, live: int, much: bool
) -> None:
    assert takes_much(lapsing, live) is much


def operator(role: OperatorRole, zone: str = "", person: str | None = None) -> Operator:
    return Operator(
        id=OperatorId("somebody"),
        name="",
        person=None if person is None else PersonId(person),
        roles=frozenset({role}),
        zones=frozenset({ZoneId(zone)} if zone else ()),
        rank=None,
        department="",
        disabled_at=None,
    )


@pytest.mark.parametrize("role", OperatorRole)
def test_only_the_owner_of_the_zone_and_the_officer_review(role: OperatorRole) -> None:
    here, person = ZoneId("lab"), PersonId("E1")
    owner = role is OperatorRole.ZONE_OWNER
    bars = bars_to_reviewing(
        operator(role, "lab" if owner else ""), zone=here, person=person
    )
    may = owner or role is OperatorRole.SECRECY_OFFICER

    assert bars == (frozenset() if may else {ReviewProblem.NOT_YOURS})
    if owner:
        elsewhere = operator(role, "canteen")
        assert bars_to_reviewing(elsewhere, zone=here, person=person)


@pytest.mark.parametrize(
    "role", [OperatorRole.ZONE_OWNER, OperatorRole.SECRECY_OFFICER]
)
def test_nobody_reviews_their_own_grant(role: OperatorRole) -> None:
    oneself = operator(role, "lab", "E1")

    assert bars_to_reviewing(oneself, zone=ZoneId("lab"), person=PersonId("E1")) == {
        ReviewProblem.CONCERNS_SELF
    }


@pytest.mark.parametrize(
    ("after", "warned", "due"),
    [
        (timedelta(0), 1, None),
        (DAY - TICK, None, None),
        (DAY, None, 1),
        (DAY, 1, 1),
        (DAY, -1, None),
        (2 * DAY - TICK, -1, None),
        (2 * DAY, -1, 2),
        (9 * DAY + TICK, -2, 9),  # the office was off: once
    ],
)
def test_what_is_held_is_told_again_once_a_day_to_the_instant(
    after: timedelta, warned: int | None, due: int | None
) -> None:
    at = ENDS + after

    assert reminder_due(at, ENDS, warned) == due
    assert at < next_reminder(at, ENDS) <= at + DAY
    assert reminder_due(next_reminder(at, ENDS), ENDS, warned) is not None
