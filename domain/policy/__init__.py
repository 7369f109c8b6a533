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
from dataclasses import replace
from typing import Final

from domain.policy.book import RuleBook, book_of
from domain.policy.conclude import FREE_EXIT, NO_PERMIT
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
    "RuleBook",
    "Side",
    "Verdict",
    "book_of",
    "decide",
]

_EXIT: Final = Side.EXIT
_WAITING: Final = Outcome.WAITING


def decide(request: Request, facts: Facts, rules: Iterable[Rule]) -> Decision:
    """The decision of `rules`; the same for any order of them.

    Quick with a `RuleBook`; any other rules are laid out anew each time.
    """
    book = book_of(rules)
    if request.side is _EXIT:
        return book.exit.decide(request, facts)
    decision = book.entry.decide(request, facts)
    if decision.outcome is _WAITING:
        return replace(decision, waiting_for=awaited(request, facts))
    return decision
