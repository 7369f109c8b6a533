"""What findings come to: the laws of `domain.policy`, apart from rules and people."""

from collections.abc import Iterable
from typing import Final

from domain.policy.model import (
    Clause,
    Decision,
    Finding,
    Outcome,
    Reason,
    Verdict,
)

NO_PERMIT: Final = Finding(Reason("grant.none"), Verdict.FORBID, (Clause("G2.4"),))
FREE_EXIT: Final = Finding(Reason("exit.free"), Verdict.PERMIT, ())

# Failed first, then awaited, alarms, permits, notes: the order people read in.
_ORDER: Final = {
    Verdict.FORBID: 0,
    Verdict.WAIT: 1,
    Verdict.ALARM: 2,
    Verdict.PERMIT: 3,
    Verdict.NOTE: 4,
}


def on_the_way_in(found: Iterable[Finding]) -> Decision:
    """Denied unless permitted; one forbid beats all; what is awaited isn't told yet."""
    findings = frozenset(found)
    verdicts = {f.verdict for f in findings}

    if Verdict.FORBID in verdicts:
        # Nobody who is refused is told what would still have been asked of them.
        return _decision(Outcome.DENIED, _without_waits(findings))
    if Verdict.PERMIT not in verdicts:
        return _decision(Outcome.DENIED, (NO_PERMIT, *_without_waits(findings)))
    if Verdict.WAIT in verdicts:
        return _decision(Outcome.WAITING, findings)
    return _decision(Outcome.GRANTED, findings)


def on_the_way_out(found: Iterable[Finding]) -> Decision:
    """Always granted; what is wrong becomes an alarm."""
    alarms = (Finding(f.reason, Verdict.ALARM, f.clauses) for f in found)
    return _decision(Outcome.GRANTED, (FREE_EXIT, *alarms))


def _without_waits(findings: Iterable[Finding]) -> Iterable[Finding]:
    return (f for f in findings if f.verdict is not Verdict.WAIT)


def ordered(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """Each finding once, in the order in which people read them."""
    return tuple(
        sorted(
            frozenset(findings), key=lambda f: (_ORDER[f.verdict], f.reason, f.clauses)
        )
    )


def _decision(outcome: Outcome, findings: Iterable[Finding]) -> Decision:
    return Decision(outcome=outcome, findings=ordered(findings))
