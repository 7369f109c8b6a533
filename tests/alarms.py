"""A console over the register it acts on, with alarms in it: for tests and pictures."""

from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Final

from controller.services import event_filter, watchboard
from controller.services.board import Board, EventRow
from controller.services.event_filter import EventFilter
from controller.services.office import Acted, Office
from controller.services.operators import Operators
from controller.store import alarms as store
from domain.alarm_events import AlarmCleared, AlarmCode, AlarmRaised
from domain.events import Event
from domain.ids import DoorId, PersonId
from domain.policy import Reason
from tests.boards import NOW, SITE
from tests.operators import cheap, new_gate
from tests.web_site import Served, SetClock, served


def raised(
    door: str, code: AlarmCode, priority: int, *, ago: float, person: str = ""
) -> AlarmRaised:
    return AlarmRaised(
        door=DoorId(door),
        at=NOW - timedelta(seconds=ago),
        code=Reason(code),
        priority=priority,
        person=PersonId(person) if person else None,
        device=None,
        detail="",
        silent=False,
        target=None,
    )


def cleared(door: str, code: AlarmCode, *, ago: float) -> AlarmCleared:
    return AlarmCleared(
        door=DoorId(door),
        at=NOW - timedelta(seconds=ago),
        code=Reason(code),
        device=None,
        target=None,
    )


# Numbered from 1 in this order; 2 has cleared by itself.
STORY: Final[tuple[Event, ...]] = (
    raised("heat_treatment", AlarmCode.DOOR_FORCED, 1, ago=22),
    raised("archive", AlarmCode.DOOR_FORCED, 1, ago=900),
    cleared("archive", AlarmCode.DOOR_FORCED, ago=880),
    raised("precision_grinding", AlarmCode.DOOR_HELD, 2, ago=130),
)


class Register:
    """The board as it stands in an office's register; rings after each act."""

    def __init__(self, office: Office) -> None:
        self.office = replace(office, acted=self._acted)
        self._callbacks: list[Callable[[object], None]] = []

    async def board(self) -> Board:
        at = self.office.clock.now()
        return await self.office.database.read(
            lambda c: watchboard.board(c, SITE, at=at)
        )

    async def events(self, wanted: EventFilter) -> tuple[EventRow, ...]:
        return await self.office.database.read(
            lambda c: event_filter.latest(c, SITE, wanted, limit=50)
        )

    def listen(self, callback: Callable[[object], None]) -> None:
        self._callbacks.append(callback)

    async def tell(self, events: Sequence[Event]) -> None:
        await self.office.database.write(lambda c: store.record(c, events))
        self._ring()

    def _acted(self, _acted: Acted) -> None:
        self._ring()

    def _ring(self) -> None:
        for callback in self._callbacks:
            callback(None)


@asynccontextmanager
async def alarmed(
    story: Sequence[Event] = STORY, *, clock: SetClock | None = None
) -> AsyncIterator[tuple[Served, Register]]:
    clock = clock or SetClock()
    gate = await new_gate(SITE, clock)
    assert gate.office is not None
    register = Register(gate.office)
    gate.operators = Operators(register.office, cheap())
    await register.tell(story)
    try:
        async with served(register, clock=clock, gate=gate, beat=0.5) as address:
            yield address, register
    finally:
        await gate.close()
