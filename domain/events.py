"""Everything that can happen, in one vocabulary.

An event is a fact in the past tense, immutable and complete. Devices, agent,
journal, broker, store, console and reports all speak these classes and no
others; `wire` is the only place that knows their JSON.

`door` and `at` are in every event: who speaks, and when it happened. The
controller speaks as the sender `domain.ids.CONTROLLER`; its events about a door name
that door in `target`. Units: instants are aware UTC `datetime`; durations are
`timedelta`. No event ever holds a raw badge number, a PIN, a template or a key.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

from domain.alarm_acts import AlarmAct, WatchStarted
from domain.credentials import Factor
from domain.grant_requests import GrantAct
from domain.ids import CommandId, DeviceId, DoorId, GrantId, PersonId, VisitId, ZoneId
from domain.notify_events import NotifyAct
from domain.operators import OperatorId, OperatorRole
from domain.person_acts import PersonAct
from domain.policy import Awaited, Finding, Reason, Side
from domain.review_events import ReviewEvent
from domain.tablets import TabletEvent
from domain.tokens import TokenAct
from domain.visit_events import VisitEvent


class AlarmCode(StrEnum):
    """Alarms that come from the door itself; rules raise theirs by reason."""

    DOOR_FORCED = "door.forced"
    DOOR_HELD = "door.held"
    DOOR_NOT_OPENED = "door.not_opened"  # granted, and nobody passed
    CONTACT_SILENT = "door.contact_silent"  # it never reported a passage
    LOCK_FAULT = "lock.fault"
    TAMPER = "device.tamper"
    FIRE = "door.fire"
    DURESS = "person.duress"
    TOO_MANY_REFUSALS = "credential.blocked"
    ALONE_INSIDE = "two_person.alone"
    EXIT_UNRECORDED = "occupancy.exit_unrecorded"
    OCCUPANCY_UNKNOWN = "occupancy.unknown"
    CAMERA_DOWN = "camera.down"
    DEVICE_DOWN = "device.down"
    DEVICE_CHANGED = "device.changed"  # a module is not the one that was set up
    CLOCK_UNTRUSTED = "clock.untrusted"
    CLOCK_STEPPED = "clock.stepped"
    ROSTER_ENDING = "roster.ending"
    ROSTER_EXPIRED = "roster.expired"
    ROSTER_REJECTED = "roster.rejected"
    COMMAND_REFUSED = "command.refused"
    JOURNAL_UNAVAILABLE = "journal.unavailable"
    STORAGE_LOW = "storage.low"
    POWER_LOW = "power.under_voltage"
    TEMPERATURE = "agent.temperature"
    CLIMATE = "climate.out_of_limits"
    INTERNAL = "internal"
    # Raised by the controller:
    DOOR_OFFLINE = "door.offline"
    JOURNAL_GAP = "journal.gap"
    JOURNAL_FORKED = "journal.forked"
    MESSAGE_QUARANTINED = "message.quarantined"
    ESCORT_LEFT = "visit.escort_left"  # and their visitor stayed
    VISITOR_ALONE = "visit.alone"
    VISITOR_DID_NOT_PASS = "visit.did_not_pass"  # noqa: S105  let in, and stayed out
    DWELL = "zone.dwell"
    VISIT_OVERDUE = "visit.overdue"
    REVIEW_DUE = "review.due"
    REVIEW_HELD = "review.held"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Event:
    door: DoorId
    at: datetime


# --- people at the reader ---


@dataclass(frozen=True, slots=True, kw_only=True)
class _Attempt(_Event):
    """Common to all that is decided about an attempt.

    `people` in the order in which they completed; empty if nobody was known.
    `credential`: keyed digest (hex) of an unknown badge, never the number.
    `camera` names the camera whose footage shows `at` (G6.2.2-1).
    `roster`: number of the roster that was decided by; 0 if there was none.
    """

    zone: ZoneId
    side: Side
    people: tuple[PersonId, ...]
    factors: tuple[Factor, ...]
    findings: tuple[Finding, ...]
    credential: str | None
    camera: DeviceId | None
    roster: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessWaiting(_Attempt):
    """More is to come, by `until`. Not a refusal."""

    waiting_for: tuple[Awaited, ...]
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessGranted(_Attempt):
    """`purposes` is why each of `people` enters (G5.3.2-3); `declarations` what each
    declared (G5.3.3-1). On the way out, purposes are empty."""

    purposes: tuple[str, ...]
    declarations: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessDenied(_Attempt):
    """Somebody was refused; `timed_out` if what was awaited did not come in time."""

    timed_out: bool


# --- the door ---


@dataclass(frozen=True, slots=True, kw_only=True)
class LockReleased(_Event):
    """The lock is about to let go: recorded before it does."""

    cause: str  # "access", "exit_button", "command", "fire"


@dataclass(frozen=True, slots=True, kw_only=True)
class LockSecured(_Event): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorOpened(_Event): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorClosed(_Event):
    open_for: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorForced(_Event): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorHeldOpen(_Event):
    open_for: timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorNotOpened(_Event):
    """A release ran out and nobody opened; `people` were let in and did not pass."""

    people: tuple[PersonId, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ExitButtonPressed(_Event): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class HandleTurned(_Event): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FireReleased(_Event): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class FireCleared(_Event): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class LockdownStarted(_Event):
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LockdownEnded(_Event):
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceStarted(_Event):
    """`worker` works at the door's devices until `until` (`domain.service`)."""

    worker: str
    until: datetime
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceEnded(_Event):
    worker: str
    cause: str  # "ended" by an operator, "expired", "clock": it was set back


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceNoted(_Event):
    """What would be an alarm, were nobody known to work at the door."""

    code: Reason
    device: DeviceId | None
    detail: str  # as an alarm's


# --- who is inside ---


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonEntered(_Event):
    zone: ZoneId
    person: PersonId
    declaration: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLeft(_Event):
    """`declaration` is what they had declared and is now cleared."""

    zone: ZoneId
    person: PersonId
    declaration: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OccupancyBecameUnknown(_Event):
    """Everybody recorded in `zone` may have left, or not."""

    zone: ZoneId
    cause: str  # "exit_unread", "fire", "forced", "power", "reset"


@dataclass(frozen=True, slots=True, kw_only=True)
class VisitorHandedOver(_Event):
    """`new` leads `visitor` from now on instead of `old`: at this door both completed
    their factors beside the visitor's badge (G5.3.2-2a).

    `escorts`, `deputies`: who may lead the visitor, and take over, from now on.
    """

    visit: VisitId
    visitor: PersonId
    old: PersonId
    new: PersonId
    escorts: tuple[PersonId, ...]
    deputies: tuple[PersonId, ...]


# --- alarms ---


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRaised(_Event):
    """`code` is an `AlarmCode` or a rule's reason. `silent`: never shown at the door.

    `priority` 1 urgent, 2 important, 3 notice: by code and zone level
    (`domain.alarms`). `target`: the door concerned, where the controller speaks.
    """

    code: Reason
    priority: int
    person: PersonId | None
    device: DeviceId | None
    detail: str  # for the reviewer, English, no secrets
    silent: bool
    target: DoorId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmCleared(_Event):
    """The condition behind an alarm is gone; the alarm still wants a person."""

    code: Reason
    device: DeviceId | None
    target: DoorId | None


# --- devices, health ---


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentStarted(_Event):
    """`simulated`: some device of this agent is a simulation.
    `unclean`: the last run did not end with `AgentStopped` (power cut, crash)."""

    version: str
    simulated: bool
    unclean: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentStopped(_Event): ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceFailed(_Event):
    device: DeviceId
    error: str  # error code and text, no secrets


@dataclass(frozen=True, slots=True, kw_only=True)
class DeviceRecovered(_Event):
    device: DeviceId


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthReported(_Event):
    """None where this machine cannot tell."""

    cpu_temperature_c: float | None
    disk_free_percent: float | None
    under_voltage: bool | None
    clock_trusted: bool
    journal_waiting: int  # entries not yet acknowledged
    roster: int
    roster_until: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ClimateMeasured(_Event):
    temperature_c: float
    humidity_percent: float


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockTrustChanged(_Event):
    trusted: bool
    source: str  # "ntp", "rtc", "none"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockStepped(_Event):
    """The wall clock jumped against the machine's steady clock."""

    by: timedelta


# --- roster, commands ---


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterApplied(_Event):
    """Also the receipt of every change that roster `number` carries."""

    number: int
    people: int
    valid_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterRefused(_Event):
    number: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandReceived(_Event):
    """A command was accepted and is being obeyed: its receipt."""

    command: CommandId
    order: str  # "unlock_door", …
    issued_by: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRefused(_Event):
    command: CommandId | None  # None where it could not be read
    reason: str  # `domain.commands.CommandRefusal`


# --- the controller's own acts ---


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonRegistered(_Event):
    person: PersonId
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonChanged(_Event):
    """State or qualifications changed; `change` says what in words."""

    person: PersonId
    change: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantMade(_Event):
    grant: GrantId
    person: PersonId
    zone: ZoneId
    purpose: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantRevoked(_Event):
    grant: GrantId
    person: PersonId
    zone: ZoneId
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialEnrolled(_Event):
    person: PersonId
    factor: Factor
    duress: bool
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BadgeWithdrawn(_Event):
    """The person's badges admit nobody any more: lost, or given back."""

    person: PersonId
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBadgeIssued(_Event):
    """For who forgot theirs, which admits nobody until then."""

    person: PersonId
    document: str  # the kind that was looked at
    until: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DayBadgeEnded(_Event):
    """Given back before its end: the person's own badge admits again."""

    person: PersonId
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RosterIssued(_Event):
    target: DoorId
    number: int
    people: int
    valid_until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandSent(_Event):
    target: DoorId
    command: CommandId
    order: str
    reason: str
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandAsked(_Event):
    """Asked by one operator; sent only if another confirms it before `until`."""

    act: str
    doors: tuple[DoorId, ...]
    order: str
    reason: str
    until: datetime
    by: str


# --- operators of the console; the controller says these ---


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorAdded(_Event):
    operator: OperatorId
    person: PersonId | None
    roles: tuple[OperatorRole, ...]
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorReset(_Event):
    """New password, new one-time secret, new recovery codes; all sessions ended."""

    operator: OperatorId
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorPasswordChanged(_Event):
    """By the operator, who gave the old one and a code; their other sessions ended."""

    operator: OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorDisabled(_Event):
    operator: OperatorId
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorSignedIn(_Event):
    operator: OperatorId
    recovery: bool  # with a recovery code instead of a one-time code


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorSignInRefused(_Event):
    """`operator` None: nobody of that name; what was typed could be a password."""

    operator: OperatorId | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorLocked(_Event):
    operator: OperatorId
    idle: bool  # by itself after five minutes (G7.1.2); else by hand


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorUnlocked(_Event):
    operator: OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorSignedOut(_Event):
    operator: OperatorId
    cause: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorActRefused(_Event):
    """An act that none of the operator's roles may do; `act` names the route."""

    operator: OperatorId
    act: str


Event: TypeAlias = (
    AccessWaiting
    | AccessGranted
    | AccessDenied
    | LockReleased
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
    | PersonEntered
    | PersonLeft
    | OccupancyBecameUnknown
    | VisitorHandedOver
    | AlarmRaised
    | AlarmCleared
    | AgentStarted
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
    | PersonRegistered
    | PersonChanged
    | GrantMade
    | GrantRevoked
    | CredentialEnrolled
    | BadgeWithdrawn
    | DayBadgeIssued
    | DayBadgeEnded
    | RosterIssued
    | CommandSent
    | CommandAsked
    | OperatorAdded
    | OperatorReset
    | OperatorPasswordChanged
    | OperatorDisabled
    | OperatorSignedIn
    | OperatorSignInRefused
    | OperatorLocked
    | OperatorUnlocked
    | OperatorSignedOut
    | OperatorActRefused
    | VisitEvent
    | AlarmAct
    | WatchStarted
    | TokenAct
    | PersonAct
    | NotifyAct
    | ReviewEvent
    | TabletEvent
    | GrantAct
)
