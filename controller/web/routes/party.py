"""Taking in a whole group with one form: each line does what is filled in.

What is wrong with a line is said at that line, and the others are done all the same.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.services.desk import DeskVisit, DeskVisitor
from controller.services.visit_step import Done
from controller.web.console import Console, see
from controller.web.forms import Form, form_of
from controller.web.pages.party import NOTHING, PHONE, Line, is_name_of, lines
from controller.web.reception import Reception
from controller.web.routes.check_in import (
    PLACE,
    demand_identity,
    digest_of,
    locker_of,
    steps_address,
)
from controller.web.steps_page import EVERYBODY, Outcome, StepsPage
from domain.errors import InputError
from domain.ids import PersonId
from domain.visit_problems import Refused, VisitProblem


def routes(console: Console) -> list[BaseRoute]:
    here = Reception(console)
    page = StepsPage(here)

    async def save(request: Request) -> Response:
        form = form_of(request)
        visit = await here.visit(request)
        if bars := await here.bars(request, visit):
            return await page.show(request, form, Outcome(bars=bars))
        wrong: dict[PersonId, str] = {}
        people = {who.person.id: who for who in visit.visitors}
        for person, line in lines(visit, form).items():
            fault = await _line(request, visit, people[person], line, form)
            if fault:
                wrong[person] = fault
        if wrong:
            return await page.show(request, form, Outcome(lines=wrong))
        return see(steps_address(visit, EVERYBODY, form))

    async def _line(
        request: Request, visit: DeskVisit, who: DeskVisitor, line: Line, form: Form
    ) -> str:
        """Do what a line says; "" or why not, as a code of words."""
        steps = (("identity", _identify), ("devices", _declare), ("undertaking", _sign))
        for name, step in steps:
            try:
                done = await step(request, visit, who, line, form)
            except InputError:
                return f"bad.{name}"
            if isinstance(done, Refused):
                return done.problems[0]
        return ""

    async def _identify(
        request: Request, visit: DeskVisit, who: DeskVisitor, line: Line, form: Form
    ) -> Done | Refused | None:
        if not line.digits:
            return None
        demand_identity(line.document, line.digits)
        return await here.visits.identify(
            visit.visit, line.person, line.document, line.digits, here.by(request)
        )

    async def _declare(
        request: Request, visit: DeskVisit, who: DeskVisitor, line: Line, form: Form
    ) -> Done | Refused | None:
        if line.carries not in (NOTHING, PHONE):
            return None
        if form["nothing_else"] != "yes":
            return Refused((VisitProblem.UNDECLARED,))
        return await here.visits.declare(
            visit.visit,
            line.person,
            line.devices,
            here.by(request),
            locker=locker_of(line.locker, line.devices, None),
        )

    async def _sign(
        request: Request, visit: DeskVisit, who: DeskVisitor, line: Line, form: Form
    ) -> Done | Refused | None:
        if not line.typed:
            return None
        witness = here.operator(request).person
        if witness is None:
            return Refused((VisitProblem.UNWITNESSED,))
        if not is_name_of(line.typed, who):
            raise InputError("the name that is typed is not the visitor's")
        return await here.visits.sign(
            visit.visit,
            line.person,
            digest_of(form["digest"]),
            here.by(request),
            strokes=None,
            witness=witness,
            where=PLACE,
        )

    return [Route("/visits/{visit}/party", save, methods=["POST"])]
