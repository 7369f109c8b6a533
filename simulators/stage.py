"""Play a story on a simulated site and note what comes of each step.

The same on the virtual clock and in real time: steps start at their instants, each in
a task of its own, so that they may overlap as people do. What a step came to is read
from the events that its door recorded, never from the inside of the agent.
"""

import asyncio
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from domain.access_events import AccessDenied, AccessGranted, AccessWaiting
from domain.alarm_events import AlarmRaised
from domain.clock import Clock
from domain.errors import InputError
from domain.events import Event
from domain.ids import DoorId, PersonId
from domain.policy import Outcome
from simulators.deeds import perform
from simulators.people import Devices, declaration_keys
from simulators.rig import DoorRig
from simulators.site import SimulatedSite
from simulators.story import (
    DEFAULT_AFTER,
    OPENS_AFTER,
    PRESENTATIONS_APART,
    SHUTS_AFTER,
    Deed,
    Step,
    StepResult,
    Story,
)
from simulators.story_visits import DeskResult
from simulators.visit_deeds import bring_to_its_beginning, perform_at_desk

# A door that was held has shut, and its contact has told so, before anybody presents.
_SHUTS_WITHIN: Final = 0.2
# After a presentation: the declaration is keyed in between two presentations, and
# a judgement is looked for before the next could come.
_KEYED_AFTER: Final = 0.5
_JUDGED_WITHIN: Final = 0.9

AccessEvent = AccessWaiting | AccessGranted | AccessDenied


@dataclass(slots=True)
class _Book:
    """What is noted of one step while the story goes on."""

    step: Step
    at: datetime
    seen: int = 0  # events before the step began
    access: AccessEvent | None = None
    desk: DeskResult | None = None
    alarms: list[str] = field(default_factory=list)

    def result(self) -> StepResult:
        if self.desk is not None:
            return self._at_desk(self.desk)
        event = self.access
        return StepResult(
            step=self.step.number,
            at=self.at,
            door=self.step.door,
            outcome=_outcome(event),
            people=event.people if event is not None else (),
            waiting_for=(
                tuple(event.waiting_for) if isinstance(event, AccessWaiting) else ()
            ),
            reasons=tuple(f.reason for f in event.findings) if event else (),
            clauses=tuple(dict.fromkeys(c for f in event.findings for c in f.clauses))
            if event
            else (),
            alarms=tuple(dict.fromkeys(self.alarms)),
        )

    def _at_desk(self, desk: DeskResult) -> StepResult:
        return StepResult(
            step=self.step.number,
            at=self.at,
            door=self.step.door,
            outcome=Outcome.GRANTED if desk.done else Outcome.DENIED,
            people=desk.people,
            waiting_for=(),
            reasons=desk.reasons,
            clauses=desk.clauses,
            alarms=tuple(dict.fromkeys(self.alarms)),
        )


class Stage:
    """Plays one story. `tail`: how long timers may still run after the last step."""

    def __init__(
        self, site: SimulatedSite, story: Story, *, clock: Clock, tail: timedelta
    ) -> None:
        self._site = site
        self._story = story
        self._clock = clock
        self._tail = tail
        self._events: list[Event] = []
        self._book: _Book | None = None
        site.listen(self._note)

    async def prepare(self) -> None:
        """Bring visits to where they stand when the story begins."""
        for visit in self._story.visits.values():
            await bring_to_its_beginning(visit, self._site.controller)

    async def play(self) -> Sequence[StepResult]:
        """Play the whole story; what came of each step, in order."""
        books: list[_Book] = []
        async with asyncio.TaskGroup() as tasks:
            await self._follow(self._story.steps, tasks, books)
            await asyncio.sleep(self._tail.total_seconds())
        return [book.result() for book in books]

    async def improvise(self, steps: Iterable[Step]) -> None:
        """Play steps as they come, without end if they have none."""
        async with asyncio.TaskGroup() as tasks:
            await self._follow(steps, tasks, None)

    async def _follow(
        self,
        steps: Iterable[Step],
        tasks: asyncio.TaskGroup,
        books: list[_Book] | None,
    ) -> None:
        loop = asyncio.get_running_loop()
        at = loop.time()
        for step in steps:
            after = step.after
            if after is None:
                after = DEFAULT_AFTER if step.number > 1 else timedelta()
            at += after.total_seconds()
            await asyncio.sleep(max(0.0, at - loop.time()))
            book = _Book(step, self._clock.now(), seen=len(self._events))
            self._book = book
            if books is not None:
                books.append(book)
            tasks.create_task(self._perform(step, book))

    def _note(self, event: Event) -> None:
        self._events.append(event)
        if isinstance(event, AlarmRaised) and self._book is not None:
            self._book.alarms.append(event.code)

    async def _perform(self, step: Step, book: _Book) -> None:
        rig = self._site.rigs[step.door] if step.door is not None else None
        # Whatever was held open here until the next step shuts before it; but an agent
        # that comes back finds it open: `restore_power` lets go when it is up.
        back = step.deed is Deed.RESTORE_POWER
        if rig is not None and not back and rig.let_go():
            await asyncio.sleep(_SHUTS_WITHIN)
        if step.desk is not None and step.deed is not None:
            book.desk = await perform_at_desk(
                step.deed, step.desk, self._site.controller
            )
            return
        if step.deed is not None:
            try:
                await perform(step, self._site)
            except InputError as error:  # the office has its reasons
                people = () if step.person is None else (step.person,)
                book.desk = DeskResult(done=False, people=people, reasons=(error.code,))
            return
        assert rig is not None  # noqa: S101  the scenario reader says so
        await self._present(step, rig, book)

    async def _present(self, step: Step, rig: DoorRig, book: _Book) -> None:
        last = len(step.shown) - 1
        for number, shown in enumerate(step.shown):
            since = len(self._events)
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(rig.present(shown, step.side))
                if number == 0:
                    tasks.create_task(self._declare(step, rig))
                await self._site.settle(step.door, within=_JUDGED_WITHIN)
                if number == last:
                    book.access = self._access_since(step, since, book.seen)
                    break
                rest = PRESENTATIONS_APART.total_seconds() - _JUDGED_WITHIN
                await asyncio.sleep(rest)
        access = book.access
        if isinstance(access, AccessGranted) and step.passes and _is_of(access, step):
            gone_by = (self._clock.now() - access.at).total_seconds()
            await asyncio.sleep(max(0.0, OPENS_AFTER.total_seconds() - gone_by))
            await rig.pass_through(SHUTS_AFTER.total_seconds())

    async def _declare(self, step: Step, rig: DoorRig) -> None:
        person = self._story.people.get(step.person or PersonId(""))
        if person is None or step.side != "entry":
            return  # what a visitor carries was declared at the desk
        keys = declaration_keys(person.id, Devices(person.devices))
        if keys is not None and rig.wants_declaration:
            await asyncio.sleep(_KEYED_AFTER)
            await rig.key_in(keys)

    def _access_since(self, step: Step, since: int, seen: int) -> AccessEvent | None:
        """The attempt's state: what was told last, at the latest by this step.

        Others may be at the same door in the same second: whatever names others only,
        or was told at its other side, counts if there is nothing else.
        """
        for start in (since, seen):
            mine = [e for e in self._states(step.door, start) if _is_of(e, step)]
            granted = (e for e in mine if isinstance(e, AccessGranted))
            found = next(granted, next(iter(mine), None))
            if found is not None:
                return found
        for start in (since, seen, 0):
            found = next(self._states(step.door, start), None)
            if found is not None:
                return found
        return None

    def _states(self, door: DoorId | None, start: int) -> Iterator[AccessEvent]:
        """Those of a door, latest first."""
        for event in reversed(self._events[start:]):
            if isinstance(event, AccessEvent) and _is_state(event, door):
                yield event


def _is_state(event: AccessEvent, door: DoorId | None) -> bool:
    timed_out = isinstance(event, AccessDenied) and event.timed_out
    return event.door == door and not timed_out


def _is_of(event: AccessEvent, step: Step) -> bool:
    """Whether it may tell of who acts in `step`; nobody named may be anybody."""
    acting = {step.person, *(shown.whose for shown in step.shown)}
    named = not acting.isdisjoint(event.people)
    return event.side == step.side and (named or not event.people)


def _outcome(event: AccessEvent | None) -> Outcome | None:
    match event:
        case AccessGranted():
            return Outcome.GRANTED
        case AccessDenied():
            return Outcome.DENIED
        case AccessWaiting():
            return Outcome.WAITING
        case None:
            return None
