"""Lines of the stream about tokens of other systems."""

from typing import assert_never

from controller.web.words import Words
from domain.tokens import TokenAct, TokenMade, TokenRefused, TokenRevoked


def token_line(event: TokenAct, say: Words) -> tuple[str, str, str]:
    """Text, icon and tone."""
    match event:
        case TokenMade():
            text = say("token.event.made", what=event.token, who=event.by)
            return text, "key", "plain"
        case TokenRevoked():
            text = say("token.event.revoked", what=event.token, who=event.by)
            return text, "key", "plain"
        case TokenRefused():
            what = event.token or say("token.event.unknown")
            why = say.code("token.refused", event.reason)
            text = say("token.event.refused", what=what, why=why, act=event.act)
            return text, "x", "denied"
        case _:
            assert_never(event)
