"""The lobby's tablets on the console: pair one, send a visitor to it, witness, revoke.

A pairing code is on the page that answers the form and nowhere else afterwards.
"""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.services.lobby_desk import LobbyDesk, NewTablet, OnTablet, Problem
from controller.services.visit_office import VisitOffice
from controller.web.console import Console, see
from controller.web.forms import form_of, own_path
from controller.web.preferences import settle
from domain.ids import PersonId, VisitId
from domain.tablets import MAX_NAME, TabletProblem, TaskState

_LIST: Final = "/lobby/tablets"


def routes(console: Console) -> list[BaseRoute]:
    desk = LobbyDesk(console.office)
    visits = VisitOffice(console.office)

    async def listed(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        return await _list(request)

    async def add(request: Request) -> Response:
        name = form_of(request)["name"]
        made = await desk.add(name, by=console.operator(request))
        if isinstance(made, TabletProblem):
            return await _list(request, [made], typed=name)
        return await _list(request, made=made)

    async def revoke(request: Request) -> Response:
        await desk.revoke(request.path_params["tablet"], by=console.operator(request))
        return see(_LIST)

    async def clear(request: Request) -> Response:
        await desk.take_off(request.path_params["tablet"])
        return see(own_path(form_of(request)["next"] or _LIST))

    async def witness(request: Request) -> Response:
        task = form_of(request)["task"]
        problems = await desk.witness(
            request.path_params["tablet"],
            int(task) if task.isascii() and task.isdecimal() and len(task) < 10 else 0,
            by=console.operator(request),
        )
        return await _list(request, problems) if problems else see(_LIST)

    async def choose(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        query = request.query_params
        if not query.get("visit"):
            return see(_LIST)
        return await _sending(
            request,
            query.get("visit", ""),
            query.get("person", ""),
            query.get("next", ""),
        )

    async def send(request: Request) -> Response:
        form = form_of(request)
        visit, person, back = form["visit"], form["person"], form["next"]
        problems = await desk.send(
            VisitId(visit),
            PersonId(person),
            form["tablet"],
            by=console.operator(request),
        )
        if problems:
            return await _sending(request, visit, person, back, problems)
        return see(own_path(back or _LIST))

    async def _list(
        request: Request,
        problems: Sequence[Problem] = (),
        *,
        typed: str = "",
        made: NewTablet | None = None,
    ) -> Response:
        rows = await desk.all()
        context = {
            "address": _LIST,
            "rows": rows,
            "watching": _is_watched(rows),
            "problems": problems,
            "typed": typed,
            "made": made,
            "max_name": MAX_NAME,
            "names": {o.id: o.name for o in await console.operators.all()},
            "state": _state,
            "is_person": console.operator(request).person is not None,
            "times": console.times(request),
        }
        status = 422 if problems else 200
        return await console.page(request, "tablets.html", context, status=status)

    async def _sending(
        request: Request,
        visit: str,
        person: str,
        back: str,
        problems: Sequence[Problem] = (),
    ) -> Response:
        found = await visits.visit(VisitId(visit))
        who = next((v for v in found.visitors if v.person.id == person), None)
        if who is None:
            raise HTTPException(404)
        query = urlencode({"visit": visit, "person": person, "next": back})
        context = {
            "address": f"/lobby/send?{query}",
            "visit": found,
            "who": who,
            "back": own_path(back or f"/visits/{found.visit}/check-in"),
            "rows": [r for r in await desk.all() if r.tablet.paired_at is not None],
            "problems": problems,
        }
        status = 409 if problems else 200
        return await console.page(request, "tablet_send.html", context, status=status)

    return [
        Route(_LIST, listed),
        Route(_LIST, add, methods=["POST"]),
        Route("/lobby/tablets/{tablet}/revoke", revoke, methods=["POST"]),
        Route("/lobby/tablets/{tablet}/clear", clear, methods=["POST"]),
        Route("/lobby/tablets/{tablet}/witness", witness, methods=["POST"]),
        Route("/lobby/send", choose),
        Route("/lobby/send", send, methods=["POST"]),
    ]


def _is_watched(rows: Sequence[OnTablet]) -> bool:
    """Whether something is under way that the guard waits for."""
    return any(row.task is not None or row.waits for row in rows)


def _state(row: OnTablet) -> str:
    """The word for it, of `lobby.state`."""
    if row.tablet.paired_at is None:
        return "code" if row.waits else "lapsed"
    if row.task is not None:
        return row.task.state.value
    if row.latest is not None and row.latest.state is TaskState.REFUSED:
        return TaskState.REFUSED.value if row.latest.ended_at is None else "free"
    return "free"
