"""What the register, rosters and commands promise, on whatever database."""

from datetime import datetime, timedelta

import pytest

from controller.services.rosters import TEMPLATES_KEPT
from domain.access_events import PersonEntered, PersonLeft
from domain.alarm_events import AlarmCode, AlarmRaised
from domain.commands import StartLockdown, UnlockDoor
from domain.credentials import Credential, Factor
from domain.errors import InputError
from domain.ids import CredentialId, DoorId, PersonId, ZoneId
from domain.office_events import (
    CommandSent,
    GrantMade,
    GrantRevoked,
    PersonChanged,
    RosterIssued,
)
from domain.people import PersonState
from domain.policy import Outcome, Reason
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
    OFFICE,
    SITE,
    World,
    credentials,
    door,
    grant,
    office,
    person,
    site,
    zone,
)
from wire import presence
from wire.messages import PresenceSnapshot

STAFF = (
    person(ADA, grant(LAB_ZONE)),
    person(BO, post="purchasing_manager"),
    person(COOK, post="cook"),
)


class RegisterSuite:
    @pytest.fixture
    def database(self) -> str:
        raise NotImplementedError  # a subclass says which

    def test_each_door_knows_whom_it_may_know_and_nobody_else(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, people=STAFF) as world:
                assert known_at(world, LAB) == {ADA}
                assert known_at(world, OFFICE) == {BO}
                assert known_at(world, CANTEEN) == {ADA, BO, COOK}

        run_virtual(story, starts=NINE)

    def test_a_withdrawal_is_confirmed_by_every_door_that_heard_of_it(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, people=STAFF) as world:
                change = await world.controller.revoke(ADA, None, "revoked", by="x")
                before = await world.controller.receipts(change)
                await world.settle()
                after = await world.controller.receipts(change)

                assert {d: r.confirmed_at for d, r in before.items()} == {LAB: None}
                confirmed = after[LAB].confirmed_at
                assert confirmed is not None
                assert confirmed - NINE < timedelta(seconds=3)
                entry = world.doors[LAB].rosters[-1].entry_of(ADA)
                assert entry is not None
                assert entry.person.grants == ()
                assert entry.person.withdrawn is not None
                assert entry.person.withdrawn.reason == "revoked"
                assert len(world.events(GrantRevoked)) == 1

        run_virtual(story, starts=NINE)

    def test_a_door_that_is_away_confirms_when_it_is_back(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, people=STAFF) as world:
                lab = world.doors[LAB]
                world.broker.cut(lab.keys.client_id)
                change = await world.controller.revoke(ADA, LAB_ZONE, "revoked", by="x")
                await world.settle(3600)
                away = await world.controller.receipts(change)
                world.broker.restore(lab.keys.client_id)
                await world.settle(60)
                back = await world.controller.receipts(change)

                assert away[LAB].confirmed_at is None
                assert away[LAB].roster is not None
                assert back[LAB].confirmed_at is not None

        run_virtual(story, starts=NINE)

    def test_templates_go_within_a_day_and_the_badge_stays(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, people=STAFF) as world:
                await world.controller.leave(ADA, by="x")
                await world.settle()
                at_once = factors_at(world, LAB, ADA)
                await world.settle(TEMPLATES_KEPT.total_seconds())
                later = factors_at(world, LAB, ADA)

                assert at_once == set(Factor)
                assert later == {Factor.BADGE}
                assert clock.now() - NINE < timedelta(hours=24)

        run_virtual(story, starts=NINE)

    @pytest.mark.parametrize(
        ("state", "withdrawn"),
        [
            (PersonState.LEFT, "left"),
            (PersonState.DE_SECRECY, "de_secrecy"),
            (PersonState.SUSPENDED, None),
        ],
    )
    def test_a_state_is_at_every_door_that_knows_the_person(
        self, database: str, state: PersonState, withdrawn: str | None
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, people=STAFF) as world:
                change = await world.controller.set_state(ADA, state, by="x")
                await world.settle()
                receipts = await world.controller.receipts(change)
                seen = world.doors[LAB].rosters[-1].entry_of(ADA)

                assert set(receipts) == {LAB, CANTEEN}
                assert all(r.confirmed_at for r in receipts.values())
                assert seen is not None
                assert seen.person.state is state
                reason = seen.person.withdrawn and seen.person.withdrawn.reason
                assert reason == withdrawn
                assert known_at(world, CANTEEN) == {ADA, BO, COOK}

        run_virtual(story, starts=NINE)

    def test_a_suspension_is_lifted_with_all_grants(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, people=STAFF) as world:
                await world.controller.suspend(ADA, by="x")
                await world.settle()
                await world.controller.reinstate(ADA, by="x")
                await world.settle()
                seen = world.doors[LAB].rosters[-1].entry_of(ADA)

                assert seen is not None
                assert seen.person.state is PersonState.ACTIVE
                assert len(seen.person.grants) == 1
                assert [
                    e.change
                    for e in world.events(PersonChanged)
                    if isinstance(e, PersonChanged)
                ] == ["state active -> suspended", "state suspended -> active"]

        run_virtual(story, starts=NINE)

    def test_five_changes_at_once_make_one_roster(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, people=STAFF) as world:
                issued = len(world.events(RosterIssued))
                for _ in range(5):
                    await world.controller.grant(COOK, grant(LAB_ZONE), by="x")
                await world.settle()

                assert len(world.events(RosterIssued)) == issued + 1
                assert len(world.events(GrantMade)) == 6

        run_virtual(story, starts=NINE)

    def test_rosters_are_renewed_before_they_end_and_numbers_only_grow(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, people=STAFF) as world:
                lab = world.doors[LAB]
                for _ in range(20):
                    await world.settle(12 * 3600)
                    remains = lab.rosters[-1].valid_until - clock.now()
                    assert remains > timedelta(hours=24)
                numbers = [r.number for r in lab.rosters]
                assert numbers == sorted(set(numbers))
                last = numbers[-1]
            async with office(database, clock) as again:
                await again.settle()
                assert again.doors[LAB].rosters[-1].number > last

        run_virtual(story, starts=NINE)

    def test_a_seed_never_gives_back_what_was_withdrawn(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, people=STAFF) as world:
                await world.controller.revoke(ADA, LAB_ZONE, "revoked", by="x")
            async with office(database, clock, people=STAFF) as again:
                seen = again.doors[LAB].rosters[-1].entry_of(ADA)

                assert seen is not None
                assert seen.person.withdrawn is not None
                assert again.events(GrantMade) == []

        run_virtual(story, starts=NINE)

    @pytest.mark.parametrize(
        ("whose", "number", "says"),
        [
            pytest.param(f"{ADA}.badge", b"new", "is `E1001`'s", id="credential id"),
            pytest.param("fresh", b"E1001badge", "is `E1001`'s", id="the badge itself"),
        ],
    )
    def test_nobody_is_given_what_is_somebody_elses(
        self, database: str, whose: str, number: bytes, says: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, people=STAFF) as world:
                badge = Credential(CredentialId(whose), Factor.BADGE, number)
                with pytest.raises(InputError, match=says):
                    await world.controller.enrol(BO, badge, by="x")

        run_virtual(story, starts=NINE)

    def test_a_credential_enrolled_again_replaces_what_it_was(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, people=STAFF) as world:
                face = Credential(CredentialId(f"{ADA}.face"), Factor.FACE, b"younger")
                await world.controller.enrol(ADA, face, by="x")
                await world.settle()
                seen = world.doors[LAB].rosters[-1].entry_of(ADA)

                assert seen is not None
                assert face in seen.credentials
                assert len(seen.credentials) == len(credentials(ADA))

        run_virtual(story, starts=NINE)

    @pytest.mark.parametrize(
        ("person_", "zone_", "says"),
        [
            (PersonId("E9"), None, "knows no person `E9`"),
            (BO, LAB_ZONE, "`E1002` holds no grant for `lab`"),
            (ADA, ZoneId("attic"), "no zone `attic`"),
        ],
    )
    def test_what_cannot_be_withdrawn_is_told(
        self, database: str, person_: PersonId, zone_: ZoneId | None, says: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, people=STAFF) as world:
                with pytest.raises(InputError, match=says):
                    await world.controller.revoke(person_, zone_, "revoked", by="x")

        run_virtual(story, starts=NINE)

    def test_a_command_is_recorded_sent_and_answered(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                id_ = await world.controller.command(
                    LAB, UnlockDoor("help"), by="guard"
                )
                await world.settle()
                answer = await world.controller.answer(id_)

                assert [c.id for c in world.doors[LAB].commands] == [id_]
                assert world.doors[OFFICE].commands == []
                assert len(world.events(CommandSent)) == 1
                assert answer is not None
                assert answer.answer == "received"

        run_virtual(story, starts=NINE)

    def test_a_command_that_expired_in_the_office_is_never_sent(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                world.broker.kill()
                await world.settle()
                id_ = await world.controller.command(
                    LAB, StartLockdown("drill"), by="guard"
                )
                await world.settle(31)
                world.broker.start()
                await world.settle(60)
                answer = await world.controller.answer(id_)

                assert world.doors[LAB].commands == []
                assert answer is not None
                assert answer.answer == "unsent"

        run_virtual(story, starts=NINE)

    def test_a_door_that_stays_away_alarms_once_and_its_return_clears_it(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                for each in world.doors.values():
                    await each.online()
                await world.settle(120)
                calm = offline_alarms(world)
                world.broker.cut(world.doors[LAB].keys.client_id)
                await world.settle(59)
                early = offline_alarms(world)
                await world.settle(3600)
                late = offline_alarms(world)
                world.broker.restore(world.doors[LAB].keys.client_id)
                await world.settle(60)
                await world.doors[LAB].online()
                await world.settle()
                board = await world.controller.board()

                assert calm == early == []
                assert [a.target for a in late] == [LAB]
                assert board.tiles[LAB].online
                assert [a for a in board.alarms if a.cleared_at is None] == []

        run_virtual(story, starts=NINE)

    def test_the_last_will_of_an_older_connection_takes_nobody_away(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                lab = world.doors[LAB]
                await lab.online()
                await lab.online()
                await lab.offline(session=1)
                await world.settle()

                assert (await world.controller.board()).tiles[LAB].online

        run_virtual(story, starts=NINE)

    def test_why_says_what_the_door_would_say(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, people=STAFF) as world:
                ask = world.controller.why
                granted = await ask(ADA, LAB, clock.now())
                unknown = await ask(COOK, LAB, clock.now())
                await world.settle(5)
                before = clock.now()
                await world.settle(5)
                await world.controller.leave(ADA, by="x")
                await world.settle()
                left = await ask(ADA, LAB, clock.now())
                earlier = await ask(ADA, LAB, before)

                assert granted.decision.outcome is Outcome.GRANTED
                assert unknown.decision.outcome is Outcome.DENIED
                assert "credential.unknown" in unknown.decision.reasons
                assert "person.left" in left.decision.reasons
                assert earlier.decision.outcome is Outcome.GRANTED

        run_virtual(story, starts=NINE)

    def test_doors_of_a_shared_zone_hear_what_the_others_saw(
        self, database: str
    ) -> None:
        east, west = door("east", zone="hall"), door("west", zone="hall")
        plan = site(east, west, zones=[zone("hall", ZoneLevel.IMPORTANT)])
        hall = ZoneId("hall")

        async def story(clock: VirtualClock) -> None:
            async with office(
                database, clock, plan=plan, people=[person(ADA, grant(hall))]
            ) as world:
                a, b = world.doors[east.id], world.doors[west.id]
                await a.say(
                    PersonEntered(
                        door=a.id,
                        at=clock.now(),
                        zone=hall,
                        person=ADA,
                        declaration=None,
                    )
                )
                await world.settle()
                entered = heard_at(world, b.id)
                await world.settle(10)
                await b.say(
                    PersonLeft(
                        door=b.id,
                        at=clock.now(),
                        zone=hall,
                        person=ADA,
                        declaration=None,
                    )
                )
                await world.settle()
                left = heard_at(world, a.id)

                assert [m.person for m in entered.entered] == [ADA]
                assert left.entered == ()
                assert [m.person for m in left.left] == [ADA]
                board = await world.controller.board()
                assert board.counters.inside == 0

        run_virtual(story, starts=NINE)


def moved(
    kind: type[PersonEntered] | type[PersonLeft],
    door_: DoorId,
    zone_: ZoneId,
    at: datetime,
) -> PersonEntered | PersonLeft:
    return kind(door=door_, at=at, zone=zone_, person=ADA, declaration=None)


def known_at(world: World, door_: DoorId) -> set[PersonId]:
    return {e.person.id for e in world.doors[door_].rosters[-1].entries}


def factors_at(world: World, door_: DoorId, who: PersonId) -> set[Factor]:
    entry = world.doors[door_].rosters[-1].entry_of(who)
    return set() if entry is None else {c.factor for c in entry.credentials}


def offline_alarms(world: World) -> list[AlarmRaised]:
    return [
        e
        for e in world.events(AlarmRaised)
        if isinstance(e, AlarmRaised) and e.code == Reason(AlarmCode.DOOR_OFFLINE)
    ]


def heard_at(world: World, door_: DoorId) -> PresenceSnapshot:
    hand = world.doors[door_]
    return presence.unpack(
        hand.presence[-1], controller=hand.keys.controller, site=SITE, door=hand.id
    )
