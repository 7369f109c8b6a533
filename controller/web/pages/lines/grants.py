"""Lines of the stream about grants that were asked for."""

from typing import assert_never

from controller.web.pages.lines.said import Names, Said
from domain.grant_requests import GrantAct, GrantApproved, GrantRefused, GrantRequested


def grant_line(event: GrantAct, who: str, names: Names) -> Said:
    """`who`: for whom."""
    say, zone = names.say, names.zone(event.zone)
    match event:
        case GrantRequested():
            text = say("grants.event.requested", by=event.by, who=who, zone=zone)
            return Said(text, "key")
        case GrantApproved():
            text = say("grants.event.approved", by=event.by, who=who, zone=zone)
            return Said(text, "key")
        case GrantRefused():
            why = event.reason
            text = say(
                "grants.event.refused", by=event.by, who=who, zone=zone, reason=why
            )
            return Said(text, "key", "denied")
        case _:
            assert_never(event)
