"""What the office promises of visits, on whatever database."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final, TypeAlias

import pytest

from controller.services.desk import DeskGroup, DeskVisit
from controller.services.undertakings import Wording, text_digest
from controller.services.visit_request import NewVisit, NewVisitor
from controller.services.visit_step import Done
from controller.services.visit_watch import PATIENCE
from controller.store.visit_papers import StoredUndertaking
from domain import visit_events as v
from domain.access_events import (
    AccessDenied,
    PersonEntered,
    PersonLeft,
    VisitorHandedOver,
)
from domain.alarm_events import AlarmCleared, AlarmRaised
from domain.credentials import Credential, Factor
from domain.errors import InputError
from domain.ids import CredentialId, DoorId, PersonId, VisitId, ZoneId
from domain.office_events import CredentialEnrolled
from domain.people import Department, Rank
from domain.policy import Outcome, Side
from domain.visit_acts import Left
from domain.visit_approval import Approver
from domain.visit_classes import ReturnItem, VisitClass
from domain.visit_devices import CarriedDevice, DeviceKind, Disposition
from domain.visit_life import VisitState
from domain.visit_problems import Refused, VisitProblem
from domain.zones import ZoneLevel
from simulators.clock import VirtualClock, run_virtual
from tests.offices import (
    ADA,
    BO,
    CANTEEN,
    COOK,
    LAB,
    LAB_ZONE,
    NINE,
    World,
    door,
    grant,
    office,
    person,
    site,
    zone,
)
from wire.sealing import badge_digest

AnyField: TypeAlias = Any  # of whatever is asked for

P: Final = VisitProblem
HALL: Final = ZoneId("hall")
HALL_DOOR: Final = DoorId("hall")
EVA, CLERK = PersonId("E1004"), PersonId("E1005")
GUEST, OTHER = PersonId("V1"), PersonId("V2")
WORKS: Final = Department("works")
VISIT: Final = VisitId("T1")
HEAD: Final = Approver(person=BO, rank=Rank.DEPARTMENT_HEAD, heads=frozenset({WORKS}))
COMMITTEE: Final = Approver(person=COOK, rank=Rank.COMMITTEE, heads=frozenset())
STAFF: Final = (
    person(ADA, grant(LAB_ZONE), grant(HALL)),
    person(BO, post="purchasing_manager"),
    person(COOK, post="cook"),
    person(EVA, grant(HALL)),
    person(CLERK),
)
LAPTOP: Final = CarriedDevice(
    kind=DeviceKind.LAPTOP,
    type="T14",
    make="Lenovo",
    serial="PF-3K9H2M",
    disposition=Disposition.SEALED,
)
STICK: Final = CarriedDevice(
    kind=DeviceKind.STORAGE,
    type="64 GB",
    make="Kingston",
    serial="DT-0093",
    disposition=Disposition.DEPOSITED,
)
PLAN: Final = site(
    door("lab"),
    door("hall"),
    door("canteen"),
    zones=[
        zone("lab", ZoneLevel.CORE),
        zone("hall", ZoneLevel.IMPORTANT),
        zone("canteen", ZoneLevel.NON_SECRET),
    ],
)
EVERYTHING: Final = frozenset(ReturnItem)


@dataclass
class Reception:
    """A clerk at the desk, who does what is done when all is well."""

    world: World

    async def ask(self, **changes: AnyField) -> Done | Refused:
        plain = NewVisit(
            id=VISIT,
            kind=VisitClass.CUSTOMER,
            department=WORKS,
            purpose="交付磨床备件",
            requested_by=CLERK,
            since=NINE,
            until=NINE + timedelta(hours=2),
            route=(HALL,),
            escorts=(ADA,),
            visitors=(NewVisitor(id=GUEST, name="何志远", organisation="苏测"),),
        )
        return await self.world.controller.visits.request(
            replace(plain, **changes), "clerk"
        )

    async def approved(self, **changes: AnyField) -> None:
        demand(await self.ask(**changes))
        demand(await self.world.controller.visits.approve(VISIT, HEAD, "bo"))

    async def sign(
        self, who: PersonId = GUEST, text: str = "visitor"
    ) -> Done | Refused:
        texts = await self.world.controller.visits.texts(text)
        return await self.world.controller.visits.sign(
            VISIT,
            who,
            texts["en"].digest,
            "tablet",
            strokes=b"[[1,2],[3,4]]",
            witness=None,
            where="gate tablet",
        )

    async def prepared(
        self,
        *devices: CarriedDevice,
        locker: int | None = None,
        text: str = "visitor",
        people: Sequence[PersonId] = (GUEST,),
        **changes: AnyField,
    ) -> None:
        """All steps of the desk but the last."""
        await self.approved(**changes)
        desk = self.world.controller.visits
        for who in people:
            demand(await desk.identify(VISIT, who, "id_card", "0417", "guard"))
            demand(await desk.declare(VISIT, who, devices, "guard", locker=locker))
            demand(await self.sign(who, text))

    async def check_in(
        self, *people: PersonId, escorts: Sequence[PersonId] = (ADA,)
    ) -> Done | Refused:
        badges = {who: number(who) for who in people or (GUEST,)}
        return await self.world.controller.visits.check_in(
            VISIT, "guard", escorts_present=frozenset(escorts), badges=badges
        )

    async def inside(self, *devices: CarriedDevice, **changes: AnyField) -> Done:
        await self.prepared(*devices, **changes)
        done = demand(await self.check_in())
        await self.world.settle()
        return done

    async def check_out(
        self,
        *devices: CarriedDevice,
        who: PersonId = GUEST,
        returned: frozenset[ReturnItem] = EVERYTHING,
    ) -> Left | Refused:
        return await self.world.controller.visits.check_out(
            VISIT, who, "guard", out=devices, returned=returned
        )

    async def on_desk(self) -> DeskVisit:
        return await self.world.controller.visits.visit(VISIT)


def number(who: PersonId) -> bytes:
    return f"{who} badge".encode()


def demand(outcome: Done | Refused | Left) -> Done:
    assert isinstance(outcome, Done)
    return outcome


def problems(outcome: object) -> tuple[VisitProblem, ...]:
    assert isinstance(outcome, Refused)
    return outcome.problems


def visitors_at(world: World, where: DoorId) -> set[PersonId]:
    return {
        e.person.id for e in world.doors[where].rosters[-1].entries if e.person.visitor
    }


def entered(world: World, clock: VirtualClock, who: PersonId = GUEST) -> PersonEntered:
    return PersonEntered(
        door=HALL_DOOR, at=clock.now(), zone=HALL, person=who, declaration=None
    )


class VisitsSuite:
    @pytest.fixture
    def database(self) -> str:
        raise NotImplementedError  # a subclass says which

    def test_a_visit_goes_from_request_to_check_out(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                clerk = Reception(world)
                await clerk.inside(LAPTOP)
                await world.doors[HALL_DOOR].say(entered(world, clock))
                await world.settle()
                on_site = await clerk.on_desk()
                left = await clerk.check_out(LAPTOP)
                await world.settle()
                history = await world.controller.visits.history(VISIT)

                assert on_site.group is DeskGroup.ON_SITE
                assert on_site.visitors[0].zone == HALL
                assert on_site.people_on_site == 1
                assert isinstance(left, Left)
                assert not left.devices
                assert left.unreturned == ()
                assert [each.state for each in history] == [
                    VisitState.REQUESTED,
                    VisitState.APPROVED,
                    VisitState.UNDERTAKING_SIGNED,
                    VisitState.CHECKED_IN,
                    VisitState.ON_SITE,
                    VisitState.CHECKED_OUT,
                ]
                assert (await clerk.on_desk()).group is DeskGroup.OVER
                assert world.events(v.VisitIncident) == []
                assert len(world.events(v.VisitCheckedIn)) == 1
                assert len(world.events(v.VisitorCheckedOut)) == 1

        run_virtual(story, starts=NINE)

    def test_only_doors_of_the_route_know_the_visitor_and_only_while_here(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                clerk = Reception(world)
                await clerk.prepared()
                await world.settle()
                before = visitors_at(world, HALL_DOOR)
                done = demand(await clerk.check_in())
                await world.settle()
                assert done.change is not None
                receipts = await world.controller.receipts(done.change)
                here = {d: visitors_at(world, d) for d in PLAN.doors}
                entry = world.doors[HALL_DOOR].rosters[-1].entry_of(GUEST)
                await clerk.check_out()
                await world.settle()

                assert before == set()
                assert set(receipts) == {HALL_DOOR}
                assert all(r.confirmed_at for r in receipts.values())
                assert here == {HALL_DOOR: {GUEST}, LAB: set(), CANTEEN: set()}
                assert entry is not None
                assert entry.right is not None
                assert entry.right.visit.escorts == (ADA,)
                assert entry.right.visit.until == NINE + timedelta(hours=2)
                key = world.doors[HALL_DOOR].keys.digest
                assert [(c.factor, c.data) for c in entry.credentials] == [
                    (Factor.BADGE, badge_digest(key, number(GUEST)))
                ]
                assert visitors_at(world, HALL_DOOR) == set()

        run_virtual(story, starts=NINE)

    def test_a_check_in_names_everything_that_is_missing(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                clerk = Reception(world)
                await clerk.approved()
                outcome = await world.controller.visits.check_in(
                    VISIT, "guard", escorts_present=frozenset(), badges={}
                )
                await world.settle()
                shown = await clerk.on_desk()
                refusals = world.events(v.VisitActRefused)

                missing = (
                    P.NOT_SIGNED,
                    P.UNDECLARED,
                    P.UNIDENTIFIED,
                    P.NO_BADGE,
                    P.ESCORT_ABSENT,
                )
                assert problems(outcome) == missing
                assert [
                    e.problems for e in refusals if isinstance(e, v.VisitActRefused)
                ]
                assert set(shown.missing) == {*missing} - {P.NO_BADGE, P.ESCORT_ABSENT}
                assert shown.visitors[0].missing == (
                    P.NOT_SIGNED,
                    P.UNDECLARED,
                    P.UNIDENTIFIED,
                )
                assert shown.group is DeskGroup.EXPECTED
                assert world.events(CredentialEnrolled) == [] or all(
                    isinstance(e, CredentialEnrolled) and e.person != GUEST
                    for e in world.events(CredentialEnrolled)
                )

        run_virtual(story, starts=NINE)

    def test_a_storage_device_comes_in_only_deposited(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                clerk, desk = Reception(world), world.controller.visits
                carried = replace(STICK, disposition=Disposition.SEALED)
                await clerk.prepared(carried, text="repair", kind=VisitClass.REPAIR)
                refused = await clerk.check_in()
                demand(await desk.declare(VISIT, GUEST, [STICK], "guard", locker=7))
                taken = (await desk.desk()).lockers_taken
                await clerk.sign(text="repair")
                accepted = await clerk.check_in()

                assert problems(refused) == (P.STORAGE,)
                assert taken == (7,)
                assert isinstance(accepted, Done)

        run_virtual(story, starts=NINE)

    def test_what_leaves_otherwise_than_it_came_is_an_incident_and_holds_nobody(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                clerk = Reception(world)
                await clerk.inside(LAPTOP, STICK, locker=7)
                other = replace(LAPTOP, serial="another")
                left = await clerk.check_out(other, STICK, returned=frozenset())
                await world.settle()
                incident = world.events(v.VisitIncident)[0]

                assert isinstance(left, Left)
                assert left.visit.state is VisitState.CHECKED_OUT
                assert isinstance(incident, v.VisitIncident)
                assert incident.missing == (LAPTOP,)
                assert incident.unexpected == (other,)
                assert incident.unreturned == (ReturnItem.BADGE, ReturnItem.LOCKER)
                assert len(world.events(v.VisitorBadgeRevoked)) == 1
                assert visitors_at(world, HALL_DOOR) == set()
                assert (await world.controller.visits.desk()).lockers_taken == (7,)

        run_virtual(story, starts=NINE)

    @pytest.mark.parametrize("returned", [True, False])
    def test_a_badge_is_given_again_only_if_it_came_back(
        self, database: str, returned: bool
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                clerk, desk = Reception(world), world.controller.visits
                await clerk.inside()
                items = EVERYTHING if returned else EVERYTHING - {ReturnItem.BADGE}
                await clerk.check_out(returned=items)
                again = VisitId("T2")
                newcomer = NewVisitor(id=OTHER, name="范雪", organisation="安信")
                demand(await clerk.ask(id=again, visitors=(newcomer,)))
                demand(await desk.approve(again, HEAD, "bo"))
                demand(await desk.identify(again, OTHER, "passport", "12", "guard"))
                demand(await desk.declare(again, OTHER, [], "guard", locker=None))
                text = (await desk.texts("visitor"))["zh-CN"]
                demand(
                    await desk.sign(
                        again,
                        OTHER,
                        text.digest,
                        "tablet",
                        strokes=None,
                        witness=BO,
                        where="desk",
                    )
                )

                async def give() -> Done | Refused:
                    return await desk.check_in(
                        again,
                        "guard",
                        escorts_present=frozenset({ADA}),
                        badges={OTHER: number(GUEST)},
                    )

                if returned:
                    assert isinstance(await give(), Done)
                else:
                    with pytest.raises(InputError, match="never returned"):
                        await give()

        run_virtual(story, starts=NINE)

    def test_one_badge_is_nobodys_and_somebody_elses(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                clerk, desk = Reception(world), world.controller.visits
                people = tuple(
                    NewVisitor(id=who, name=str(who), organisation="")
                    for who in (GUEST, OTHER)
                )
                await clerk.prepared(people=(GUEST, OTHER), visitors=people)
                key = world.doors[HALL_DOOR].keys.digest
                staff = badge_digest(key, b"staff")
                await world.controller.enrol(
                    ADA, Credential(CredentialId("ada.2"), Factor.BADGE, staff), by="x"
                )
                for mine, others, says in (
                    (b"same", b"same", "for two visitors"),
                    (b"fresh", b"staff", "is `E1001`'s"),
                ):
                    with pytest.raises(InputError, match=says):
                        await desk.check_in(
                            VISIT,
                            "guard",
                            escorts_present=frozenset({ADA}),
                            badges={GUEST: mine, OTHER: others},
                        )
                shown = await clerk.on_desk()
                assert shown.state is VisitState.UNDERTAKING_SIGNED
                assert not any(each.badge for each in shown.visitors)

        run_virtual(story, starts=NINE)

    @pytest.mark.parametrize(
        ("approver", "why"),
        [
            (replace(HEAD, person=CLERK), P.APPROVER_IS_REQUESTER),
            (replace(HEAD, person=ADA), P.APPROVER_IS_ESCORT),
            (replace(HEAD, heads=frozenset()), P.APPROVER_DEPARTMENT),
            (replace(HEAD, rank=Rank.TEAM_LEADER), P.APPROVER_RANK),
        ],
    )
    def test_who_may_not_approve_is_told_and_recorded(
        self, database: str, approver: Approver, why: VisitProblem
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                clerk = Reception(world)
                await clerk.ask()
                outcome = await world.controller.visits.approve(VISIT, approver, "x")
                await world.settle()
                told = world.events(v.VisitActRefused)[0]

                assert problems(outcome) == (why,)
                assert isinstance(told, v.VisitActRefused)
                assert (told.act, told.problems, told.by) == ("approve", (why,), "x")
                shown = await clerk.on_desk()
                assert shown.group is DeskGroup.REQUESTED
                assert shown.approval is None

        run_virtual(story, starts=NINE)

    def test_a_core_zone_needs_the_committee(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                clerk, desk = Reception(world), world.controller.visits
                customer = await clerk.ask(route=(LAB_ZONE,))
                demand(await clerk.ask(route=(LAB_ZONE,), kind=VisitClass.REPAIR))
                early = await desk.approve(VISIT, HEAD, "bo")
                missing = (await clerk.on_desk()).core_missing
                low = await desk.approve_core(
                    VISIT, replace(COMMITTEE, rank=Rank.DEPARTMENT_HEAD), LAB_ZONE, "x"
                )
                demand(await desk.approve_core(VISIT, COMMITTEE, LAB_ZONE, "cook"))
                approved = await desk.approve(VISIT, HEAD, "bo")
                shown = await clerk.on_desk()

                assert problems(customer) == (P.CORE_ZONE,)
                assert problems(early) == (P.CORE_UNAPPROVED,)
                assert missing == (LAB_ZONE,)
                assert problems(low) == (P.APPROVER_RANK,)
                assert isinstance(approved, Done)
                assert shown.core_missing == ()
                assert shown.level is ZoneLevel.CORE

        run_virtual(story, starts=NINE)

    def test_whoever_signs_signs_what_was_on_the_screen(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                clerk, desk = Reception(world), world.controller.visits
                await clerk.approved()
                shown = (await desk.texts("visitor"))["en"]
                changed = {
                    language: Wording(title="New", body=f"Words {language}")
                    for language in ("zh-CN", "en")
                }
                version = await desk.change_text("visitor", changed, "officer")
                stale = await desk.sign(
                    VISIT,
                    GUEST,
                    shown.digest,
                    "tablet",
                    strokes=b"[]",
                    witness=None,
                    where="gate",
                )
                other = await clerk.sign(text="tour")
                demand(await clerk.sign())
                kept = await desk.undertaking(VISIT, GUEST)
                versions = {t.version for t in await desk.every_text("visitor")}

                assert version == 2
                assert problems(stale) == problems(other) == (P.WRONG_TEXT,)
                assert kept is not None
                paper, text = kept
                assert isinstance(paper, StoredUndertaking)
                assert paper.strokes == b"[[1,2],[3,4]]"
                assert paper.text_digest == text_digest("New", "Words en")
                assert paper.digest is not None
                assert len(paper.digest) == 32
                assert (text.version, text.body) == (2, "Words en")
                assert versions == {1, 2}

        run_virtual(story, starts=NINE)

    def test_only_an_inspector_declines_and_before_a_witness(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                clerk, desk = Reception(world), world.controller.visits

                async def decline(witness: PersonId) -> Done | Refused:
                    return await desk.decline(
                        VISIT, GUEST, witness, "guard", language="en", where="gate"
                    )

                await clerk.approved()
                customer = await decline(BO)
                await desk.cancel(VISIT, "another kind", "clerk")
                again = VisitId("T2")
                demand(await clerk.ask(id=again, kind=VisitClass.INSPECTION))
                demand(await desk.approve(again, HEAD, "bo"))
                alone = await desk.decline(
                    again, GUEST, PersonId(""), "guard", language="en", where="gate"
                )
                told = await desk.decline(
                    again, GUEST, BO, "guard", language="en", where="gate"
                )
                kept = await desk.undertaking(again, GUEST)

                assert problems(customer) == (P.MUST_SIGN,)
                assert problems(alone) == (P.UNWITNESSED,)
                assert demand(told).visit.state is VisitState.UNDERTAKING_SIGNED
                assert kept is not None
                assert kept[0].declined
                assert kept[0].witness == BO

        run_virtual(story, starts=NINE)

    def test_a_handover_at_the_desk_reaches_the_doors(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                clerk, desk = Reception(world), world.controller.visits
                await clerk.inside()
                alone = await desk.hand_over(
                    VISIT, "guard", old=ADA, new=EVA, present=frozenset({EVA})
                )
                done = demand(
                    await desk.hand_over(
                        VISIT, "guard", old=ADA, new=EVA, present=frozenset({ADA, EVA})
                    )
                )
                await world.settle()
                entry = world.doors[HALL_DOOR].rosters[-1].entry_of(GUEST)
                assert done.change is not None
                receipts = await world.controller.receipts(done.change)

                assert problems(alone) == (P.NOT_PRESENT,)
                assert entry is not None
                assert entry.right is not None
                assert entry.right.visit.escorts == (EVA,)
                assert all(r.confirmed_at for r in receipts.values())

        run_virtual(story, starts=NINE)

    @pytest.mark.parametrize("company", [False, True])
    def test_a_handover_at_a_door_is_the_offices_too(
        self, database: str, company: bool
    ) -> None:
        """In a group the old escort still leads the others."""

        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                clerk = Reception(world)
                who = (GUEST, OTHER) if company else (GUEST,)
                people = tuple(
                    NewVisitor(id=each, name=str(each), organisation="") for each in who
                )
                await clerk.prepared(people=who, visitors=people, deputies=(EVA,))
                demand(await clerk.check_in(*who))
                await world.settle()
                handed = VisitorHandedOver(
                    door=HALL_DOOR,
                    at=clock.now(),
                    visit=VISIT,
                    visitor=GUEST,
                    old=ADA,
                    new=EVA,
                    escorts=(EVA,),
                    deputies=(ADA,),
                )
                await world.doors[HALL_DOOR].say(handed)
                await world.settle()
                entry = world.doors[HALL_DOOR].rosters[-1].entry_of(GUEST)

                assert entry is not None
                assert entry.right is not None
                visit = entry.right.visit
                assert visit.escorts == ((ADA, EVA) if company else (EVA,))
                assert visit.escorts_since == handed.at

        run_virtual(story, starts=NINE)

    def test_why_says_what_a_visitors_door_would_say(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                clerk, why = Reception(world), world.controller.why
                await clerk.prepared()
                before = await why(GUEST, HALL_DOOR, clock.now())
                demand(await clerk.check_in())
                here = await why(GUEST, HALL_DOOR, clock.now())
                late = await why(GUEST, HALL_DOOR, NINE + timedelta(hours=2))
                elsewhere = await why(GUEST, CANTEEN, clock.now())

                assert "credential.unknown" in before.decision.reasons
                assert here.known
                assert here.decision.outcome is Outcome.GRANTED
                assert "visit.expired" in late.decision.reasons
                assert not elsewhere.known
                assert elsewhere.decision.outcome is Outcome.DENIED

        run_virtual(story, starts=NINE)

    def test_a_frozen_visit_is_known_as_frozen_at_its_doors(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                clerk, desk = Reception(world), world.controller.visits
                await clerk.inside()
                done = demand(await desk.block(VISIT, "leak suspected", "officer"))
                await world.settle()
                entry = world.doors[HALL_DOOR].rosters[-1].entry_of(GUEST)
                shown = await clerk.on_desk()
                again = await desk.block(VISIT, "once more", "officer")
                left = await clerk.check_out()

                assert done.change is not None
                assert entry is not None
                assert entry.right is not None
                assert entry.right.state is VisitState.BLOCKED
                assert shown.group is DeskGroup.BLOCKED
                assert problems(again) == (P.ALREADY,)
                assert isinstance(left, Left)

        run_virtual(story, starts=NINE)

    @pytest.mark.parametrize(
        ("prepare", "state"),
        [
            ("ask", VisitState.EXPIRED),
            ("approved", VisitState.NO_SHOW),
            ("prepared", VisitState.NO_SHOW),
            ("inside", VisitState.OVERDUE),
        ],
    )
    def test_what_becomes_of_a_visit_at_its_end(
        self, database: str, prepare: str, state: VisitState
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                clerk = Reception(world)
                until = clock.now() + timedelta(minutes=30)
                await getattr(clerk, prepare)(until=until)
                wait = (until - clock.now()).total_seconds()
                await world.settle(wait - 1)
                before = (await clerk.on_desk()).state
                await world.settle(2)

                assert before is not state
                assert (await clerk.on_desk()).state is state
                lapsed = [
                    e.state
                    for e in world.events(v.VisitLapsed)
                    if isinstance(e, v.VisitLapsed)
                ]
                assert lapsed == [state]

        run_virtual(story, starts=NINE)

    def test_an_overdue_visit_alarms_once_until_the_last_has_left(
        self, database: str
    ) -> None:
        """Design 13.18."""

        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                clerk = Reception(world)
                until = clock.now() + timedelta(minutes=30)
                await clerk.inside(until=until)
                late = (until + PATIENCE - clock.now()).total_seconds()
                await world.settle(late - 1)
                early = world.events(AlarmRaised)
                first = (await world.controller.visits.desk()).visits[0]
                await world.settle(2)
                await world.settle(3600)
                alarms = world.events(AlarmRaised)
                await clerk.check_out()
                await world.settle()

                assert [e for e in early if _is_overdue(e)] == []
                assert first.group is DeskGroup.OVERDUE
                assert first.overdue_by is not None
                assert len([e for e in alarms if _is_overdue(e)]) == 1
                cleared = [e for e in world.events(AlarmCleared) if _is_overdue(e)]
                assert len(cleared) == 1

        run_virtual(story, starts=NINE)

    def test_a_visitors_badge_off_the_route_is_told_to_the_guard(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                clerk = Reception(world)
                await clerk.inside()
                lab = world.doors[LAB]
                await lab.say(stranger(lab.keys.digest, GUEST, clock))
                await lab.say(stranger(lab.keys.digest, PersonId("E9"), clock))
                await world.settle()
                told = [
                    e
                    for e in world.events(AlarmRaised)
                    if isinstance(e, AlarmRaised) and e.code == "visit.off_route"
                ]

                assert [(e.person, e.target) for e in told] == [(GUEST, LAB)]

        run_virtual(story, starts=NINE)

    def test_a_visitor_let_in_late_of_a_visit_that_is_over_or_frozen_is_told(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                clerk, desk = Reception(world), world.controller.visits
                await clerk.inside()
                hall = world.doors[HALL_DOOR]
                demand(await desk.block(VISIT, "leak suspected", "officer"))
                # In and out while it was cut off: nobody is to be fetched.
                await hall.say(
                    _moved(PersonEntered, clock), _moved(PersonLeft, clock, late=1)
                )
                await world.settle(5)
                assert [e for e in world.events(AlarmRaised) if _is_late(e)] == []

                await hall.say(_moved(PersonEntered, clock))
                await world.settle(5)
                frozen = [e for e in world.events(AlarmRaised) if _is_late(e)]
                still = [e for e in world.events(AlarmCleared) if _is_late(e)]
                await clerk.check_out()
                await world.settle(5)
                cleared = [e for e in world.events(AlarmCleared) if _is_late(e)]
                await hall.say(_moved(PersonEntered, clock))
                await world.settle(5)
                over = [e for e in world.events(AlarmRaised) if _is_late(e)]
                await hall.say(_moved(PersonLeft, clock))
                await world.settle(5)

                assert (len(frozen), len(still), len(cleared)) == (1, 0, 1)
                assert len(over) == 2
                gone = [e for e in world.events(AlarmCleared) if _is_late(e)]
                assert len(gone) == 2

        run_virtual(story, starts=NINE)

    def test_a_muster_counts_everybody_and_says_what_it_does_not_know(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                clerk, desk = Reception(world), world.controller.visits
                for hand in world.doors.values():
                    await hand.online()
                await clerk.inside()
                waiting = await desk.muster()
                hall = world.doors[HALL_DOOR]
                await hall.say(entered(world, clock, ADA), entered(world, clock))
                await world.settle()
                inside = await desk.muster()
                await hall.offline()
                await world.settle()
                away = await desk.muster()
                await hall.online()
                gone = PersonLeft(
                    door=HALL_DOOR,
                    at=clock.now(),
                    zone=HALL,
                    person=ADA,
                    declaration=None,
                )
                await hall.say(gone)
                await world.settle()
                after = await desk.muster()

                assert [p.person.id for p in waiting.elsewhere] == [GUEST]
                here = {z.zone: z for z in inside.zones}
                assert [p.person.id for p in here[HALL].people] == [ADA, GUEST]
                assert inside.elsewhere == ()
                guest = here[HALL].people[1]
                assert guest.visitor
                assert guest.organisation == "苏测"
                assert [e.id for e in guest.escorts] == [ADA]
                assert here[HALL].reliable
                lost = {z.zone: z for z in away.zones}[HALL]
                assert [d.door for d in lost.away] == [HALL_DOOR]
                assert not lost.reliable
                assert lost.people == here[HALL].people
                assert (after.inside, after.visitors) == (1, 1)

        run_virtual(story, starts=NINE)

    def test_what_cannot_be_meant_is_told_and_nothing_happens(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                clerk, desk = Reception(world), world.controller.visits
                for changes, says in (
                    ({"purpose": " "}, "purpose"),
                    ({"escorts": (PersonId("E9"),)}, "knows no person `E9`"),
                    ({"visitors": (NewVisitor(name="", organisation=""),)}, "a name"),
                ):
                    with pytest.raises(InputError, match=says):
                        await clerk.ask(**changes)
                await clerk.prepared(STICK, locker=7)
                with pytest.raises(InputError, match="visit `T1` already"):
                    await clerk.ask(
                        visitors=(NewVisitor(id=OTHER, name="x", organisation=""),)
                    )
                with pytest.raises(InputError, match="comes with visit `T1`"):
                    await clerk.ask(id=VisitId("T2"))
                with pytest.raises(InputError, match="no visit `T9`"):
                    await desk.cancel(VisitId("T9"), "why not", "clerk")

                assert len(world.events(v.VisitRequested)) == 1

        run_virtual(story, starts=NINE)


def stranger(key: bytes, who: PersonId, clock: VirtualClock) -> AccessDenied:
    """A door that doesn't know the badge."""
    return AccessDenied(
        door=LAB,
        at=clock.now(),
        zone=LAB_ZONE,
        side=Side.ENTRY,
        people=(),
        factors=(Factor.BADGE,),
        findings=(),
        credential=badge_digest(key, number(who)).hex(),
        camera=None,
        roster=1,
        timed_out=False,
    )


def _moved(
    kind: type[PersonEntered] | type[PersonLeft], clock: VirtualClock, late: int = 0
) -> PersonEntered | PersonLeft:
    at = clock.now() + timedelta(seconds=late)
    return kind(door=HALL_DOOR, at=at, zone=HALL, person=GUEST, declaration=None)


def _is_late(event: object) -> bool:
    return (
        isinstance(event, AlarmRaised | AlarmCleared)
        and event.code == "visit.inside_though_over"
        and event.target == HALL_DOOR
    )


def _is_overdue(event: object) -> bool:
    return (
        isinstance(event, AlarmRaised | AlarmCleared)
        and event.code == "visit.overdue"
        and event.device == f"visit:{VISIT}"
    )
