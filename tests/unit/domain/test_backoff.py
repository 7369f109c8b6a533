"""Many refusals in a short time (G7.2.1-3)."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.attempt import Attempt
from domain.backoff import Backoff, counts, keys_of, refuse
from domain.credentials import Factor
from domain.ids import PersonId
from domain.policy import Clause, Decision, Finding, Outcome, Reason, Side, Verdict
from domain.zones import REFUSALS_BEFORE_BLOCK, ZoneLevel
from tests.builders import A_MOMENT, LI, NINE, WANG, shown

LIMIT: Final = 5


def attempt(*people: PersonId | None, credential: str | None = None) -> Attempt:
    """One factor of each of these people."""
    return Attempt(
        side=Side.ENTRY,
        since=NINE,
        until=NINE + timedelta(seconds=15),
        presented=tuple(
            shown(factor, who, credential=credential)
            for factor, who in zip(Factor, people, strict=False)
        ),
        declaration=None,
        decision=None,
    )


def at(seconds: float) -> datetime:
    return NINE + timedelta(seconds=seconds)


def after(*seconds: float, who: Attempt | None = None, limit: int = LIMIT) -> Backoff:
    state = Backoff()
    for second in seconds:
        state, _ = refuse(state, who or attempt(LI), at=at(second), limit=limit)
    return state


def test_core_doors_block_after_three_others_after_five() -> None:
    assert REFUSALS_BEFORE_BLOCK[ZoneLevel.CORE] == 3
    assert {REFUSALS_BEFORE_BLOCK[level] for level in list(ZoneLevel)[1:]} == {5}


@pytest.mark.parametrize(
    ("seconds", "blocked"),
    [
        pytest.param((0, 1, 2, 3), False, id="four"),
        pytest.param((0, 1, 2, 3, 4), True, id="five"),
        pytest.param((0, 15, 30, 45, 60 - 1e-6), True, id="five just within a minute"),
        pytest.param((0, 15, 30, 45, 60), False, id="at the minute the first is over"),
    ],
)
def test_a_credential_is_blocked_after_five_refusals_in_a_minute(
    seconds: tuple[float, ...], blocked: bool
) -> None:
    assert after(*seconds).blocked((LI,), at(seconds[-1])) is blocked


def test_the_refusal_that_blocks_says_so_once() -> None:
    state, told = Backoff(), []
    for second in range(7):
        state, now = refuse(state, attempt(LI), at=at(second), limit=LIMIT)
        told.append(now)

    assert told == [False, False, False, False, True, False, False]


def test_a_block_lasts_a_minute_and_not_a_moment_longer() -> None:
    state = after(0, 1, 2, 3, 4)

    assert state.blocked((LI,), at(64) - A_MOMENT)
    assert not state.blocked((LI,), at(64))


def test_after_a_block_counting_starts_again() -> None:
    state = after(0, 1, 2, 3, 4, 64, 65, 66, 67)

    assert not state.blocked((LI,), at(67))


def test_a_block_is_one_persons() -> None:
    assert not after(0, 1, 2, 3, 4).blocked((WANG,), at(4))


def test_a_mismatch_counts_against_everybody_it_names() -> None:
    state = after(0, 1, 2, 3, 4, who=attempt(LI, WANG))

    assert state.blocked((LI,), at(4))
    assert state.blocked((WANG,), at(4))


@pytest.mark.parametrize(
    ("shown_", "keys"),
    [
        pytest.param(attempt(LI), (LI,), id="a person"),
        pytest.param(attempt(LI, None), (LI,), id="a person with something unknown"),
        pytest.param(attempt(None, credential="ab"), ("ab",), id="an unknown badge"),
        pytest.param(attempt(None), ("unknown:badge",), id="an unknown factor"),
    ],
)
def test_a_refusal_counts_against_whom_it_names(
    shown_: Attempt, keys: tuple[str, ...]
) -> None:
    assert keys_of(shown_) == keys


def test_an_unknown_credential_delays_unknown_ones_for_five_seconds() -> None:
    state = after(0, who=attempt(None, credential="ab"))

    assert state.delayed(at(5) - A_MOMENT)
    assert not state.delayed(at(5))


@pytest.mark.parametrize("who", [attempt(LI), attempt(LI, None)])
def test_a_known_persons_refusal_delays_nobody(who: Attempt) -> None:
    assert not after(0, who=who).delayed(at(0))


def denied(*reasons: str) -> Decision:
    findings = tuple(
        Finding(Reason(reason), Verdict.FORBID, (Clause("G"),)) for reason in reasons
    )
    note = Finding(Reason("devices.reminder"), Verdict.NOTE, ())
    return Decision(outcome=Outcome.DENIED, findings=(*findings, note))


@pytest.mark.parametrize(
    ("reasons", "counted"),
    [
        pytest.param(("grant.missing",), True, id="no grant"),
        pytest.param(("credential.unknown", "reader.delayed"), True, id="unknown"),
        pytest.param(("door.lockdown",), False, id="a lockdown is not their fault"),
        pytest.param(("door.lockdown", "grant.missing"), True, id="both"),
        pytest.param(
            ("credential.blocked", "grant.missing"), False, id="blocked already"
        ),
        pytest.param(("clock.untrusted", "roster.expired"), False, id="the door's own"),
    ],
)
def test_only_what_says_something_about_the_credential_counts(
    reasons: tuple[str, ...], counted: bool
) -> None:
    assert counts(denied(*reasons)) is counted


@given(st.lists(st.floats(0, 30), min_size=1, max_size=40), st.integers(1, 6))
def test_no_refusals_pile_up(pauses: list[float], limit: int) -> None:
    """What is remembered is bounded by the limit, however long somebody tries."""
    now, state = 0.0, Backoff()
    for pause in pauses:
        now += pause
        state, _ = refuse(state, attempt(LI), at=at(now), limit=limit)

        assert len(state.refusals) < limit
        assert all(at(now) < until for _, until in state.blocks)


def test_a_block_of_somebody_else_survives_the_next_refusal() -> None:
    state = after(0, 1, 2, 3, 4)
    state, _ = refuse(state, attempt(WANG), at=at(10), limit=LIMIT)

    assert state.blocked((LI,), at(10))


def test_nothing_is_blocked_at_first() -> None:
    assert not Backoff().blocked((LI,), NINE)
    assert not Backoff().delayed(NINE)
    assert not replace(Backoff(), last_unknown=NINE).delayed(at(5))
