"""Starting a watch: every open alarm by name, and a tone to hear that it sounds."""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.services.alarm_desk import AlarmDesk
from controller.services.watch_start import start_watch
from controller.web.console import Console, see
from controller.web.forms import form_of
from controller.web.pages.board_view import alarm_view, tile_names
from controller.web.preferences import settle


def routes(console: Console) -> list[BaseRoute]:
    async def page(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        return await _page(request)

    async def start(request: Request) -> Response:
        numbers = (n for n in form_of(request).all("alarm") if n.isascii())
        accepted = frozenset(int(n) for n in numbers if n.isdecimal() and len(n) < 10)
        operator = console.operator(request)
        missing = await start_watch(console.office, by=operator, accepted=accepted)
        if missing:
            return await _page(request, missing, accepted)
        return see("/")

    async def _page(
        request: Request,
        missing: frozenset[int] = frozenset(),
        accepted: frozenset[int] = frozenset(),
    ) -> Response:
        found = await AlarmDesk(console.office).all()
        times = console.times(request)
        names = tile_names(console.site, console.preferences(request).language)
        context = {
            "alarms": [alarm_view(alarm, names, times) for alarm in found.standing],
            "missing": missing,
            "accepted": accepted,
        }
        return await console.page(
            request, "watch.html", context, status=422 if missing else 200
        )

    return [
        Route("/watch/start", page),
        Route("/watch/start", start, methods=["POST"]),
    ]
