"""What ingest promises, on whatever database: one suite, run on SQLite and PostgreSQL.

A subclass gives `database`, the URL of an empty database.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

import pytest
from sqlalchemy import Connection, Table, select

from controller.store import tables as t
from controller.store.database import open_database
from controller.store.envelopes import Stored
from domain.access_events import AccessDenied, PersonEntered
from domain.alarm_events import AlarmCleared, AlarmCode, AlarmRaised
from domain.door_events import DoorForced, DoorOpened
from domain.ids import CONTROLLER, DoorId
from domain.journal import Tip
from domain.policy import Finding, Reason, Side, Verdict
from simulators.clock import VirtualClock, run_virtual
from tests.offices import ADA, LAB, LAB_ZONE, NINE, OFFICE, HandDoor, World, office
from wire import frame, json_v1
from wire.envelope import Signed

T = TypeVar("T")


def opened(second: int = 0, *, door: DoorId = LAB) -> DoorOpened:
    return DoorOpened(door=door, at=NINE + timedelta(seconds=second))


def refused(*, door: DoorId = LAB) -> AccessDenied:
    return AccessDenied(
        door=door,
        at=NINE,
        zone=LAB_ZONE,
        side=Side.ENTRY,
        people=(ADA,),
        factors=(),
        findings=(Finding(Reason("grant.missing"), Verdict.FORBID, ()),),
        credential=None,
        camera=None,
        roster=1,
        timed_out=False,
    )


class IngestSuite:
    @pytest.fixture
    def database(self) -> str:
        raise NotImplementedError  # a subclass says which

    def test_what_a_door_says_is_committed_and_acknowledged(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                lab = world.doors[LAB]
                [*_, last] = await lab.say(opened(), refused())
                await world.settle()

                assert lab.acks[-1].seq == lab.tip.seq
                assert lab.acks[-1].digest == last.digest
                assert await log_of(database, LAB) == list(range(lab.tip.seq + 1))
                page = await world.controller.page(person=ADA)
                assert [row.type for row in page] == ["access_denied"]
                assert page[0].findings[0].reason == "grant.missing"

        run_virtual(story, starts=NINE)

    def test_the_exact_signed_bytes_are_kept(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                [sent] = await world.doors[LAB].say(opened())
                await world.settle()
                seq = world.doors[LAB].tip.seq

            rows = await rows_of(database, t.envelopes)
            [row] = [r for r in rows if (r["door"], r["seq"]) == (LAB, seq)]
            kept = Signed(row["signed"], row["signature"])
            assert kept == sent
            kept.verify(world.doors[LAB].keys.sign.public)

        run_virtual(story, starts=NINE)

    def test_what_comes_twice_is_stored_once_and_answered_twice(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                lab = world.doors[LAB]
                sent = await lab.say(opened(), opened(1))
                await world.settle()
                acks = len(lab.acks)
                await lab.send(*sent)
                await world.settle()

                assert len(lab.acks) == acks + 1
                assert await log_of(database, LAB) == list(range(lab.tip.seq + 1))
                assert await rows_of(database, t.quarantine) == []

        run_virtual(story, starts=NINE)

    def test_entries_behind_a_gap_wait_and_follow_when_it_closes(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                lab = world.doors[LAB]
                missing, *rest = [lab.entry(opened(n)) for n in range(4)]
                before = missing_seq = lab.tip.seq - 3
                await lab.send(*rest)
                await world.settle()

                assert lab.acks[-1].seq == before - 1
                assert await log_of(database, LAB) == list(range(before))
                board = await world.controller.board()
                assert board.counters.gaps == 1

                await lab.send(missing)
                await world.settle()

                assert lab.acks[-1].seq == missing_seq + 3
                assert (await world.controller.board()).counters.gaps == 0
                assert await rows_of(database, t.waiting) == []
                assert gap_alarms(world) == []

        run_virtual(story, starts=NINE)

    def test_a_gap_that_stays_raises_an_alarm_that_its_closing_clears(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                lab = world.doors[LAB]
                missing, late = lab.entry(opened()), lab.entry(opened(1))
                await lab.send(late)
                await world.settle(59)
                early = gap_alarms(world)
                await world.settle(3)
                alarm = gap_alarms(world)

                assert early == []
                assert [a.target for a in alarm] == [LAB]
                assert alarm[0].priority == 1

                await lab.send(missing)
                await world.settle()
                [cleared] = world.events(AlarmCleared)
                assert isinstance(cleared, AlarmCleared)
                assert cleared.code == Reason(AlarmCode.JOURNAL_GAP)
                assert cleared.target == LAB

        run_virtual(story, starts=NINE)

    def test_another_past_is_put_aside_and_alarms_once(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                lab = world.doors[LAB]
                await lab.say(opened())
                await world.settle()
                forged = lab.entry(opened(9), at=Tip(lab.tip.seq - 1, lab.tip.digest))
                await lab.send(forged)
                await lab.send(forged)
                await world.settle()

                alarms = alarms_of(world, AlarmCode.JOURNAL_FORKED)
                assert [a.target for a in alarms] == [LAB]
                assert len(await rows_of(database, t.quarantine)) == 1
                assert lab.acks[-1].seq == lab.tip.seq
                assert lab.acks[-1].digest == lab.tip.digest

        run_virtual(story, starts=NINE)

    @pytest.mark.parametrize(
        ("make", "reason"),
        [
            pytest.param(lambda door: b"", "frame", id="nothing"),
            pytest.param(lambda door: b"\xff" * 100, "frame", id="noise"),
            pytest.param(
                lambda door: frame.pack([Signed(b"{}", bytes(64))]),
                "not signed by this door",
                id="unsigned",
            ),
            pytest.param(
                lambda door: frame.pack(
                    [Signed(door.entry(opened()).signed, bytes(64))]
                ),
                "not signed by this door",
                id="another signature",
            ),
            pytest.param(
                lambda door: frame.pack([signed_text(door, b"not json")]),
                "envelope",
                id="signed, and no envelope",
            ),
            pytest.param(
                lambda door: frame.pack([door.entry(opened(door=OFFICE))]),
                "it names `purchasing` as its sender",
                id="in another door's name",
            ),
            pytest.param(
                lambda door: frame.pack([door.entry(opened(door=CONTROLLER))]),
                "it names `controller` as its sender",
                id="in the controller's name",
            ),
        ],
    )
    def test_what_nobody_can_read_is_kept_alarms_and_never_loops(
        self, database: str, make: Callable[[HandDoor], bytes], reason: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                lab = world.doors[LAB]
                tip = lab.tip
                payload = make(lab)
                lab.tip = tip
                await lab.send_bytes(payload)
                await world.settle()
                [kept] = await rows_of(database, t.quarantine)
                await lab.say(opened())
                await world.settle()

                assert reason in str(kept["reason"])
                [alarm] = alarms_of(world, AlarmCode.MESSAGE_QUARANTINED)
                assert alarm.target == LAB
                assert lab.acks[-1].seq == lab.tip.seq  # the door goes on

        run_virtual(story, starts=NINE)

    @pytest.mark.parametrize(
        "spoiled",
        [
            pytest.param({"type": "door_levitated"}, id="a type of a later version"),
            pytest.param({"type": "x" * 200}, id="a type too long for a column"),
            pytest.param(
                {"type": "person_entered", "body": {"person": 7}}, id="another form"
            ),
            pytest.param(
                {
                    "type": "person_entered",
                    "body": {"zone": "lab", "person": "P" * 3000, "declaration": None},
                },
                id="an id too long for a column",
            ),
        ],
    )
    def test_an_entry_without_meaning_keeps_its_place_in_the_chain(
        self, database: str, spoiled: dict[str, object]
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                lab = world.doors[LAB]
                good = json_v1.envelope_of(
                    opened(), seq=lab.tip.seq + 1, previous=lab.tip.digest
                )
                odd = lab.signed(replace(good, **spoiled))  # type: ignore[arg-type]  # by name
                lab.tip = Tip(good.seq, odd.digest)
                await lab.send(odd)
                await lab.say(opened(1))
                await world.settle()

                assert lab.acks[-1].seq == good.seq + 1
                assert await log_of(database, LAB) == list(range(good.seq + 2))
                assert len(await rows_of(database, t.quarantine)) == 1
                [alarm] = alarms_of(world, AlarmCode.MESSAGE_QUARANTINED)
                assert alarm.target == LAB

        run_virtual(story, starts=NINE)

    def test_doors_are_acknowledged_apart(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                lab, purchasing = world.doors[LAB], world.doors[OFFICE]
                await lab.say(opened(), opened(1), opened(2))
                await purchasing.say(opened(door=OFFICE))
                await world.settle()

                assert lab.acks[-1].seq == lab.tip.seq
                assert purchasing.acks[-1].seq == purchasing.tip.seq
                assert {a.door for a in purchasing.acks} == {OFFICE}

        run_virtual(story, starts=NINE)

    def test_a_second_start_goes_on_where_the_first_ended(self, database: str) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as first:
                await first.doors[LAB].say(
                    PersonEntered(
                        door=LAB,
                        at=NINE,
                        zone=LAB_ZONE,
                        person=ADA,
                        declaration=None,
                    ),
                    DoorForced(door=LAB, at=NINE),
                )
                await first.settle()
                tip = first.doors[LAB].tip
            async with office(
                database, clock, broker=first.broker, doors=first.doors
            ) as second:
                await second.doors[LAB].say(opened())
                await second.settle()
                board = await second.controller.board()

                assert tip.seq < second.doors[LAB].tip.seq
                assert await log_of(database, LAB) == list(
                    range(second.doors[LAB].tip.seq + 1)
                )
                assert await log_of(database, CONTROLLER) == list(
                    range(len(await log_of(database, CONTROLLER)))
                )
                assert board.counters.inside == 1

        run_virtual(story, starts=NINE)

    def test_a_door_whose_acknowledgement_was_lost_is_answered_again(
        self, database: str
    ) -> None:
        """The broker dies between the commit and the acknowledgement."""

        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                lab = world.doors[LAB]
                world.controller.listen(
                    lambda stored: (
                        world.broker.kill()
                        if isinstance(stored.event, DoorForced)
                        else None
                    )
                )
                sent = await lab.say(DoorForced(door=LAB, at=NINE))
                await world.settle(5)
                committed = await log_of(database, LAB)
                heard = lab.acks[-1].seq
                world.broker.start()
                await world.settle(60)
                await lab.send(*sent)
                await world.settle()

                assert heard < committed[-1] == lab.tip.seq
                assert lab.acks[-1].seq == lab.tip.seq
                assert await log_of(database, LAB) == committed

        run_virtual(story, starts=NINE)

    def test_an_office_that_dies_after_its_commit_takes_the_message_as_known(
        self, database: str
    ) -> None:
        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as first:
                lab = first.doors[LAB]
                first.controller.listen(
                    lambda stored: (
                        first.kill() if isinstance(stored.event, DoorForced) else None
                    )
                )
                await lab.say(DoorForced(door=LAB, at=NINE))
                await first.settle()
                heard = lab.acks[-1].seq
            async with office(
                database, clock, broker=first.broker, doors=first.doors
            ) as second:
                # The broker still holds the message: nobody said it was done.
                await second.settle()

                assert heard < lab.acks[-1].seq
                log = await log_of(database, LAB)
                assert log == list(range(lab.tip.seq + 1))
                assert await rows_of(database, t.quarantine) == []
                assert len(second.events(DoorForced)) == 0

        run_virtual(story, starts=NINE)

    def test_a_listener_that_fails_stops_no_door(self, database: str) -> None:
        def fail(stored: Stored) -> None:
            if isinstance(stored.event, DoorForced):
                raise RuntimeError("a bug in somebody's page")

        async def story(clock: VirtualClock) -> None:
            async with office(database, clock) as world:
                lab = world.doors[LAB]
                world.controller.listen(fail)
                await lab.say(DoorForced(door=LAB, at=NINE), opened())
                await world.settle()

                assert lab.acks[-1].seq == lab.tip.seq
                assert await log_of(database, LAB) == list(range(lab.tip.seq + 1))

        run_virtual(story, starts=NINE)


def signed_text(door: HandDoor, text: bytes) -> Signed:
    return Signed(text, door.keys.sign.sign(text))


def gap_alarms(world: World) -> list[AlarmRaised]:
    return alarms_of(world, AlarmCode.JOURNAL_GAP)


def alarms_of(world: World, code: AlarmCode) -> list[AlarmRaised]:
    return [
        e
        for e in world.events(AlarmRaised)
        if isinstance(e, AlarmRaised) and e.code == Reason(code)
    ]


async def rows_of(url: str, table: Table) -> list[dict[str, Any]]:
    return await _read(
        url, lambda c: [dict(r._mapping) for r in c.execute(select(table))]
    )


async def log_of(url: str, door: DoorId) -> list[int]:
    e = t.envelopes.c
    query = select(e.seq).where(e.door == door).order_by(e.position)
    return await _read(url, lambda c: [row.seq for row in c.execute(query)])


async def _read(url: str, work: Callable[[Connection], T]) -> T:
    database = await open_database(url)
    try:
        return await database.read(work)
    finally:
        await database.close()
