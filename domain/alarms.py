"""How urgent an alarm is: by its code and the level of the zone.

1 urgent (a person must act now), 2 important, 3 notice. Source: the console design,
section 4. Never decided by an operator.
"""

from typing import Final

from domain.alarm_events import AlarmCode
from domain.policy import Reason
from domain.zones import ZoneLevel

_URGENT: Final = frozenset(
    {
        AlarmCode.DOOR_FORCED,
        AlarmCode.FIRE,
        AlarmCode.DURESS,
        AlarmCode.ALONE_INSIDE,
        AlarmCode.JOURNAL_UNAVAILABLE,
        AlarmCode.JOURNAL_GAP,
        AlarmCode.JOURNAL_FORKED,
        AlarmCode.DEVICE_CHANGED,
        AlarmCode.LOCK_FAULT,
    }
)
# Urgent at a core door, important elsewhere.
_BY_LEVEL: Final = frozenset(
    {
        AlarmCode.TAMPER,
        AlarmCode.CAMERA_DOWN,
        AlarmCode.DEVICE_DOWN,
        AlarmCode.ESCORT_LEFT,
        AlarmCode.VISITOR_ALONE,
        AlarmCode.INSIDE_THOUGH_OVER,
    }
)
_NOTICE: Final = frozenset(
    {
        AlarmCode.DOOR_NOT_OPENED,
        AlarmCode.CLOCK_STEPPED,
        AlarmCode.STORAGE_LOW,
        AlarmCode.POWER_LOW,
        AlarmCode.TEMPERATURE,
        AlarmCode.REVIEW_DUE,
    }
)
# What a rule says of a person on the way out: for the review, not for a run.
_IMPORTANT_REASONS: Final = frozenset(
    {
        "credential.unknown",
        "person.left",
        "person.suspended",
        "person.withdrawn",
        "person.de_secrecy",
        "person.de_secrecy_general",
        "door.lockdown",
        "visit.off_route",
        "visit.core_zone",
        "visit.right_missing",
        "visit.over",
        "visit.blocked",
        "occupancy.unknown",
        "occupancy.exit_unrecorded",
        "clock.untrusted",
        "roster.expired",
    }
)


def priority(code: Reason | AlarmCode, level: ZoneLevel) -> int:
    if code == "journal.unavailable" or code in _URGENT:
        return 1
    if code in _BY_LEVEL:
        return 1 if level is ZoneLevel.CORE else 2
    if code in _NOTICE:
        return 3
    if code in set(AlarmCode) or code in _IMPORTANT_REASONS:
        return 2
    return 3
