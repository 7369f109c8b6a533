"""What every event has: who speaks, and when it happened."""

from dataclasses import dataclass
from datetime import datetime

from domain.ids import DoorId


@dataclass(frozen=True, slots=True, kw_only=True)
class Happened:
    door: DoorId
    at: datetime
