"""Codes that reports and alarms depend on, and whole decisions, change knowingly."""

from pathlib import Path
from typing import Final

from domain.attempt import PAIR_TIMED_OUT, TIMED_OUT
from domain.escort import ESCORT_TIMED_OUT
from domain.policy import FREE_EXIT, NO_PERMIT
from domain.policy.rules import RULES
from tests.unit.domain import golden_decisions
from tests.unit.domain.test_policy import CASES

_TIMED_OUT: Final = (TIMED_OUT, PAIR_TIMED_OUT, ESCORT_TIMED_OUT)
REASONS: Final = Path(__file__).parents[2] / "golden/reasons.txt"


def test_no_reason_changes_its_code_clauses_or_effect_unnoticed() -> None:
    """If this fails and is meant: put the line right by hand."""
    lines = [f"{r.reason} {r.verdict} {' '.join(r.clauses)}".strip() for r in RULES]
    lines += [
        f"{f.reason} {f.verdict} {' '.join(f.clauses)}".strip()
        for f in (NO_PERMIT, FREE_EXIT)
    ]
    lines += [f"{reason} forbid" for reason in _TIMED_OUT]

    assert sorted(lines) == REASONS.read_text("utf-8").splitlines()


def test_a_reason_belongs_to_one_rule() -> None:
    codes = [rule.reason for rule in RULES]

    assert sorted(codes) == sorted(set(codes))


def test_every_case_is_decided_as_it_was() -> None:
    """If this fails and is meant: see `golden_decisions`."""
    assert golden_decisions.written() == golden_decisions.FILE.read_text("utf-8")


def test_every_case_has_its_own_name() -> None:
    names = [(case.told, case.level) for case in CASES]

    assert len(names) == len(set(names))
