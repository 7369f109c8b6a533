"""Grants: asked for by a zone's owner or the officer, approved by somebody of rank.

What a request lacks is said by its fields, with what was typed. A withdrawal acts at
once and leads to the receipts of the doors.
"""

from collections.abc import Sequence
from datetime import date, datetime, time, timedelta
from urllib.parse import quote

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.services.grant_desk import Asked, GrantDesk, Problem
from controller.store.grant_requests import StoredRequest
from controller.web.console import Console, see
from controller.web.forms import form_of
from controller.web.preferences import settle
from controller.web.roles import REVIEWING
from controller.web.routes.people import speech_of
from domain.grant_requests import MAX_WORDS, GrantProblem, RequestAct, may_ask
from domain.ids import PersonId, ScheduleId, ZoneId
from domain.operators import Bar, Operator, OperatorRole
from domain.zones import LEVEL_DEMANDS

_FIELDS = {
    GrantProblem.NO_PERSON: "person",
    Bar.CONCERNS_SELF: "person",
    GrantProblem.NO_ZONE: "zone",
    GrantProblem.NOT_YOURS: "zone",
    GrantProblem.NO_PURPOSE: "purpose",
    GrantProblem.TOO_LONG: "purpose",
    GrantProblem.BAD_DAY: "since",
    GrantProblem.ENDS_EARLY: "until",
    GrantProblem.NO_SCHEDULE: "schedule",
}
_TYPED = ("person", "zone", "purpose", "department", "since", "until", "schedule")
_SEEING = frozenset({OperatorRole.SECRECY_OFFICER, OperatorRole.REVIEWER})


def routes(console: Console) -> list[BaseRoute]:
    return _Grants(console).routes()


class _Grants:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._desk = GrantDesk(console.office)

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/grants", self._list),
            Route("/grants", self._ask, methods=["POST"]),
            Route("/grants/new", self._new),
            Route("/grants/{request}/approve", self._approve, methods=["POST"]),
            Route("/grants/{request}/refuse", self._refuse, methods=["POST"]),
            Route("/grants/{grant}", self._one),
            Route("/grants/{grant}/withdraw", self._withdraw, methods=["POST"]),
        ]

    # --- requests ---

    async def _list(self, request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        return await self._requests(request)

    async def _requests(
        self, request: Request, problems: Sequence[Problem] = ()
    ) -> Response:
        operator = self._console.operator(request)
        found = await self._desk.all()
        waiting = [
            (each, await self._desk.barred(each, operator)) for each in found.open
        ]
        context = {
            "address": "/grants",
            "waiting": [
                (each, sorted(bars))
                for each, bars in waiting
                if _sees(operator, each)
                or (Bar.OTHER_DEPARTMENT not in bars and Bar.NO_APPROVER not in bars)
            ],
            "decided": [
                each
                for each in found.decided
                if _sees(operator, each) or each.decided_by == operator.id
            ],
            "names": found.names,
            "accounts": {o.id: o.name for o in await self._console.operators.all()},
            "speech": speech_of(self._console, request),
            "needed": {
                zone.id: LEVEL_DEMANDS[zone.level].rank or ""
                for zone in self._console.site.zones.values()
            },
            "problems": problems,
            "asks": not operator.roles.isdisjoint(REVIEWING),
            "decides": operator.roles != {OperatorRole.REVIEWER},
            "max_words": MAX_WORDS,
        }
        status = 409 if problems else 200
        return await self._console.page(request, "grants.html", context, status=status)

    async def _approve(self, request: Request) -> Response:
        return await self._decide(request, RequestAct.APPROVE)

    async def _refuse(self, request: Request) -> Response:
        return await self._decide(request, RequestAct.REFUSE)

    async def _decide(self, request: Request, what: RequestAct) -> Response:
        operator = self._console.operator(request)
        done = await self._desk.decide(
            _part(request, "request"),
            what,
            by=operator,
            reason=form_of(request)["reason"],
        )
        if not isinstance(done, tuple):
            return see("/grants")
        if not set(Bar).isdisjoint(done):
            await self._console.operators.refuse(
                operator, f"POST /grants/{{own}}/{what}"
            )
        return await self._requests(request, done)

    async def _new(self, request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        return await self._form(request)

    async def _ask(self, request: Request) -> Response:
        form, operator = form_of(request), self._console.operator(request)
        days = [self._day(form["since"]), self._day(form["until"], after=True)]
        if any(isinstance(each, GrantProblem) for each in days):
            return await self._form(request, [GrantProblem.BAD_DAY])
        since, until = (d if isinstance(d, datetime) else None for d in days)
        asked = Asked(
            person=PersonId(form["person"].replace("\0", "")),
            zone=ZoneId(form["zone"]),
            purpose=form["purpose"].replace("\0", ""),
            department=form["department"].replace("\0", "")[:64],
            since=since,
            until=until,
            schedule=ScheduleId(form["schedule"]) if form["schedule"] else None,
        )
        problems = await self._desk.ask(asked, by=operator)
        if {GrantProblem.NOT_YOURS, Bar.CONCERNS_SELF} & set(problems):
            await self._console.operators.refuse(operator, "POST /grants")
        return await self._form(request, problems) if problems else see("/grants")

    async def _form(
        self, request: Request, problems: Sequence[Problem] = ()
    ) -> Response:
        operator, form = self._console.operator(request), form_of(request)
        zones = [
            z for z in self._console.site.zones.values() if may_ask(operator, z.id)
        ]
        accounts = await self._console.operators.all()
        context = {
            "address": "/grants/new",
            "zones": zones,
            "departments": sorted({o.department for o in accounts} - {""}),
            "schedules": tuple(self._console.site.schedules),
            "needed": {z.id: LEVEL_DEMANDS[z.level].rank or "" for z in zones},
            "typed": {name: form[name] for name in _TYPED}
            | {"person": form["person"] or request.query_params.get("person", "")},
            "problems": problems,
            "fields": _FIELDS,
            "max_words": MAX_WORDS,
        }
        status = 422 if problems else 200
        return await self._console.page(
            request, "grant_new.html", context, status=status
        )

    def _day(
        self, typed: str, *, after: bool = False
    ) -> datetime | GrantProblem | None:
        """The local midnight at which the day begins, or ends."""
        if not typed:
            return None
        try:
            day = date.fromisoformat(typed)
        except ValueError:
            return GrantProblem.BAD_DAY
        if not 2000 <= day.year <= 2100:
            return GrantProblem.BAD_DAY
        day += timedelta(days=after)
        return datetime.combine(day, time(), tzinfo=self._console.site.tz)

    # --- one grant ---

    async def _one(self, request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        return await self._grant(request)

    async def _withdraw(self, request: Request) -> Response:
        operator, id_ = self._console.operator(request), _part(request, "grant")
        stored, _ = await self._desk.grant(id_)
        done = await self._desk.withdraw(
            id_, by=operator, reason=form_of(request)["reason"]
        )
        if not isinstance(done, tuple):
            return see(f"/people/{quote(stored.person)}/changes/{done}")
        if {GrantProblem.NOT_YOURS, Bar.CONCERNS_SELF} & set(done):
            await self._console.operators.refuse(
                operator, "POST /grants/{own}/withdraw"
            )
        return await self._grant(request, done)

    async def _grant(
        self, request: Request, problems: Sequence[Problem] = ()
    ) -> Response:
        operator = self._console.operator(request)
        stored, names = await self._desk.grant(_part(request, "grant"))
        zone = stored.grant.zone
        if _SEEING.isdisjoint(operator.roles) and not operator.owns(zone):
            raise HTTPException(404)  # of a zone that is none of theirs
        speech = speech_of(self._console, request)
        own = operator.is_one_of((stored.person,))
        context = {
            "address": f"/grants/{quote(stored.grant.id)}",
            "stored": stored,
            "person": names[stored.person],
            "row": speech.grant(stored, names),
            "may": may_ask(operator, zone) and not own and stored.withdrawal is None,
            "problems": problems,
            "typed": form_of(request)["reason"],
            "speech": speech,
            "max_words": MAX_WORDS,
        }
        status = 422 if problems else 200
        return await self._console.page(request, "grant.html", context, status=status)


def _sees(operator: Operator, each: StoredRequest) -> bool:
    return not _SEEING.isdisjoint(operator.roles) or operator.owns(each.zone)


def _part(request: Request, name: str) -> str:
    text: str = request.path_params[name]
    return text.replace("\0", "\ufffd")
