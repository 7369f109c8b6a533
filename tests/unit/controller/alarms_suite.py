"""What the office promises of alarms, on whatever database."""

import asyncio
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from controller.services.alarm_desk import AlarmDesk
from controller.services.board import OpenAlarm
from controller.store import alarms as store
from domain.alarm_acts import (
    AlarmAcknowledged,
    AlarmCause,
    AlarmEscalated,
    AlarmResolved,
    Called,
)
from domain.alarm_events import AlarmCleared, AlarmCode, AlarmRaised
from domain.alarm_life import AlarmProblem as P
from domain.events import Event
from domain.ids import CONTROLLER, DoorId, PersonId, ZoneId
from domain.operators import Operator, OperatorId, OperatorRole
from domain.policy import Reason
from simulators.clock import VirtualClock, run_virtual
from tests.offices import ADA, CANTEEN, LAB, NINE, World, office
from tests.operators import operator

GUARD: Final = operator(OperatorRole.GUARD, ZoneId(""))
LEAD: Final = operator(OperatorRole.SHIFT_LEAD, ZoneId(""))


def raised(
    code: AlarmCode,
    priority: int,
    *,
    at: datetime,
    door: DoorId = LAB,
    person: PersonId | None = None,
) -> AlarmRaised:
    return AlarmRaised(
        door=door,
        at=at,
        code=Reason(code),
        priority=priority,
        person=person,
        device=None,
        detail="",
        silent=False,
        target=None,
    )


def cleared(code: AlarmCode, *, at: datetime, door: DoorId = LAB) -> AlarmCleared:
    return AlarmCleared(door=door, at=at, code=Reason(code), device=None, target=None)


class Shift:
    """A guard's shift in front of one office."""

    def __init__(self, world: World, clock: VirtualClock) -> None:
        self.world = world
        self.clock = clock
        self.desk = AlarmDesk(world.controller.operators.sessions.office)

    async def told(self, *events: Event) -> None:
        for event in events:
            await self.world.doors[event.door].say(event)
        await self.world.settle()

    async def raise_(
        self, code: AlarmCode, priority: int, person: PersonId | None = None
    ) -> int:
        await self.told(raised(code, priority, at=self.clock.now(), person=person))
        return next(a.id for a in await self.standing() if str(a.code) == code.value)

    async def clear(self, code: AlarmCode) -> None:
        await self.told(cleared(code, at=self.clock.now()))

    async def standing(self) -> Sequence[OpenAlarm]:
        found = (await self.desk.all()).standing
        return [a for a in found if str(a.code) != AlarmCode.DOOR_OFFLINE.value]

    async def acknowledge(self, id_: int, note: str = "") -> tuple[P, ...]:
        return await self.desk.acknowledge(id_, by=GUARD, note=note)

    async def call(self, id_: int, to: Called | None, note: str) -> tuple[P, ...]:
        return await self.desk.call(id_, by=GUARD, to=to, note=note)

    def calls(self) -> list[AlarmEscalated]:
        """Those that were made because of a door that speaks."""
        told = self.world.events(AlarmEscalated)
        calls = [e for e in told if isinstance(e, AlarmEscalated)]
        return [c for c in calls if str(c.code) != AlarmCode.DOOR_OFFLINE.value]

    async def resolve(
        self, id_: int, by: Operator = LEAD, sentence: str = "a rack pushed it"
    ) -> tuple[P, ...]:
        return await self.desk.resolve(
            id_, by=by, cause=AlarmCause.MISHANDLING, sentence=sentence
        )


class AlarmsSuite:
    def test_an_alarm_that_cleared_stays_until_somebody_resolves_it(
        self, database: str
    ) -> None:
        """Design 13.11."""

        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                shift = Shift(world, clock)
                id_ = await shift.raise_(AlarmCode.DOOR_FORCED, 1)
                await shift.clear(AlarmCode.DOOR_FORCED)
                await world.settle(7200)
                [seen] = await shift.standing()
                board = await world.controller.board()
                too_early = await shift.resolve(id_)
                acknowledged = await shift.acknowledge(id_, "on my way")
                twice = await shift.acknowledge(id_)
                [known] = await shift.standing()
                resolved = await shift.resolve(id_)
                again = await shift.resolve(id_)
                after = await shift.desk.all()

                assert seen.cleared_at is not None
                assert seen.calls
                assert id_ in {a.id for a in board.alarms if a.calls}
                assert too_early == (P.UNACKNOWLEDGED,)
                assert acknowledged == ()
                assert twice == (P.ALREADY,)
                assert (known.acknowledged_by, known.note) == ("guard", "on my way")
                assert resolved == ()
                assert again == (P.ALREADY,)
                assert id_ not in {a.id for a in after.standing}
                assert after.past[0].sentence == "a rack pushed it"
                assert after.past[0].cause is AlarmCause.MISHANDLING

        run_virtual(story, starts=NINE)

    def test_an_urgent_alarm_is_resolved_only_once_its_condition_is_gone(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                shift = Shift(world, clock)
                id_ = await shift.raise_(AlarmCode.DOOR_FORCED, 1)
                await shift.acknowledge(id_)
                still = await shift.resolve(id_)
                [held] = await shift.standing()
                await shift.clear(AlarmCode.DOOR_FORCED)
                gone = await shift.resolve(id_)

                assert still == (P.STILL_WRONG,)
                assert held.resolved_at is None
                assert gone == ()
                assert await shift.standing() == []

        run_virtual(story, starts=NINE)

    def test_what_is_still_wrong_stays_although_it_was_resolved(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                shift = Shift(world, clock)
                id_ = await shift.raise_(AlarmCode.DOOR_HELD, 2)
                await shift.acknowledge(id_)
                await shift.resolve(id_)
                [stays] = await shift.standing()
                await shift.clear(AlarmCode.DOOR_HELD)

                assert stays.resolved_at is not None
                assert stays.calls
                assert await shift.standing() == []

        run_virtual(story, starts=NINE)

    def test_a_condition_raised_again_after_it_was_resolved_calls_anew(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                shift = Shift(world, clock)
                old = await shift.raise_(AlarmCode.DOOR_HELD, 2)
                await shift.acknowledge(old)
                await shift.resolve(old)
                await world.settle(60)
                new = await shift.raise_(AlarmCode.DOOR_HELD, 2)
                [only] = await shift.standing()

                assert new != old
                assert only.acknowledged_at is None

        run_virtual(story, starts=NINE)

    def test_a_second_threat_after_the_first_was_acknowledged_calls_anew(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                shift = Shift(world, clock)
                first = await shift.raise_(AlarmCode.DURESS, 1)
                await shift.acknowledge(first)
                await world.settle(60)
                await shift.raise_(AlarmCode.DURESS, 1)
                both = await shift.standing()
                resolved = await shift.resolve(first)
                left = await shift.standing()

                assert [a.acknowledged_at is None for a in both] == [True, False]
                assert resolved == ()  # it has no condition to wait for
                assert [a.id for a in left] == [both[0].id]

        run_virtual(story, starts=NINE)

    def test_unacknowledged_alarms_come_first_then_the_urgent_ones(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                shift = Shift(world, clock)
                seen = await shift.raise_(AlarmCode.DOOR_FORCED, 1)
                await shift.acknowledge(seen)
                held = await shift.raise_(AlarmCode.DOOR_HELD, 2)
                fire = await shift.raise_(AlarmCode.FIRE, 1)

                found = [a.id for a in await shift.standing()]
                assert found == [fire, held, seen]

        run_virtual(story, starts=NINE)

    def test_nobody_resolves_what_concerns_themselves_nor_without_a_reason(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                shift = Shift(world, clock)
                id_ = await shift.raise_(AlarmCode.DURESS, 1, person=ADA)
                await shift.acknowledge(id_)
                ada = Operator(
                    id=OperatorId("ada"),
                    name="Ada",
                    person=ADA,
                    roles=LEAD.roles,
                    zones=frozenset(),
                    rank=None,
                    department="",
                    disabled_at=None,
                )
                own = await shift.resolve(id_, by=ada)
                wordless = await shift.desk.resolve(
                    id_, by=LEAD, cause=None, sentence=" "
                )
                long = await shift.resolve(id_, sentence="x" * 501)

                assert own == (P.CONCERNS_SELF,)
                assert wordless == (P.NO_CAUSE, P.NO_SENTENCE)
                assert long == (P.TOO_LONG,)
                assert world.events(AlarmResolved) == []

        run_virtual(story, starts=NINE)

    def test_what_was_done_stands_in_the_log_and_folds_into_the_same_alarm(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                shift = Shift(world, clock)
                await shift.told(
                    raised(AlarmCode.DOOR_HELD, 2, at=clock.now(), door=CANTEEN)
                )
                id_ = await shift.raise_(AlarmCode.DURESS, 1)
                since = (await shift.desk.one(id_)).since
                await world.settle(5)
                await shift.acknowledge(id_, "called")
                await shift.resolve(id_)
                [acknowledged] = world.events(AlarmAcknowledged)
                [resolved] = world.events(AlarmResolved)

                assert isinstance(acknowledged, AlarmAcknowledged)
                assert isinstance(resolved, AlarmResolved)
                assert acknowledged.door == CONTROLLER
                assert (acknowledged.target, acknowledged.since) == (LAB, since)
                assert acknowledged.at - since >= timedelta(seconds=5)
                assert (acknowledged.by, resolved.by) == ("guard", "shift_lead")

                # The same acts once more change nothing.
                before = await _all(shift)
                await _write(shift, [acknowledged, resolved])
                assert await _all(shift) == before

        run_virtual(story, starts=NINE)

    def test_an_urgent_alarm_calls_further_at_60_180_and_300_seconds(
        self, database: str
    ) -> None:
        """Design 13.10."""

        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                shift = Shift(world, clock)
                id_ = await shift.raise_(AlarmCode.DOOR_FORCED, 1)
                heard_at = (await shift.desk.one(id_)).calling.heard_at
                await world.settle(400)

                calls = shift.calls()
                assert [(c.to, c.at - heard_at, c.step, c.by) for c in calls] == [
                    (Called.SHIFT_LEAD, timedelta(seconds=60), 1, None),
                    (Called.SECRECY_OFFICER, timedelta(seconds=180), 2, None),
                    (Called.CONTACTS, timedelta(seconds=300), 3, None),
                ]
                assert {c.target for c in calls} == {LAB}
                on_board = {a.id: a for a in (await world.controller.board()).alarms}
                assert [c.to for c in on_board[id_].called] == [c.to for c in calls]

        run_virtual(story, starts=NINE)

    def test_acknowledging_stops_the_calls(self, database: str) -> None:
        """Design 13.10."""

        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                shift = Shift(world, clock)
                id_ = await shift.raise_(AlarmCode.DOOR_FORCED, 1)
                await world.settle(100)
                await shift.acknowledge(id_)
                await world.settle(86400)

                assert [c.to for c in shift.calls()] == [Called.SHIFT_LEAD]

        run_virtual(story, starts=NINE)

    def test_what_ended_by_itself_still_calls_until_somebody_has_seen_it(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                shift = Shift(world, clock)
                await shift.raise_(AlarmCode.DOOR_HELD, 2)
                await shift.clear(AlarmCode.DOOR_HELD)
                await world.settle(700)

                called = [c.to for c in shift.calls()]
                assert called == [Called.SHIFT_LEAD, Called.ZONE_OWNER]

        run_virtual(story, starts=NINE)

    def test_what_a_door_tells_late_leaves_the_guard_the_same_time(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                shift = Shift(world, clock)
                long_ago = clock.now() - timedelta(hours=3)
                await shift.told(raised(AlarmCode.DURESS, 1, at=long_ago))
                await world.settle(50)
                early = shift.calls()
                await world.settle(15)

                assert early == []
                assert [c.to for c in shift.calls()] == [Called.SHIFT_LEAD]

        run_virtual(story, starts=NINE)

    def test_a_restart_neither_forgets_a_call_nor_makes_it_twice(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                shift = Shift(world, clock)
                await shift.raise_(AlarmCode.DOOR_FORCED, 1)
                await world.settle(70)
                before = [c.to for c in shift.calls()]
            await asyncio.sleep(120)  # nobody is there at 180 s
            async with office(
                database, clock, broker=world.broker, doors=world.doors
            ) as world:
                after = [c.to for c in Shift(world, clock).calls()]
                await world.settle(200)

                assert before == [Called.SHIFT_LEAD]
                assert after == [Called.SECRECY_OFFICER]
                assert [c.to for c in Shift(world, clock).calls()] == [
                    Called.SECRECY_OFFICER,
                    Called.CONTACTS,
                ]

        run_virtual(story, starts=NINE)

    def test_a_guard_calls_somebody_by_hand_once_and_says_why(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                shift = Shift(world, clock)
                id_ = await shift.raise_(AlarmCode.DOOR_FORCED, 1)
                wordless = await shift.call(id_, Called.SHIFT_LEAD, " ")
                nobody = await shift.call(id_, None, "help")
                called = await shift.call(id_, Called.SHIFT_LEAD, "two of them")
                twice = await shift.call(id_, Called.SHIFT_LEAD, "again")
                await world.settle(100)  # the clock doesn't call them either
                [call] = shift.calls()

                assert wordless == (P.NO_SENTENCE,)
                assert nobody == (P.NOBODY_TO_CALL,)
                assert called == ()
                assert twice == (P.ALREADY,)
                assert (call.by, call.step, call.note) == ("guard", 0, "two of them")
                await shift.acknowledge(id_)
                assert await shift.call(id_, Called.CONTACTS, "more of them") == ()

        run_virtual(story, starts=NINE)


async def _all(shift: Shift) -> object:
    return await shift.desk.all()


async def _write(shift: Shift, events: Sequence[Event]) -> None:
    def fold(connection: Connection) -> None:
        store.record(connection, events)

    await shift.world.controller.operators.sessions.office.database.write(fold)
