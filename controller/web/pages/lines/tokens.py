"""Lines of the stream about tokens of other systems."""

from typing import assert_never

from controller.web.pages.lines.said import Names, Said
from domain.tokens import TokenAct, TokenMade, TokenRefused, TokenRevoked


def token_line(event: TokenAct, who: str, names: Names) -> Said:
    say = names.say
    match event:
        case TokenMade():
            text = say("token.event.made", what=event.token, who=event.by)
            return Said(text, "key")
        case TokenRevoked():
            text = say("token.event.revoked", what=event.token, who=event.by)
            return Said(text, "key")
        case TokenRefused():
            what = event.token or say("token.event.unknown")
            why = say.code("token.refused", event.reason)
            text = say("token.event.refused", what=what, why=why, act=event.act)
            return Said(text, "x", "denied")
        case _:
            assert_never(event)
