"""A door decides by the last good roster, and by no other."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from domain.access_events import AccessDenied, AccessGranted
from domain.agent_events import RosterApplied, RosterRefused
from domain.people import PersonState
from domain.zones import WhenExpired, ZoneLevel
from tests.builders import LI, WANG, ZHAO, person
from tests.unit.edge_agent.entrance import World, play
from wire import topics


def reasons(world: World) -> list[str]:
    return [f.reason for f in world.last(AccessDenied).findings]


def test_a_newer_roster_withdraws_at_once_and_its_event_is_the_receipt(
    tmp_path: Path,
) -> None:
    async def story(world: World) -> None:
        left = replace(person(LI), state=PersonState.LEFT)
        await world.issue((left, person(WANG)), number=2)
        assert world.last(RosterApplied).number == 2
        await world.badge()
        assert "person.left" in reasons(world)

    play(tmp_path, ZoneLevel.GENERAL, story)


def test_an_older_roster_is_refused_and_changes_nothing(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.issue((person(WANG),), number=5)
        await world.issue((person(LI), person(WANG)), number=4)
        assert world.of(RosterRefused)
        assert "roster.rejected" in world.alarms
        await world.badge(LI)
        assert "credential.unknown" in reasons(world)

    play(tmp_path, ZoneLevel.GENERAL, story)


def test_a_damaged_roster_says_what_is_wrong_and_changes_nothing(
    tmp_path: Path,
) -> None:
    async def story(world: World) -> None:
        topic = topics.roster(world.site.id, world.door, topics.MANIFEST)
        await world.office_link.publish(topic, b"MSB1 cut off", retain=True)
        await world.calm()
        assert "damaged" in world.last(RosterRefused).reason
        await world.badge()
        assert world.of(AccessGranted)

    play(tmp_path, ZoneLevel.GENERAL, story)


def test_the_stored_roster_is_used_without_a_network(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.cut_power()
        world.broker.kill()
        await world.start()
        await world.badge()
        assert world.last(AccessGranted).roster == 1

    play(tmp_path, ZoneLevel.GENERAL, story)


def test_a_stored_roster_that_was_touched_is_refused(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.cut_power()
        world.broker.kill()
        path = tmp_path / world.door / "roster.sealed"
        sealed = bytearray(path.read_bytes())
        sealed[-1] ^= 1
        path.write_bytes(sealed)
        await world.start()
        assert "stored roster is damaged" in world.last(RosterRefused).reason
        await world.badge()
        assert {"credential.unknown", "roster.expired"} <= set(reasons(world))

    play(tmp_path, ZoneLevel.GENERAL, story)


def test_a_lost_roster_file_does_not_let_an_older_roster_in(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.issue((person(WANG),), number=7)
        await world.cut_power()
        (tmp_path / world.door / "roster.sealed").unlink()
        await world.issue((person(LI),), number=6, wait=False)
        world.forget()
        await world.start()
        assert "older than 7" in world.last(RosterRefused).reason
        assert world.of(RosterApplied) == []

    play(tmp_path, ZoneLevel.GENERAL, story)


def test_nobody_reads_names_or_templates_off_the_disk(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        sealed = (tmp_path / world.door / "roster.sealed").read_bytes()
        assert LI.encode() not in sealed
        mode = (tmp_path / world.door / "roster.sealed").stat().st_mode
        assert mode & 0o077 == 0

    play(tmp_path, ZoneLevel.GENERAL, story)


def test_the_end_of_a_roster_is_told_a_day_ahead_and_when_it_comes(
    tmp_path: Path,
) -> None:
    async def story(world: World) -> None:
        await world.issue((person(ZHAO),), number=2, valid_for=timedelta(hours=26))
        await asyncio.sleep(2 * 3600 - 1)
        assert world.alarms == []
        await asyncio.sleep(1)
        assert world.alarms == ["roster.ending"]
        await asyncio.sleep(24 * 3600)
        assert world.alarms == ["roster.ending", "roster.expired"]
        await world.badge(ZHAO)
        assert "roster.expired" in reasons(world)

    play(tmp_path, ZoneLevel.GENERAL, story)


def test_a_lesser_zone_may_go_on_by_an_ended_roster(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.issue((person(LI),), number=2, valid_for=timedelta(minutes=1))
        await asyncio.sleep(60)
        await world.badge()
        assert world.of(AccessGranted)
        assert "roster.outdated" in world.alarms

    play(tmp_path, ZoneLevel.GENERAL, story, roster_expired=WhenExpired.ADMIT)
