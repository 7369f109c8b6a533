"""The tokens of other systems: which there are, what for, and ending one at once."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.web.console import Console, see
from controller.web.pages.frame import Times
from controller.web.preferences import settle
from domain.operators import OperatorRole
from domain.tokens import Token, TokenId


def routes(console: Console) -> list[BaseRoute]:
    async def tokens(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        times = console.times(request)
        context = {
            "rows": [_row(each, times) for each in await console.tokens.all()],
            "may_revoke": OperatorRole.ADMINISTRATOR in console.operator(request).roles,
        }
        return await console.page(request, "tokens.html", context)

    def _row(token: Token, times: Times) -> dict[str, object]:
        say = times.say
        state = "expired" if token.why_not(times.now) else "in_force"
        return {
            "token": token,
            "scopes": sorted(token.scopes),
            "made": times.short(token.made_at),
            "until": f"{token.until.astimezone(times.tz):%Y-%m-%d %H:%M}",
            "used": times.short(token.used_at) if token.used_at else "",
            "state": say("tokens.revoked", at=times.short(token.revoked_at))
            if token.revoked_at
            else say(f"tokens.{state}"),
        }

    async def revoke(request: Request) -> Response:
        asking = console.operator(request)
        await console.tokens.revoke(TokenId(request.path_params["name"]), by=asking.id)
        return see("/tokens")

    return [
        Route("/tokens", tokens),
        Route("/tokens/{name}/revoke", revoke, methods=["POST"]),
    ]
