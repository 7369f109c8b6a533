"""Lines of the stream about the door itself."""

from typing import assert_never

from controller.web.pages.frame import lasting
from controller.web.pages.lines.said import Names, Said
from domain.door_events import (
    DoorClosed,
    DoorEvent,
    DoorForced,
    DoorHeldOpen,
    DoorNotOpened,
    DoorOpened,
    ExitButtonPressed,
    FireCleared,
    FireReleased,
    HandleTurned,
    LockdownEnded,
    LockdownStarted,
    LockReleased,
    LockSecured,
    ServiceEnded,
    ServiceNoted,
    ServiceStarted,
)


def door_line(event: DoorEvent, who: str, names: Names) -> Said:
    say = names.say
    match event:
        case LockReleased():
            cause = say.code("board.cause", event.cause)
            return Said(
                say("board.event.released", cause=cause), "released", minor=True
            )
        case LockSecured():
            return Said(say("board.event.secured"), "door", minor=True)
        case DoorOpened():
            return Said(say("board.event.opened"), "open", minor=True)
        case DoorClosed():
            span = lasting(say, event.open_for)
            return Said(say("board.event.closed", open_for=span), "door", minor=True)
        case DoorForced():
            return Said(say("board.event.forced"), "forced", "a1")
        case DoorHeldOpen():
            span = lasting(say, event.open_for)
            return Said(say("board.event.held", open_for=span), "held", "a2")
        case ExitButtonPressed():
            return Said(say("board.event.exit_button"), "open", minor=True)
        case HandleTurned():
            return Said(say("board.event.handle"), "open", minor=True)
        case FireReleased():
            return Said(say("board.event.fire"), "fire", "a1")
        case FireCleared():
            return Said(say("board.event.fire_cleared"), "fire")
        case LockdownStarted():
            text = say("board.event.lockdown", reason=event.reason)
            return Said(text, "lockdown", "denied")
        case LockdownEnded():
            text = say("board.event.lockdown_ended", reason=event.reason)
            return Said(text, "lockdown")
        case ServiceStarted():
            text = say("board.event.service", who=event.worker, reason=event.reason)
            return Said(text, "tool")
        case ServiceEnded():
            cause = say.code("board.service_cause", event.cause)
            text = say("board.event.service_ended", who=event.worker, cause=cause)
            return Said(text, "tool")
        case ServiceNoted():
            code = say.alarm(event.code)[0]
            return Said(say("board.event.service_noted", code=code), "tool")
        case DoorNotOpened():
            return Said(say("board.event.not_opened", who=who), "door")
        case _:
            assert_never(event)
