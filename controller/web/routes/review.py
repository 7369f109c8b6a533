"""The half-year's review of grants (G5.1.2-3): each is kept or withdrawn.

Owners see their own zones, the secrecy officer and reviewers all of them. One act, one
row; the page comes back with the focus on the next that waits. What is held after the
end, only the officer lets lapse.
"""

from collections.abc import Sequence

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.services.review import Reviews
from controller.web.console import Console, see
from controller.web.forms import form_of
from controller.web.pages.review import round_line, round_view
from controller.web.preferences import settle
from controller.web.roles import REVIEWING
from controller.web.routes.people import speech_of
from domain.ids import ZoneId
from domain.operators import OperatorRole
from domain.review import ReviewAct, ReviewProblem, next_opening


def routes(console: Console) -> list[BaseRoute]:
    reviews = Reviews(console.office)

    async def review(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        return await _page(request)

    async def one(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        sheet = await reviews.one(_part(request, "round"))
        speech = speech_of(console, request)
        operator = console.operator(request)
        shown = round_view(sheet, operator, speech, await _accounts())
        context = {"round": shown, "speech": speech}
        return await console.page(request, "review_round.html", context)

    async def confirm(request: Request) -> Response:
        return await _decide(request, ReviewAct.CONFIRM)

    async def withdraw(request: Request) -> Response:
        return await _decide(request, ReviewAct.WITHDRAW)

    async def lapse(request: Request) -> Response:
        operator = console.operator(request)
        problems = await reviews.let_lapse(
            _part(request, "round"), ZoneId(form_of(request)["zone"]), by=operator
        )
        if ReviewProblem.CONCERNS_SELF in problems:
            await console.operators.refuse(operator, "POST /review/{self}/lapse")
        return await _page(request, problems) if problems else see("/review")

    async def _decide(request: Request, what: ReviewAct) -> Response:
        operator = console.operator(request)
        grant = _part(request, "grant")
        problems = await reviews.decide(
            _part(request, "round"), grant, what, by=operator
        )
        barred = {ReviewProblem.NOT_YOURS, ReviewProblem.CONCERNS_SELF}
        if not barred.isdisjoint(problems):
            await console.operators.refuse(operator, f"POST /review/{{own}}/{what}")
        if ReviewProblem.NOT_YOURS in problems:
            raise HTTPException(404)  # a grant of a zone that is none of theirs
        if problems:
            return await _page(request, problems)
        return see(f"/review?after={grant}")

    async def _page(
        request: Request, problems: Sequence[ReviewProblem] = ()
    ) -> Response:
        operator, speech = console.operator(request), speech_of(console, request)
        accounts = await _accounts()
        after = request.query_params.get("after", "")
        shown = [
            round_view(sheet, operator, speech, accounts, after=after)
            for sheet in await reviews.unclosed()
        ]
        context = {
            "address": "/review",
            "rounds": shown,
            "earlier": [round_line(r, speech) for r in await reviews.rounds()],
            "next": speech.times.short(
                next_opening(console.clock.now(), console.site.tz)
            ),
            "problems": problems,
            "speech": speech,
            "officer": OperatorRole.SECRECY_OFFICER in operator.roles,
            "reviews": not operator.roles.isdisjoint(REVIEWING),
        }
        status = 409 if problems else 200
        return await console.page(request, "review.html", context, status=status)

    async def _accounts() -> dict[str, str]:
        return {o.id: o.name for o in await console.operators.all()}

    return [
        Route("/review", review),
        Route("/review/{round}", one),
        Route("/review/{round}/lapse", lapse, methods=["POST"]),
        Route("/review/{round}/{grant}/confirm", confirm, methods=["POST"]),
        Route("/review/{round}/{grant}/withdraw", withdraw, methods=["POST"]),
    ]


def _part(request: Request, name: str) -> str:
    """A part of the address, without what no database takes."""
    text: str = request.path_params[name]
    return text.replace("\0", "\ufffd")
