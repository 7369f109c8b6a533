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


@dataclass(frozen=True, slots=True, kw_only=True)
class _AlarmAct:
    door: DoorId
    at: datetime
    target: DoorId
    code: Reason
    device: DeviceId | None
    since: datetime
    by: OperatorId


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmAcknowledged(_AlarmAct):
    """Somebody has seen it and acts. `note` may be empty."""

    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmResolved(_AlarmAct):
    cause: AlarmCause
    sentence: str


AlarmAct: TypeAlias = AlarmAcknowledged | AlarmResolved
