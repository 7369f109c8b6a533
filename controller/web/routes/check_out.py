"""Checking out: what goes and what stays is ticked; nobody is ever held for it,
nor because the guard on duty happens to be their escort."""

from collections.abc import Mapping

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.services.desk import DeskVisit, DeskVisitor
from controller.web.console import Console, see
from controller.web.forms import Form, form_of
from controller.web.pages.desk import chosen, is_leaving
from controller.web.preferences import settle
from controller.web.reception import Reception
from domain.errors import InputError
from domain.visit_classes import ReturnItem
from domain.visit_devices import CarriedDevice, DeviceKind, Disposition
from domain.visit_problems import Refused


def routes(console: Console) -> list[BaseRoute]:
    here = Reception(console)

    async def look(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        visit = await here.visit(request)
        who = chosen(visit, request.query_params.get("visitor", ""))
        return await _leaving(request, visit, who)

    async def check_out(request: Request) -> Response:
        form = form_of(request)
        visit = await here.visit(request)
        who = chosen(visit, form["visitor"])
        carried_in = who.devices.devices if who.devices else ()
        ticked = set(form.all("out"))
        out = [d for n, d in enumerate(carried_in) if str(n) in ticked]
        try:
            left = await here.visits.check_out(
                visit.visit,
                who.person.id,
                here.by(request),
                out=[*out, *_undeclared(form)],
                returned=frozenset(i for i in ReturnItem if i in form.all("returned")),
            )
        except InputError:
            return await _leaving(request, visit, who, {"bad": "out"})
        if isinstance(left, Refused):
            lacks = here.speech(request).lacks(left.problems)
            return await _leaving(request, visit, who, {"problems": lacks})
        after = await here.visit(request)
        if left.devices or left.unreturned:
            again = chosen(after, who.person.id)
            return await _leaving(request, after, again, {"incident": left})
        if after.people_on_site:
            return see(f"/visits/{visit.visit}/check-out")  # the next of the group
        return see("/desk")

    async def _leaving(
        request: Request,
        visit: DeskVisit,
        who: DeskVisitor,
        outcome: Mapping[str, object] | None = None,
    ) -> Response:
        form = form_of(request)
        context = {
            "address": f"/visits/{visit.visit}/check-out",
            "visit": visit,
            "who": who,
            "here": is_leaving(who),
            "kinds": tuple(DeviceKind),
            "ticked_out": form.all("out"),
            "ticked_back": form.all("returned"),
            "typed": form,
            "problems": (),
            "bars": (),
            "bad": "",
            "incident": None,
            **(outcome or {}),
        }
        refused = context["problems"] or context["bars"]
        return await here.page(
            request,
            "check_out.html",
            context,
            visit=visit,
            status=409 if refused else 422 if context["bad"] else 200,
        )

    return [
        Route("/visits/{visit}/check-out", look),
        Route("/visits/{visit}/check-out", check_out, methods=["POST"]),
    ]


def _undeclared(form: Form) -> list[CarriedDevice]:
    """What goes out and never came in, as the guard describes it."""
    if form["more_kind"] not in set(DeviceKind):
        return []
    return [
        CarriedDevice(
            kind=DeviceKind(form["more_kind"]),
            type=form["more_type"],
            make=form["more_make"],
            serial=form["more_serial"],
            disposition=Disposition.SEALED,
        )
    ]
