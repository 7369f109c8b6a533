"""The review of grants, a round each half-year (G5.1.2-3): when, by whom, what lapses.

A round opens two months before the end of its half-year, on 1 May and 1 November, and
ends with it: what nobody confirmed by then lapses. Everything is the site's local time.
A round that opens late (the office was off) lasts `SHORTEST` all the same; one whose
time passed unnoticed is not made up for, the next one comes.

    OUTSTANDING --CONFIRM--> CONFIRMED      --WITHDRAW--> WITHDRAWN, at once
    OUTSTANDING --LAPSE--> LAPSED           at the deadline
    OUTSTANDING --HOLD--> HELD              at the deadline, if its zone would lose more
                                            than a tenth of its grants: the officer
                                            decides (docs/decisions/0018)
    GONE                                    ended otherwise meanwhile

Both tables are *total*. Laws: nobody reviews their own grant; a grant made while the
round is open was just approved and counts as confirmed; what is gone stays gone.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from enum import StrEnum
from typing import Final, NewType, TypeAlias

from domain.ids import PersonId, ZoneId
from domain.operators import Operator, OperatorRole

RoundId = NewType("RoundId", str)  # "2026-H2"

SHORTEST: Final = timedelta(days=14)
WARN_DAYS: Final = (14, 7, 1)
# What is held opens doors until somebody decides: the officer hears of it every day.
REMIND_EVERY: Final = timedelta(days=1)
# Why a grant was withdrawn, as the register says it.
BY_REVIEW: Final = "review"
UNREVIEWED: Final = "unreviewed"

# Of each half-year: its number, the months in which its round opens and ends.
_HALVES: Final = ((1, 5, 7), (2, 11, 13))


# --- when ---


@dataclass(frozen=True, slots=True)
class Span:
    """A round in [opens_at, ends_at), as planned or as it was opened."""

    id: RoundId
    opens_at: datetime
    ends_at: datetime


def planned(at: datetime, tz: tzinfo) -> Span:
    """The round of the half-year in which `at` lies."""
    local = at.astimezone(tz)
    half, opens, ends = _HALVES[0] if local.month <= 6 else _HALVES[1]
    return Span(
        RoundId(f"{local.year}-H{half}"),
        datetime(local.year, opens, 1, tzinfo=tz).astimezone(UTC),
        datetime(local.year + ends // 13, ends % 12, 1, tzinfo=tz).astimezone(UTC),
    )


def to_open(at: datetime, tz: tzinfo) -> Span | None:
    """The round that is to be open now; opened at `at`, if nobody has done it."""
    plan = planned(at, tz)
    if at < plan.opens_at:
        return None
    return Span(plan.id, at, max(plan.ends_at, at + SHORTEST))


def next_opening(at: datetime, tz: tzinfo) -> datetime:
    """The first planned opening after `at`."""
    plan = planned(at, tz)
    return plan.opens_at if at < plan.opens_at else planned(plan.ends_at, tz).opens_at


def warning_due(at: datetime, ends_at: datetime, warned: int | None) -> int | None:
    """The most pressing warning that is due and wasn't given, in days before the end.

    `warned`: the last one given. Whoever comes late gives only the latest.
    """
    if at >= ends_at:
        return None
    due = [days for days in WARN_DAYS if ends_at - timedelta(days=days) <= at]
    last = min(due, default=None)
    return last if last is not None and (warned is None or last < warned) else None


def next_step(at: datetime, ends_at: datetime) -> datetime:
    """The next instant at which an open round does something by itself."""
    steps = [ends_at - timedelta(days=days) for days in WARN_DAYS]
    return min((step for step in steps if step > at), default=ends_at)


def reminder_due(at: datetime, ended_at: datetime, warned: int | None) -> int | None:
    """The day after the end on which the officer is to be told again that grants are
    held; None if that was done. `warned`: as above, below 0 the last day told."""
    day = (at - ended_at) // REMIND_EVERY
    last = -warned if warned is not None and warned < 0 else 0
    return day if day > last else None


def next_reminder(at: datetime, ended_at: datetime) -> datetime:
    """The first one after `at`."""
    return ended_at + ((at - ended_at) // REMIND_EVERY + 1) * REMIND_EVERY


# --- a grant in a round ---


class ReviewState(StrEnum):
    OUTSTANDING = "outstanding"  # 待复核
    CONFIRMED = "confirmed"  # 已保留
    WITHDRAWN = "withdrawn"  # 已收回
    HELD = "held"  # 待保密管理确认
    LAPSED = "lapsed"  # 到期失效
    GONE = "gone"  # 已另行终止


class ReviewAct(StrEnum):
    CONFIRM = "confirm"
    WITHDRAW = "withdraw"
    LAPSE = "lapse"  # the deadline, or the officer after it
    HOLD = "hold"  # the deadline, where too much would lapse
    END = "end"  # the grant ended otherwise


class ReviewProblem(StrEnum):
    """Why an act of a review is refused."""

    ALREADY = "already"
    OVER = "over"  # the grant, or the round, is gone
    NOT_HELD = "not_held"
    NOT_YOURS = "not_yours"
    CONCERNS_SELF = "concerns_self"


Step: TypeAlias = ReviewState | ReviewProblem

_S, _A, _P = ReviewState, ReviewAct, ReviewProblem


def _over(state: ReviewState) -> dict[ReviewAct, Step]:
    """A grant that is gone: nobody decides about it, and nothing happens to it."""
    decided = dict.fromkeys((_A.CONFIRM, _A.WITHDRAW), _P.OVER)
    return {**decided, _A.LAPSE: state, _A.HOLD: state, _A.END: state}


_ROWS: Final[dict[ReviewState, dict[ReviewAct, Step]]] = {
    _S.OUTSTANDING: {
        _A.CONFIRM: _S.CONFIRMED,
        _A.WITHDRAW: _S.WITHDRAWN,
        _A.LAPSE: _S.LAPSED,
        _A.HOLD: _S.HELD,
        _A.END: _S.GONE,
    },
    _S.CONFIRMED: {
        _A.CONFIRM: _P.ALREADY,
        _A.WITHDRAW: _S.WITHDRAWN,  # somebody thought again
        _A.LAPSE: _S.CONFIRMED,
        _A.HOLD: _S.CONFIRMED,
        _A.END: _S.CONFIRMED,  # it was reviewed, whatever came of it
    },
    _S.HELD: {
        _A.CONFIRM: _S.CONFIRMED,  # late, and better than shutting a door
        _A.WITHDRAW: _S.WITHDRAWN,
        _A.LAPSE: _S.LAPSED,
        _A.HOLD: _S.HELD,
        _A.END: _S.GONE,
    },
    _S.WITHDRAWN: _over(_S.WITHDRAWN),
    _S.LAPSED: _over(_S.LAPSED),
    _S.GONE: _over(_S.GONE),
}

TRANSITIONS: Final[Mapping[tuple[ReviewState, ReviewAct], Step]] = {
    (state, act): step for state, row in _ROWS.items() for act, step in row.items()
}
# States in which the grant may still open a door.
KEPT: Final = frozenset({_S.OUTSTANDING, _S.CONFIRMED, _S.HELD})


def step(state: ReviewState, act: ReviewAct) -> Step:
    """The next state, or why it can't be."""
    return TRANSITIONS[state, act]


# --- a round ---


class RoundState(StrEnum):
    OPEN = "open"  # 进行中
    HELD = "held"  # 已到期，待确认
    CLOSED = "closed"  # 已结束


class RoundAct(StrEnum):
    END = "end"  # the deadline, and nothing is held
    END_HELD = "end_held"  # the deadline, and something is
    SETTLE = "settle"  # nothing is held any more


_R, _D = RoundState, RoundAct

ROUND_TRANSITIONS: Final[Mapping[tuple[RoundState, RoundAct], RoundState]] = {
    (_R.OPEN, _D.END): _R.CLOSED,
    (_R.OPEN, _D.END_HELD): _R.HELD,
    (_R.OPEN, _D.SETTLE): _R.OPEN,  # everything confirmed early: open until its end
    (_R.HELD, _D.END): _R.HELD,
    (_R.HELD, _D.END_HELD): _R.HELD,
    (_R.HELD, _D.SETTLE): _R.CLOSED,
    (_R.CLOSED, _D.END): _R.CLOSED,
    (_R.CLOSED, _D.END_HELD): _R.CLOSED,
    (_R.CLOSED, _D.SETTLE): _R.CLOSED,
}


def takes_much(lapsing: int, live: int) -> bool:
    """Whether that is more than a tenth of a zone's grants at the deadline."""
    return 10 * lapsing > live


# --- who ---


def bars_to_reviewing(
    operator: Operator, *, zone: ZoneId, person: PersonId
) -> frozenset[ReviewProblem]:
    """The zone's owner reviews; the secrecy officer may, as where the grant is the
    owner's own."""
    officer = OperatorRole.SECRECY_OFFICER in operator.roles
    bars = {
        _P.NOT_YOURS: not officer and not operator.owns(zone),
        _P.CONCERNS_SELF: operator.is_one_of((person,)),
    }
    return frozenset(bar for bar, is_so in bars.items() if is_so)
