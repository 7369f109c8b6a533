"""What acts on doors promise, on whatever database."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final

import pytest

from controller.services.door_acts import CONFIRM_WITHIN, DoorActs, Problem, Scope
from controller.store import operators as store
from controller.store.operators import Secrets
from domain.errors import InputError
from domain.ids import DoorId, PersonId, ZoneId
from domain.office_events import CommandAsked, CommandSent
from domain.operators import Operator, OperatorId, OperatorRole
from simulators.clock import VirtualClock, run_virtual
from tests.offices import CANTEEN, LAB, LAB_ZONE, NINE, OFFICE, World, office
from tests.operators import operator

UNLOCK, LOCKDOWN, END = "unlock_door", "start_lockdown", "end_lockdown"
GUARD: Final = operator(OperatorRole.GUARD, LAB_ZONE)
LEAD: Final = operator(OperatorRole.SHIFT_LEAD, LAB_ZONE)
OFFICER: Final = operator(OperatorRole.SECRECY_OFFICER, LAB_ZONE)
OWNER: Final = operator(OperatorRole.ZONE_OWNER, LAB_ZONE)
STRANGER: Final = replace(OWNER, id=OperatorId("other"), zones=frozenset({ZoneId("x")}))
WANG: Final = PersonId("E1001")
TWICE: Final = tuple(
    replace(each, id=OperatorId(f"wang.{n}"), person=WANG)
    for n, each in enumerate((LEAD, OFFICER))
)


async def acts_in(world: World) -> DoorActs:
    """With the operators known: they are asked who they are when one confirms."""
    books = world.controller.operators.sessions.office
    kept = Secrets(password="-", one_time=b"-", recovery=())  # noqa: S106 opens nothing
    for each in (GUARD, LEAD, OFFICER, OWNER, STRANGER, *TWICE):
        await books.database.write(
            partial(store.add, operator=each, secrets=kept, at=NINE, by="test")
        )
    return DoorActs(books)


async def ask(
    acts: DoorActs,
    who: Operator,
    order: str,
    *,
    door: DoorId = LAB,
    scope: Scope = Scope.DOOR,
) -> str:
    asked = await acts.ask(who, door, order, scope, reason="盘点")
    assert not isinstance(asked, Problem), asked
    return asked


def orders_at(world: World, door: DoorId) -> list[str]:
    return [type(c.order).__name__ for c in world.doors[door].commands]


def sent_by(world: World) -> list[tuple[str, str]]:
    return [(e.by, e.reason) for e in world.events() if isinstance(e, CommandSent)]


class DoorActsSuite:
    @pytest.fixture
    def database(self) -> str:
        raise NotImplementedError  # a subclass says which

    def test_a_door_that_is_opened_once_confirms_it_and_the_log_says_who(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                acts = await acts_in(world)
                asked = await ask(acts, GUARD, UNLOCK, door=OFFICE)
                await world.settle()
                known = await acts.known(asked)

                assert orders_at(world, OFFICE) == ["UnlockDoor"]
                assert [c.answer for c in known.commands] == ["received"]
                assert not known.pending
                assert sent_by(world) == [("guard", "盘点")]

        run_virtual(story, starts=NINE)

    def test_a_command_without_a_reason_or_a_right_sends_nothing(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                acts = await acts_in(world)
                door, site = Scope.DOOR, Scope.SITE
                refused = [
                    await acts.ask(GUARD, OFFICE, UNLOCK, door, reason=" "),
                    await acts.ask(GUARD, LAB, UNLOCK, door, reason="x"),
                    await acts.ask(STRANGER, LAB, LOCKDOWN, door, reason="x"),
                    await acts.ask(OWNER, LAB, LOCKDOWN, site, reason="x"),
                    await acts.ask(LEAD, LAB, UNLOCK, site, reason="x"),
                    await acts.ask(LEAD, LAB, "reset_occupancy", door, reason="x"),
                    await acts.ask(LEAD, LAB, "explode", door, reason="x"),
                ]
                with pytest.raises(InputError):
                    await acts.ask(LEAD, DoorId("no"), LOCKDOWN, door, reason="x")
                await world.settle()

                assert refused == [Problem.NO_REASON] + [Problem.NO_RIGHT] * 6
                assert [d.commands for d in world.doors.values()] == [[], [], []]
                assert await acts.latest() == ()

        run_virtual(story, starts=NINE)

    def test_a_lockdown_of_the_site_reaches_every_door_and_one_that_is_silent_shows(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                acts = await acts_in(world)
                world.doors[CANTEEN].confirms = False
                asked = await ask(acts, GUARD, LOCKDOWN, scope=Scope.SITE)
                await world.settle()
                early = await acts.known(asked)
                await world.settle(31)
                late = await acts.known(asked)

                answers = {c.door: c.answer for c in late.commands}
                assert answers == {LAB: "received", OFFICE: "received", CANTEEN: None}
                assert (early.pending, late.pending) == (True, False)

        run_virtual(story, starts=NINE)

    def test_a_core_zone_is_released_only_when_another_person_confirms(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                acts = await acts_in(world)
                asked = await ask(acts, LEAD, END, scope=Scope.SITE)
                await world.settle()
                before = [orders_at(world, d) for d in world.doors]
                refused = [
                    await acts.confirm(LEAD, asked),
                    await acts.confirm(GUARD, asked),
                    await acts.confirm(OWNER, asked),  # of one zone only
                ]
                done = await acts.confirm(OFFICER, asked)
                again = await acts.confirm(OFFICER, asked)
                await world.settle()

                assert before == [[], [], []]
                assert refused == [
                    Problem.SAME_PERSON,
                    Problem.NO_RIGHT,
                    Problem.NO_RIGHT,
                ]
                assert (done, again) == (None, Problem.OVER)
                assert [orders_at(world, d) for d in world.doors] == [
                    ["EndLockdown"]
                ] * 3
                assert len(world.events(CommandAsked)) == 1
                assert {by for by, _ in sent_by(world)} == {
                    "shift_lead + secrecy_officer"
                }

        run_virtual(story, starts=NINE)

    def test_two_accounts_of_one_person_are_one_person(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                acts = await acts_in(world)
                asked = await ask(acts, TWICE[0], END)

                assert await acts.confirm(TWICE[1], asked) is Problem.SAME_PERSON

        run_virtual(story, starts=NINE)

    def test_what_nobody_confirmed_in_ten_minutes_is_over(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                acts = await acts_in(world)
                first = await ask(acts, LEAD, UNLOCK)
                await world.settle(CONFIRM_WITHIN.total_seconds() - 1)
                in_time = await acts.confirm(OWNER, first)
                second = await ask(acts, LEAD, UNLOCK)
                waiting = await acts.waiting()
                at = clock.now()
                await world.settle(CONFIRM_WITHIN.total_seconds())
                late = await acts.confirm(OWNER, second)

                assert clock.now() == at + timedelta(minutes=10)
                assert (in_time, late) == (None, Problem.OVER)
                assert [each.id for each in waiting] == [second]
                assert await acts.waiting() == ()
                assert orders_at(world, LAB) == ["UnlockDoor"]

        run_virtual(story, starts=NINE)

    def test_what_a_disabled_operator_asked_is_not_confirmed(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                acts = await acts_in(world)
                asked = await ask(acts, LEAD, END)
                await world.controller.operators.disable(LEAD.id, by="test")

                assert await acts.confirm(OFFICER, asked) is Problem.OVER

        run_virtual(story, starts=NINE)

    def test_what_waits_survives_a_restart_of_the_office(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                asked = await ask(await acts_in(world), LEAD, END)
            async with office(database, clock) as world:
                books = world.controller.operators.sessions.office
                assert await DoorActs(books).confirm(OFFICER, asked) is None
                await world.settle()

                assert orders_at(world, LAB) == ["EndLockdown"]

        run_virtual(story, starts=NINE)
