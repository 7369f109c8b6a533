"""Badges of those employed: by the administrator, and for a day by a guard.

GET  /day-badges                those of today; ?q= finds people, ?change= its receipts
POST /day-badges                `person`, `document`, `number`
POST /day-badges/{person}/end   it was given back
GET  /badges                    give and withdraw; ?change= its receipts
POST /badges/assign             `person`, `number`
POST /badges/withdraw           `person`, `reason`

No number is ever shown again, not even after a mistake.
"""

from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.services.badges import DOCUMENTS, BadgeProblem, Badges
from controller.store.sendings import ChangeId
from controller.web.console import Console, see
from controller.web.forms import form_of
from controller.web.preferences import settle
from controller.web.words import words
from domain.ids import PersonId

_MOST_DIGITS: Final = 9


def routes(console: Console) -> list[BaseRoute]:
    badges = Badges(console.office)

    async def receipts(request: Request) -> list[tuple[str, str]] | None:
        """Each door's word and receipt; None: nobody asks for any."""
        text = request.query_params.get("change", "")
        if not (text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS):
            return None
        say = words(console.preferences(request).language)
        times = console.times(request)
        return [
            (
                say.of(console.site.doors[each.door]),
                say("badges.confirmed", at=times.clock(each.confirmed_at))
                if each.confirmed_at
                else "",
            )
            for each in await badges.receipts(ChangeId(int(text)))
            if each.door in console.site.doors
        ]

    async def day_page(request: Request, problem: BadgeProblem | None) -> Response:
        form, times = form_of(request), console.times(request)
        wanted = (form["q"] or request.query_params.get("q", "")).strip()[:64]
        context = {
            "q": wanted,
            "people": await badges.find(wanted) if wanted else (),
            "documents": DOCUMENTS,
            "today": [
                (
                    badge,
                    times.clock(badge.issued_at),
                    badge.in_force(times.now),
                    times.short(badge.ended_at or badge.until),
                )
                for badge in await badges.today()
            ],
            "receipts": await receipts(request),
            "problem": problem,
            "chosen": form["person"],
            "document": form["document"],
        }
        status = 422 if problem else 200
        return await console.page(request, "day_badges.html", context, status=status)

    async def badge_page(request: Request, problem: BadgeProblem | None) -> Response:
        form = form_of(request)
        context = {
            "receipts": await receipts(request),
            "problem": problem,
            "person": form["person"],
            "reason": form["reason"],
            "at": request.url.path,
        }
        status = 422 if problem else 200
        return await console.page(request, "badges.html", context, status=status)

    async def days(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        return await day_page(request, None)

    async def issue(request: Request) -> Response:
        form = form_of(request)
        done = await badges.issue_day(
            console.operator(request),
            PersonId(form["person"]),
            form["document"],
            form["number"],
        )
        if isinstance(done, BadgeProblem):
            return await day_page(request, done)
        return see(f"/day-badges?change={done}")

    async def end(request: Request) -> Response:
        person = PersonId(request.path_params["person"])
        done = await badges.end_day(console.operator(request), person)
        if isinstance(done, BadgeProblem):
            return await day_page(request, done)
        return see(f"/day-badges?change={done}")

    async def show(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        return await badge_page(request, None)

    async def assign(request: Request) -> Response:
        form, operator = form_of(request), console.operator(request)
        person = PersonId(form["person"])
        done = await badges.assign(operator, person, form["number"])
        if isinstance(done, BadgeProblem):
            return await badge_page(request, done)
        return see(f"/badges?change={done}")

    async def withdraw(request: Request) -> Response:
        form, operator = form_of(request), console.operator(request)
        person = PersonId(form["person"])
        done = await badges.withdraw(operator, person, form["reason"])
        if isinstance(done, BadgeProblem):
            return await badge_page(request, done)
        return see(f"/badges?change={done}")

    return [
        Route("/day-badges", days),
        Route("/day-badges", issue, methods=["POST"]),
        Route("/day-badges/{person}/end", end, methods=["POST"]),
        Route("/badges", show),
        Route("/badges/assign", assign, methods=["POST"]),
        Route("/badges/withdraw", withdraw, methods=["POST"]),
    ]
