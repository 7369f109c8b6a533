"""What an event says on one line of the stream, in words.

`said` is the one way in. Each family of events has a module here with an opinion
about every class of it, as the type checker sees to: a new event gets its case there,
and nothing changes here. Everything is called alike, also where a line names nobody.
"""

from typing import assert_never

from controller.services.board import EventRow
from controller.web.pages.lines.access import access_line
from controller.web.pages.lines.agent import agent_line
from controller.web.pages.lines.alarms import alarm_line
from controller.web.pages.lines.door import door_line
from controller.web.pages.lines.grants import grant_line
from controller.web.pages.lines.lobby import tablet_line
from controller.web.pages.lines.notifications import notification_line
from controller.web.pages.lines.office import office_line
from controller.web.pages.lines.operators import operator_line
from controller.web.pages.lines.people import person_line
from controller.web.pages.lines.review import review_line
from controller.web.pages.lines.said import Names, Said
from controller.web.pages.lines.tokens import token_line
from controller.web.pages.lines.visits import visit_line
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


def said(row: EventRow, names: Names) -> Said:
    event, who = row.event, names.who(row)
    if event is None:
        text = names.say("board.events.unreadable", type=row.type)
        return Said(text, "unknown")
    if isinstance(event, AccessEvent):
        return access_line(event, who, names)
    if isinstance(event, DoorEvent):
        return door_line(event, who, names)
    if isinstance(event, AlarmEvent | AlarmAct | WatchStarted):
        return alarm_line(event, who, names)
    if isinstance(event, AgentEvent):
        return agent_line(event, who, names)
    if isinstance(event, OfficeEvent):
        return office_line(event, who, names)
    if isinstance(event, OperatorEvent):
        return operator_line(event, who, names)
    if isinstance(event, PersonAct):
        return person_line(event, who, names)
    if isinstance(event, VisitEvent):
        return visit_line(event, who, names)
    if isinstance(event, GrantAct):
        return grant_line(event, who, names)
    if isinstance(event, ReviewEvent):
        return review_line(event, who, names)
    if isinstance(event, TabletEvent):
        return tablet_line(event, who, names)
    if isinstance(event, TokenAct):
        return token_line(event, who, names)
    if isinstance(event, NotifyAct):
        return notification_line(event, who, names)
    assert_never(event)
