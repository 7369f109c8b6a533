"""A door's service: a named worker works at its devices, for a limited time.

    noted: Turn -> Turn, with what is only the work told as that

Laws: service opens nothing and admits nobody; the door decides as ever. It mutes only
what working at a door causes: its devices, its housing, a door held open. Everything is
recorded still, as `ServiceNoted`. Forced opening and the camera of a core zone stay
alarms there, and a module that is another one stays an alarm everywhere. It ends by
itself, four hours at most after it began, also by a clock that was set back. What is
still wrong when it ends becomes an alarm then.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final

from domain.alarm_events import AlarmCleared, AlarmCode, AlarmRaised
from domain.alarm_life import lasts
from domain.door_events import ServiceEnded, ServiceNoted, ServiceStarted
from domain.events import Event
from domain.ids import DeviceId, DoorId
from domain.policy import Reason
from domain.zones import ZoneLevel

# Longer work is asked for again, by somebody who looks at the door again.
AT_MOST: Final = timedelta(hours=4)
MAX_WORKER: Final = 64

_MUTED: Final[frozenset[str]] = frozenset(
    {
        AlarmCode.DOOR_HELD,
        AlarmCode.DOOR_NOT_OPENED,
        AlarmCode.CONTACT_SILENT,
        AlarmCode.LOCK_FAULT,
        AlarmCode.TAMPER,
        AlarmCode.DEVICE_DOWN,
    }
)
# A core zone's door is watched also while somebody works at it (G2.4, G6.2.2-1).
_MUTED_BELOW_CORE: Final[frozenset[str]] = frozenset(
    {AlarmCode.DOOR_FORCED, AlarmCode.CAMERA_DOWN}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """In force in [since, until). `held`: conditions that began in it and still hold,
    by code and device."""

    worker: str
    since: datetime
    until: datetime
    held: tuple[AlarmRaised, ...] = ()

    def covers(self, at: datetime) -> bool:
        """A clock that was set back behind its beginning ends it too."""
        return self.since <= at < self.until


@dataclass(frozen=True, slots=True)
class Told:
    """What is left of the service, and what is to be recorded."""

    service: Service | None
    events: tuple[Event, ...]


def begun(
    door: DoorId, at: datetime, *, worker: str, until: datetime, reason: str, by: str
) -> Told:
    """However long was asked for, it ends after four hours."""
    end = min(until, at + AT_MOST)
    started = ServiceStarted(
        door=door, at=at, worker=worker, until=end, reason=reason, by=by
    )
    return Told(Service(worker=worker, since=at, until=end), (started,))


def ended(service: Service, door: DoorId, at: datetime, cause: str) -> Told:
    """`cause`: "ended", "expired", "clock". What still holds is an alarm now."""
    over = ServiceEnded(door=door, at=at, worker=service.worker, cause=cause)
    return Told(None, (over, *(replace(each, at=at) for each in service.held)))


def noted(
    service: Service | None,
    events: tuple[Event, ...],
    *,
    door: DoorId,
    level: ZoneLevel,
    at: datetime,
) -> Told:
    """The events of one turn as they are to be recorded."""
    if service is None:
        return Told(None, events)
    if not service.covers(at):
        cause = "expired" if at >= service.until else "clock"
        over = ended(service, door, at, cause)
        return Told(None, (*over.events, *events))
    held: dict[tuple[Reason, DeviceId | None], AlarmRaised] = {
        (each.code, each.device): each for each in service.held
    }
    told = tuple(_noted(each, held, level) for each in events)
    if tuple(held.values()) == service.held:
        return Told(service, told)
    return Told(replace(service, held=tuple(held.values())), told)


def muted(code: str, level: ZoneLevel) -> bool:
    below = level is not ZoneLevel.CORE and code in _MUTED_BELOW_CORE
    return below or code in _MUTED


def _noted(
    event: Event,
    held: dict[tuple[Reason, DeviceId | None], AlarmRaised],
    level: ZoneLevel,
) -> Event:
    if isinstance(event, AlarmCleared):
        held.pop((event.code, event.device), None)
        return event
    if not isinstance(event, AlarmRaised) or not muted(event.code, level):
        return event
    if lasts(event.code):
        held[event.code, event.device] = event
    return ServiceNoted(
        door=event.door,
        at=event.at,
        code=event.code,
        device=event.device,
        detail=event.detail,
    )


# --- what outlives a power cut ---


def kept(service: Service | None) -> Mapping[str, str]:
    """As texts; what still holds is found again by whoever looks after the start."""
    if service is None:
        return {"worker": "", "since": "", "until": ""}
    return {
        "worker": service.worker,
        "since": service.since.isoformat(),
        "until": service.until.isoformat(),
    }


def restored(worker: str, since: str, until: str) -> Service | None:
    """None, so that alarms are alarms, where nothing sound was kept."""
    try:
        began, ends = datetime.fromisoformat(since), datetime.fromisoformat(until)
    except ValueError:
        return None
    if began.tzinfo is None or ends.tzinfo is None or ends - began > AT_MOST:
        return None
    return Service(worker=worker, since=began, until=ends)
