"""Alarms that the controller raises, about a door."""

from datetime import datetime

from config.schema import Site
from domain.alarm_events import AlarmCleared, AlarmCode, AlarmRaised
from domain.alarms import priority
from domain.ids import CONTROLLER, DoorId
from domain.policy import Reason
from domain.zones import ZoneLevel


def raised(
    site: Site, door: DoorId | None, code: AlarmCode, *, at: datetime, detail: str
) -> AlarmRaised:
    """As urgent as the zone behind `door` makes it; None: the site's as a whole."""
    known = door is not None and door in site.doors
    level = site.zone_of(door).level if known and door else ZoneLevel.CORE
    return AlarmRaised(
        door=CONTROLLER,
        at=at,
        code=Reason(code),
        priority=priority(code, level),
        person=None,
        device=None,
        detail=detail,
        silent=False,
        target=door,
    )


def cleared(door: DoorId, code: AlarmCode, *, at: datetime) -> AlarmCleared:
    return AlarmCleared(
        door=CONTROLLER, at=at, code=Reason(code), device=None, target=door
    )
