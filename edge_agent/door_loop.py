"""The imperative shell of one door: take an input, ask the core, record, obey.

No decision is made here. Record comes before act: what `Outbox.append` returned is on
the disk, and only then the lock lets go. If it cannot be recorded the core is asked
again, knowing that: an entry is then refused and the way out opens all the same. What
could not be recorded is kept in memory and recorded when the disk is back.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Final

from config.schema import Door
from domain import service, vigil
from domain.alarm_events import AlarmCode
from domain.awakening import Found, awake, damaged_journal
from domain.door import Effect, Input, Phase
from domain.door_events import LockReleased
from domain.doorway import (
    Deadline,
    Doorway,
    Moment,
    Setting,
    Show,
    Turn,
    alarm,
    deadlines,
    resting,
    settled,
)
from domain.errors import StorageError
from domain.escorting import Visitors
from domain.events import Event
from domain.ids import DeviceId, ZoneId
from domain.movement import move
from domain.occupancy import ZoneOccupancy
from domain.policy.rules import RULES, something_failed
from domain.vigil import Limits
from domain.visit_classes import EscortRatio
from edge_agent import inputs as i
from edge_agent.ask import Asking, ask, wants_out
from edge_agent.facts import NO_ROSTER, Surroundings, fault, gather
from edge_agent.journal_rows import Opened
from edge_agent.lights import Lights
from edge_agent.occupancy_book import OccupancyBook
from edge_agent.outbox import Outbox
from edge_agent.perform import Performer
from edge_agent.recorder import Recorder
from edge_agent.roster_index import RosterIndex
from edge_agent.timers import Timers

log = logging.getLogger(__name__)

STEP: Final = timedelta(seconds=1)  # a wall clock that jumps farther has stepped
FLASHED_FOR: Final = timedelta(seconds=3)

# Settings on the disk, written with the events that change them.
RUNNING: Final = "running"  # "1" until a clean stop
PHASE: Final = "phase"
LOCKDOWN: Final = "lockdown"
SERVICE: Final = {part: f"service_{part}" for part in ("worker", "since", "until")}
ROSTER: Final = "roster"  # number of the roster in force: never to go below


@dataclass(frozen=True, slots=True, kw_only=True)
class Fittings:
    """What a door's loop works with; made by `bootstrap`."""

    door: Door
    setting: Setting
    tz: tzinfo
    ratio: EscortRatio
    limits: Limits | None
    face_devices: tuple[DeviceId, ...]  # camera and engine; empty: no face here
    inbox: i.Inbox
    outbox: Outbox
    book: OccupancyBook
    timers: Timers
    performer: Performer
    lights: Lights
    interlocked: Callable[[], bool]
    company_changed: Callable[[ZoneId], None]
    tell: Callable[[Event], None]


class DoorLoop:
    """`doorway` is all it remembers; `index` is the roster it decides by.

    `seen`: nonces of commands that have not expired. `on_turn` is called after every
    input.
    """

    def __init__(self, fittings: Fittings, *, doorway: Doorway) -> None:
        self._fit = fittings
        self.doorway = doorway
        self.index: RosterIndex | None = None
        self.connected = False
        self.clock_trusted = False
        self.seen: dict[str, datetime] = {}
        self.on_turn: Callable[[], None] = lambda: None
        self._recorder = Recorder(fittings.outbox, fittings.tell)
        self._drift: timedelta | None = None
        self._scheduled: dict[Deadline, datetime] = {}
        self._flashing: Show | None = None
        self._restored = False
        self._retrying = False

    # --- what others may ask ------------------------------------------------------

    @property
    def phase(self) -> Phase:
        return self.doorway.door.phase

    @property
    def secured(self) -> bool:
        return self.doorway.door.secured

    @property
    def roster_number(self) -> int:
        return NO_ROSTER if self.index is None else self.index.number

    @property
    def roster_floor(self) -> int:
        """The highest number ever in force here."""
        return max(self.roster_number, int(self._recorder.stored.get(ROSTER, "0")))

    @property
    def journal_writable(self) -> bool:
        return self._recorder.writable

    @property
    def face_available(self) -> bool:
        devices = self._fit.face_devices
        return bool(devices) and not any(map(self.is_down, devices))

    def is_down(self, device: DeviceId) -> bool:
        return vigil.is_down(self.doorway, device, self._fit.setting)

    # --- the loop -----------------------------------------------------------------

    async def run(self) -> None:
        while True:
            await self.deal(await self._fit.inbox.take())

    def restore(self, opened: Opened) -> None:
        """Take up what the disk remembers; once, before the first input."""
        self._restored = True
        self._recorder.stored = dict(opened.settings)
        self.seen |= opened.nonces
        lockdown = opened.settings.get(LOCKDOWN) == "1"
        kept = (opened.settings.get(key, "") for key in SERVICE.values())
        self.doorway = replace(
            self.doorway, lockdown=lockdown, service=service.restored(*kept)
        )

    def begin_with(self, index: RosterIndex) -> None:
        """The roster that was in force when the last run ended."""
        self.index = index
        self.doorway = replace(self.doorway, roster_until=index.valid_until)

    async def begin(self, found: Found) -> None:
        """Record that the agent has started, and what it found."""
        at = self._fit.inbox.now()
        setting = self._fit.setting
        await self._carry_out(
            lambda: awake(self.doorway, found, setting=setting, at=at)
        )

    async def end(self, events: tuple[Event, ...], settings: Mapping[str, str]) -> None:
        """Record the last events of this run, if the disk lets us."""
        try:
            await self._recorder.record(
                events, settings={**self._settings(), **settings}
            )
        except StorageError:
            return  # was told when it began

    async def deal(self, arrived: i.Arrived) -> None:
        """One input, from question to deed."""
        input_, at = arrived.input, arrived.at
        if isinstance(input_, i.TimerFired):
            if not self._fit.timers.is_current(input_):
                return
            await self._take_timer(input_)
        self._take_in(input_)
        stepped = self._step_of_clock(arrived)
        if stepped is not None:
            await self._carry_out(lambda: stepped)
        await self._carry_out(lambda: self._decide(input_, at), _nonces(input_))
        self.on_turn()

    def _take_in(self, input_: i.Input) -> None:
        """Note what an input changes around the door, before it is asked about."""
        match input_:
            case i.RosterStored():
                self.index = input_.index
            case i.LinkChanged():
                self.connected = input_.connected
            case i.PresenceReported():
                self._fit.book.hear(input_.snapshot)
            case i.ClockJudged():
                self.clock_trusted = input_.trusted
            case _:
                pass

    # --- ask ----------------------------------------------------------------------

    def _decide(self, input_: i.Input, at: datetime) -> Turn:
        try:
            return ask(self.doorway, input_, self._asking(at))
        except Exception as error:  # BOUNDARY: the one broad except of the agent
            log.exception("internal", extra={"door": self._fit.door.id})
            return self._decide_in_spite(input_, at, error)

    def _decide_in_spite(self, input_: i.Input, at: datetime, error: Exception) -> Turn:
        """Refuse and alarm; whoever wants out gets out."""
        setting = self._fit.setting
        told = alarm(setting, at, AlarmCode.INTERNAL, detail=type(error).__name__)
        try:
            turn = ask(self.doorway, input_, self._asking(at, broken=True))
        except Exception:  # BOUNDARY: the same, where even refusing fails
            log.exception("internal", extra={"door": self._fit.door.id})
            turn = Turn(self.doorway)
            if wants_out(input_):
                released = LockReleased(door=setting.door, at=at, cause="access")
                state = replace(self.doorway.door, phase=Phase.RELEASED)
                turn = Turn(
                    replace(self.doorway, door=state),
                    (released,),
                    (Effect.RELEASE_LOCK, Effect.START_RELEASE_TIMER),
                )
        return replace(turn, events=(*turn.events, told))

    def _asking(self, at: datetime, *, broken: bool = False) -> Asking:
        fit = self._fit
        here = fit.book.zone(fit.setting.zone.id, connected=self.connected)
        return Asking(
            setting=fit.setting,
            moment=Moment(
                at=at,
                facts_of=(
                    (lambda _: fault(fit.setting.zone, fit.tz))
                    if broken
                    else gather(self.doorway, self._surroundings(at, here))
                ),
                rules=(something_failed,) if broken else RULES,
                here=here,
                visitors=self._visitors(),
                roster=self.roster_number,
            ),
            clock_trusted=self.clock_trusted,
            journal_writable=self._recorder.writable,
            seen=self.seen,
            limits=fit.limits,
        )

    def _surroundings(self, at: datetime, here: ZoneOccupancy) -> Surroundings:
        fit = self._fit
        return Surroundings(
            at=at,
            zone=fit.setting.zone,
            tz=fit.tz,
            door_factors=fit.door.factors,
            index=self.index,
            here=here,
            visitors=self._visitors(),
            ratio=fit.ratio,
            face_available=self.face_available,
            interlocked=fit.interlocked(),
            clock_trusted=self.clock_trusted,
            journal_writable=self._recorder.writable,
        )

    def _visitors(self) -> Visitors:
        rights = {} if self.index is None else self.index.rights
        book = self._fit.book
        return Visitors(rights, book.handed, book.let_in(self._fit.setting.zone.id))

    def _step_of_clock(self, arrived: i.Arrived) -> Turn | None:
        """The wall clock against the loop's steady one, since the last input."""
        before, self._drift = self._drift, arrived.drift
        if before is None or abs(arrived.drift - before) <= STEP:
            return None
        self._scheduled.clear()  # every deadline is elsewhere now
        return vigil.clock_stepped(
            self.doorway,
            by=arrived.drift - before,
            setting=self._fit.setting,
            at=arrived.at,
        )

    # --- record -------------------------------------------------------------------

    async def _carry_out(
        self, make: Callable[[], Turn], nonces: Mapping[str, datetime] | None = None
    ) -> None:
        """Record, then obey; ask again if it could not be recorded."""
        before, turn = self.doorway, make()
        # At once, so that the other door of a lock chamber sees it.
        self.doorway = turn.doorway
        try:
            await self._record(turn.events, nonces)
        except StorageError as error:
            self.doorway = before
            turn = self._without_journal(make, str(error))
            self.doorway = turn.doorway
            self._recorder.keep(turn.events)
        self.seen |= nonces or {}
        for event in turn.events:
            zone = self._fit.book.take(event)
            if zone is not None:
                self._fit.company_changed(zone)
        await self._obey(turn)

    async def _record(
        self, events: Sequence[Event], nonces: Mapping[str, datetime] | None = None
    ) -> None:
        failed = not self._recorder.writable
        await self._recorder.record(events, settings=self._settings(), nonces=nonces)
        if failed and self._recorder.writable:
            self._fit.timers.stop(i.Chore.JOURNAL)
            self._retrying = False
            self._fit.inbox.put(i.JournalBack())

    def _settings(self) -> dict[str, str]:
        """What a restart must know, and no event says."""
        return {
            PHASE: str(self.phase),
            LOCKDOWN: str(int(self.doorway.lockdown)),
            ROSTER: str(self.roster_floor),
            **{
                SERVICE[part]: text
                for part, text in service.kept(self.doorway.service).items()
            },
            RUNNING: "1",
        }

    def _without_journal(self, make: Callable[[], Turn], problem: str) -> Turn:
        """Asked again, knowing that it can't be recorded; once an alarm of that."""
        told = make().then(
            lambda d: vigil.condition(
                d,
                AlarmCode.JOURNAL_UNAVAILABLE,
                True,
                setting=self._fit.setting,
                at=self._fit.inbox.now(),
                detail=problem,
            )
        )
        if not self._retrying:
            self._try_journal_later()
        return told

    def _try_journal_later(self) -> None:
        self._retrying = True
        self._fit.timers.start(i.Chore.JOURNAL, self._recorder.next_try())

    async def _retry_journal(self) -> None:
        """Try the disk again; a file that is damaged is moved aside by that."""
        self._retrying = False
        now = self._fit.inbox.now()
        try:
            try:
                await self._record(())
            except StorageError:
                opened = await self._recorder.reopen(now)
                if not self._restored:
                    self._fit.book.restore(opened.occupancy)
                    self.restore(opened)
                moved = damaged_journal(opened.damaged_as, self._fit.setting, now)
                await self._record(moved)
        except StorageError:
            self._try_journal_later()

    # --- obey ---------------------------------------------------------------------

    async def _obey(self, turn: Turn) -> None:
        answers = await self._fit.performer.perform(turn.effects)
        self._light(turn.flash)
        self._schedule()
        for answer in answers:
            await self._carry_out(
                lambda answer=answer: self._moved(answer)  # type: ignore[misc]  # mypy 9736
            )

    def _moved(self, answer: Input) -> Turn:
        """What the door's own devices answered."""
        moment, setting = self._asking(self._fit.inbox.now()).moment, self._fit.setting
        turn = move(self.doorway, answer, setting=setting, moment=moment, cause="")
        return settled(turn, setting=setting, at=moment.at)

    def _light(self, flash: Show | None) -> None:
        if flash is not None:
            self._flashing = flash
            self._fit.timers.start(i.Chore.FLASH, FLASHED_FOR)
        self._fit.lights.show(self._flashing or resting(self.doorway))

    def _schedule(self) -> None:
        """A timer for every deadline of the door, and none besides."""
        for kind, due in deadlines(self.doorway).items():
            if due == self._scheduled.get(kind):
                continue
            if due is None:
                self._fit.timers.stop(kind)
                self._scheduled.pop(kind, None)
            else:
                self._fit.timers.start(kind, due - self._fit.inbox.now())
                self._scheduled[kind] = due

    async def _take_timer(self, fired: i.TimerFired) -> None:
        match fired.kind:
            case i.Chore.FLASH:
                self._flashing = None
            case i.Chore.JOURNAL:
                await self._retry_journal()
            case Deadline():
                self._scheduled.pop(fired.kind, None)
            case i.LockTimer():
                pass


def _nonces(input_: i.Input) -> dict[str, datetime]:
    """What is remembered of a command, so that it is obeyed at most once."""
    if not isinstance(input_, i.CommandArrived) or input_.command is None:
        return {}
    if input_.broken is not None:
        return {}
    return {input_.command.nonce: input_.command.expires_at}
