"""Everything that can happen, in one vocabulary.

An event is a fact in the past tense, immutable and complete. Devices, agent,
journal, broker, store, console and reports all speak these classes and no
others; `wire` is the only place that knows their JSON. Each family has a module of its
own; a new event is a class there, in the union at its foot.

`door` and `at` are in every event: who speaks, and when it happened. The
controller speaks as the sender `domain.ids.CONTROLLER`; its events about a door name
that door in `target`. Units: instants are aware UTC `datetime`; durations are
`timedelta`. No event ever holds a raw badge number, a PIN, a template or a key.
"""

from typing import TypeAlias

from domain.access_events import AccessEvent
from domain.agent_events import AgentEvent
from domain.alarm_acts import AlarmAct, WatchStarted
from domain.alarm_events import AlarmEvent
from domain.door_events import DoorEvent
from domain.grant_requests import GrantAct
from domain.notify_events import NotifyAct
from domain.office_events import OfficeEvent
from domain.operator_events import OperatorEvent
from domain.person_acts import PersonAct
from domain.review_events import ReviewEvent
from domain.tablets import TabletEvent
from domain.tokens import TokenAct
from domain.visit_events import VisitEvent

Event: TypeAlias = (
    AccessEvent
    | DoorEvent
    | AlarmEvent
    | AlarmAct
    | WatchStarted
    | AgentEvent
    | OfficeEvent
    | OperatorEvent
    | VisitEvent
    | TokenAct
    | PersonAct
    | NotifyAct
    | ReviewEvent
    | TabletEvent
    | GrantAct
)
