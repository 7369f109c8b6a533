"""Lines of the stream about the review of grants."""

from typing import assert_never

from controller.web.pages.lines.said import Names, Said
from domain import review_events as r


def review_line(event: r.ReviewEvent, who: str, names: Names) -> Said:
    """`who`: whose grant, by name."""
    say = names.say
    zone = (
        ""
        if isinstance(event, r.ReviewOpened | r.ReviewClosed)
        else names.zone(event.zone)
    )

    def told(key: str, **places: object) -> str:
        return say(f"review.event.{key}", round=event.round, **places)

    match event:
        case r.ReviewOpened():
            return Said(told("opened", n=event.grants), "list")
        case r.ReviewConfirmed():
            text = told("confirmed", who=who, zone=zone, by=event.by)
            return Said(text, "check")
        case r.ReviewWithdrawn():
            return Said(told("withdrawn", who=who, zone=zone, by=event.by), "x")
        case r.ReviewWarned():
            text = told("warned", zone=zone, n=event.outstanding, days=event.days)
            return Said(text, "clock", "a3")
        case r.ReviewLapsed():
            return Said(told("lapsed", zone=zone, n=event.grants), "x")
        case r.ReviewHeld():
            text = told("held", zone=zone, n=event.grants, live=event.live)
            return Said(text, "warn", "a2")
        case r.ReviewLapseConfirmed():
            text = told("lapse_confirmed", zone=zone, n=event.grants, by=event.by)
            return Said(text, "check")
        case r.ReviewClosed():
            text = told(
                "closed",
                confirmed=event.confirmed,
                withdrawn=event.withdrawn,
                lapsed=event.lapsed,
            )
            return Said(text, "list")
        case _:
            assert_never(event)
