"""A visitor's photograph: taken at the identity step, shown at the desk, taken back.

The answer with the picture is kept by no cache, as everything with a name.
"""

from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.web.console import Console, see
from controller.web.forms import form_of
from controller.web.reception import Reception
from controller.web.routes.check_in import steps_address
from controller.web.steps_page import Outcome, StepsPage
from controller.web.uploads import field_of, file_of
from domain.ids import PersonId, VisitId

_IDENTITY: Final = 1  # the step it stands in


def routes(console: Console) -> list[BaseRoute]:
    here = Reception(console)
    photos, page = here.photos, StepsPage(here)

    async def look(request: Request) -> Response:
        picture = await photos.photo(*_whose(request))
        if picture is None:
            raise HTTPException(404)
        return Response(picture, media_type="image/jpeg")

    async def take(request: Request) -> Response:
        """The address says with whom, as after every step; the body has the file."""
        visit_id, person = _whose(request)
        visit, query = await here.visit(request), request.query_params
        if bars := await here.bars(request, visit):
            return await page.show(request, query, Outcome(bars=bars))
        kind, body = request.headers.get("content-type", ""), await request.body()
        fault = await photos.take(
            visit_id,
            person,
            file_of(kind, body, "photo") or b"",
            here.by(request),
            agreed=field_of(kind, body, "agreed") == "yes",
        )
        if fault is not None:
            failed = Outcome(bad=f"photo_{fault}", step=_IDENTITY)
            return await page.show(request, query, failed)
        return see(f"{steps_address(visit, person, query)}#step-{_IDENTITY}")

    async def remove(request: Request) -> Response:
        visit_id, person = _whose(request)
        form, visit = form_of(request), await here.visit(request)
        # Never refused: consent is the visitor's own.
        await photos.remove(visit_id, person, here.by(request))
        if form["visitor"]:
            return see(steps_address(visit, person, form))
        return see(f"/visits/{visit_id}")

    place = "/visits/{visit}/visitors/{person}/photo"
    return [
        Route(place, look),
        Route(place, take, methods=["POST"]),
        Route(f"{place}/remove", remove, methods=["POST"]),
    ]


def _whose(request: Request) -> tuple[VisitId, PersonId]:
    place = request.path_params
    return VisitId(place["visit"]), PersonId(place["person"])
