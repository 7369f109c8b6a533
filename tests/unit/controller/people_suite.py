"""What the list and the page of people promise, on whatever database."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Final

import pytest
from sqlalchemy import Connection

from config.schema import PersonSpec
from controller.services.people_desk import PeopleDesk
from controller.store import register
from controller.store.register import Wanted
from domain.access_events import PersonEntered
from domain.ids import PersonId
from domain.operators import OperatorRole
from domain.people import PersonState
from domain.policy import Outcome
from simulators.clock import VirtualClock, run_virtual
from tests.offices import (
    ADA,
    BO,
    CANTEEN,
    COOK,
    LAB,
    LAB_ZONE,
    NINE,
    OFFICE,
    OFFICE_ZONE,
    World,
    grant,
    office,
    person,
)
from tests.operators import operator

REVIEWER: Final = operator(OperatorRole.REVIEWER, LAB_ZONE)
OWNER: Final = operator(OperatorRole.ZONE_OWNER, LAB_ZONE)


def called(spec: PersonSpec, name: str, name_en: str) -> PersonSpec:
    return replace(spec, name=name, name_en=name_en)


LAPSED: Final = date(2026, 3, 1)
ODD: Final = PersonId("e10_9")
STAFF: Final = (
    called(person(ADA, grant(LAB_ZONE)), "王强", "Wang Qiang"),
    called(person(BO, post="purchasing_manager"), "李思齐", "Li Si Qi"),
    replace(
        called(person(COOK, post="cook"), "Ola 100%", "Anna Smith"),
        training_until=LAPSED,
    ),
    called(person(ODD, grant(OFFICE_ZONE)), "王_小明", "Wang Xiao Ming"),
)


async def read(world: World, work: Callable[[Connection], object]) -> object:
    return await world.controller.operators.sessions.office.database.read(work)


async def found(world: World, wanted: Wanted, limit: int = 50) -> list[PersonId]:
    people = await read(world, lambda c: register.search(c, wanted, limit=limit))
    counted = await read(world, lambda c: register.count(c, wanted))
    assert isinstance(people, list)
    if limit == 50 and not (wanted.after or wanted.before):
        assert counted == len(people)
    return [each.id for each in people]


class PeopleSuite:
    @pytest.fixture
    def database(self) -> str:
        raise NotImplementedError  # a subclass says which

    def test_a_search_finds_whom_it_describes_and_nobody_else(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, people=STAFF) as world:
                await world.controller.suspend(BO, by="x")
                cases = {
                    Wanted(): {ADA, BO, COOK, ODD},
                    Wanted(text="王"): {ADA, ODD},
                    Wanted(text="anna"): {COOK},
                    Wanted(text="ANNA S"): {COOK},
                    Wanted(text="oLA"): {COOK},
                    Wanted(text="e100"): {ADA, BO, COOK},
                    Wanted(text="E10_"): {ODD},
                    Wanted(text="wq"): {ADA},
                    Wanted(text="lsq"): {BO},
                    Wanted(text="%"): {COOK},
                    Wanted(text="_"): {ODD},
                    Wanted(text="\\"): set(),
                    Wanted(text="'; --"): set(),
                    Wanted(post="cook"): {COOK},
                    Wanted(state=PersonState.SUSPENDED): {BO},
                    Wanted(state=PersonState.LEFT): set(),
                    Wanted(ends_by=LAPSED): {COOK},
                    Wanted(ends_by=LAPSED - timedelta(days=1)): set(),
                    Wanted(zones=frozenset({LAB_ZONE})): {ADA},
                    Wanted(zones=frozenset()): set(),
                    Wanted(text="王", zones=frozenset({OFFICE_ZONE})): {ODD},
                }
                told = {wanted: set(await found(world, wanted)) for wanted in cases}
                posts = await read(world, register.posts)

                assert told == cases
                assert posts == ("cook", "purchasing_manager", "rd_engineer")

        run_virtual(story, starts=NINE)

    def test_pages_forth_and_back_are_the_list_in_parts(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, people=STAFF) as world:
                whole = await found(world, Wanted())
                parts = [
                    await found(world, Wanted(after=after), limit=2)
                    for after in ("", whole[1])
                ]
                beyond = await found(world, Wanted(after=whole[-1]), limit=2)
                back = await found(world, Wanted(before=whole[2]), limit=2)
                one = await found(world, Wanted(before=whole[3]), limit=1)

                assert parts == [whole[:2], whole[2:]]
                assert beyond == []
                assert back == whole[:2]
                assert one == [whole[2]]

        run_virtual(story, starts=NINE)

    def test_the_doors_open_now_are_those_of_which_why_says_so(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, people=STAFF) as world:
                desk = PeopleDesk(world.controller.operators.sessions.office)
                first = (await desk.one(ADA, REVIEWER)).doors
                own = (await desk.one(ADA, OWNER)).doors
                await world.doors[LAB].say(
                    PersonEntered(
                        door=LAB,
                        at=clock.now(),
                        zone=LAB_ZONE,
                        person=ADA,
                        declaration=None,
                    )
                )
                await world.controller.suspend(BO, by="x")
                await world.settle()
                granted = Outcome.GRANTED
                assert first == {LAB: granted, CANTEEN: granted}
                assert own == {LAB: granted}
                for who in (ADA, BO, COOK, ODD):
                    told = (await desk.one(who, REVIEWER)).doors
                    for door in (LAB, OFFICE, CANTEEN):
                        why = await world.controller.why(who, door, clock.now())
                        outcome = why.decision.outcome
                        assert told.get(door, Outcome.DENIED) is outcome, (who, door)

        run_virtual(story, starts=NINE)
