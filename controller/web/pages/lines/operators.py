"""Lines of the stream about operators, by the name of their account.

Whose it is, the list of operators says.
"""

from typing import assert_never

from controller.web.pages.lines.said import Names, Said
from domain.operator_events import (
    OperatorActRefused,
    OperatorAdded,
    OperatorDisabled,
    OperatorEvent,
    OperatorLocked,
    OperatorPasswordChanged,
    OperatorReset,
    OperatorSignedIn,
    OperatorSignedOut,
    OperatorSignInRefused,
    OperatorUnlocked,
)


def operator_line(event: OperatorEvent, who: str, names: Names) -> Said:
    say = names.say
    match event:
        case OperatorAdded():
            roles = say("board.decision.list").join(
                say.code("role", role) for role in event.roles
            )
            text = say("board.event.operator_added", who=event.operator, roles=roles)
            return Said(text, "key")
        case OperatorReset():
            return Said(say("board.event.operator_reset", who=event.operator), "key")
        case OperatorPasswordChanged():
            text = say("board.event.password_changed", who=event.operator)
            return Said(text, "key")
        case OperatorDisabled():
            return Said(say("board.event.operator_disabled", who=event.operator), "key")
        case OperatorSignedIn():
            key = "signed_in_by_recovery" if event.recovery else "signed_in"
            text = say(f"board.event.{key}", who=event.operator)
            return Said(text, "person", minor=not event.recovery)
        case OperatorSignInRefused():
            who = event.operator or say("board.event.nobody")
            why = say.code("sign_in.refused", event.reason)
            text = say("board.event.sign_in_refused", who=who, why=why)
            return Said(text, "person", "denied")
        case OperatorLocked():
            key = "console_locked_idle" if event.idle else "console_locked"
            text = say(f"board.event.{key}", who=event.operator)
            return Said(text, "person", minor=True)
        case OperatorUnlocked():
            text = say("board.event.console_unlocked", who=event.operator)
            return Said(text, "person", minor=True)
        case OperatorSignedOut():
            why = say.code("sign_out", event.cause)
            text = say("board.event.signed_out", who=event.operator, why=why)
            return Said(text, "person", minor=True)
        case OperatorActRefused():
            text = say("board.event.act_refused", who=event.operator, act=event.act)
            return Said(text, "x", "denied")
        case _:
            assert_never(event)
