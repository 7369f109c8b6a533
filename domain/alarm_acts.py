"""What people do about alarms, in the vocabulary of `domain.events`.

The office says these. An alarm is named as the log knows it: the door it concerns, its
code, its device and when it began; never by a number of some table.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

from domain.ids import DeviceId, DoorId
from domain.operators import OperatorId
from domain.policy import Reason


class AlarmCause(StrEnum):
    """Why there was an alarm, as whoever resolves it found out."""

    DEVICE_FAULT = "device_fault"  # 设备故障
    MISHANDLING = "mishandling"  # 操作不当
    TRESPASS = "trespass"  # 擅入
    DRILL = "drill"  # 演练


class Called(StrEnum):
    """To whom an alarm is called out, the nearest first."""

    SHIFT_LEAD = "shift_lead"  # 班长, and all consoles
    ZONE_OWNER = "zone_owner"  # 区域负责人, of the zone behind the door
    SECRECY_OFFICER = "secrecy_officer"  # 保密管理
    CONTACTS = "contacts"  # 联络名单: whom the site calls when nobody answers


@dataclass(frozen=True, slots=True, kw_only=True)
class _OfAnAlarm:
    door: DoorId
    at: datetime
    target: DoorId
    code: Reason
    device: DeviceId | None
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class _AlarmAct(_OfAnAlarm):
    by: OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmAcknowledged(_AlarmAct):
    """Somebody has seen it and acts. `note` may be empty."""

    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmResolved(_AlarmAct):
    cause: AlarmCause
    sentence: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmEscalated(_OfAnAlarm):
    """Somebody further was called: by the clock, or by an operator (`by`, `note`).

    `step`: which of `domain.alarm_escalation`, 0 by hand.
    """

    to: Called
    step: int
    by: OperatorId | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmName:
    """What the log calls one alarm."""

    target: DoorId
    code: Reason
    device: DeviceId | None
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WatchStarted:
    """Somebody took over the watch, and each of the open alarms by name."""

    door: DoorId
    at: datetime
    by: OperatorId
    alarms: tuple[AlarmName, ...]


AlarmAct: TypeAlias = AlarmAcknowledged | AlarmResolved | AlarmEscalated
