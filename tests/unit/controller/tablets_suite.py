"""What the office promises of the lobby's tablets, on whatever database."""

from dataclasses import dataclass, replace
from typing import Final

from controller.services.lobby import Agreed, Lobby
from controller.services.lobby_desk import LobbyDesk, NewTablet, OnTablet
from controller.services.strokes import drawn
from domain.ids import ZoneId
from domain.operators import Operator, OperatorRole
from domain.tablets import IDLE, TabletProblem, TaskState
from domain.visit_problems import VisitProblem
from domain.visits import Signed
from simulators.clock import VirtualClock, run_virtual
from tests.offices import NINE, World, office
from tests.operators import operator
from tests.unit.controller.visits_suite import (
    EVA,
    GUEST,
    PLAN,
    STAFF,
    VISIT,
    Reception,
)

GUARD: Final = replace(operator(OperatorRole.GUARD, ZoneId("")), person=EVA)
INK: Final = drawn("[[100,300,400,80],[500,200,700,200]]")


@dataclass
class Gate:
    """The guard's side and the tablet's, of one office."""

    world: World

    @property
    def desk(self) -> LobbyDesk:
        return LobbyDesk(self.world.controller.operators.sessions.office)

    @property
    def lobby(self) -> Lobby:
        return Lobby(self.world.controller.operators.sessions.office)

    async def paired(self, name: str, by: Operator = GUARD) -> tuple[str, str]:
        made = await self.desk.add(name, by=by)
        assert isinstance(made, NewTablet)
        token = await self.lobby.pair(made.code)
        assert token is not None
        return made.id, token

    async def seen(self, token: str) -> OnTablet:
        seen = await self.lobby.seen(token)
        assert seen is not None
        return seen

    async def agreed(self, *, typed: str = "") -> Agreed:
        texts = await self.world.controller.visits.texts("visitor")
        return Agreed(
            text_digest=texts["en"].digest,
            strokes=None if typed else INK,
            typed=typed,
            photo=False,
        )


class TabletsSuite:
    def test_a_visitor_signs_at_the_tablet_they_were_sent_to(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                gate = Gate(world)
                await Reception(world).approved()
                id_, token = await gate.paired("gate")
                sent = await gate.desk.send(VISIT, GUEST, id_, by=GUARD)
                shown = await gate.seen(token)
                signed = await gate.lobby.agree(shown, await gate.agreed())
                again = await gate.lobby.agree(
                    await gate.seen(token), await gate.agreed()
                )
                resent = await gate.desk.send(VISIT, GUEST, id_, by=GUARD)
                visitor = (await world.controller.visits.visit(VISIT)).visitors[0]
                paper = await world.controller.visits.undertaking(VISIT, GUEST)
                await world.settle()

                assert sent == signed == ()
                assert shown.task is not None
                assert shown.task.state is TaskState.READING
                assert again == (TabletProblem.OVER,)
                assert resent == (VisitProblem.ALREADY,)
                assert isinstance(visitor.undertaking, Signed)
                assert paper is not None
                assert (paper[0].where, paper[0].photo) == ("gate", False)

        run_virtual(story, starts=NINE)

    def test_whom_a_guard_sends_to_another_tablet_is_on_that_one_alone(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                gate = Gate(world)
                await Reception(world).approved()
                first, first_token = await gate.paired("first")
                second, second_token = await gate.paired("second")
                await gate.desk.send(VISIT, GUEST, first, by=GUARD)
                await gate.desk.send(VISIT, GUEST, second, by=GUARD)
                left = await gate.seen(first_token)
                there = await gate.seen(second_token)
                await gate.desk.revoke(second, by=GUARD)
                gone = await gate.lobby.seen(second_token)
                await world.settle()

                assert left.task is None
                assert there.task is not None
                assert gone is None

        run_virtual(story, starts=NINE)

    def test_a_typed_name_waits_for_a_witness_and_then_for_nobody(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock, plan=PLAN, people=STAFF) as world:
                gate = Gate(world)
                await Reception(world).approved()
                id_, token = await gate.paired("gate")
                await gate.desk.send(VISIT, GUEST, id_, by=GUARD)
                typed = await gate.agreed(typed="何志远")
                assert await gate.lobby.agree(await gate.seen(token), typed) == ()
                waiting = await gate.seen(token)
                assert waiting.task is not None
                task = waiting.task.id
                nobody = replace(GUARD, person=None)
                unknown = await gate.desk.witness(id_, task, by=nobody)
                done = await gate.desk.witness(id_, task, by=GUARD)
                paper = await world.controller.visits.undertaking(VISIT, GUEST)
                await world.settle(IDLE.total_seconds())
                after = await gate.seen(token)

                assert unknown == (TabletProblem.NO_PERSON,)
                assert done == ()
                assert paper is not None
                assert (paper[0].strokes, paper[0].witness) == (None, EVA)
                assert after.task is None

        run_virtual(story, starts=NINE)
