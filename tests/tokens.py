"""Tokens to use the API with."""

from datetime import timedelta

from controller.services.tokens import Tokens
from domain.tokens import TokenId, TokenScope
from tests.operators import Gate


async def make_token(gate: Gate, *scopes: TokenScope, name: str = "hr") -> str:
    """For a week, with these scopes; with none named, all of them."""
    assert gate.office is not None
    return await Tokens(gate.office).add(
        TokenId(name),
        scopes or tuple(TokenScope),
        until=gate.clock.now() + timedelta(days=7),
        by="test",
    )


def bearing(text: str) -> dict[str, str]:
    return {"authorization": f"Bearer {text}"}
