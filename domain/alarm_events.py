"""Alarms, in the vocabulary of `domain.events`.

What people do about them is in `domain.alarm_acts`.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from domain.happened import Happened
from domain.ids import DeviceId, DoorId, PersonId
from domain.policy import Reason


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
    INSIDE_THOUGH_OVER = "visit.inside_though_over"  # or frozen: told late by a door
    REVIEW_DUE = "review.due"
    REVIEW_HELD = "review.held"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmRaised(Happened):
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
class AlarmCleared(Happened):
    """The condition behind an alarm is gone; the alarm still wants a person."""

    code: Reason
    device: DeviceId | None
    target: DoorId | None


AlarmEvent: TypeAlias = AlarmRaised | AlarmCleared
