"""Whatever can reach a door's loop, and the inbox it waits in.

An input carries the instant at which it came, not the one at which it is dealt with:
somebody who was in time stays in time, however long the disk takes.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from config.schema import Role
from domain.agent_events import HealthReported
from domain.clock import Clock
from domain.commands import Command, CommandRefusal
from domain.credentials import Declaration, Factor
from domain.doorway import Deadline
from domain.ids import CommandId, DeviceId, PersonId
from domain.policy import Side
from domain.vigil import Machine
from edge_agent.roster_index import RosterIndex
from wire.messages import PresenceSnapshot


class LockTimer(StrEnum):
    RELEASE = "release"
    OPEN = "open"


class Chore(StrEnum):
    FLASH = "flash"  # what was flashed is over
    JOURNAL = "journal"  # try the disk again


TimerKind: TypeAlias = LockTimer | Deadline | Chore


@dataclass(frozen=True, slots=True, kw_only=True)
class FactorPresented:
    side: Side
    factor: Factor
    person: PersonId | None
    credential: str | None = None
    duress: bool = False


@dataclass(frozen=True, slots=True)
class DeclarationKeyed:
    declaration: Declaration


@dataclass(frozen=True, slots=True)
class LineChanged:
    """Contact, exit button, handle, fire or tamper."""

    role: Role
    active: bool


@dataclass(frozen=True, slots=True)
class TimerFired:
    kind: TimerKind
    token: int


@dataclass(frozen=True, slots=True)
class CommandArrived:
    """`broken`: why it is not even a command of ours, where it isn't."""

    command: Command | None
    retained: bool
    broken: CommandRefusal | None = None

    @property
    def id(self) -> CommandId | None:
        return None if self.command is None else self.command.id


@dataclass(frozen=True, slots=True)
class RosterStored:
    """A roster was verified and is on this door's disk."""

    index: RosterIndex


@dataclass(frozen=True, slots=True)
class RosterUnusable:
    number: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class LinkChanged:
    connected: bool


@dataclass(frozen=True, slots=True)
class PresenceReported:
    snapshot: PresenceSnapshot


@dataclass(frozen=True, slots=True)
class CompanyChanged:
    """Who is inside this door's zone has changed, through whichever door."""


@dataclass(frozen=True, slots=True)
class ClockJudged:
    trusted: bool
    source: str


@dataclass(frozen=True, slots=True)
class DeviceDown:
    device: DeviceId
    error: str


@dataclass(frozen=True, slots=True)
class DeviceUp:
    device: DeviceId


@dataclass(frozen=True, slots=True)
class DeviceChanged:
    device: DeviceId
    detail: str


@dataclass(frozen=True, slots=True)
class MachineSeen:
    machine: Machine


@dataclass(frozen=True, slots=True)
class HealthDue:
    """A report is to be recorded; its instant is the input's."""

    report: HealthReported


@dataclass(frozen=True, slots=True)
class ClimateSeen:
    device: DeviceId
    temperature_c: float
    humidity_percent: float


@dataclass(frozen=True, slots=True)
class JournalBack:
    """The disk takes entries again."""


@dataclass(frozen=True, slots=True)
class JournalForked:
    """The controller knows another past of this door."""

    seq: int


Input: TypeAlias = (
    FactorPresented
    | DeclarationKeyed
    | LineChanged
    | TimerFired
    | CommandArrived
    | RosterStored
    | RosterUnusable
    | LinkChanged
    | PresenceReported
    | CompanyChanged
    | ClockJudged
    | DeviceDown
    | DeviceUp
    | DeviceChanged
    | MachineSeen
    | HealthDue
    | ClimateSeen
    | JournalBack
    | JournalForked
)


@dataclass(frozen=True, slots=True)
class Arrived:
    """`drift`: how far the wall clock is ahead of the loop's steady one."""

    at: datetime
    input: Input
    drift: timedelta


class Inbox:
    """Inputs in the order in which they came, each with its instant."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._queue: asyncio.Queue[Arrived] = asyncio.Queue()
        self._busy = False
        self._quiet = asyncio.Event()
        self._quiet.set()

    def now(self) -> datetime:
        return self._clock.now()

    def put(self, input_: Input) -> None:
        self._quiet.clear()
        self._queue.put_nowait(self._stamped(input_))

    async def take(self) -> Arrived:
        """The next input; the one before has been dealt with."""
        if self._queue.empty():
            self._quiet.set()
        return await self._queue.get()

    async def settled(self) -> None:
        """Return once everything that came in has been dealt with."""
        await self._quiet.wait()

    def _stamped(self, input_: Input) -> Arrived:
        now = self._clock.now()
        steady = timedelta(seconds=asyncio.get_running_loop().time())
        return Arrived(now, input_, timedelta(seconds=now.timestamp()) - steady)
