"""How a rule is written: one sentence about one part of request and facts."""

from collections.abc import Callable, Hashable
from typing import TypeVar

from domain.policy.model import (
    Clause,
    Facts,
    Part,
    Reading,
    Reason,
    Request,
    Rule,
    Verdict,
)

_T = TypeVar("_T", bound=Hashable)


def rule(
    part: Part[_T], verdict: Verdict, reason: str, *clauses: str, on_exit: bool = False
) -> Callable[[Callable[[_T], bool]], Rule]:
    """Makes a rule of a condition on `part`; its docstring is the sentence."""

    def made(holds: Callable[[_T], bool]) -> Rule:
        def applies(request: Request, facts: Facts) -> bool:
            return holds(part(request, facts))

        applies.__doc__ = holds.__doc__
        return Rule(
            reason=Reason(reason),
            clauses=tuple(map(Clause, clauses)),
            verdict=verdict,
            applies=applies,
            on_exit=on_exit,
            reads=Reading(part, holds),
        )

    return made
