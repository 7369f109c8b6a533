"""Lock down or release a zone or the whole site, asked twice.

GET  /posture   where doors are locked down; ?order=, ?zone= ("" the site): asks again
POST /posture   `order`, `zone`, `reason` -> /commands/{act}
"""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.services.door_acts import DoorActs, Problem
from controller.web.auth import session_of
from controller.web.console import Console, see
from controller.web.forms import form_of
from controller.web.pages import posture as words_of
from controller.web.pages.sight import onlooker, seen
from controller.web.preferences import settle
from controller.web.words import words

_STATUS: Final = {Problem.NO_REASON: 422, Problem.NO_RIGHT: 403}


def routes(console: Console) -> list[BaseRoute]:
    acts = DoorActs(console.office)

    async def areas_for(request: Request) -> tuple[words_of.Area, ...]:
        language, operator = (
            console.preferences(request).language,
            console.operator(request),
        )
        board = seen(
            await console.source.board(), onlooker(session_of(request), language)
        )
        return words_of.areas(
            board,
            console.site,
            words(language),
            lambda order, door, scope: acts.right(operator, order, door, scope),
        )

    async def show(
        request: Request,
        order: str,
        zone: str,
        problem: Problem | None = None,
    ) -> Response:
        areas = await areas_for(request)
        say = words(console.preferences(request).language)
        found = next((a for a in areas if a.zone == zone), None)
        asked = None
        if found is not None and order in words_of.ORDERS:
            right = acts.right(
                console.operator(request), order, found.door, found.scope
            )
            asked = words_of.asked(found, order, say, right)
        context = {
            "areas": areas,
            "asked": asked,
            "problem": problem,
            "reason": form_of(request)["reason"],
        }
        status = 200 if problem is None else _STATUS[problem]
        return await console.page(request, "posture.html", context, status=status)

    async def posture(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        query = request.query_params
        return await show(request, query.get("order", ""), query.get("zone", ""))

    async def change(request: Request) -> Response:
        form, operator = form_of(request), console.operator(request)
        order, zone = form["order"], form["zone"]
        areas = await areas_for(request)
        found = next((a for a in areas if a.zone == zone), None)
        made: str | Problem = Problem.NO_RIGHT
        if not order:
            made = Problem.NO_REASON
        elif found is not None and order in words_of.ORDERS:
            made = await acts.ask(
                operator, found.door, order, found.scope, reason=form["reason"]
            )
        elif zone and zone not in console.site.zones:
            raise HTTPException(404)
        if not isinstance(made, Problem):
            return see(f"/commands/{made}")
        if made is Problem.NO_RIGHT:
            act = f"POST /posture {order[:32]} {zone[:64]}"
            await console.operators.refuse(operator, act)
        return await show(request, order, zone, made)

    return [
        Route("/posture", posture),
        Route("/posture", change, methods=["POST"]),
    ]
