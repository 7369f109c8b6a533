"""Every two rules of the policy in one world: what the laws say must come of them.

Nothing here asks the rule book what a rule does. `every_rule` says it in words, and the
outcome follows from the laws alone: one forbid refuses; else what is awaited waits;
else the door opens. On the way out it always opens.
"""

from collections.abc import Iterator
from itertools import combinations

import pytest

from domain.policy import Outcome, Side, decide
from domain.policy.rules import RULES
from domain.zones import ZoneLevel
from tests.unit.domain.every_rule import CAUSES, Cause, World

# Rules that speak on the way out only.
EXIT_ONLY = {"occupancy.exit_unrecorded"}
WORLDS = [(level, visitor) for level in ZoneLevel for visitor in (False, True)]


def worlds(*causes: Cause) -> Iterator[World]:
    """Every world in which all of these may be so."""
    for level, visitor in WORLDS:
        if all(cause.can_be(level, visitor=visitor) for cause in causes):
            world = World(level, visitor)
            for cause in causes:
                cause.make(world)
            yield world


def by_law(*causes: Cause) -> Outcome:
    does = {cause.does for cause in causes}
    if "forbid" in does:
        return Outcome.DENIED
    return Outcome.WAITING if "wait" in does else Outcome.GRANTED


PAIRS = [
    pytest.param(one, other, id=f"{one.reason}+{other.reason}")
    for one, other in combinations(CAUSES, 2)
    if not one.excludes(other) and any(worlds(one, other))
]


def test_every_rule_has_its_cause_and_every_cause_its_rule() -> None:
    assert {c.reason for c in CAUSES} == {r.reason for r in RULES} - EXIT_ONLY


def test_where_nothing_is_wrong_the_door_opens() -> None:
    for world in worlds():
        assert decide(*world.built(), RULES).outcome is Outcome.GRANTED


@pytest.mark.parametrize("cause", CAUSES, ids=lambda cause: cause.reason)
def test_each_rule_speaks_alone_and_does_what_it_is_said_to_do(cause: Cause) -> None:
    met = list(worlds(cause))
    assert met

    for world in met:
        decision = decide(*world.built(), RULES)
        told = {(f.reason, f.verdict) for f in decision.findings}
        assert (cause.reason, cause.does) in told
        assert decision.outcome is by_law(cause)


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_two_rules_together_do_what_the_laws_say(one: Cause, other: Cause) -> None:
    for world in worlds(one, other):
        decision = decide(*world.built(), RULES)
        told = {(f.reason, f.verdict) for f in decision.findings}

        outcome = by_law(one, other)
        assert decision.outcome is outcome
        for cause in (one, other):
            # Nobody who is refused is told what would still have been asked of them.
            silent = cause.does == "wait" and outcome is Outcome.DENIED
            assert ((cause.reason, cause.does) in told) is not silent


@pytest.mark.parametrize(("one", "other"), PAIRS)
def test_two_rules_together_never_keep_anybody_in(one: Cause, other: Cause) -> None:
    for world in worlds(one, other):
        world.asks["side"] = Side.EXIT
        decision = decide(*world.built(), RULES)

        assert decision.outcome is Outcome.GRANTED
        for cause in (one, other):
            assert (cause.reason in decision.alarms) is cause.on_exit


def test_no_pair_is_left_out_but_those_that_exclude_each_other() -> None:
    """Two rules that never meet are of one aspect, of levels, or of staff and visitors;
    every rule that refuses meets most of the others."""
    met = {frozenset(p.values) for p in PAIRS}
    for one, other in combinations(CAUSES, 2):
        if frozenset({one, other}) not in met:
            apart = not (one.levels & other.levels) or not (
                (one.staff and other.staff) or (one.visitors and other.visitors)
            )
            assert apart or one.excludes(other)

    assert len(PAIRS) > 1000
