"""What the office promises of visitors' photographs, on whatever database."""

from datetime import timedelta
from typing import Final, TypeVar

from sqlalchemy import select

from controller.services.photos import PhotoDesk, PhotoRefusal
from controller.services.pictures import PictureFault, small_jpeg
from controller.services.visit_request import NewVisitor
from controller.store.visit_tables import visitor_photos
from domain import visit_events as v
from domain.ids import PersonId
from domain.visit_photos import PhotoConsent, PhotoEnd
from simulators.clock import VirtualClock, run_virtual
from tests.offices import NINE, World, office
from tests.photos import camera_jpeg
from tests.unit.controller.visits_suite import (
    GUEST,
    OTHER,
    PLAN,
    STAFF,
    VISIT,
    AnyField,
    Reception,
    demand,
)

T = TypeVar("T")
FACE: Final = camera_jpeg((120, 160))
KEPT: Final = small_jpeg(FACE)
TWO: Final = (
    NewVisitor(id=GUEST, name="何志远", organisation="苏测"),
    NewVisitor(id=OTHER, name="高翔", organisation="苏测"),
)


def photo_desk(world: World) -> PhotoDesk:
    return PhotoDesk(world.controller.operators.sessions.office)


async def take(world: World, *, agreed: bool = True, who: PersonId = GUEST) -> object:
    return await photo_desk(world).take(VISIT, who, FACE, "guard", agreed=agreed)


async def signed_on_tablet(world: World, *, photo: bool) -> None:
    texts = await world.controller.visits.texts("visitor")
    demand(
        await world.controller.visits.sign(
            VISIT,
            GUEST,
            texts["en"].digest,
            "tablet",
            strokes=b"[[1,2],[3,4]]",
            witness=None,
            where="gate",
            photo=photo,
        )
    )


async def rows(world: World) -> list[AnyField]:
    return await world.controller.operators.sessions.office.database.read(
        lambda c: list(c.execute(select(visitor_photos)))
    )


def told(world: World, kind: type[T]) -> list[T]:
    return [e for e in world.events() if isinstance(e, kind)]


class PhotosSuite:
    def test_a_photograph_lies_sealed_and_only_its_consent_is_told(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                await Reception(world).approved()
                assert await take(world) is None
                assert await take(world) is None  # the button, twice
                [row] = await rows(world)
                await world.settle()

                assert await photo_desk(world).photo(VISIT, GUEST) == KEPT
                assert isinstance(KEPT, bytes)
                assert KEPT[:64] not in bytes(row.sealed)
                taken = told(world, v.VisitorPhotographed)
                assert [(e.person, e.consent) for e in taken] == [
                    (GUEST, PhotoConsent.DESK)
                ]

        run_virtual(story, starts=NINE)

    def test_without_consent_nothing_is_kept_whatever_was_sent(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                await Reception(world).approved()
                unasked = await take(world, agreed=False)
                await signed_on_tablet(world, photo=False)
                declined = await take(world, agreed=False)
                stranger = await take(world, who=PersonId("V9"))
                no_file = await photo_desk(world).take(
                    VISIT, GUEST, b"", "guard", agreed=True
                )
                await world.settle()

                assert unasked == declined == PhotoRefusal.NO_CONSENT
                assert stranger is PhotoRefusal.NOT_NOW
                assert no_file is PictureFault.NONE
                assert await rows(world) == []
                assert told(world, v.VisitorPhotographed) == []

        run_virtual(story, starts=NINE)

    def test_consent_on_the_tablet_counts_until_it_is_withdrawn(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                await Reception(world).approved()
                await signed_on_tablet(world, photo=True)
                assert await take(world, agreed=False) is None
                await world.settle(1)
                await photo_desk(world).remove(VISIT, GUEST, "guard")
                await photo_desk(world).remove(VISIT, GUEST, "guard")
                again = await take(world, agreed=False)
                [row] = await rows(world)
                await world.settle()

                assert again is PhotoRefusal.NO_CONSENT
                assert await photo_desk(world).photo(VISIT, GUEST) is None
                assert (row.sealed, row.consent) == (None, PhotoConsent.TABLET)
                gone = told(world, v.PhotoRemoved)
                assert [(e.by, e.why) for e in gone] == [("guard", PhotoEnd.WITHDRAWN)]
                assert await take(world) is None  # asked once more, and agreed

        run_virtual(story, starts=NINE)

    def test_the_visitors_own_later_no_outweighs_the_guards_tick(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                await Reception(world).approved()
                assert await take(world) is None
                await signed_on_tablet(world, photo=False)
                await world.settle()

                assert await photo_desk(world).photo(VISIT, GUEST) is None
                [gone] = told(world, v.PhotoRemoved)
                assert gone.why is PhotoEnd.WITHDRAWN

        run_virtual(story, starts=NINE)

    def test_each_ones_photograph_goes_when_they_leave(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                reception, photos = Reception(world), photo_desk(world)
                await reception.prepared(people=(GUEST, OTHER), visitors=TWO)
                assert await take(world) is None
                assert await take(world, who=OTHER) is None
                demand(await reception.check_in(GUEST, OTHER))
                late = await take(world)
                inside = (await photos.of(VISIT)).taken
                await reception.check_out()
                left = (await photos.of(VISIT)).taken
                await reception.check_out(who=OTHER)
                await world.settle()

                assert late is PhotoRefusal.NOT_NOW  # they have their badge
                assert set(inside) == {GUEST, OTHER}
                assert set(left) == {OTHER}
                assert (await photos.of(VISIT)).taken == {}
                assert all(row.sealed is None for row in await rows(world))
                gone = told(world, v.PhotoRemoved)
                assert [(e.person, e.why) for e in gone] == [
                    (GUEST, PhotoEnd.OVER),
                    (OTHER, PhotoEnd.OVER),
                ]

        run_virtual(story, starts=NINE)

    def test_a_visit_that_comes_to_nothing_keeps_no_photograph(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                visits = world.controller.visits
                await Reception(world).approved()
                assert await take(world) is None
                await visits.block(VISIT, "an order", "officer")
                blocked = (await photo_desk(world).of(VISIT)).taken
                await world.settle()

                assert blocked == {}

        run_virtual(story, starts=NINE)

    def test_the_timer_that_ends_a_visit_ends_its_photograph(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                await Reception(world).approved()
                assert await take(world) is None
                await world.settle(timedelta(hours=3).total_seconds())

                assert (await photo_desk(world).of(VISIT)).taken == {}
                [gone] = told(world, v.PhotoRemoved)
                assert (gone.by, gone.why) == ("controller", PhotoEnd.OVER)

        run_virtual(story, starts=NINE)
