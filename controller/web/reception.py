"""What the pages of the visitor desk share: whose visit, who asks, the list beside it.

Nobody receives a visit that they escort, come on or would take over: such an attempt
changes nothing and is recorded. Checking out is barred to nobody: nobody is held.
"""

from collections.abc import Mapping
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from controller.services.badge_pool import BadgePool
from controller.services.desk import Desk, DeskGroup, DeskVisit
from controller.services.photos import PhotoDesk
from controller.services.visit_office import VisitOffice
from controller.web.console import Console
from controller.web.pages.desk import DeskSpeech, found_in
from controller.web.roles import BLOCKING, RECEIVING
from controller.web.words import words
from domain.ids import PersonId, VisitId
from domain.operators import Bar, Operator

SHOWN: Final = tuple(g for g in DeskGroup if g is not DeskGroup.OVER)


class Reception:
    def __init__(self, console: Console) -> None:
        self.console = console
        self.visits = VisitOffice(console.office)
        self.pool = BadgePool(console.office)
        self.photos = PhotoDesk(console.office)

    async def visit(self, request: Request) -> DeskVisit:
        """The one of the address.

        Raises:
            InputError: there is none.
        """
        return await self.visits.visit(VisitId(request.path_params["visit"]))

    def operator(self, request: Request) -> Operator:
        return self.console.operator(request)

    def by(self, request: Request) -> str:
        return self.operator(request).id

    def speech(self, request: Request) -> DeskSpeech:
        say = words(self.console.preferences(request).language)
        return DeskSpeech(say, self.console.times(request), self.console.site)

    async def bars(
        self, request: Request, visit: DeskVisit, *others: PersonId
    ) -> tuple[str, ...]:
        """Why this operator doesn't act on the visit, as codes of words; recorded.

        `others`: whom the act concerns besides.
        """
        operator = self.operator(request)
        people = (*visit.escorts, *visit.deputies, *(v.person for v in visit.visitors))
        if not operator.is_one_of([*others, *(each.id for each in people)]):
            return ()
        act = request.url.path.rpartition("/")[2]
        await self.console.operators.refuse(operator, f"POST /visits/{{self}}/{act}")
        return (Bar.CONCERNS_SELF,)

    async def page(
        self,
        request: Request,
        template: str,
        context: Mapping[str, object],
        *,
        visit: DeskVisit | None = None,
        status: int = 200,
    ) -> Response:
        """`template` with the list of the day, in which `visit` is marked."""
        roles = self.operator(request).roles
        desk = await self.visits.desk()
        speech = self.speech(request)
        wanted = "" if visit is not None else request.query_params.get("q", "").strip()
        everybody = visit is None and "over" in request.query_params
        around = {
            "desk": desk,
            "groups": _groups(desk, speech, wanted, everybody=everybody),
            "left": len(desk.group(DeskGroup.OVER)),
            "wanted": wanted,
            "marked": None if visit is None else visit.visit,
            "speech": speech,
            "receives": not roles.isdisjoint(RECEIVING),
            "freezes": not roles.isdisjoint(BLOCKING),
        }
        return await self.console.page(
            request, template, {**around, **context}, status=status
        )


def _groups(
    desk: Desk, speech: DeskSpeech, wanted: str, *, everybody: bool
) -> list[tuple[DeskGroup, list[DeskVisit]]]:
    kinds = tuple(DeskGroup) if everybody else SHOWN
    groups = (
        (kind, [v for v in desk.group(kind) if found_in(v, wanted, speech)])
        for kind in kinds
    )
    return [(kind, visits) for kind, visits in groups if visits]
