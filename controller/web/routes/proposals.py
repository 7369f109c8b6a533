"""Proposals to freeze somebody: asked for on one page, decided about on another.

The page that asks shows name and number only: a shift lead knows no more of people.
Deciding to freeze is the page of the freeze itself, with what was proposed as reason.
"""

from collections.abc import Sequence
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.services.freeze_proposals import (
    FORBIDDEN,
    FreezeProposals,
    ProposalProblem,
)
from controller.services.people_desk import MAX_REASON
from controller.web.console import Console, see
from controller.web.forms import form_of
from controller.web.preferences import settle
from controller.web.roles import CHANGING_PEOPLE, SEEING_PEOPLE
from controller.web.routes.people import person_of, speech_of
from domain.ids import PersonId

_FIELDS = {
    ProposalProblem.NO_REASON: "reason",
    ProposalProblem.TOO_LONG: "reason",
}


def routes(console: Console) -> list[BaseRoute]:
    return _Proposals(console).routes()


class _Proposals:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._proposals = FreezeProposals(console.office)

    def routes(self) -> list[BaseRoute]:
        ask = "/people/{person}/propose-freeze"
        return [
            Route("/people/proposals", self._tray),
            Route(
                "/people/proposals/{person}/decline", self._decline, methods=["POST"]
            ),
            Route(ask, self._ask),
            Route(ask, self._propose, methods=["POST"]),
        ]

    # --- asking ---

    async def _ask(self, request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        return await self._form(request)

    async def _propose(self, request: Request) -> Response:
        person, operator = person_of(request), self._console.operator(request)
        problems = await self._proposals.propose(
            person, reason=form_of(request)["reason"], by=operator
        )
        if problems:
            await self._note(request, problems, "POST /people/{self}/propose-freeze")
            return await self._form(request, problems)
        return see(f"/people/proposals#case-{quote(person, safe='')}")

    async def _form(
        self, request: Request, problems: Sequence[ProposalProblem] = ()
    ) -> Response:
        operator = self._console.operator(request)
        person, barred = await self._proposals.whom(person_of(request), operator)
        knows = not operator.roles.isdisjoint(SEEING_PEOPLE)
        context = {
            "person": person,
            "barred": barred,
            "problems": problems,
            "fields": _FIELDS,
            "typed": form_of(request)["reason"],
            "max_reason": MAX_REASON,
            "back": f"/people/{quote(person.id, safe='')}" if knows else "/people",
        }
        return await self._console.page(
            request, "propose_freeze.html", context, status=422 if problems else 200
        )

    # --- deciding ---

    async def _tray(self, request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        return await self._list(request)

    async def _decline(self, request: Request) -> Response:
        form, person = form_of(request), person_of(request)
        seen = form["seen"]
        problems = await self._proposals.decline(
            person,
            seen=int(seen) if seen.isascii() and seen.isdecimal() else 0,
            reason=form["reason"],
            by=self._console.operator(request),
        )
        if problems:
            await self._note(request, problems, "POST /people/proposals/{self}/decline")
            return await self._list(request, problems, person)
        return see("/people/proposals")

    async def _list(
        self,
        request: Request,
        problems: Sequence[ProposalProblem] = (),
        person: PersonId | None = None,
    ) -> Response:
        operator = self._console.operator(request)
        tray = await self._proposals.tray(operator)
        context = {
            "tray": tray,
            "speech": speech_of(self._console, request),
            "decides": not operator.roles.isdisjoint(CHANGING_PEOPLE),
            "knows": not operator.roles.isdisjoint(SEEING_PEOPLE),
            "problems": problems,
            "fields": _FIELDS,
            "declined": person,
            "typed": form_of(request)["reason"],
            "max_reason": MAX_REASON,
        }
        return await self._console.page(
            request, "proposals.html", context, status=422 if problems else 200
        )

    async def _note(
        self, request: Request, problems: Sequence[ProposalProblem], act: str
    ) -> None:
        """That somebody tried what is not theirs to do is in the log."""
        if FORBIDDEN & set(problems):
            operator = self._console.operator(request)
            await self._console.operators.refuse(operator, act)
