"""Asking for a visit; a walk-in begins with this as anybody does.

Whoever stands at the desk without an appointment is asked for by the one they want to
see, and waits for that department's head like everybody else. The form carries the id
of the visit it will make: sent twice, it makes one.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.services.visit_request import NewVisit, NewVisitor
from controller.web.console import Console, see
from controller.web.forms import Form, form_of
from controller.web.pages.desk import Lack
from controller.web.preferences import settle
from controller.web.reception import Reception
from domain.errors import InputError
from domain.ids import PersonId, VisitId, ZoneId
from domain.people import Department
from domain.visit_classes import VisitClass
from domain.visit_problems import Refused
from domain.visits import MAX_GROUP

_TYPED: Final = "%Y-%m-%dT%H:%M"  # of a field datetime-local
_STAY: Final = timedelta(hours=2)
# As this page makes them; whatever else comes in is no id of a form's.
_OWN_ID: Final = re.compile(r"[0-9a-f]{16}")
_FIELDS: Final = (
    "kind",
    "department",
    "purpose",
    "requested_by",
    "escort",
    "second",
    "deputy",
    "organisation",
    "names",
    "since",
    "until",
)


def routes(console: Console) -> list[BaseRoute]:
    here = Reception(console)

    async def new(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        return await _form(request)

    async def ask(request: Request) -> Response:
        id_ = _own_id(form_of(request))
        try:
            if await _is_there(id_):
                return see(f"/visits/{id_}")
            done = await here.visits.request(
                _wanted(form_of(request)), here.by(request)
            )
        except (InputError, ValueError, OverflowError):
            if await _is_there(id_):  # by another tab, meanwhile
                return see(f"/visits/{id_}")
            return await _form(request, bad="request")
        if isinstance(done, Refused):
            lacks = here.speech(request).lacks(done.problems)
            return await _form(request, problems=lacks)
        return see(f"/visits/{done.visit.id}")

    def _own_id(form: Form) -> VisitId | None:
        return VisitId(form["id"]) if _OWN_ID.fullmatch(form["id"]) else None

    async def _is_there(id_: VisitId | None) -> bool:
        if id_ is None:
            return False
        try:
            await here.visits.visit(id_)
        except InputError:
            return False
        return True

    def _wanted(form: Form) -> NewVisit:
        """Raises ValueError, OverflowError: a class or a time is none."""
        names = [name for line in form["names"].splitlines() if (name := line.strip())]
        if len(names) > MAX_GROUP:
            raise InputError("too many visitors")
        escorts = dict.fromkeys(e for e in (form["escort"], form["second"]) if e)
        deputies = [form["deputy"]] if form["deputy"] else []
        return NewVisit(
            id=_own_id(form),
            kind=VisitClass(form["kind"]),
            department=Department(form["department"]),
            purpose=form["purpose"],
            requested_by=PersonId(form["requested_by"]),
            since=_instant(form["since"]),
            until=_instant(form["until"]),
            route=tuple(map(ZoneId, form.all("route"))),
            escorts=tuple(map(PersonId, escorts)),
            deputies=tuple(map(PersonId, deputies)),
            visitors=tuple(
                NewVisitor(name=name, organisation=form["organisation"])
                for name in names
            ),
        )

    def _instant(text: str) -> datetime:
        local = datetime.strptime(text, _TYPED).replace(tzinfo=console.site.tz)
        return local.astimezone(UTC)

    async def _form(
        request: Request, *, problems: Sequence[Lack] = (), bad: str = ""
    ) -> Response:
        form = form_of(request)
        local = console.clock.now().astimezone(console.site.tz)
        begun = {
            "kind": VisitClass.CUSTOMER.value,
            "since": local.strftime(_TYPED),
            "until": (local + _STAY).strftime(_TYPED),
        }
        context = {
            "address": "/visits/new",
            "id": _own_id(form) or console.office.new_id(),
            "typed": {name: form[name] or begun.get(name, "") for name in _FIELDS},
            "route": form.all("route"),
            "classes": tuple(VisitClass),
            "departments": sorted(
                {*await here.visits.departments(), *await _approving()}
            ),
            "staff": await here.visits.staff(),
            "zones": tuple(console.site.zones.values()),
            "problems": problems,
            "bars": (),
            "bad": bad,
        }
        status = 409 if problems else 422 if bad else 200
        return await console.page(request, "visit_new.html", context, status=status)

    async def _approving() -> list[str]:
        """The departments that an approver heads."""
        return [o.department for o in await console.operators.all() if o.department]

    return [
        Route("/visits/new", new),
        Route("/visits", ask, methods=["POST"]),
    ]
