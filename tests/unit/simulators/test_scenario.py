"""Scenario files: what they say, and every problem with its line."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from domain.credentials import Factor
from domain.errors import ScenarioInvalid
from domain.ids import PersonId, VisitId
from domain.people import Rank
from domain.policy import Awaited, Outcome, Side
from domain.visit_classes import ReturnItem
from domain.visit_devices import Disposition
from domain.visit_life import VisitState
from simulators.people import Shown
from simulators.scenario import load_story
from simulators.story import Deed, Story

SOUND = """\
title = "Two engineers"
starts = 2026-11-23T08:00:00+08:00

[[people]]
id = "E9001"
name = "周工"
post = "rd_engineer"
agreement_until = 2027-01-01
zones = ["rd_lab"]
devices = "deposited"

[[people]]
id = "E1001"
state = "left"

[[step]]
door = "rd_lab"
person = "E9001"
presents = ["badge", "fingerprint:E1002", "fingerprint:duress", "badge:unknown"]
expect = { outcome = "waiting", waiting_for = ["second_person"], alarms = [] }

[[step]]
after = "5s"
do = "revoke"
person = "E9001"

[[step]]
door = "rd_lab"
side = "exit"
person = "E9001"
presents = ["badge", "badge"]
passes = false
"""


def story(text: str, folder: Path) -> Story:
    path = folder / "story.toml"
    path.write_text(text, encoding="utf-8")
    return load_story(path)[0]


def problems(text: str, folder: Path) -> list[str]:
    with pytest.raises(ScenarioInvalid) as caught:
        story(text, folder)
    return [p.removeprefix(f"{folder}/") for p in caught.value.problems]


def test_a_story_says_who_does_what_when(tmp_path: Path) -> None:
    first, second, third = story(SOUND, tmp_path).steps

    assert first.shown == (
        Shown(Factor.BADGE, "E9001"),
        Shown(Factor.FINGERPRINT, "E1002"),
        Shown(Factor.FINGERPRINT, "E9001", duress=True),
        Shown(Factor.BADGE, "unknown"),
    )
    assert first.expect is not None
    assert first.expect.outcome is Outcome.WAITING
    assert first.expect.waiting_for == (Awaited.SECOND_PERSON,)
    assert first.expect.alarms == ()
    assert first.expect.people is None
    assert (second.deed, second.after) == (Deed.REVOKE, timedelta(seconds=5))
    assert (third.side, third.passes, len(third.shown)) == (Side.EXIT, False, 2)


def test_people_are_laid_over_those_of_the_site(tmp_path: Path) -> None:
    people = story(SOUND, tmp_path).people

    newcomer, known = people[PersonId("E9001")], people[PersonId("E1001")]
    assert [(g.zone, g.rank) for g in newcomer.grants] == [
        ("rd_lab", Rank.GENERAL_MANAGER)
    ]
    assert newcomer.training_until is None
    assert newcomer.devices == "deposited"
    assert known.state == "left"
    assert known.name != "E1001"  # as the site has it
    assert known.training_until is not None


def test_the_beginning_is_an_instant_in_utc(tmp_path: Path) -> None:
    assert story(SOUND, tmp_path).starts == datetime(2026, 11, 23, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("pases = false", "unknown key; did you mean `passes`?"),
        ('after = "5 minutes"', "is not a duration"),
        ('side = "inside"', "`inside` is not known"),
        ('person = "E0000"', "no person `E0000`"),
        ('do = "explode"', "`explode` is not known"),
        ('expect = { outcom = "granted" }', "did you mean `outcome`?"),
        ('expect = { outcome = "open" }', "`open` is not known"),
        ('expect = { waiting_for = ["finger"] }', "did you mean `fingerprint`?"),
    ],
)
def test_every_mistake_is_told_with_its_line(
    line: str, told: str, tmp_path: Path
) -> None:
    text = f'[[step]]\ndoor = "archive"\npresents = ["badge:unknown"]\n{line}\n'

    found = problems(text, tmp_path)

    assert any(p.startswith("story.toml:4:") and told in p for p in found), found


@pytest.mark.parametrize(
    "step",
    [
        'door = "archive"\npresents = ["eye"]',
        'door = "archive"\npresents = ["badge"]',
        'door = "archive"\npresents = []',
        'do = "revok"',
        'do = ""',
        "do = 5",
        'do = "wait"\nside = "inside"',
        'do = "wait"\ndoor = 5',
    ],
)
def test_one_mistake_is_told_once(step: str, tmp_path: Path) -> None:
    found = problems(f"[[step]]\n{step}\n", tmp_path)

    assert len(found) == 1, found


def test_who_writes_a_wrong_key_is_told_of_all_that_are_known(tmp_path: Path) -> None:
    [found] = problems('[[step]]\ndo = "wait"\nxyz = 1\n', tmp_path)

    for key in (
        "after",
        "door",
        "do",
        "expect",
        "passes",
        "person",
        "presents",
        "side",
    ):
        assert key in found


def test_all_mistakes_are_told_at_once(tmp_path: Path) -> None:
    text = """\
colour = "red"
[[step]]
presents = ["badge"]
[[step]]
do = "revoke"
[[step]]
door = "no_such_door"
presents = ["eye", "pin:duress"]
"""

    found = "\n".join(problems(text, tmp_path))

    assert "story.toml:1: colour: unknown key" in found
    assert "story.toml:3:" in found  # `badge` of nobody
    assert "story.toml:5:" in found  # revokes nobody
    assert "story.toml:7:" in found
    assert "`eye` can't be presented" in found


@pytest.mark.parametrize("text", ["", 'title = "nothing happens"'])
def test_a_story_without_steps_is_no_story(text: str, tmp_path: Path) -> None:
    assert any("[[step]]" in p for p in problems(text, tmp_path))


def test_what_is_not_toml_is_told_with_its_line(tmp_path: Path) -> None:
    assert problems("title = \n", tmp_path)[0].startswith("story.toml:1:")


def test_a_missing_file_is_told_by_name(tmp_path: Path) -> None:
    with pytest.raises(ScenarioInvalid, match=r"nowhere\.toml"):
        load_story(tmp_path / "nowhere.toml")


def test_a_missing_site_is_told_with_its_line(tmp_path: Path) -> None:
    assert problems('\nsite = "nowhere.toml"\n', tmp_path)[0].startswith("story.toml:2")


VISITS = """\
starts = 2026-11-23T08:00:00+08:00

[[visits]]
id = "T1"
class = "repair"
visitors = [{ id = "V1", name = "何志远", organisation = "苏测" }, { id = "V2" }]
escorts = ["E1006"]
zones = ["precision_grinding"]
devices = [{ kind = "laptop", type = "T14", make = "联想", serial = "PF-3K" }]
begins = "approved"

[[step]]
do = "check_out"
visit = "T1"
person = "V1"
returned = ["badge"]
out = []

[[step]]
door = "precision_grinding"
person = "V2"
presents = ["badge"]
"""


def test_a_visit_is_read_with_what_is_usual(tmp_path: Path) -> None:
    sound = story(VISITS, tmp_path)
    visit = sound.visits[VisitId("T1")]
    desk = sound.steps[0].desk

    assert [who.name for who in visit.visitors] == ["何志远", "V2"]
    assert visit.requester == "E1006"
    assert visit.approver == "E1010"
    assert visit.until - visit.since == timedelta(hours=8)
    assert visit.since == sound.starts
    assert visit.begins is VisitState.APPROVED
    assert visit.devices[0].disposition is Disposition.SEALED
    assert desk is not None
    assert desk.who == "V1"
    assert desk.out == ()
    assert desk.returned == frozenset({ReturnItem.BADGE})
    assert sound.steps[1].shown == (Shown(Factor.BADGE, "V2"),)


@pytest.mark.parametrize(
    ("wrong", "right", "says"),
    [
        ('visit = "T1"', 'visit = "T9"', "no visit `T9`"),
        ('visit = "T1"\n', "", "`check_out` needs a `visit`"),
        ('person = "V1"', 'person = "E1006"', "`E1006` does not come with visit `T1`"),
        ('do = "check_out"', 'do = "wait"', "only a deed at the desk"),
        ('id = "V2"', 'id = "E9"', "`E9` is no visitor's id"),
        ('"E1006"', '"E9999"', "no person `E9999`"),
        ('begins = "approved"', 'begins = "overdue"', "must be one of requested"),
        ('zones = ["precision_grinding"]', 'zones = ["attic"]', "no zone `attic`"),
        ('do = "check_out"', 'do = "handover"', "needs `to`"),
        ('kind = "laptop"', 'kind = "lapdog"', "`lapdog`"),
    ],
)
def test_a_visit_that_cannot_be_meant_is_told(
    wrong: str, right: str, says: str, tmp_path: Path
) -> None:
    text = VISITS.replace(wrong, right, 1)

    assert any(says in problem for problem in problems(text, tmp_path))
