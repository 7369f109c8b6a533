"""Decisions a second, against Cedar and Casbin, all three agreeing on each."""

import time
from random import Random
from typing import Final

import cedarpy
import pytest

from domain.policy import Decision, Outcome, Verdict, decide
from domain.policy.rules import RULES
from tests.bench import casbin_book, cedar_book
from tests.bench.company import Case, cases, company
from tests.bench.conftest import Tell
from tests.bench.table import Row
from tests.bench.timing import best_of, percentile

pytestmark = pytest.mark.bench

_CASES: Final = 2000
_TARGET: Final = 20.0


def _decide_all(asked: tuple[Case, ...]) -> list[Decision]:
    return [decide(case.request, case.facts, RULES) for case in asked]


def _nanoseconds_each(asked: tuple[Case, ...]) -> list[int]:
    clock, taken = time.perf_counter_ns, []
    for case in asked:
        begun = clock()
        decide(case.request, case.facts, RULES)
        taken.append(clock() - begun)
    return taken


def test_decisions_are_twenty_times_as_fast_as_the_faster_engine(tell: Tell) -> None:
    random = Random(20261123)  # noqa: S311  a made-up company, the same each time
    firm = company(random)
    asked = cases(firm, _CASES, random)

    entities = cedar_book.entities(firm)
    rules = cedar_book.policies(explain=True)
    bare_rules = cedar_book.policies(explain=False)
    cedar_requests = [cedar_book.request(case) for case in asked]
    enforcer = casbin_book.enforcer(firm)
    requests = casbin_book.Requests(firm)
    casbin_requests = [requests.of(case) for case in asked]

    # All three agree on every outcome, and Cedar on every reason of a refusal.
    ours = _decide_all(asked)
    cedars = cedarpy.is_authorized_batch(cedar_requests, rules, entities)
    bare = cedarpy.is_authorized_batch(cedar_requests, bare_rules, entities)
    casbins = [enforcer.enforce(*arguments) for arguments in casbin_requests]
    granted = [d.outcome is Outcome.GRANTED for d in ours]
    assert sum(granted) == _CASES // 2
    assert [r.allowed for r in cedars] == granted
    assert [r.allowed for r in bare] == granted
    assert casbins == granted
    for decision, result in zip(ours, cedars, strict=True):
        forbidding = {
            f.reason for f in decision.findings if f.verdict is Verdict.FORBID
        } & cedar_book.FORBIDDING
        if decision.outcome is Outcome.DENIED and forbidding:
            assert forbidding <= cedar_book.reasons(result)
            assert cedar_book.reasons(result) - forbidding <= cedar_book.WAITING

    seconds = best_of(
        {
            "ours": lambda: _decide_all(asked),
            "cedar one by one": lambda: [
                cedarpy.is_authorized(r, rules, entities) for r in cedar_requests
            ],
            "cedar in batches": lambda: cedarpy.is_authorized_batch(
                cedar_requests, rules, entities
            ),
            "cedar, bare": lambda: cedarpy.is_authorized_batch(
                cedar_requests, bare_rules, entities
            ),
            "casbin": lambda: [enforcer.enforce(*a) for a in casbin_requests],
        }
    )
    rate = {name: _CASES / taken for name, taken in seconds.items()}
    cedar = max(rate["cedar one by one"], rate["cedar in batches"])
    faster = max(cedar, rate["casbin"])
    p99 = percentile(_nanoseconds_each(asked), 99) / 1000
    ratio = rate["ours"] / faster

    tell(
        Row(
            what="`decide()`, 10,000 people, 50 zones",
            against="the faster of `cedarpy` and `pycasbin`, same rules and requests",
            measured=(
                f"{rate['ours']:,.0f}/s (p99 {p99:.1f} µs); "
                f"cedarpy {cedar:,.0f}/s, pycasbin {rate['casbin']:,.0f}/s"
            ),
            ratio=f"{ratio:.1f}×",
            target=f"≥ {_TARGET:.0f}×",
            ok=ratio >= _TARGET,
            method=(
                f"{_CASES:,} requests, half of them grants; all three agree on every "
                "outcome, cedarpy also on every reason of a refusal. cedarpy: policies "
                "and entities parsed once, contexts as ready JSON, no schema, the "
                "faster of single calls and batches. pycasbin: `FastEnforcer` keyed by "
                "person and zone. Ours returns every reason with its clauses. "
                "Best of five rounds in turn."
            ),
        )
    )
    bare_ratio = rate["ours"] / rate["cedar, bare"]
    tell(
        Row(
            what="the same",
            against="`cedarpy` without the rules that only say why nothing permits",
            measured=f"cedarpy {rate['cedar, bare']:,.0f}/s",
            ratio=f"{bare_ratio:.1f}×",
            target="",
            ok=None,
            method="Fewer rules for Cedar, the same outcomes, fewer reasons.",
        )
    )
