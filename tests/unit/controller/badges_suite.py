"""What badges promise, on whatever database."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

import pytest

from controller.services.badges import BadgeProblem, midnight_after
from domain.credentials import Credential, Factor
from domain.ids import PersonId
from domain.office_events import BadgeWithdrawn, DayBadgeEnded, DayBadgeIssued
from domain.operators import OperatorRole
from simulators.clock import VirtualClock, run_virtual
from tests.offices import ADA, BO, CANTEEN, LAB_ZONE, NINE, World, office
from tests.offices import person as spec_of
from tests.operators import operator

GUARD: Final = operator(OperatorRole.GUARD, LAB_ZONE)
ADMIN: Final = operator(OperatorRole.ADMINISTRATOR, LAB_ZONE)
PEOPLE: Final = (spec_of(ADA), spec_of(BO))
A, B, C = "0a0b0c0d01", "0a0b0c0d02", "0a0b0c0d03"
P: Final = BadgeProblem


def held(world: World, person: PersonId) -> dict[str, Credential]:
    """The person's badges, as the canteen's door holds them."""
    roster = world.doors[CANTEEN].rosters[-1]
    entry = roster.entry_of(person)
    assert entry is not None
    return {c.id: c for c in entry.credentials if c.factor is Factor.BADGE}


def admits(world: World, person: PersonId, at: datetime) -> list[str]:
    return [id_ for id_, badge in held(world, person).items() if badge.admits(at)]


class BadgesSuite:
    @pytest.fixture
    def database(self) -> str:
        raise NotImplementedError  # a subclass says which

    def test_a_day_badge_stands_in_until_midnight_and_then_their_own(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, people=PEOPLE) as world:
                badges = world.controller.badges
                done = await badges.issue_day(GUARD, ADA, "id_card", A)
                await world.settle()
                midnight = midnight_after(clock.now(), world.site.tz)
                last = midnight - timedelta(microseconds=1)

                assert not isinstance(done, BadgeProblem)
                assert admits(world, ADA, clock.now()) == ["E1001.day"]
                assert admits(world, ADA, last) == ["E1001.day"]
                assert admits(world, ADA, midnight) == ["E1001.badge"]
                assert admits(world, BO, clock.now()) == ["E1002.badge"]
                told = [e for e in world.events() if isinstance(e, DayBadgeIssued)]
                assert [e.until for e in told] == [midnight]
                assert A not in str(told)
                receipts = await badges.receipts(done)
                assert all(each.confirmed_at for each in receipts)

        run_virtual(story, starts=NINE)

    def test_given_back_it_ends_and_their_own_admits_again(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, people=PEOPLE) as world:
                badges = world.controller.badges
                none = await badges.end_day(GUARD, ADA)
                await badges.issue_day(GUARD, ADA, "id_card", A)
                await badges.end_day(GUARD, ADA)
                await world.settle()
                again = await badges.issue_day(GUARD, ADA, "id_card", A)
                other = await badges.issue_day(GUARD, BO, "passport", A)

                assert none is P.NO_BADGE
                assert held(world, ADA) == {
                    id_: badge
                    for id_, badge in held(world, ADA).items()
                    if id_ == "E1001.badge" and badge.since is None
                }
                assert len(world.events(DayBadgeEnded)) == 1
                assert again is P.ONCE_A_DAY
                assert not isinstance(other, BadgeProblem)

        run_virtual(story, starts=NINE)

    def test_what_can_not_be_given_is_not(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, people=PEOPLE) as world:
                badges = world.controller.badges
                ada = replace(GUARD, person=ADA)
                await badges.assign(ADMIN, BO, B)
                await world.controller.suspend(BO, by="test")
                refused = [
                    await badges.issue_day(GUARD, PersonId("E0"), "id_card", A),
                    await badges.issue_day(GUARD, PersonId("V1"), "id_card", A),
                    await badges.issue_day(GUARD, BO, "id_card", A),
                    await badges.issue_day(ada, ADA, "id_card", A),
                    await badges.issue_day(GUARD, ADA, "library_card", A),
                    await badges.issue_day(GUARD, ADA, "id_card", "xyz"),
                    await badges.issue_day(GUARD, ADA, "id_card", "01"),
                    await badges.issue_day(GUARD, ADA, "id_card", B),
                    await badges.withdraw(ADMIN, ADA, " "),
                    await badges.withdraw(ada, ADA, "lost"),
                    await badges.assign(ada, ADA, A),
                ]
                await world.settle()

                assert refused == [
                    P.NO_PERSON,
                    P.NO_PERSON,
                    P.NOT_ACTIVE,
                    P.CONCERNS_SELF,
                    P.NO_DOCUMENT,
                    P.NO_NUMBER,
                    P.NO_NUMBER,
                    P.TAKEN,
                    P.NO_REASON,
                    P.CONCERNS_SELF,
                    P.CONCERNS_SELF,
                ]
                assert world.events(DayBadgeIssued) == []
                assert admits(world, ADA, clock.now()) == ["E1001.badge"]

        run_virtual(story, starts=NINE)

    def test_a_lost_badge_is_nobodys_and_a_new_one_ends_the_day_badge(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, people=PEOPLE) as world:
                badges = world.controller.badges
                before = held(world, ADA)["E1001.badge"].data
                await badges.issue_day(GUARD, ADA, "id_card", A)
                own = await badges.end_day(replace(GUARD, person=ADA), ADA)
                assert own is P.CONCERNS_SELF
                await badges.withdraw(ADMIN, ADA, "lost")
                await world.settle()
                meanwhile = list(held(world, ADA))
                again = await badges.withdraw(ADMIN, ADA, "lost")
                await badges.assign(ADMIN, ADA, B)
                await world.settle()
                new = held(world, ADA)

                assert meanwhile == ["E1001.day"]
                assert again is P.NO_BADGE
                assert list(new) == ["E1001.badge"]
                assert new["E1001.badge"].data != before
                assert new["E1001.badge"].admits(clock.now())
                assert len(world.events(BadgeWithdrawn)) == 1

        run_virtual(story, starts=NINE)
