"""Lines of the stream about grants: asked for, decided, reviewed."""

from dataclasses import dataclass
from typing import assert_never

from controller.web.words import Words
from domain import review_events as r
from domain.grant_requests import (
    GrantAct,
    GrantApproved,
    GrantRefused,
    GrantRequested,
)


@dataclass(frozen=True, slots=True)
class ReviewLine:
    text: str
    icon: str = "list"
    tone: str = "plain"


def review_line(event: r.ReviewEvent, who: str, zone: str, say: Words) -> ReviewLine:
    """`who`: whose grant, by name; `zone`: the one it names, if it does."""

    def told(key: str, **places: object) -> str:
        return say(f"review.event.{key}", round=event.round, **places)

    match event:
        case r.ReviewOpened():
            return ReviewLine(told("opened", n=event.grants))
        case r.ReviewConfirmed():
            text = told("confirmed", who=who, zone=zone, by=event.by)
            return ReviewLine(text, "check")
        case r.ReviewWithdrawn():
            return ReviewLine(told("withdrawn", who=who, zone=zone, by=event.by), "x")
        case r.ReviewWarned():
            text = told("warned", zone=zone, n=event.outstanding, days=event.days)
            return ReviewLine(text, "clock", "a3")
        case r.ReviewLapsed():
            return ReviewLine(told("lapsed", zone=zone, n=event.grants), "x")
        case r.ReviewHeld():
            text = told("held", zone=zone, n=event.grants, live=event.live)
            return ReviewLine(text, "warn", "a2")
        case r.ReviewLapseConfirmed():
            text = told("lapse_confirmed", zone=zone, n=event.grants, by=event.by)
            return ReviewLine(text, "check")
        case r.ReviewClosed():
            text = told(
                "closed",
                confirmed=event.confirmed,
                withdrawn=event.withdrawn,
                lapsed=event.lapsed,
            )
            return ReviewLine(text)
        case _:
            assert_never(event)


def grant_line(event: GrantAct, who: str, zone: str, say: Words) -> str:
    match event:
        case GrantRequested():
            return say("grants.event.requested", by=event.by, who=who, zone=zone)
        case GrantApproved():
            return say("grants.event.approved", by=event.by, who=who, zone=zone)
        case GrantRefused():
            why = event.reason
            return say(
                "grants.event.refused", by=event.by, who=who, zone=zone, reason=why
            )
        case _:
            assert_never(event)
