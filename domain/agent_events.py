"""What runs at the door: devices, health, clock, rosters and commands.

In the vocabulary of `domain.events`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from domain.happened import Happened
from domain.ids import CommandId, DeviceId


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentStarted(Happened):
    """`simulated`: some device of this agent is a simulation.
    `unclean`: the last run did not end with `AgentStopped` (power cut, crash)."""

    version: str
    simulated: bool
    unclean: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentStopped(Happened): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFailed(Happened):
    device: DeviceId
    error: str  # error code and text, no secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRecovered(Happened):
    device: DeviceId


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthReported(Happened):
    """None where this machine cannot tell."""

    cpu_temperature_c: float | None
    disk_free_percent: float | None
    under_voltage: bool | None
    clock_trusted: bool
    journal_waiting: int  # entries not yet acknowledged
    roster: int
    roster_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClimateMeasured(Happened):
    temperature_c: float
    humidity_percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockTrustChanged(Happened):
    trusted: bool
    source: str  # "ntp", "rtc", "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStepped(Happened):
    """The wall clock jumped against the machine's steady clock."""

    by: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterApplied(Happened):
    """Also the receipt of every change that roster `number` carries."""

    number: int
    people: int
    valid_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterRefused(Happened):
    number: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandReceived(Happened):
    """A command was accepted and is being obeyed: its receipt."""

    command: CommandId
    order: str  # "unlock_door", …
    issued_by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRefused(Happened):
    command: CommandId | None  # None where it could not be read
    reason: str  # `domain.commands.CommandRefusal`


AgentEvent: TypeAlias = (
    AgentStarted
    | AgentStopped
    | DeviceFailed
    | DeviceRecovered
    | HealthReported
    | ClimateMeasured
    | ClockTrustChanged
    | ClockStepped
    | RosterApplied
    | RosterRefused
    | CommandReceived
    | CommandRefused
)
