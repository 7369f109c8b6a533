"""The whole decision of every case, as `tests/golden/decisions/cases.txt` pins it.

One block a case: its name, the outcome with what is awaited, then each finding with
what it does and its clauses, in the order in which people read them. After a change
that is meant: `python -m tests.unit.domain.golden_decisions`, and read the difference.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from domain.policy import Decision
from tests.unit.domain.test_policy import CASES, Case

FILE: Final = Path(__file__).parents[2] / "golden/decisions/cases.txt"


def written() -> str:
    blocks = (line for case in CASES for line in _block(case))
    return "\n".join(blocks).rstrip() + "\n"


def _block(case: Case) -> Iterator[str]:
    yield f"# {case.told} ({case.level})"
    yield from _lines(case.decision())
    yield ""


def _lines(decision: Decision) -> Iterator[str]:
    awaited = ", ".join(decision.waiting_for)
    yield f"{decision.outcome}: {awaited}" if awaited else str(decision.outcome)
    for finding in decision.findings:
        clauses = " ".join(finding.clauses)
        yield f"  {finding.verdict:<7}{finding.reason:<28}{clauses}".rstrip()


if __name__ == "__main__":
    FILE.write_text(written(), "utf-8")
