"""Decide whether somebody may pass a door.

Pure: no clock, no store, no network. What a rule may look at arrives in `Request`
and `Facts`; what it concludes leaves in `Decision`.

Laws, for any rule book, whatever its order:

- denied unless some rule permits; one forbid beats any number of permits;
- waiting only if nothing forbids: more factors, a declaration, the second person
  are still to come. Waiting is not a refusal;
- there is no bypass class;
- on the way out the outcome is always granted; what would have refused an entry,
  where it says something about a person or the door, becomes an alarm.

Every decision carries *all* its reasons, each with the guide's clauses: those that
forbid or are awaited first, then those that were satisfied, so that a grant proves
itself as well as a refusal does.
"""

from collections.abc import Iterable
from typing import Final

from domain.policy.demands import awaited
from domain.policy.model import (
    Awaited,
    Clause,
    Condition,
    Decision,
    Facts,
    Finding,
    Outcome,
    Presence,
    Reason,
    Request,
    Rule,
    Side,
    Verdict,
)

__all__ = [
    "FREE_EXIT",
    "NO_PERMIT",
    "Awaited",
    "Clause",
    "Condition",
    "Decision",
    "Facts",
    "Finding",
    "Outcome",
    "Presence",
    "Reason",
    "Request",
    "Rule",
    "Side",
    "Verdict",
    "decide",
]

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


def decide(request: Request, facts: Facts, rules: Iterable[Rule]) -> Decision:
    """The decision of `rules`; the same for any order of them."""
    if request.side is Side.EXIT:
        return _way_out(request, facts, rules)
    found = {_finding(r) for r in rules if r.applies(request, facts)}
    verdicts = {f.verdict for f in found}

    if Verdict.FORBID in verdicts:
        # Nobody who is refused is told what would still have been asked of them.
        return _decision(
            Outcome.DENIED, (f for f in found if f.verdict is not Verdict.WAIT)
        )
    if Verdict.PERMIT not in verdicts:
        return _decision(
            Outcome.DENIED,
            (NO_PERMIT, *(f for f in found if f.verdict is not Verdict.WAIT)),
        )
    if Verdict.WAIT in verdicts:
        return _decision(Outcome.WAITING, found, awaited(request, facts))
    return _decision(Outcome.GRANTED, found)


def _way_out(request: Request, facts: Facts, rules: Iterable[Rule]) -> Decision:
    found = {
        Finding(r.reason, Verdict.ALARM, r.clauses)
        for r in rules
        if r.on_exit
        and r.verdict in (Verdict.FORBID, Verdict.ALARM)
        and r.applies(request, facts)
    }
    return _decision(Outcome.GRANTED, (FREE_EXIT, *found))


def _finding(rule: Rule) -> Finding:
    return Finding(rule.reason, rule.verdict, rule.clauses)


def _decision(
    outcome: Outcome,
    findings: Iterable[Finding],
    waiting_for: tuple[Awaited, ...] = (),
) -> Decision:
    ordered = sorted(set(findings), key=lambda f: (_ORDER[f.verdict], f.reason))
    return Decision(outcome=outcome, findings=tuple(ordered), waiting_for=waiting_for)
