"""The office on a real PostgreSQL: the same suites as on SQLite."""

from collections.abc import Iterator

import pytest

from domain.alarm_events import AlarmRaised
from domain.policy import Reason
from simulators.clock import VirtualClock, run_virtual
from tests.offices import LAB, NINE, office
from tests.postgres import Postgres, running_postgres
from tests.unit.controller.alarms_suite import AlarmsSuite
from tests.unit.controller.badge_pool_suite import BadgePoolSuite
from tests.unit.controller.badges_suite import BadgesSuite
from tests.unit.controller.door_acts_suite import DoorActsSuite
from tests.unit.controller.ingest_suite import IngestSuite, log_of, opened
from tests.unit.controller.people_suite import PeopleSuite
from tests.unit.controller.photos_suite import PhotosSuite
from tests.unit.controller.proposals_suite import ProposalsSuite
from tests.unit.controller.register_suite import RegisterSuite
from tests.unit.controller.review_suite import ReviewSuite
from tests.unit.controller.store_suite import StoreSuite
from tests.unit.controller.tablets_suite import TabletsSuite
from tests.unit.controller.tokens_suite import TokensSuite
from tests.unit.controller.visits_suite import VisitsSuite


@pytest.fixture(scope="module")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as running:
        yield running


class OnPostgres:
    @pytest.fixture
    def database(self, postgres: Postgres) -> str:
        return postgres.new_database()


class TestIngestOnPostgres(OnPostgres, IngestSuite):
    pass


class TestRegisterOnPostgres(OnPostgres, RegisterSuite):
    pass


class TestStoreOnPostgres(OnPostgres, StoreSuite):
    pass


class TestAlarmsOnPostgres(OnPostgres, AlarmsSuite):
    pass


class TestVisitsOnPostgres(OnPostgres, VisitsSuite):
    pass


class TestBadgePoolOnPostgres(OnPostgres, BadgePoolSuite):
    pass


class TestPhotosOnPostgres(OnPostgres, PhotosSuite):
    pass


class TestTabletsOnPostgres(OnPostgres, TabletsSuite):
    pass


class TestReviewOnPostgres(OnPostgres, ReviewSuite):
    pass


class TestPeopleOnPostgres(OnPostgres, PeopleSuite):
    pass


class TestProposalsOnPostgres(OnPostgres, ProposalsSuite):
    pass


class TestBadgesOnPostgres(OnPostgres, BadgesSuite):
    pass


class TestDoorActsOnPostgres(OnPostgres, DoorActsSuite):
    pass


class TestTokensOnPostgres(OnPostgres, TokensSuite):
    pass


def test_what_this_database_refuses_is_put_aside_and_the_door_goes_on(
    postgres: Postgres,
) -> None:
    """A number that fits JSON and SQLite, and no INTEGER here."""
    database = postgres.new_database()

    async def story(clock: VirtualClock) -> None:
        async with office(database, clock) as world:
            lab = world.doors[LAB]
            alarm = AlarmRaised(
                door=LAB,
                at=NINE,
                code=Reason("door.fire"),
                priority=2**40,
                person=None,
                device=None,
                detail="",
                silent=False,
                target=None,
            )
            await lab.say(opened(), alarm, opened(1))
            await lab.say(opened(2))
            await world.settle()

            assert lab.acks[-1].seq == lab.tip.seq
            assert await log_of(database, LAB) == list(range(lab.tip.seq + 1))

    run_virtual(story, starts=NINE)


def test_an_office_outlives_its_database(postgres: Postgres) -> None:
    """Nothing is acknowledged while it is away, everything afterwards."""
    database = postgres.new_database()

    async def story(clock: VirtualClock) -> None:
        async with office(database, clock) as world:
            lab = world.doors[LAB]
            before = len(lab.acks)
            postgres.stop()
            await lab.say(opened(), opened(1))
            await world.settle(120)
            away = len(lab.acks)
            postgres.start()
            await world.settle(120)

            assert away == before
            assert lab.acks[-1].seq == lab.tip.seq
            assert await log_of(database, LAB) == list(range(lab.tip.seq + 1))

    run_virtual(story, starts=NINE)
