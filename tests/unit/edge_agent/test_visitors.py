"""Visitors at a real agent's door: roster in, badges and factors, records out."""

import asyncio
from collections.abc import Iterable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from domain.access_events import (
    AccessDenied,
    AccessGranted,
    AccessWaiting,
    PersonEntered,
    VisitorHandedOver,
)
from domain.alarm_events import AlarmCleared
from domain.ids import PersonId
from domain.policy import Awaited
from domain.visit_classes import PersonClass
from domain.visits import Visit
from domain.zones import DwellLimit, ZoneLevel
from tests.builders import LI, ZHAO, person
from tests.unit.edge_agent.entrance import World, play
from tests.visits import GUEST, OTHER_GUEST, guest, right, visit, visitor

IMPORTANT = ZoneLevel.IMPORTANT
STAFF = (person(LI), person(ZHAO))


async def expect(
    world: World, *who: PersonId, of: Visit | None = None, number: int = 2
) -> None:
    """Visitors come: the door is told of them."""
    plain = of if of is not None else visit()
    whole = replace(plain, visitors=tuple(map(visitor, who)))
    await world.issue(
        (*STAFF, *map(guest, who)),
        rights=[right(whole, each) for each in who],
        number=number,
    )


def people(granted: Iterable[AccessGranted]) -> list[tuple[PersonId, ...]]:
    return [each.people for each in granted]


def test_escort_and_visitors_go_in_by_one_opening(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await expect(world, GUEST, OTHER_GUEST)
        await world.badge(GUEST)
        assert world.last(AccessWaiting).waiting_for == (Awaited.ESCORT,)
        assert not world.here.lock.released
        await asyncio.sleep(4)
        await world.badge(OTHER_GUEST)
        await asyncio.sleep(4)
        await world.badge(LI)
        assert world.here.lock.released
        await world.pass_door()

        assert people(world.of(AccessGranted)) == [(LI, GUEST, OTHER_GUEST)]
        entered = [e.person for e in world.of(PersonEntered)]
        assert entered == [LI, GUEST, OTHER_GUEST]

    play(tmp_path, IMPORTANT, story)


def test_the_wait_ends_by_itself(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await expect(world, GUEST)
        await world.badge(GUEST)
        await asyncio.sleep(9.9)
        assert world.of(AccessDenied) == []
        await asyncio.sleep(0.2)
        assert world.last(AccessDenied).timed_out

    play(tmp_path, IMPORTANT, story)


def test_a_handing_over_outlives_a_power_cut_until_the_office_names_anew(
    tmp_path: Path,
) -> None:
    async def story(world: World) -> None:
        await expect(world, GUEST)
        await world.badge(GUEST)
        await world.badge(LI)
        await world.badge(ZHAO)
        assert world.last(VisitorHandedOver).new == ZHAO
        await asyncio.sleep(30)

        await world.cut_power()
        await world.start()
        world.forget()
        await world.badge(GUEST)
        await world.badge(LI)
        await asyncio.sleep(11)
        assert [GUEST in each.people for each in world.of(AccessGranted)] == [False]

        again = replace(visit(), escorts_since=world.clock.now())
        await expect(world, GUEST, of=again, number=3)
        world.forget()
        await world.badge(GUEST)
        await world.badge(LI)
        assert people(world.of(AccessGranted)) == [(LI, GUEST)]

    play(tmp_path, IMPORTANT, story, anti_passback=False)


def test_a_visitor_off_the_route_is_refused_and_the_guard_told(
    tmp_path: Path,
) -> None:
    async def story(world: World) -> None:
        await expect(world, GUEST)
        await world.badge(GUEST)
        reasons = [f.reason for f in world.last(AccessDenied).findings]
        assert "visit.off_route" in reasons
        assert world.alarms == ["visit.off_route"]

    play(tmp_path, ZoneLevel.GENERAL, story)


def test_a_full_zone_takes_nobody_until_somebody_leaves(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await world.badge(LI)
        await world.pass_door()
        await world.badge(ZHAO)
        assert "zone.full" in [f.reason for f in world.last(AccessDenied).findings]
        await world.badge(LI, out=True)
        await world.pass_door()
        await world.badge(ZHAO)
        assert world.last(AccessGranted).people == (ZHAO,)

    play(tmp_path, IMPORTANT, story, people=STAFF, capacity=1)


async def bring_in(world: World) -> None:
    await expect(world, GUEST)
    await world.badge(GUEST)
    await world.badge(LI)
    await world.pass_door()
    world.forget()


def test_a_visitor_whose_escort_leaves_is_told_and_goes_free(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await bring_in(world)
        await world.badge(LI, out=True)
        await world.pass_door()
        assert world.alarms == ["visit.escort_left"]
        await asyncio.sleep(61)
        assert world.alarms == ["visit.escort_left", "visit.alone"]

        await world.badge(GUEST, out=True)
        assert world.here.lock.released
        await world.pass_door()
        assert [e.code for e in world.of(AlarmCleared)] == [
            "visit.escort_left",
            "visit.alone",
        ]

    play(tmp_path, IMPORTANT, story)


def test_a_visitor_left_alone_before_a_power_cut_is_found_after_it(
    tmp_path: Path,
) -> None:
    async def story(world: World) -> None:
        await bring_in(world)
        await world.badge(LI, out=True)
        await world.pass_door()
        await world.cut_power()
        world.forget()
        await world.start()
        await asyncio.sleep(61)

        assert "visit.alone" in world.alarms

    play(tmp_path, IMPORTANT, story)


def test_somebody_who_stays_too_long_is_told(tmp_path: Path) -> None:
    limit = DwellLimit(PersonClass.STAFF, timedelta(hours=1))

    async def story(world: World) -> None:
        await world.badge(LI)
        await world.pass_door()
        await asyncio.sleep(3590)
        assert world.alarms == []
        await asyncio.sleep(20)
        assert world.alarms == ["zone.dwell"]

    play(tmp_path, IMPORTANT, story, people=STAFF, dwell=(limit,))


def test_a_visitor_let_in_who_does_not_pass_is_told(tmp_path: Path) -> None:
    async def story(world: World) -> None:
        await expect(world, GUEST)
        await world.badge(GUEST)
        await world.badge(LI)
        await asyncio.sleep(6)

        assert world.alarms == ["door.not_opened", "visit.did_not_pass"]

    play(tmp_path, IMPORTANT, story)
