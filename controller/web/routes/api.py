"""The addresses of the REST API, made of its table; who may, the gate has asked."""

from collections import defaultdict

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.web.api.call import Endpoint
from controller.web.api.openapi import description
from controller.web.api.serve import Served
from controller.web.api.table import DESCRIPTION, ENDPOINTS
from controller.web.console import Console
from wire import canonical


def routes(console: Console) -> list[BaseRoute]:
    served = Served(console)
    described = canonical.dumps(description(ENDPOINTS))
    by_path: defaultdict[str, dict[str, Endpoint]] = defaultdict(dict)
    for each in ENDPOINTS:
        by_path[each.path][each.method] = each

    def route(path: str, methods: dict[str, Endpoint]) -> Route:
        async def ask(request: Request) -> Response:
            method = "GET" if request.method == "HEAD" else request.method
            return await served.ask(request, methods[method])

        return Route(path, ask, methods=list(methods))

    async def describe(_request: Request) -> Response:
        return Response(described, media_type="application/json")

    return [
        Route(DESCRIPTION, describe),
        *(route(path, methods) for path, methods in by_path.items()),
    ]
