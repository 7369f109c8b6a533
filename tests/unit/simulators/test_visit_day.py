"""The demo's visits, played on the virtual clock: they go as they are meant to."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import takewhile
from pathlib import Path

import pytest

from config.load import load_site
from domain.policy import Outcome, Side
from simulators.simulate import Run, play
from simulators.story import Deed, StepResult, Story
from simulators.visit_day import ARCHIVE, ASSEMBLY, GRINDING, fits, visits_day

SITE = load_site(Path("config/sites/example.toml"))
STARTS = datetime(2026, 11, 23, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def first_round() -> Sequence[StepResult]:
    steps = tuple(
        takewhile(lambda s: _round_of(s.desk) in (None, "1"), visits_day(SITE, STARTS))
    )
    # Nobody presents anything between the last deed of a round and the next.
    story = Story(
        path=Path("demo"),
        title="visits",
        site=Path("config/sites/example.toml"),
        starts=STARTS,
        people=SITE.people,
        steps=steps,
    )
    doors = {d: SITE.doors[d] for d in (GRINDING, ARCHIVE, ASSEMBLY)}
    small = replace(SITE, doors=doors)
    return play(story, small, Run(tail=timedelta(seconds=5)))


def _round_of(desk: object) -> str | None:
    visit = getattr(desk, "visit", None)
    return None if visit is None else str(visit.id)[1]


def test_the_example_site_has_all_that_the_day_needs() -> None:
    assert fits(SITE)
    assert not fits(replace(SITE, people={}))


def test_everything_at_the_desk_is_done(first_round: Sequence[StepResult]) -> None:
    assert [r for r in first_round if r.outcome is not Outcome.GRANTED] == []


def test_visitors_go_in_with_an_escort_and_come_out(
    first_round: Sequence[StepResult],
) -> None:
    steps = takewhile(
        lambda s: _round_of(s.desk) in (None, "1"), visits_day(SITE, STARTS)
    )
    entries = [
        result
        for step, result in zip(steps, first_round, strict=True)
        if step.shown and step.side is Side.ENTRY
    ]

    assert len(entries) == 5
    assert all(len(result.people) >= 2 for result in entries)
    assert max(len(result.people) for result in entries) == 5  # the tour


def test_the_guard_hears_of_who_stays_and_of_who_is_left_alone(
    first_round: Sequence[StepResult],
) -> None:
    alarms = {code for result in first_round for code in result.alarms}

    assert "visit.overdue" in alarms
    assert any(code.startswith("visit.") and code != "visit.overdue" for code in alarms)


def test_the_walk_in_is_asked_for_and_refused() -> None:
    first = takewhile(
        lambda s: _round_of(s.desk) in (None, "1"), visits_day(SITE, STARTS)
    )
    deeds = [s.deed for s in first if s.desk is not None and s.desk.visit.id == "D12"]

    assert deeds == [Deed.REQUEST_VISIT, Deed.REFUSE_VISIT]
