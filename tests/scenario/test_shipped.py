"""Every shipped story holds, and together they show every clause both ways."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path

import pytest

from domain.policy import Outcome
from simulators.scenario import load_story
from simulators.simulate import Run, play
from simulators.story import StepResult, Story, shortfalls

SHIPPED = sorted(Path("simulators/scenarios").glob("*.toml"))

# The clauses that the rules of a door and the visitor desk put into force.
CLAUSES = (
    "G5.3.1-1",
    "G5.3.2-1",
    "G6.1.2-3",
    "G2.4",
    "G5.1.1-3",
    "G5.1.1-4",
    "G5.1.2-1",
    "G5.1.2-2",
    "G5.1.3-3",
    "G5.1.3-4",
    "G4.2.1",
    "G4.2.2",
    "G4.2.3",
    "G5.3.3-1",
    "G7.2.1-3",
    "G5.3.2-2a",
    "G5.3.2-2b",
    "G5.4.3-1",
    "G5.5.3-1",
    "G5.5.3-2",
    "G7.3.2",
)


@cache
def played(path: Path) -> tuple[Story, Sequence[StepResult]]:
    story, site = load_story(path)
    return story, play(story, site, Run())


@pytest.mark.parametrize("path", SHIPPED, ids=lambda p: p.stem)
def test_everything_comes_as_the_story_expects(path: Path) -> None:
    story, results = played(path)

    fell_short = [
        f"{path}:{step.line}: step {step.number}: {shortfall}"
        for step, result in zip(story.steps, results, strict=True)
        for shortfall in shortfalls(step.expect, result)
    ]

    assert fell_short == []


@pytest.mark.parametrize("clause", CLAUSES)
def test_each_clause_is_shown_granting_and_refusing(clause: str) -> None:
    granted = refused = False
    for path in SHIPPED:
        story, results = played(path)
        if clause not in story.title:
            continue
        granted |= any(r.outcome is Outcome.GRANTED for r in results)
        refused |= any(
            r.outcome in (Outcome.DENIED, Outcome.WAITING) and clause in r.clauses
            for r in results
        )

    assert (granted, refused) == (True, True)
