"""What became of telling an alarm outside, in the vocabulary of `domain.events`."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from domain.ids import DoorId
from domain.policy import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class _Notification:
    """`to`: the recipient's name in the settings. `entry`: the alarm's position in the
    log, which is all that a message names it by. `tries`: how often it was sent."""

    door: DoorId
    at: datetime
    to: str
    entry: int
    target: DoorId
    code: Reason
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationSent(_Notification):
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class NotificationFailed(_Notification):
    """Nobody took it, or more waited than we keep (`tries` 0)."""


NotifyAct: TypeAlias = NotificationSent | NotificationFailed
