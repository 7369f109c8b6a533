"""The list of operators: who may do what, and disabling one at once."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.web.console import Console, see
from controller.web.preferences import settle
from domain.operators import OperatorId, OperatorRole


def routes(console: Console) -> list[BaseRoute]:
    async def operators(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        asking = console.operator(request)
        times = console.times(request)
        rows = [
            {
                "operator": each,
                "disabled": times.short(each.disabled_at) if each.disabled_at else "",
                "sessions": len(await console.operators.sessions.of(each.id)),
                "self": each.id == asking.id,
            }
            for each in await console.operators.all()
        ]
        context = {
            "rows": rows,
            "may_disable": OperatorRole.ADMINISTRATOR in asking.roles,
        }
        return await console.page(request, "operators.html", context)

    async def disable(request: Request) -> Response:
        asking = console.operator(request)
        id_ = OperatorId(request.path_params["operator"])
        if id_ == asking.id:  # nobody acts on what concerns themselves
            await console.operators.refuse(asking, "POST /operators/{self}/disable")
        else:
            await console.operators.disable(id_, by=asking.id)
        return see("/operators")

    return [
        Route("/operators", operators),
        Route("/operators/{operator}/disable", disable, methods=["POST"]),
    ]
