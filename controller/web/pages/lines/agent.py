"""Lines of the stream about what runs at the door."""

from typing import assert_never

from controller.web.pages.frame import lasting
from controller.web.pages.lines.said import Names, Said
from domain.agent_events import (
    AgentEvent,
    AgentStarted,
    AgentStopped,
    ClimateMeasured,
    ClockStepped,
    ClockTrustChanged,
    CommandReceived,
    CommandRefused,
    DeviceFailed,
    DeviceRecovered,
    HealthReported,
    RosterApplied,
    RosterRefused,
)


def agent_line(event: AgentEvent, who: str, names: Names) -> Said:
    say = names.say
    match event:
        case AgentStarted():
            key = "agent_started_unclean" if event.unclean else "agent_started"
            return Said(say(f"board.event.{key}", version=event.version), "chip")
        case AgentStopped():
            return Said(say("board.event.agent_stopped"), "chip")
        case DeviceFailed():
            return Said(
                say("board.event.device_failed", device=event.device), "tool", "a3"
            )
        case DeviceRecovered():
            return Said(
                say("board.event.device_recovered", device=event.device), "tool"
            )
        case HealthReported():
            return Said(say("board.event.health"), "pulse", minor=True)
        case ClimateMeasured():
            t, h = f"{event.temperature_c:.1f}", f"{event.humidity_percent:.0f}"
            return Said(say("board.event.climate", t=t, h=h), "temp", minor=True)
        case ClockTrustChanged(trusted=True):
            return Said(say("board.event.clock_trusted", source=event.source), "clock")
        case ClockTrustChanged():
            return Said(say("board.event.clock_untrusted"), "clock", "a3")
        case ClockStepped():
            sign = "-" if event.by.total_seconds() < 0 else "+"
            by = sign + lasting(say, abs(event.by))
            return Said(say("board.event.clock_stepped", by=by), "clock", "a3")
        case RosterApplied():
            text = say(
                "board.event.roster_applied", number=event.number, people=event.people
            )
            return Said(text, "list", minor=True)
        case RosterRefused():
            text = say("board.event.roster_refused", reason=event.reason)
            return Said(text, "list", "a3")
        case CommandReceived():
            order = say.code("board.order", event.order)
            return Said(say("board.event.command_received", order=order), "key")
        case CommandRefused():
            reason = say.command_refusal(event.reason)
            return Said(
                say("board.event.command_refused", reason=reason), "key", "denied"
            )
        case _:
            assert_never(event)
