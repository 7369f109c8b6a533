"""Visits before the day: asking for one, and approving it, one card a request.

A walk-in begins as a request like any other. Who requests, escorts or belongs to
another department doesn't decide; what stands in the way is said on the card, and an
attempt all the same is refused and recorded.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.services.desk import DeskGroup, DeskVisit
from controller.services.visit_office import VisitOffice
from controller.services.visits import NewVisit, NewVisitor, approver_of
from controller.web.console import Console, see
from controller.web.forms import Form, form_of
from controller.web.pages.desk import DeskSpeech, Lack
from controller.web.preferences import settle
from controller.web.roles import APPROVING, RECEIVING
from controller.web.words import words
from domain.errors import InputError
from domain.ids import PersonId, VisitId, ZoneId
from domain.operators import Operator, bars_to_approving
from domain.people import Department, Rank
from domain.visit_approval import Approver
from domain.visit_classes import CLASS_DEMANDS, VisitClass
from domain.visit_problems import Refused
from domain.visits import MAX_GROUP

NO_PERSON: Final = "no_person"  # nobody knows whose account it is
_TYPED: Final = "%Y-%m-%dT%H:%M"  # of a field datetime-local
_STAY: Final = timedelta(hours=2)
_FIELDS: Final = (
    "kind",
    "department",
    "purpose",
    "requested_by",
    "escort",
    "deputy",
    "organisation",
    "names",
    "since",
    "until",
)


def routes(console: Console) -> list[BaseRoute]:
    return _Visits(console, VisitOffice(console.office)).routes()


@dataclass(frozen=True, slots=True)
class Card:
    """A request as its approver sees it: what bars them, what they may do."""

    visit: DeskVisit
    bars: tuple[str, ...]
    core_bars: tuple[str, ...]


class _Visits:
    def __init__(self, console: Console, visits: VisitOffice) -> None:
        self._console = console
        self._visits = visits

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/visits", self._approvals),
            Route("/visits", self._request, methods=["POST"]),
            Route("/visits/new", self._new),
            Route("/visits/{visit}/approve", self._approve, methods=["POST"]),
            Route("/visits/{visit}/approve-core", self._core, methods=["POST"]),
            Route("/visits/{visit}/refuse", self._refuse, methods=["POST"]),
        ]

    # --- asking ---

    async def _new(self, request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        return await self._form(request)

    async def _request(self, request: Request) -> Response:
        form = form_of(request)
        try:
            wanted = self._wanted(form)
            done = await self._visits.request(
                wanted, self._console.operator(request).id
            )
        except (InputError, ValueError, OverflowError):
            return await self._form(request, bad=True)
        if isinstance(done, Refused):
            lacks = self._speech(request).lacks(done.problems)
            return await self._form(request, problems=lacks)
        return see("/desk")

    def _wanted(self, form: Form) -> NewVisit:
        """Raises ValueError, OverflowError: a class or a time is none."""
        names = [name for line in form["names"].splitlines() if (name := line.strip())]
        if len(names) > MAX_GROUP:
            raise InputError("too many visitors")
        escorts = [form["escort"]] if form["escort"] else []
        deputies = [form["deputy"]] if form["deputy"] else []
        return NewVisit(
            kind=VisitClass(form["kind"]),
            department=Department(form["department"]),
            purpose=form["purpose"],
            requested_by=PersonId(form["requested_by"]),
            since=self._instant(form["since"]),
            until=self._instant(form["until"]),
            route=tuple(map(ZoneId, form.all("route"))),
            escorts=tuple(map(PersonId, escorts)),
            deputies=tuple(map(PersonId, deputies)),
            visitors=tuple(
                NewVisitor(name=name, organisation=form["organisation"])
                for name in names
            ),
        )

    def _instant(self, text: str) -> datetime:
        local = datetime.strptime(text, _TYPED).replace(tzinfo=self._console.site.tz)
        return local.astimezone(UTC)

    async def _form(
        self, request: Request, *, problems: Sequence[Lack] = (), bad: bool = False
    ) -> Response:
        form = form_of(request)
        local = self._console.clock.now().astimezone(self._console.site.tz)
        begun = {
            "kind": VisitClass.CUSTOMER.value,
            "since": local.strftime(_TYPED),
            "until": (local + _STAY).strftime(_TYPED),
        }
        context = {
            "address": "/visits/new",
            "typed": {name: form[name] or begun.get(name, "") for name in _FIELDS},
            "route": form.all("route"),
            "classes": tuple(VisitClass),
            "staff": await self._visits.staff(),
            "zones": tuple(self._console.site.zones.values()),
            "problems": problems,
            "bad": bad,
        }
        return await self._console.page(
            request, "visit_new.html", context, status=409 if problems or bad else 200
        )

    # --- deciding ---

    async def _approvals(self, request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        return await self._cards(request)

    async def _approve(self, request: Request) -> Response:
        visit, bars = await self._barred(request)
        approver = self._approver(request, visit)
        if bars or approver is None:
            return await self._refused_here(request, "approve", bars)
        done = await self._visits.approve(
            visit.visit, approver, self._console.operator(request).id
        )
        return await self._after(request, done)

    async def _core(self, request: Request) -> Response:
        visit = await self._visit(request)
        operator = self._console.operator(request)
        bars = _core_bars(operator, visit)
        approver = self._approver(request, visit)
        if bars or approver is None:
            return await self._refused_here(request, "approve-core", bars)
        zone = ZoneId(form_of(request)["zone"])
        done = await self._visits.approve_core(visit.visit, approver, zone, operator.id)
        return await self._after(request, done)

    async def _refuse(self, request: Request) -> Response:
        visit, bars = await self._barred(request)
        if bars:
            return await self._refused_here(request, "refuse", bars)
        try:
            done = await self._visits.refuse(
                visit.visit,
                form_of(request)["reason"],
                self._console.operator(request).id,
            )
        except InputError:
            return await self._cards(request, bad=visit.visit)
        return await self._after(request, done)

    async def _after(self, request: Request, done: object) -> Response:
        if isinstance(done, Refused):
            lacks = self._speech(request).lacks(done.problems)
            return await self._cards(request, problems=lacks)
        return see("/visits")

    async def _refused_here(
        self, request: Request, act: str, bars: Sequence[str]
    ) -> Response:
        operator = self._console.operator(request)
        await self._console.operators.refuse(operator, f"POST /visits/{{self}}/{act}")
        return await self._cards(request, bars=bars)

    async def _cards(
        self,
        request: Request,
        *,
        problems: Sequence[Lack] = (),
        bars: Sequence[str] = (),
        bad: str = "",
    ) -> Response:
        operator = self._console.operator(request)
        live = await self._visits.all_live()
        cards = [
            Card(visit, _bars(operator, visit), _core_bars(operator, visit))
            for visit in live
            if visit.group is DeskGroup.REQUESTED
        ]
        context = {
            "address": "/visits",
            "cards": cards,
            "approves": not operator.roles.isdisjoint(APPROVING),
            "requests": not operator.roles.isdisjoint(RECEIVING),
            "demands": CLASS_DEMANDS,
            "speech": self._speech(request),
            "problems": problems,
            "bars": bars,
            "bad": bad,
        }
        failed = bool(problems or bars or bad)
        return await self._console.page(
            request, "visits.html", context, status=409 if failed else 200
        )

    # --- inside ---

    async def _barred(self, request: Request) -> tuple[DeskVisit, tuple[str, ...]]:
        visit = await self._visit(request)
        return visit, _bars(self._console.operator(request), visit)

    async def _visit(self, request: Request) -> DeskVisit:
        return await self._visits.visit(VisitId(request.path_params["visit"]))

    def _approver(self, request: Request, visit: DeskVisit) -> Approver | None:
        return approver_of(self._console.operator(request), visit.department)

    def _speech(self, request: Request) -> DeskSpeech:
        say = words(self._console.preferences(request).language)
        return DeskSpeech(say, self._console.times(request), self._console.site)


def _bars(operator: Operator, visit: DeskVisit) -> tuple[str, ...]:
    """Why this operator doesn't decide it, as codes of words."""
    needed = CLASS_DEMANDS[visit.kind].rank
    return _found(operator, visit, needed, visit.department)


def _core_bars(operator: Operator, visit: DeskVisit) -> tuple[str, ...]:
    """The same for a core zone: the committee's, of no department (G2.4)."""
    return _found(operator, visit, Rank.COMMITTEE, operator.department)


def _found(
    operator: Operator, visit: DeskVisit, needed: Rank, department: str
) -> tuple[str, ...]:
    people = (*visit.escorts, *visit.deputies, *(v.person for v in visit.visitors))
    bars = bars_to_approving(
        operator,
        needed=needed,
        department=department,
        requested_by=visit.requested_by.id,
        concerned=[each.id for each in people],
    )
    nobody = {NO_PERSON} if operator.person is None else set()
    return tuple(sorted({*bars, *nobody}))
