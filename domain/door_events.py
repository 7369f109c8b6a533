"""What the door itself did, in the vocabulary of `domain.events`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TypeAlias

from domain.happened import Happened
from domain.ids import DeviceId, PersonId
from domain.policy import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class LockReleased(Happened):
    """The lock is about to let go: recorded before it does."""

    cause: str  # "access", "exit_button", "command", "fire"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockSecured(Happened): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorOpened(Happened): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorClosed(Happened):
    open_for: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorForced(Happened): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorHeldOpen(Happened):
    open_for: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorNotOpened(Happened):
    """A release ran out and nobody opened; `people` were let in and did not pass."""

    people: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitButtonPressed(Happened): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HandleTurned(Happened): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FireReleased(Happened): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FireCleared(Happened): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LockdownStarted(Happened):
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LockdownEnded(Happened):
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStarted(Happened):
    """`worker` works at the door's devices until `until` (`domain.service`)."""

    worker: str
    until: datetime
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceEnded(Happened):
    worker: str
    cause: str  # "ended" by an operator, "expired", "clock": it was set back


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceNoted(Happened):
    """What would be an alarm, were nobody known to work at the door."""

    code: Reason
    device: DeviceId | None
    detail: str  # as an alarm's


DoorEvent: TypeAlias = (
    LockReleased
    | LockSecured
    | DoorOpened
    | DoorClosed
    | DoorForced
    | DoorHeldOpen
    | DoorNotOpened
    | ExitButtonPressed
    | HandleTurned
    | FireReleased
    | FireCleared
    | LockdownStarted
    | LockdownEnded
    | ServiceStarted
    | ServiceEnded
    | ServiceNoted
)
