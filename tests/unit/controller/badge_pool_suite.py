"""What the office promises of the desk's own badges, on whatever database."""

from sqlalchemy import select

from controller.services.badge_pool import BadgePool, PoolProblem
from controller.store.visit_tables import badge_pool
from domain import visit_events as v
from domain.errors import InputError
from simulators.clock import VirtualClock, run_virtual
from tests.offices import ADA, NINE, World, office
from tests.unit.controller.visits_suite import (
    GUEST,
    PLAN,
    STAFF,
    VISIT,
    AnyField,
    Reception,
    demand,
)

NUMBER = "0a0b0c0d"


def pool_of(world: World) -> BadgePool:
    return BadgePool(world.controller.operators.sessions.office)


class BadgePoolSuite:
    def test_a_badge_is_known_by_its_label_and_its_number_is_nowhere(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                pool = pool_of(world)
                first = await pool.add(" 访客  07 ", NUMBER, "guard")
                again = await pool.add("访客 07", NUMBER.upper(), "guard")
                renamed = await pool.add("访客 08", NUMBER, "guard")
                twin = await pool.add("访客 07", "0f0f0f0f", "guard")
                vague = [await pool.add("x", n, "guard") for n in ("", "0a", "card")]
                nameless = await pool.add("x" * 21, "0f0f0f0f", "guard")
                rows: list[
                    AnyField
                ] = await world.controller.operators.sessions.office.database.read(
                    lambda c: list(c.execute(select(badge_pool)))
                )
                await world.settle()

                assert (first, again) == (None, None)
                assert renamed is PoolProblem.TAKEN
                assert twin is PoolProblem.SAME_LABEL
                assert vague == [PoolProblem.NO_NUMBER] * 3
                assert nameless is PoolProblem.NO_LABEL
                assert [row.label for row in rows] == ["访客 07"]
                assert bytes.fromhex(NUMBER) not in rows[0].sealed + rows[0].mark
                assert len(world.events(v.DeskBadgeAdded)) == 1
                assert NUMBER not in repr(world.events()).lower()

        run_virtual(story, starts=NINE)

    def test_a_chosen_badge_is_out_until_it_comes_back(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                pool, clerk = pool_of(world), Reception(world)
                await pool.add("07", NUMBER, "guard")
                await clerk.prepared()
                [badge] = await pool.badges()
                chosen = {GUEST: badge.id}
                visits, here = world.controller.visits, frozenset({ADA})
                try:
                    await visits.check_in(
                        VISIT,
                        "guard",
                        escorts_present=here,
                        badges={GUEST: b"other"},
                        chosen=chosen,
                    )
                except InputError as error:
                    both = str(error)
                for _ in range(2):  # the button, twice
                    demand(
                        await visits.check_in(
                            VISIT,
                            "guard",
                            escorts_present=here,
                            badges={},
                            chosen=chosen,
                        )
                    )
                [out] = await pool.badges()
                await clerk.check_out()
                [back] = await pool.badges()
                await pool.retire(badge.id, "guard")
                await pool.retire(badge.id, "guard")
                await world.settle()

                assert "not both" in both
                assert (badge.free, out.free, back.free) == (True, False, True)
                assert await pool.badges() == ()
                assert len(world.events(v.VisitCheckedIn)) == 1
                assert len(world.events(v.DeskBadgeRetired)) == 1

        run_virtual(story, starts=NINE)

    def test_a_badge_that_was_not_returned_is_not_offered(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                pool, clerk = pool_of(world), Reception(world)
                await pool.add("07", NUMBER, "guard")
                await clerk.prepared()
                [badge] = await pool.badges()
                demand(
                    await world.controller.visits.check_in(
                        VISIT,
                        "guard",
                        escorts_present=frozenset({ADA}),
                        badges={},
                        chosen={GUEST: badge.id},
                    )
                )
                await clerk.check_out(returned=frozenset())
                [kept] = await pool.badges()
                await pool.retire(badge.id, "guard")
                again = await pool.add("09", NUMBER, "guard")
                await world.settle()

                assert not kept.free
                assert again is PoolProblem.TAKEN

        run_virtual(story, starts=NINE)
