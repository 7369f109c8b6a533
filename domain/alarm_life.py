"""The life of an alarm: raised, acknowledged, its condition gone, resolved.

Laws (the console's design, section 4): no alarm disappears by itself; only an
acknowledged one is resolved; one of priority 1 only once its condition is gone; what is
still wrong stays listed although somebody resolved it; nobody resolves what concerns
themselves.
"""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum
from typing import Final

from domain.alarm_acts import AlarmCause, Called
from domain.alarm_events import AlarmCode
from domain.ids import PersonId
from domain.operators import Operator
from domain.policy import Reason

MAX_WORDS: Final = 500

# Conditions, of which the end is told. Anything else happens and is over: a threat, a
# refusal, a journal that forked.
LASTING: Final = frozenset(
    {
        AlarmCode.DOOR_FORCED,
        AlarmCode.DOOR_HELD,
        AlarmCode.TAMPER,
        AlarmCode.FIRE,
        AlarmCode.ALONE_INSIDE,
        AlarmCode.CAMERA_DOWN,
        AlarmCode.DEVICE_DOWN,
        AlarmCode.CLOCK_UNTRUSTED,
        AlarmCode.ROSTER_ENDING,
        AlarmCode.ROSTER_EXPIRED,
        AlarmCode.JOURNAL_UNAVAILABLE,
        AlarmCode.STORAGE_LOW,
        AlarmCode.POWER_LOW,
        AlarmCode.TEMPERATURE,
        AlarmCode.CLIMATE,
        AlarmCode.DOOR_OFFLINE,
        AlarmCode.JOURNAL_GAP,
        AlarmCode.ESCORT_LEFT,
        AlarmCode.VISITOR_ALONE,
        AlarmCode.DWELL,
        AlarmCode.VISIT_OVERDUE,
        AlarmCode.INSIDE_THOUGH_OVER,
        AlarmCode.REVIEW_DUE,
        AlarmCode.REVIEW_HELD,
    }
)


class AlarmProblem(StrEnum):
    """Why an act on an alarm is refused."""

    ALREADY = "already"  # somebody has done it
    UNACKNOWLEDGED = "unacknowledged"
    STILL_WRONG = "still_wrong"
    CONCERNS_SELF = "concerns_self"
    NO_CAUSE = "no_cause"
    NOBODY_TO_CALL = "nobody_to_call"
    NO_SENTENCE = "no_sentence"
    TOO_LONG = "too_long"


def lasts(code: Reason | AlarmCode) -> bool:
    """Whether it is a condition, with an end that is told."""
    return code in LASTING


def still_wrong(code: Reason | AlarmCode, cleared_at: datetime | None) -> bool:
    return lasts(code) and cleared_at is None


def problems_of_acknowledging(
    *, acknowledged_at: datetime | None, note: str
) -> tuple[AlarmProblem, ...]:
    found = {
        AlarmProblem.ALREADY: acknowledged_at is not None,
        AlarmProblem.TOO_LONG: len(note) > MAX_WORDS,
    }
    return tuple(problem for problem, is_so in found.items() if is_so)


def problems_of_calling(
    *, to: Called | None, callable_: Collection[Called], note: str
) -> tuple[AlarmProblem, ...]:
    """`callable_`: whom somebody may still call (`domain.alarm_escalation`)."""
    found = {
        AlarmProblem.NOBODY_TO_CALL: to is None,
        AlarmProblem.ALREADY: to is not None and to not in callable_,
        AlarmProblem.NO_SENTENCE: not note.strip(),
        AlarmProblem.TOO_LONG: len(note) > MAX_WORDS,
    }
    return tuple(problem for problem, is_so in found.items() if is_so)


def problems_of_resolving(
    operator: Operator,
    *,
    code: Reason,
    priority: int,
    person: PersonId | None,
    acknowledged_at: datetime | None,
    cleared_at: datetime | None,
    resolved_at: datetime | None,
    cause: AlarmCause | None,
    sentence: str,
) -> tuple[AlarmProblem, ...]:
    """Everything that stands in the way; empty: it may be resolved."""
    if resolved_at is not None:
        return (AlarmProblem.ALREADY,)
    found = {
        AlarmProblem.CONCERNS_SELF: operator.is_one_of((person,)),
        AlarmProblem.UNACKNOWLEDGED: acknowledged_at is None,
        AlarmProblem.STILL_WRONG: priority == 1 and still_wrong(code, cleared_at),
        AlarmProblem.NO_CAUSE: cause is None,
        AlarmProblem.NO_SENTENCE: not sentence.strip(),
        AlarmProblem.TOO_LONG: len(sentence) > MAX_WORDS,
    }
    return tuple(problem for problem, is_so in found.items() if is_so)
