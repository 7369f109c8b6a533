"""A rule book laid out for deciding quickly.

Rules that read the same part of request and facts (`Rule.reads`) stand together: the
part is worked out once, and what they said of the same value before is remembered.
Each finding that the book can make has a bit, so what applies is a number, and a
decision, but for what is awaited, follows from that number alone. A door meets a few
dozen of each. Order and repetition of the rules change nothing.
"""

from collections.abc import Callable, Hashable, Iterable
from functools import lru_cache
from typing import Any, Final

from domain.policy.conclude import on_the_way_in, on_the_way_out
from domain.policy.model import (
    Condition,
    Decision,
    Facts,
    Finding,
    Part,
    Request,
    Rule,
    Verdict,
)

# Values of one part, and decisions, that are remembered: a few hundred bytes each.
_KEPT: Final = 4096


class RuleBook(tuple[Rule, ...]):
    """Rules in any order, and the layout made of them."""

    def __init__(self, _rules: Iterable[Rule] = ()) -> None:
        told_outside = (Verdict.FORBID, Verdict.ALARM)
        leaving = (r for r in self if r.on_exit and r.verdict in told_outside)
        self.entry: Final = _Direction(self, on_the_way_in)
        self.exit: Final = _Direction(leaving, on_the_way_out)


def book_of(rules: Iterable[Rule]) -> RuleBook:
    return rules if isinstance(rules, RuleBook) else RuleBook(rules)


class _Direction:
    """The rules that are looked at on the way in, or out."""

    def __init__(
        self,
        rules: Iterable[Rule],
        conclude: Callable[[Iterable[Finding]], Decision],
    ) -> None:
        bits: dict[Finding, int] = {}
        plain: list[tuple[Condition, int]] = []
        readers: dict[Part[Any], list[tuple[Callable[[Any], bool], int]]] = {}
        for rule in rules:
            finding = Finding(rule.reason, rule.verdict, rule.clauses)
            bit = bits.setdefault(finding, 1 << len(bits))
            if rule.reads is None:
                plain.append((rule.applies, bit))
            else:
                readers.setdefault(rule.reads.part, []).append((rule.reads.holds, bit))
        self._plain = tuple(plain)
        self._parts = tuple((part, _remembering(rs)) for part, rs in readers.items())
        self._findings = tuple(bits.items())
        self._conclude = conclude
        self._known = lru_cache(maxsize=_KEPT)(self._decision)

    def decide(self, request: Request, facts: Facts) -> Decision:
        """The decision, but for what is awaited."""
        hits = 0
        for part, said_of in self._parts:
            hits |= said_of(part(request, facts))
        for applies, bit in self._plain:
            if applies(request, facts):
                hits |= bit
        return self._known(hits)

    def _decision(self, hits: int) -> Decision:
        return self._conclude(f for f, bit in self._findings if hits & bit)


def _remembering(
    readers: Iterable[tuple[Callable[[Any], bool], int]],
) -> Callable[[Hashable], int]:
    """What these rules say of one value of their part, as bits."""
    conditions = tuple(readers)

    @lru_cache(maxsize=_KEPT)
    def said_of(value: Hashable) -> int:
        return sum({bit for holds, bit in conditions if holds(value)})

    return said_of
