"""Many refusals in a short time: block that credential, tell the guard (G7.2.1-3).

A fold over refusals at one door. The key is the person whom the credential names,
or the keyed digest of an unknown one. An unknown credential shortly after another is
delayed, so that a box that tries numbers gets a few a minute; people the door knows
are never delayed, and the way out never is. All windows are half-open.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from domain.attempt import Attempt
from domain.policy import Decision, Reason, Verdict

WINDOW: Final = timedelta(seconds=60)
BLOCKED_FOR: Final = timedelta(seconds=60)
UNKNOWN_DELAY: Final = timedelta(seconds=5)

# Refusals that say nothing about the credential and so never count against it.
_NOT_THEIR_FAULT: Final = frozenset(
    map(
        Reason,
        (
            "door.lockdown",
            "door.interlock",
            "clock.untrusted",
            "roster.expired",
            "journal.unavailable",
            "internal",
            "credential.blocked",
            "visit.escort_full",
            "zone.full",
        ),
    )
)


@dataclass(frozen=True, slots=True)
class Backoff:
    """Recent refusals and blocks at one door."""

    refusals: tuple[tuple[str, datetime], ...] = ()
    blocks: tuple[tuple[str, datetime], ...] = ()  # key, until
    last_unknown: datetime | None = None

    def blocked(self, keys: tuple[str, ...], at: datetime) -> bool:
        return any(key in keys and at < until for key, until in self.blocks)

    def delayed(self, at: datetime) -> bool:
        return self.last_unknown is not None and at < self.last_unknown + UNKNOWN_DELAY


def keys_of(attempt: Attempt) -> tuple[str, ...]:
    """What a refusal of this attempt counts against."""
    if attempt.named:
        return tuple(attempt.named)
    if attempt.credential is not None:
        return (attempt.credential,)
    return tuple(f"unknown:{p.factor}" for p in attempt.presented if p.person is None)


def counts(decision: Decision) -> bool:
    """Whether a refusal says something about the credential."""
    forbids = {f.reason for f in decision.findings if f.verdict is Verdict.FORBID}
    return bool(forbids - _NOT_THEIR_FAULT) and "credential.blocked" not in forbids


def refuse(
    backoff: Backoff, attempt: Attempt, *, at: datetime, limit: int
) -> tuple[Backoff, bool]:
    """The state after one refusal that `counts`, and whether it now blocks."""
    recent = [(k, t) for k, t in backoff.refusals if at < t + WINDOW]
    keys = keys_of(attempt)
    recent += [(key, at) for key in keys]
    full = {key for key in keys if sum(k == key for k, _ in recent) >= limit}
    blocks = [(k, until) for k, until in backoff.blocks if at < until]
    blocks += [(key, at + BLOCKED_FOR) for key in sorted(full)]
    unknown = attempt.unknown and not attempt.named
    return (
        replace(
            backoff,
            refusals=tuple((k, t) for k, t in recent if k not in full),
            blocks=tuple(blocks),
            last_unknown=at if unknown else backoff.last_unknown,
        ),
        bool(full),
    )
