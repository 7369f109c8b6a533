"""Lines of the stream about what the office did about people, grants and doors."""

from typing import assert_never

from controller.web.pages.lines.said import Names, Said
from domain.office_events import (
    BadgeWithdrawn,
    CommandAsked,
    CommandSent,
    CredentialEnrolled,
    DayBadgeEnded,
    DayBadgeIssued,
    GrantMade,
    GrantRevoked,
    OfficeEvent,
    PersonChanged,
    PersonRegistered,
    RosterIssued,
)


def office_line(event: OfficeEvent, who: str, names: Names) -> Said:
    say = names.say
    match event:
        case PersonRegistered():
            text = say("board.event.person_registered", who=who)
            return Said(text, "person", minor=True)
        case PersonChanged():
            text = say("board.event.person_changed", who=who, change=event.change)
            return Said(text, "person")
        case GrantMade():
            text = say("board.event.grant_made", who=who, zone=names.zone(event.zone))
            return Said(text, "key", minor=True)
        case GrantRevoked():
            text = say(
                "board.event.grant_revoked", who=who, zone=names.zone(event.zone)
            )
            return Said(text, "key")
        case CredentialEnrolled():
            factor = say.code("board.factor", event.factor)
            text = say("board.event.enrolled", who=who, factor=factor)
            return Said(text, "badge", minor=True)
        case BadgeWithdrawn():
            text = say("board.event.badge_withdrawn", who=who, reason=event.reason)
            return Said(text, "badge")
        case DayBadgeIssued():
            return Said(say("board.event.day_badge", who=who), "badge")
        case DayBadgeEnded():
            return Said(say("board.event.day_badge_ended", who=who), "badge")
        case RosterIssued():
            text = say(
                "board.event.roster_issued", number=event.number, people=event.people
            )
            return Said(text, "list", minor=True)
        case CommandSent():
            order = say.code("board.order", event.order)
            text = say("board.event.command_sent", order=order, who=event.by)
            return Said(text, "key")
        case CommandAsked():
            order = say.code("board.order", event.order)
            text = say("board.event.command_asked", order=order, who=event.by)
            return Said(text, "two")
        case _:
            assert_never(event)
