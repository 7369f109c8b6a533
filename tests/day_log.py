"""What the log says of a day: a line for each act of somebody and each decision."""

from collections.abc import Sequence

from domain import visit_events as v
from domain.access_events import AccessGranted, AccessWaiting
from domain.alarm_acts import AlarmAcknowledged, WatchStarted
from domain.alarm_events import AlarmRaised
from domain.events import Event
from domain.office_events import CommandSent
from domain.operator_events import OperatorSignedIn, OperatorSignedOut
from domain.person_acts import MusterPrinted


def summed_up(events: Sequence[Event]) -> list[tuple[str, ...]]:
    """What operators did and doors decided since the first of them signed in."""
    told = [line for each in events if (line := _line(each))]
    return told[told.index(("signs in", "guard")) :]


def _line(event: Event) -> tuple[str, ...]:
    match event:
        case OperatorSignedIn():
            return ("signs in", event.operator)
        case OperatorSignedOut():
            return ("signs out", event.operator)
        case WatchStarted():
            return ("watches", event.by, *(alarm.code for alarm in event.alarms))
        case AlarmRaised():
            return ("alarm", event.code)
        case AlarmAcknowledged():
            return ("acknowledges", event.by, event.code, event.note)
        case AccessWaiting() | AccessGranted():
            what = "waits" if isinstance(event, AccessWaiting) else "passes"
            return (what, event.side, *event.people)
        case CommandSent():
            return (event.order, event.by, event.target, event.reason)
        case v.DevicesDeclared():
            kept = (f"{each.kind} {each.disposition}" for each in event.devices)
            return ("declares", event.by, *kept, f"locker {event.locker}")
        case MusterPrinted():
            return ("prints who is inside", event.by, str(event.inside))
        case v.VisitRefused():
            return ("refuses", event.by, event.reason)
        case v.VisitorCheckedOut():
            return ("checks out", event.by, *event.returned)
        case (
            v.VisitorIdentified()
            | v.UndertakingSigned()
            | v.VisitCheckedIn()
            | v.VisitIncident()
            | v.VisitRequested()
        ):
            return (type(event).__name__, event.by)
        case _:
            return ()
