"""A site with people inside, for the muster's tests and pictures: staff in two zones, a
visitor with an escort, one zone in doubt, one door lost."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from sqlalchemy import Connection

from controller.services.visit_step import Done
from controller.store import doors, occupancy
from domain.access_events import OccupancyBecameUnknown, PersonEntered
from domain.ids import DoorId, PersonId, ZoneId
from domain.people import Rank
from domain.visit_approval import Approver
from tests.boards import BUSY, SITE, ago
from tests.desks import ESCORT, GUARD, MANAGER, ask, desk_gate, office_of
from tests.operators import Gate
from tests.web_site import Served, SetClock, Told, served

LOST: Final = DoorId("archive")
INSIDE: Final = (
    ("heat_treatment", "E1001", 5400),
    ("heat_treatment", "E1002", 1200),
    ("precision_grinding", str(ESCORT), 900),
    ("archive", "E1003", 600),
)


def entered(zone: str, person: str, seconds: float) -> PersonEntered:
    return PersonEntered(
        door=DoorId(zone),
        at=ago(seconds),
        zone=ZoneId(zone),
        person=PersonId(person),
        declaration=None,
    )


def told(connection: Connection) -> None:
    occupancy.record(connection, [entered(*each) for each in INSIDE])
    doubt = OccupancyBecameUnknown(
        door=DoorId("core_assembly"),
        at=ago(300),
        zone=ZoneId("core_assembly"),
        cause="fire",
    )
    occupancy.record(connection, [doubt])
    for door in SITE.doors:
        lost = door == LOST
        presence = {"online": not lost, "online_since": ago(1800), "last_at": ago(600)}
        doors.put(connection, door, presence)


async def one_visitor(gate: Gate) -> None:
    """Checked in with every step, and in no zone yet."""
    office = office_of(gate)
    visit, who = await ask(office, "T1", "何志远", "苏测量仪"), PersonId("VT1")
    approver = Approver(person=MANAGER, rank=Rank.GENERAL_MANAGER, heads=frozenset())
    assert isinstance(await office.approve(visit, approver, "test"), Done)
    await office.identify(visit, who, "id_card", "0417", "test")
    await office.declare(visit, who, [], "test", locker=None)
    text = (await office.texts("repair"))["zh-CN"].digest
    await office.sign(
        visit, who, text, "test", strokes=None, witness=GUARD, where="gate"
    )
    done = await office.check_in(
        visit,
        "test",
        escorts_present=frozenset({ESCORT}),
        badges={who: bytes.fromhex("0a0b0c0d")},
    )
    assert isinstance(done, Done), done


@asynccontextmanager
async def mustered() -> AsyncIterator[tuple[Served, SetClock]]:
    clock = SetClock()
    gate = await desk_gate(clock)
    assert gate.office is not None
    await gate.office.database.write(told)
    await one_visitor(gate)
    try:
        async with served(Told(BUSY), clock=clock, gate=gate) as address:
            yield address, clock
    finally:
        await gate.close()
