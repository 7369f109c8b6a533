"""Deciding what is asked for, one card a visit.

Who requests, escorts or belongs to another department doesn't decide; what stands in
the way is said on the card, and an attempt all the same is refused and recorded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.services.desk import DeskGroup, DeskVisit, owners_of
from controller.services.visit_approvals import approver_of, heads_of
from controller.services.visit_step import Done
from controller.web.console import Console, see
from controller.web.forms import form_of
from controller.web.pages.desk import Lack
from controller.web.preferences import settle
from controller.web.reception import Reception
from controller.web.roles import APPROVING, RECEIVING
from domain.errors import InputError
from domain.ids import VisitId, ZoneId
from domain.operators import Bar, Operator, OperatorRole, bars_to_approving
from domain.people import Rank
from domain.visit_approval import Approver, is_theirs
from domain.visit_classes import CLASS_DEMANDS
from domain.visit_problems import Refused

_SOME: Final = frozenset({OperatorRole.ZONE_OWNER, OperatorRole.APPROVER})
NO_PERSON: Final = "no_person"  # nobody knows whose account it is


@dataclass(frozen=True, slots=True)
class Card:
    """A request as its approver sees it: what bars them, what they may do."""

    visit: DeskVisit
    bars: tuple[str, ...]
    core_bars: tuple[str, ...]


def routes(console: Console) -> list[BaseRoute]:
    here = Reception(console)
    office = here.visits

    async def approvals(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        return await _cards(request)

    async def approve(request: Request) -> Response:
        visit = await here.visit(request)
        bars = await _bars(here.operator(request), visit)
        approver = _approver(request, visit)
        if bars or approver is None:
            return await _barred(request, "approve", bars)
        return await _after(
            request, await office.approve(visit.visit, approver, here.by(request))
        )

    async def approve_core(request: Request) -> Response:
        visit = await here.visit(request)
        bars = await _core_bars(here.operator(request), visit)
        approver = _approver(request, visit)
        if bars or approver is None:
            return await _barred(request, "approve-core", bars)
        zone = ZoneId(form_of(request)["zone"])
        by = here.by(request)
        return await _after(
            request, await office.approve_core(visit.visit, approver, zone, by)
        )

    async def refuse(request: Request) -> Response:
        visit = await here.visit(request)
        if bars := await _bars(here.operator(request), visit):
            return await _barred(request, "refuse", bars)
        reason = form_of(request)["reason"]
        try:
            done = await office.refuse(visit.visit, reason, here.by(request))
        except InputError:
            return await _cards(request, bad=visit.visit)
        return await _after(request, done)

    async def _after(request: Request, done: Done | Refused) -> Response:
        if isinstance(done, Refused):
            lacks = here.speech(request).lacks(done.problems)
            return await _cards(request, problems=lacks)
        return see("/visits")

    async def _barred(request: Request, act: str, bars: Sequence[str]) -> Response:
        operator = here.operator(request)
        await console.operators.refuse(operator, f"POST /visits/{{self}}/{act}")
        return await _cards(request, bars=bars)

    async def _cards(
        request: Request,
        *,
        problems: Sequence[Lack] = (),
        bars: Sequence[str] = (),
        bad: str = "",
    ) -> Response:
        operator = here.operator(request)
        seen = [v for v in await office.all_live() if _sees(operator, v)]
        requested = [v for v in seen if v.group is DeskGroup.REQUESTED]
        context = {
            "address": "/visits",
            "cards": [
                Card(v, await _bars(operator, v), await _core_bars(operator, v))
                for v in requested
            ],
            "decided": [v for v in seen if v.group is not DeskGroup.REQUESTED],
            "approves": not operator.roles.isdisjoint(APPROVING),
            "requests": not operator.roles.isdisjoint(RECEIVING),
            "demands": CLASS_DEMANDS,
            "speech": here.speech(request),
            "typed": form_of(request),
            "problems": problems,
            "bars": bars,
            "bad": bad,
        }
        status = 409 if problems or bars else 422 if bad else 200
        return await console.page(request, "visits.html", context, status=status)

    def _approver(request: Request, visit: DeskVisit) -> Approver | None:
        departments = {visit.department, *owners_of(console.site, visit.route)}
        return approver_of(here.operator(request), departments)

    async def _bars(operator: Operator, visit: DeskVisit) -> tuple[str, ...]:
        """Why this operator doesn't decide it, as codes of words."""
        needed = CLASS_DEMANDS[visit.kind].rank
        found = await _found(operator, visit, needed)
        if operator.roles.isdisjoint(APPROVING) or _theirs(operator, visit):
            return found
        return tuple(sorted({*found, Bar.OTHER_DEPARTMENT}))

    async def _core_bars(operator: Operator, visit: DeskVisit) -> tuple[str, ...]:
        """The same for a core zone: the committee's, of no department (G2.4)."""
        return await _found(operator, visit, Rank.COMMITTEE)

    async def _found(
        operator: Operator, visit: DeskVisit, needed: Rank
    ) -> tuple[str, ...]:
        people = (*visit.escorts, *visit.deputies, *(v.person for v in visit.visitors))
        bars: set[str] = set(
            bars_to_approving(
                operator,
                needed=needed,
                department=operator.department,  # which is asked apart
                requested_by=visit.requested_by.id,
                concerned=[each.id for each in people],
            )
        )
        if operator.person is None:
            bars.add(NO_PERSON)
        if operator.id == await _typed_by(visit.visit):
            bars.add(Bar.OWN_REQUEST)
        return tuple(sorted(bars))

    def _theirs(operator: Operator, visit: DeskVisit) -> bool:
        """Whether their rank and department are those that it waits for."""
        owners = owners_of(console.site, visit.route)
        heads = heads_of(operator, {visit.department, *owners})
        rank = operator.rank
        return rank is not None and is_theirs(
            rank, heads, visited=visit.department, owners=owners
        )

    def _sees(operator: Operator, visit: DeskVisit) -> bool:
        """Owners those to their zones, approvers those they could decide or whose
        core zones they are asked about; who has another role besides, all."""
        if not operator.roles <= _SOME:
            return True
        committee = operator.rank is not None and operator.rank.suffices_for(
            Rank.COMMITTEE
        )
        own = any(map(operator.owns, visit.route))
        return committee or own or _theirs(operator, visit)

    async def _typed_by(id_: VisitId) -> str:
        """Whose account sent the request, whoever it was sent for."""
        states = await office.history(id_)
        return states[0].by if states else ""

    return [
        Route("/visits", approvals),
        Route("/visits/{visit}/approve", approve, methods=["POST"]),
        Route("/visits/{visit}/approve-core", approve_core, methods=["POST"]),
        Route("/visits/{visit}/refuse", refuse, methods=["POST"]),
    ]
