"""A day made up as it goes is the same for the same chance, and full of people."""

from collections import Counter
from itertools import islice
from pathlib import Path
from random import Random

from config.load import load_site
from domain.ids import PersonId
from domain.policy import Side
from simulators.day import day
from simulators.story import Step

SITE = load_site(Path("config/sites/example.toml"))


def steps(seed: int, count: int = 400) -> list[Step]:
    return list(islice(day(SITE, Random(seed)), count))  # noqa: S311  no secrets


def test_the_same_chance_makes_the_same_day() -> None:
    assert steps(1) == steps(1)
    assert steps(1) != steps(2)


def test_every_door_sees_people_come_and_go() -> None:
    seen = Counter((s.door, s.side) for s in steps(7, 1500) if s.shown)

    assert all(seen[door, side] for door in SITE.doors for side in Side)


def test_nobody_leaves_where_they_did_not_enter() -> None:
    came_in: dict[str, set[str]] = {}
    for step in steps(3):
        if step.person is None or step.door is None or not step.shown:
            continue
        doors = came_in.setdefault(step.person, set())
        if step.side is Side.ENTRY:
            doors.add(step.door)
        assert step.door in doors


def test_who_is_busy_elsewhere_does_not_wander() -> None:
    busy = frozenset({PersonId("E1006"), PersonId("E1013")})
    random = Random(7)  # noqa: S311  no secrets
    walking = islice(day(SITE, random, busy=busy), 1500)

    assert {s.person for s in walking} & busy == set()


def test_nothing_goes_wrong_in_the_first_three_minutes() -> None:
    for seed in range(20):
        elapsed = 0.0
        for step in steps(seed):
            assert step.after is not None
            assert step.door is not None
            elapsed += step.after.total_seconds()
            if elapsed >= 180:
                break
            assert step.deed is None
            assert step.person in SITE.people
            assert not SITE.zone_of(step.door).two_person


def test_nobody_leaves_before_they_can_have_come_in() -> None:
    came_in: dict[str, float] = {}
    elapsed = 0.0
    for step in steps(7, 1500):
        assert step.after is not None
        elapsed += step.after.total_seconds()
        if step.person is not None and step.side is Side.ENTRY:
            came_in[step.person] = elapsed
        elif step.person is not None:
            assert elapsed - came_in[step.person] >= 15
