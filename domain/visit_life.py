"""The life of a visit, as a table.

    REQUESTED --APPROVE--> APPROVED --SIGN--> UNDERTAKING_SIGNED --CHECK_IN-->
      CHECKED_IN --ENTER--> ON_SITE --CHECK_OUT--> CHECKED_OUT

    REFUSED, CANCELLED, NO_SHOW, EXPIRED   it ended before it began
    OVERDUE                                inside past its end; only leaving is left
    BLOCKED                                frozen (G7.3.2): never thawed, only left

A frozen visit is checked out or called off, and another is requested: who was frozen
while inside, and what was approved before, is looked at again by a person.

The table is *total*: every state answers every act, with the next state or with why
not. Checking out is possible from every state in which somebody may be inside: a
record that is wrong must never keep anybody in. While somebody is checked in nothing
ends a visit but that: a visit that is over is known to no door.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final, TypeAlias

from domain.visit_problems import VisitProblem as P


class VisitState(StrEnum):
    REQUESTED = "requested"  # 已申请
    APPROVED = "approved"  # 已批准
    REFUSED = "refused"  # 未批准
    CANCELLED = "cancelled"  # 取消
    UNDERTAKING_SIGNED = "undertaking_signed"  # 已签承诺
    CHECKED_IN = "checked_in"  # 已登记
    ON_SITE = "on_site"  # 在场
    CHECKED_OUT = "checked_out"  # 已离
    NO_SHOW = "no_show"  # 未到
    EXPIRED = "expired"  # 过期
    OVERDUE = "overdue"  # 逾期
    BLOCKED = "blocked"  # 冻结


class VisitAct(StrEnum):
    APPROVE = "approve"
    REFUSE = "refuse"
    CANCEL = "cancel"
    SIGN = "sign"  # everybody who comes has signed, or declined where that is allowed
    CHECK_IN = "check_in"
    ENTER = "enter"  # the first door was passed
    CHECK_OUT = "check_out"  # the last of them left
    END = "end"  # the planned end is reached
    BLOCK = "block"


Step: TypeAlias = VisitState | P

_S, _A = VisitState, VisitAct


def _over() -> dict[VisitAct, Step]:
    """What has ended answers nothing any more."""
    return dict.fromkeys(VisitAct, P.OVER)


_ROWS: Final[dict[VisitState, dict[VisitAct, Step]]] = {
    _S.REQUESTED: {
        _A.APPROVE: _S.APPROVED,
        _A.REFUSE: _S.REFUSED,
        _A.CANCEL: _S.CANCELLED,
        _A.SIGN: P.NOT_APPROVED,
        _A.CHECK_IN: P.NOT_APPROVED,
        _A.ENTER: P.NOT_APPROVED,
        _A.CHECK_OUT: P.NOT_CHECKED_IN,
        _A.END: _S.EXPIRED,
        _A.BLOCK: _S.BLOCKED,
    },
    _S.APPROVED: {
        _A.APPROVE: P.ALREADY,
        _A.REFUSE: P.ALREADY,
        _A.CANCEL: _S.CANCELLED,
        _A.SIGN: _S.UNDERTAKING_SIGNED,
        _A.CHECK_IN: P.NOT_SIGNED,
        _A.ENTER: P.NOT_SIGNED,
        _A.CHECK_OUT: P.NOT_CHECKED_IN,
        _A.END: _S.NO_SHOW,
        _A.BLOCK: _S.BLOCKED,
    },
    _S.UNDERTAKING_SIGNED: {
        _A.APPROVE: P.ALREADY,
        _A.REFUSE: P.ALREADY,
        _A.CANCEL: _S.CANCELLED,
        _A.SIGN: P.ALREADY,
        _A.CHECK_IN: _S.CHECKED_IN,
        _A.ENTER: P.NOT_CHECKED_IN,
        _A.CHECK_OUT: P.NOT_CHECKED_IN,
        _A.END: _S.NO_SHOW,
        _A.BLOCK: _S.BLOCKED,
    },
    _S.CHECKED_IN: {
        _A.APPROVE: P.ALREADY,
        _A.REFUSE: P.ALREADY,
        _A.CANCEL: P.ALREADY,  # they are here: check them out
        _A.SIGN: P.ALREADY,
        _A.CHECK_IN: P.ALREADY,
        _A.ENTER: _S.ON_SITE,
        _A.CHECK_OUT: _S.CHECKED_OUT,
        _A.END: _S.OVERDUE,
        _A.BLOCK: _S.BLOCKED,
    },
    _S.ON_SITE: {
        _A.APPROVE: P.ALREADY,
        _A.REFUSE: P.ALREADY,
        _A.CANCEL: P.ALREADY,
        _A.SIGN: P.ALREADY,
        _A.CHECK_IN: P.ALREADY,
        _A.ENTER: _S.ON_SITE,  # the next door
        _A.CHECK_OUT: _S.CHECKED_OUT,
        _A.END: _S.OVERDUE,
        _A.BLOCK: _S.BLOCKED,
    },
    _S.OVERDUE: {
        _A.APPROVE: P.ALREADY,
        _A.REFUSE: P.ALREADY,
        _A.CANCEL: P.ALREADY,
        _A.SIGN: P.ALREADY,
        _A.CHECK_IN: P.ALREADY,
        _A.ENTER: _S.OVERDUE,  # a door that had not heard; recorded, and no better
        _A.CHECK_OUT: _S.CHECKED_OUT,
        _A.END: _S.OVERDUE,
        _A.BLOCK: _S.BLOCKED,
    },
    _S.BLOCKED: {
        _A.APPROVE: P.FROZEN,
        _A.REFUSE: _S.REFUSED,
        _A.CANCEL: _S.CANCELLED,
        _A.SIGN: P.FROZEN,
        _A.CHECK_IN: P.FROZEN,
        _A.ENTER: _S.BLOCKED,  # a door that had not heard of it yet
        _A.CHECK_OUT: _S.CHECKED_OUT,
        _A.END: _S.BLOCKED,  # still frozen, and still to be checked out if inside
        _A.BLOCK: P.ALREADY,
    },
    _S.REFUSED: _over(),
    _S.CANCELLED: _over(),
    _S.CHECKED_OUT: _over(),
    _S.NO_SHOW: _over(),
    _S.EXPIRED: _over(),
}

TRANSITIONS: Final[Mapping[tuple[VisitState, VisitAct], Step]] = {
    (state, act): step for state, row in _ROWS.items() for act, step in row.items()
}

# Somebody of the visit may be inside, or carries a badge.
PRESENT: Final = frozenset({_S.CHECKED_IN, _S.ON_SITE, _S.OVERDUE})
ENDED: Final = frozenset(
    {_S.REFUSED, _S.CANCELLED, _S.CHECKED_OUT, _S.NO_SHOW, _S.EXPIRED}
)


# Ends a visit without anybody's leaving.
_CALLS_OFF: Final = frozenset({_A.REFUSE, _A.CANCEL})


def step(state: VisitState, act: VisitAct, *, inside: bool = False) -> Step:
    """The next state, or why it can't be. `inside`: somebody is checked in."""
    onward = TRANSITIONS[state, act]
    if inside and act in _CALLS_OFF and isinstance(onward, VisitState):
        return P.STILL_HERE
    return onward
