"""Lines of the stream about alarms: raised, cleared, and what was done about them."""

from typing import Final, assert_never

from controller.web.pages.lines.said import Names, Said
from domain.alarm_acts import (
    AlarmAcknowledged,
    AlarmAct,
    AlarmEscalated,
    AlarmResolved,
    WatchStarted,
)
from domain.alarm_events import AlarmCleared, AlarmEvent, AlarmRaised


def alarm_line(
    event: AlarmEvent | AlarmAct | WatchStarted, who: str, names: Names
) -> Said:
    say = names.say
    code = "" if isinstance(event, WatchStarted) else say.alarm(event.code)[0]
    match event:
        case AlarmRaised():
            text = say("board.event.alarm", code=code)
            return Said(text, "bell", _ALARM_TONES.get(event.priority, "a3"))
        case AlarmCleared():
            text = say("board.event.alarm_cleared", code=code)
            return Said(text, "bell")
        case WatchStarted():
            n = len(event.alarms)
            key = "watch_started" if n else "watch_started_quiet"
            return Said(say(f"board.event.{key}", who=event.by, n=n), "person")
        case AlarmAcknowledged():
            text = say("board.event.alarm_acknowledged", who=event.by, code=code)
            return Said(text, "check")
        case AlarmResolved():
            cause = say.code("alarm.cause", event.cause)
            text = say(
                "board.event.alarm_resolved",
                who=event.by,
                code=code,
                cause=cause,
            )
            return Said(text, "check")
        case AlarmEscalated(by=None):
            to = say.code("alarm.to", event.to)
            return Said(say("board.event.alarm_called", to=to, code=code), "bell")
        case AlarmEscalated():
            to = say.code("alarm.to", event.to)
            text = say(
                "board.event.alarm_called_by",
                who=event.by,
                to=to,
                code=code,
            )
            return Said(text, "bell")
        case _:
            assert_never(event)


_ALARM_TONES: Final = {1: "a1", 2: "a2", 3: "a3"}
