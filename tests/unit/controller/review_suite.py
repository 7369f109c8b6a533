"""What the office promises of the review of grants, on whatever database (G5.1.2-3)."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import UnionType
from typing import Final

from config.schema import PersonSpec
from controller.services.grant_desk import Asked, GrantDesk
from controller.services.people_desk import PeopleDesk
from controller.services.review import Reviews
from controller.store import reviews as store
from domain import review_events as r
from domain.alarm_events import AlarmCleared, AlarmRaised
from domain.grant_requests import RequestAct
from domain.ids import PersonId
from domain.office_events import GrantRevoked
from domain.operators import Operator, OperatorRole
from domain.people import Rank
from domain.policy import Outcome
from domain.review import ReviewAct, ReviewProblem, ReviewState, RoundId, RoundState
from simulators.clock import VirtualClock, run_virtual
from tests.offices import (
    BO,
    CANTEEN_ZONE,
    LAB,
    LAB_ZONE,
    OFFICE,
    OFFICE_ZONE,
    World,
    grant,
    office,
    person,
)
from tests.operators import operator

H2: Final = RoundId("2026-H2")
# Local midnight of 1 November, 1 January: Shanghai is eight hours ahead.
OPENS: Final = datetime(2026, 10, 31, 16, tzinfo=UTC)
ENDS: Final = datetime(2026, 12, 31, 16, tzinfo=UTC)
SECOND: Final = timedelta(seconds=1)
OWNER: Final = operator(OperatorRole.ZONE_OWNER, LAB_ZONE)
OFFICER: Final = operator(OperatorRole.SECRECY_OFFICER, LAB_ZONE)
STAFF: Final = [f"E20{n:02}" for n in range(10)]


def staff() -> list[PersonSpec]:
    return [person(id_, grant(LAB_ZONE)) for id_ in STAFF]


class Half:
    """The second half of 2026 in front of one office."""

    def __init__(self, world: World, clock: VirtualClock) -> None:
        self.world = world
        self.clock = clock
        self.office = world.controller.operators.sessions.office
        self.reviews = Reviews(self.office)

    async def until(self, at: datetime) -> None:
        await self.world.settle((at - self.clock.now()).total_seconds())

    async def items(self) -> dict[PersonId, store.StoredItem]:
        items = await self.office.database.read(lambda c: store.items(c, H2))
        return {i.person: i for i in items}

    async def states(self) -> dict[PersonId, ReviewState]:
        return {who: item.state for who, item in (await self.items()).items()}

    async def decide(
        self, who: str, what: ReviewAct = ReviewAct.CONFIRM, by: Operator = OWNER
    ) -> tuple[ReviewProblem, ...]:
        item = (await self.items())[PersonId(who)]
        return await self.reviews.decide(H2, item.grant, what, by=by)

    async def confirm(self, people: Iterable[str]) -> None:
        for who in people:
            assert await self.decide(who) == ()

    async def enters(self, who: str) -> bool:
        """As the lab's door would decide now."""
        why = await self.world.controller.why(PersonId(who), LAB, self.clock.now())
        return not any("withdrawn" in str(f.reason) for f in why.decision.findings)

    def told(self, *kinds: type[object] | UnionType) -> list[object]:
        return [e for e in self.world.events() if isinstance(e, kinds)]

    def alarms(self) -> list[tuple[str, str]]:
        return [
            ("raised" if isinstance(e, AlarmRaised) else "cleared", str(e.code))
            for e in self.world.events()
            if isinstance(e, AlarmRaised | AlarmCleared)
            and str(e.code).startswith("review.")
        ]


@asynccontextmanager
async def half(
    database: str, clock: VirtualClock, people: Iterable[PersonSpec]
) -> AsyncIterator[Half]:
    async with office(database, clock, people=people) as world:
        yield Half(world, clock)


class ReviewSuite:
    def test_an_unconfirmed_grant_lapses_at_the_deadline_and_no_instant_before(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with half(database, clock, staff()) as it:
                await it.until(OPENS)
                await it.world.settle()
                await it.confirm(STAFF[1:])
                await it.until(ENDS - SECOND)
                before = (await it.states(), await it.enters(STAFF[0]))
                await it.world.settle(2)
                after = (await it.states(), await it.enters(STAFF[0]))
                kept = [await it.enters(who) for who in STAFF[1:]]
                desk = PeopleDesk(it.office)
                shown = {
                    who: list(
                        (await desk.one(PersonId(who), OFFICER)).reviewed.values()
                    )
                    for who in STAFF[:2]
                }
                [change] = [
                    e for e in it.told(GrantRevoked) if isinstance(e, GrantRevoked)
                ]
                [lapsed] = it.told(r.ReviewLapsed)
                [closed] = it.told(r.ReviewClosed)
                roster = it.world.doors[LAB].rosters[-1]
                gone = [
                    e.person.id
                    for e in roster.entries
                    if e.person.withdrawn is not None
                ]

                assert before[0][PersonId(STAFF[0])] is ReviewState.OUTSTANDING
                assert before[1]
                assert after[0][PersonId(STAFF[0])] is ReviewState.LAPSED
                assert not after[1]
                assert all(kept)
                assert shown[STAFF[0]] == []  # lapsing is no confirmation
                assert [item.by for item in shown[STAFF[1]]] == [OWNER.id]
                assert (change.person, change.reason) == (STAFF[0], "unreviewed")
                assert isinstance(lapsed, r.ReviewLapsed)
                assert lapsed.at >= ENDS
                assert isinstance(closed, r.ReviewClosed)
                assert (closed.confirmed, closed.lapsed) == (9, 1)
                assert gone == [STAFF[0]]  # and the door has said that it knows

        run_virtual(story, starts=OPENS - SECOND * 5)

    def test_a_round_warns_once_each_time_and_stops_when_all_is_confirmed(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with half(database, clock, staff()[:2]) as it:
                await it.until(ENDS - timedelta(days=6))
                warned = [
                    (e.days, e.outstanding)
                    for e in it.told(r.ReviewWarned)
                    if isinstance(e, r.ReviewWarned)
                ]
                raised = it.alarms()
                await it.confirm(STAFF[:2])
                await it.until(ENDS + SECOND)
                [closed] = it.told(r.ReviewClosed)

                assert warned == [(14, 2), (7, 2)]
                assert raised == [("raised", "review.due")] * 2
                assert it.alarms() == [*raised, ("cleared", "review.due")]
                assert len(it.told(r.ReviewWarned)) == 2
                assert isinstance(closed, r.ReviewClosed)
                assert (closed.confirmed, closed.lapsed) == (2, 0)

        run_virtual(story, starts=ENDS - timedelta(days=15))

    def test_more_than_a_tenth_waits_for_the_officer_and_opens_meanwhile(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with half(database, clock, staff()) as it:
                await it.confirm(STAFF[2:])
                await it.until(ENDS + SECOND)
                held = (await it.states(), [await it.enters(w) for w in STAFF])
                [sheet] = await it.reviews.unclosed()
                as_owner = await it.reviews.let_lapse(H2, LAB_ZONE, by=OWNER)
                elsewhere = await it.reviews.let_lapse(H2, OFFICE_ZONE, by=OFFICER)
                own = replace(OFFICER, person=PersonId(STAFF[0]))
                as_oneself = await it.reviews.let_lapse(H2, LAB_ZONE, by=own)
                late = await it.decide(STAFF[1])  # the owner still may
                done = await it.reviews.let_lapse(H2, LAB_ZONE, by=OFFICER)
                twice = await it.reviews.let_lapse(H2, LAB_ZONE, by=OFFICER)
                await it.world.settle()

                assert [s for s in held[0].values() if s is ReviewState.HELD] == [
                    ReviewState.HELD
                ] * 2
                assert all(held[1])
                assert sheet.round.state is RoundState.HELD
                assert as_owner == (ReviewProblem.NOT_YOURS,)
                assert elsewhere == (ReviewProblem.NOT_HELD,)
                assert as_oneself == (ReviewProblem.CONCERNS_SELF,)
                assert late == done == ()
                assert twice == (ReviewProblem.NOT_HELD,)
                assert not await it.enters(STAFF[0])
                assert await it.enters(STAFF[1])
                assert await it.reviews.unclosed() == ()
                assert [
                    what for what, code in it.alarms() if code == "review.held"
                ] == [
                    "raised",
                    "cleared",
                ]
                assert len(it.told(r.ReviewLapseConfirmed)) == 1
                assert len(it.told(r.ReviewClosed)) == 1

        run_virtual(story, starts=ENDS - timedelta(days=14))

    def test_the_officer_hears_of_what_is_held_every_day_until_it_is_decided(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with half(database, clock, staff()[:2]) as it:
                await it.until(ENDS + 2 * timedelta(days=1) + SECOND)
                told = [one for one in it.alarms() if one[1] == "review.held"]
                await it.reviews.let_lapse(H2, LAB_ZONE, by=OFFICER)
                await it.until(ENDS + 4 * timedelta(days=1))
                after = [one for one in it.alarms() if one[1] == "review.held"]

                assert told == [("raised", "review.held")] * 3
                assert after == [*told, ("cleared", "review.held")]

        run_virtual(story, starts=ENDS - timedelta(days=14))

    def test_who_is_withdrawn_loses_at_once_whatever_the_tenth_says(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with half(database, clock, staff()[:2]) as it:
                done = await it.decide(STAFF[0], ReviewAct.WITHDRAW)
                again = await it.decide(STAFF[0])
                await it.world.settle()
                roster = it.world.doors[LAB].rosters[-1]

                assert done == ()
                assert again == (ReviewProblem.OVER,)
                assert not await it.enters(STAFF[0])
                assert PersonId(STAFF[0]) in {
                    e.person.id for e in roster.entries if e.person.withdrawn
                }
                assert len(it.told(r.ReviewWithdrawn)) == 1

        run_virtual(story, starts=ENDS - timedelta(days=20))

    def test_a_late_start_does_what_is_overdue_once(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with half(database, clock, staff()) as it:
                await it.confirm(STAFF[1:])
            nobody_runs = ENDS + timedelta(days=3) - clock.now()
            await asyncio.sleep(nobody_runs.total_seconds())
            async with office(database, clock) as world:
                first = Half(world, clock).told(r.ReviewEvent, GrantRevoked)
            async with office(database, clock) as world:
                again = Half(world, clock).told(r.ReviewEvent, GrantRevoked)

            assert {type(e) for e in first} == {
                r.ReviewLapsed,
                r.ReviewClosed,
                GrantRevoked,
            }
            assert len(first) == 3
            assert again == []

        run_virtual(story, starts=ENDS - timedelta(days=20))

    def test_a_grant_made_meanwhile_counts_as_confirmed(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with half(database, clock, staff()) as it:
                await it.confirm(STAFF[1:])
                await it.world.controller.put_person(person("E3001"), by="test")
                await it.world.controller.grant(
                    PersonId("E3001"), grant(LAB_ZONE), by="test"
                )
                await it.until(ENDS + SECOND)

                assert await it.enters("E3001")
                assert not await it.enters(STAFF[0])  # 1 of 11 is less than a tenth
                assert PersonId("E3001") not in await it.states()

        run_virtual(story, starts=ENDS - timedelta(days=14))

    def test_what_ended_otherwise_is_not_waited_for(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with half(database, clock, staff()[:2]) as it:
                await it.until(ENDS + SECOND)
                assert len(await it.reviews.unclosed()) == 1
                await it.world.controller.leave(PersonId(STAFF[0]), by="test")
                await it.world.settle()
                over = await it.decide(STAFF[0])
                await it.world.controller.revoke(
                    PersonId(STAFF[1]), LAB_ZONE, "revoked", by="test"
                )
                await it.world.settle()

                assert set((await it.states()).values()) == {ReviewState.GONE}
                assert over == (ReviewProblem.OVER,)
                assert await it.reviews.unclosed() == ()
                assert it.alarms()[-1] == ("cleared", "review.held")
                assert len(it.told(r.ReviewClosed)) == 1

        run_virtual(story, starts=ENDS - timedelta(days=14))

    def test_a_lapse_takes_no_post_away_and_a_withdrawal_does(
        self, database: str
    ) -> None:
        """General zones: the post is the authorisation (G4.2.3)."""

        async def story(clock: VirtualClock) -> None:
            listed = person("E1002", grant(OFFICE_ZONE), post="purchasing_manager")
            async with half(database, clock, [listed]) as it:
                await it.until(ENDS + SECOND)
                await it.reviews.let_lapse(H2, OFFICE_ZONE, by=OFFICER)
                why = await it.world.controller.why(BO, OFFICE, clock.now())
                await it.world.settle()
                await it.world.controller.grant(BO, grant(OFFICE_ZONE), by="test")
                await it.world.controller.revoke(BO, OFFICE_ZONE, "revoked", "test")
                after = await it.world.controller.why(BO, OFFICE, clock.now())

                assert why.decision.outcome is not Outcome.DENIED
                assert after.decision.outcome is Outcome.DENIED

        run_virtual(story, starts=ENDS - timedelta(days=14))

    def test_nobody_decides_what_is_not_theirs_nor_their_own(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with half(database, clock, staff()[:1]) as it:
                canteen = operator(OperatorRole.ZONE_OWNER, CANTEEN_ZONE)
                mine = replace(OWNER, person=PersonId(STAFF[0]))
                elsewhere = await it.decide(STAFF[0], by=canteen)
                own = await it.decide(STAFF[0], by=mine)
                by_officer = await it.decide(STAFF[0], by=OFFICER)
                twice = await it.decide(STAFF[0], by=OFFICER)

                assert elsewhere == (ReviewProblem.NOT_YOURS,)
                assert own == (ReviewProblem.CONCERNS_SELF,)
                assert by_officer == ()
                assert twice == (ReviewProblem.ALREADY,)

        run_virtual(story, starts=ENDS - timedelta(days=20))

    def test_a_request_that_is_approved_opens_with_purpose_rank_and_approver(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            new = person("E3001")
            async with half(database, clock, [person("E1001"), new]) as it:
                desk = GrantDesk(it.office)
                asked = Asked(
                    person=PersonId("E3001"),
                    zone=LAB_ZONE,
                    purpose="轴承试验",
                    department="",
                    since=None,
                    until=ENDS,
                    schedule=None,
                )
                head = operator(OperatorRole.APPROVER, LAB_ZONE)
                manager = replace(
                    head,
                    rank=Rank.GENERAL_MANAGER,
                    department="",
                    person=PersonId("E1001"),
                )
                assert await desk.ask(asked, by=OFFICER) == ()
                [request] = (await desk.all()).open
                low = await desk.decide(request.id, RequestAct.APPROVE, by=head)
                done = await desk.decide(request.id, RequestAct.APPROVE, by=manager)
                [decided] = (await desk.all()).decided
                assert decided.grant is not None
                stored, names = await desk.grant(decided.grant)
                await it.world.settle()
                roster = it.world.doors[LAB].rosters[-1]

                assert isinstance(low, tuple)
                assert isinstance(done, int)
                assert stored.grant.rank is Rank.GENERAL_MANAGER
                assert stored.grant.approved_by == "E1001"
                assert stored.grant.approved_by in names
                assert stored.grant.until == ENDS
                assert PersonId("E3001") in {e.person.id for e in roster.entries}

        run_virtual(story, starts=ENDS - timedelta(days=20))
