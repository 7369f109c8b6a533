"""What is asked of a door: imperative, signed, with an expiry and a nonce.

A command that is retained, expired, repeated, foreign or unsigned is refused and
recorded; `judge` says which. The signature is `wire`'s business; `signed_ok` and
`retained` arrive as facts.
"""

from collections.abc import Container
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final, TypeAlias

from domain.ids import CommandId, DoorId


@dataclass(frozen=True, slots=True)
class UnlockDoor:
    """Open once, as a grant would (a guard's recorded opening)."""

    reason: str


@dataclass(frozen=True, slots=True)
class StartLockdown:
    """Admit nobody until `EndLockdown`; exits stay free."""

    reason: str


@dataclass(frozen=True, slots=True)
class EndLockdown:
    reason: str


@dataclass(frozen=True, slots=True)
class ResetOccupancy:
    """Forget who is inside this door's zone (after a muster)."""

    reason: str


@dataclass(frozen=True, slots=True)
class StartService:
    """`worker` works at the door's devices until `until`: `domain.service`."""

    reason: str
    worker: str
    until: datetime


@dataclass(frozen=True, slots=True)
class EndService:
    reason: str


Order: TypeAlias = (
    UnlockDoor
    | StartLockdown
    | EndLockdown
    | ResetOccupancy
    | StartService
    | EndService
)
# What only makes a door stricter is obeyed whatever its clock says.
_STRICTER: Final = (StartLockdown, EndService)


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """`order` for `door`, valid in [issued_at, expires_at)."""

    id: CommandId
    door: DoorId
    issued_at: datetime
    expires_at: datetime
    nonce: str  # hex, 16 bytes
    issued_by: str  # operator, for the log
    order: Order


class CommandRefusal(StrEnum):
    UNSIGNED = "command.unsigned"
    RETAINED = "command.retained"
    FOREIGN = "command.foreign"
    EXPIRED = "command.expired"
    EARLY = "command.early"  # issued in this door's future
    REPEATED = "command.repeated"
    CLOCK = "command.clock_untrusted"  # expiry can't be judged
    MALFORMED = "command.malformed"
    JOURNAL = "command.journal_unavailable"  # it could not be recorded


def judge(
    command: Command,
    *,
    door: DoorId,
    now: datetime,
    retained: bool,
    clock_trusted: bool,
    seen: Container[str],
) -> CommandRefusal | None:
    """Why a soundly signed command must not be obeyed, or None.

    `seen` holds the nonces of commands not yet expired. An unlock or the end of a
    lockdown needs a trusted clock; starting a lockdown doesn't, since refusing to
    shut a door because of its clock would be the greater harm, nor does ending a
    service, after which alarms are alarms again.
    """
    if retained:
        return CommandRefusal.RETAINED
    if command.door != door:
        return CommandRefusal.FOREIGN
    if command.nonce in seen:
        return CommandRefusal.REPEATED
    if not clock_trusted:
        if isinstance(command.order, _STRICTER):
            return None
        return CommandRefusal.CLOCK
    if now >= command.expires_at:
        return CommandRefusal.EXPIRED
    # A controller's clock may run ahead a little; 30 s is far above NTP's error.
    if (command.issued_at - now).total_seconds() > 30:
        return CommandRefusal.EARLY
    return None
