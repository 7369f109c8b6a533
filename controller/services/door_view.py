"""What a door's own words say about it: a fold over its events.

The phase is told by events, not by the door's table (`domain.door`), which runs at the
door: what is seen here is what was reported, and later than it. Commutes with nothing:
feed a door's events in the order of its journal.
"""

from dataclasses import dataclass, replace
from datetime import datetime

from controller.services.board import DoorLook
from domain.access_events import AccessGranted
from domain.agent_events import (
    AgentStarted,
    ClimateMeasured,
    ClockTrustChanged,
    HealthReported,
    RosterApplied,
)
from domain.door_events import (
    DoorClosed,
    DoorForced,
    DoorHeldOpen,
    DoorNotOpened,
    DoorOpened,
    FireCleared,
    FireReleased,
    LockdownEnded,
    LockdownStarted,
    LockReleased,
    LockSecured,
    ServiceEnded,
    ServiceStarted,
)
from domain.events import Event
from domain.ids import DoorId, PersonId


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorView:
    """`phase` is None until the door speaks of it; `is_open`: as its contact says."""

    door: DoorId
    phase: DoorLook | None = None
    phase_since: datetime | None = None
    is_open: bool = False
    lockdown: bool = False
    simulated: bool = False
    clock_trusted: bool | None = None
    seen_roster: int = 0
    last_people: tuple[PersonId, ...] = ()
    last_at: datetime | None = None
    temperature_c: float | None = None
    humidity_percent: float | None = None
    climate_at: datetime | None = None
    service_worker: str = ""
    service_until: datetime | None = None


def after(view: DoorView, event: Event) -> DoorView:
    """The view once `event` was heard; other events change nothing."""
    burning = view.phase is DoorLook.FIRE
    match event:
        case AgentStarted():
            started = replace(view, simulated=event.simulated, is_open=False)
            return _phase(started, DoorLook.SECURED, event.at)
        case LockReleased() if not burning and not view.is_open:
            return _phase(view, DoorLook.RELEASED, event.at)
        case LockSecured() | DoorNotOpened() if view.phase is DoorLook.RELEASED:
            return _phase(view, DoorLook.SECURED, event.at)
        case DoorOpened():
            opened = replace(view, is_open=True)
            return opened if burning else _phase(opened, DoorLook.OPEN, event.at)
        case DoorClosed():
            shut = replace(view, is_open=False)
            return shut if burning else _phase(shut, DoorLook.SECURED, event.at)
        case DoorForced():
            return _phase(replace(view, is_open=True), DoorLook.FORCED, event.at)
        case DoorHeldOpen():
            return _phase(view, DoorLook.HELD, event.at)
        case FireReleased():
            return _phase(view, DoorLook.FIRE, event.at)
        case FireCleared():
            look = DoorLook.OPEN if view.is_open else DoorLook.SECURED
            return _phase(view, look, event.at)
        case LockdownStarted():
            return replace(view, lockdown=True)
        case LockdownEnded():
            return replace(view, lockdown=False)
        case ServiceStarted():
            return replace(view, service_worker=event.worker, service_until=event.until)
        case ServiceEnded():
            return replace(view, service_worker="", service_until=None)
        case AccessGranted():
            return replace(view, last_people=event.people, last_at=event.at)
        case ClimateMeasured():
            return replace(
                view,
                temperature_c=event.temperature_c,
                humidity_percent=event.humidity_percent,
                climate_at=event.at,
            )
        case ClockTrustChanged():
            return replace(view, clock_trusted=event.trusted)
        case RosterApplied():
            return replace(view, seen_roster=max(view.seen_roster, event.number))
        case HealthReported():
            return replace(
                view,
                clock_trusted=event.clock_trusted,
                seen_roster=max(view.seen_roster, event.roster),
            )
        case _:
            return view


def _phase(view: DoorView, look: DoorLook, at: datetime) -> DoorView:
    if view.phase is look:
        return view
    return replace(view, phase=look, phase_since=at)
