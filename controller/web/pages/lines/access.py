"""Lines of the stream about people at a door and in the zone behind it."""

from typing import Final, assert_never

from controller.web.pages.lines.said import Names, Said
from domain.access_events import (
    AccessDenied,
    AccessEvent,
    AccessGranted,
    AccessWaiting,
    OccupancyBecameUnknown,
    PersonEntered,
    PersonLeft,
    VisitorHandedOver,
)
from domain.policy import Side, Verdict

# What refuses, is awaited, or alarms.
FAILED: Final = frozenset({Verdict.FORBID, Verdict.WAIT, Verdict.ALARM})


def access_line(event: AccessEvent, who: str, names: Names) -> Said:
    say = names.say
    match event:
        case AccessGranted(side=Side.EXIT):
            irregular = any(f.verdict in FAILED for f in event.findings)
            key = "denied_exit" if irregular else "left"
            tone = "a3" if irregular else "plain"
            return Said(say(f"board.decision.{key}", who=who), "check", tone)
        case AccessGranted():
            return Said(say("board.decision.granted", who=who), "check")
        case AccessDenied():
            text = say("board.decision.denied", who=who)
            if event.timed_out:
                text += say("page.between") + say("board.decision.timed_out")
            return Said(text, "x", "denied")
        case AccessWaiting():
            what = say("board.decision.list").join(
                say.code("board.awaited", a) for a in event.waiting_for
            )
            text = say("board.decision.waiting", who=who, what=what)
            return Said(text, "wait", minor=True)
        case PersonEntered():
            return Said(say("board.event.entered", who=who), "person", minor=True)
        case PersonLeft():
            return Said(say("board.event.left", who=who), "person", minor=True)
        case VisitorHandedOver():
            return Said(say("visit.event.handed_over_at_door", who=who), "person")
        case OccupancyBecameUnknown():
            return Said(say("board.event.occupancy_unknown"), "unknown")
        case _:
            assert_never(event)
