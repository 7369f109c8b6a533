"""Lines of the stream about visits: what the desk did, and what came of it."""

from collections.abc import Iterable
from typing import assert_never

from controller.web.pages.lines.said import Names, Said
from controller.web.words import Words
from domain import visit_events as v
from domain.ids import VisitId
from domain.visit_problems import VisitProblem


def visit_line(event: v.VisitEvent, who: str, names: Names) -> Said:
    """`who`: whom it is about, by name."""
    say = names.say
    match event:
        case v.VisitRequested():
            kind = say.code("visit.class", event.kind)
            return Said(_say(say, "requested", event.visit, kind=kind), "list")
        case v.CoreZoneApproved():
            zone = names.zone(event.zone)
            return Said(_say(say, "core_approved", event.visit, zone=zone), "check")
        case v.VisitApproved():
            return Said(_say(say, "approved", event.visit), "check")
        case v.VisitRefused():
            text = _say(say, "refused", event.visit, reason=event.reason)
            return Said(text, "x", "denied")
        case v.VisitCancelled():
            text = _say(say, "cancelled", event.visit, reason=event.reason)
            return Said(text, "x")
        case v.VisitActRefused():
            act = say.code("visit.act", event.act)
            text = _say(
                say, "act_refused", event.visit, act=act, why=_why(say, event.problems)
            )
            return Said(text, "x", "denied")
        case v.VisitorIdentified():
            return Said(_of(say, "identified", who), "person", minor=True)
        case v.VisitorPhotographed():
            return Said(_of(say, "photographed", who), "person", minor=True)
        case v.PhotoRemoved():
            why = say.code("visit.photo_end", event.why)
            return Said(_of(say, "photo_removed", who, why=why), "x", minor=True)
        case v.UndertakingSigned():
            text = _of(say, "signed", who, paper=event.text)
            return Said(text, "list", minor=True)
        case v.UndertakingDeclined():
            return Said(_of(say, "declined", who, paper=event.text), "list")
        case v.UndertakingCopied():
            text = _of(say, "copied", who, by=event.by)
            return Said(text, "sheet", minor=True)
        case v.UndertakingTextChanged():
            return Said(say("visit.event.text_changed", paper=event.text), "list")
        case v.DeskBadgeAdded():
            text = say("visit.event.desk_badge_added", label=event.label)
            return Said(text, "badge", minor=True)
        case v.DeskBadgeRetired():
            text = say("visit.event.desk_badge_retired", label=event.label)
            return Said(text, "badge", minor=True)
        case v.DevicesDeclared():
            text = _of(say, "declared", who, n=len(event.devices))
            return Said(text, "list", minor=True)
        case v.VisitorTurnedAway():
            text = _of(say, "turned_away", who, reason=event.reason)
            return Said(text, "x", "denied")
        case v.VisitCheckedIn():
            return Said(_say(say, "checked_in", event.visit), "badge")
        case v.EscortHandedOver():
            text = _say(say, "handed_over", event.visit, who=who)
            return Said(text, "person")
        case v.VisitorCheckedOut():
            return Said(_of(say, "checked_out", who), "check")
        case v.VisitIncident():
            return Said(_of(say, "incident", who), "bell", "a3")
        case v.VisitorBadgeRevoked():
            return Said(_of(say, "badge_revoked", who), "key", "denied")
        case v.VisitLapsed():
            state = say.code("visit.state", event.state)
            return Said(_say(say, "lapsed", event.visit, state=state), "wait")
        case v.VisitBlocked():
            text = _say(say, "blocked", event.visit, reason=event.reason)
            return Said(text, "lockdown", "denied")
        case _:
            assert_never(event)


def _say(say: Words, key: str, visit: VisitId, **values: object) -> str:
    return say(f"visit.event.{key}", visit=visit, **values)


def _of(say: Words, key: str, who: str, **values: object) -> str:
    return say(f"visit.event.{key}", who=who, **values)


def _why(say: Words, problems: Iterable[VisitProblem]) -> str:
    return say("board.decision.list").join(
        say.code("visit.problem", problem.removeprefix("visit."))
        for problem in problems
    )
