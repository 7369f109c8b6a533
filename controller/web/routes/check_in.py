"""Checking in: six steps, in any order but the last, for each visitor or a whole group.

What is lacking is named beside the badge button, which stays shut until nothing is; the
office judges once more and refuses with the same reasons (G5.3.2-2).
"""

from collections.abc import Awaitable, Callable, Sequence
from typing import Final
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.services.badge_numbers import number_of
from controller.services.desk import DeskVisit, DeskVisitor
from controller.services.visit_step import Done
from controller.web.console import Console, see
from controller.web.forms import Form, form_of
from controller.web.pages import carried
from controller.web.pages.carried import DeviceRow
from controller.web.pages.desk import DOCUMENTS, chosen, next_one
from controller.web.pages.party import is_name_of
from controller.web.preferences import settle
from controller.web.reception import Reception
from controller.web.routes.badge_pool import pool_id
from controller.web.steps_page import (
    EVERYBODY,
    Outcome,
    StepsPage,
    field_of,
    present_in,
)
from controller.web.words import CHINESE
from domain.errors import InputError
from domain.visit_devices import CarriedDevice
from domain.visit_problems import Refused, VisitProblem, refused

PLACE: Final = "desk"
_Act = Callable[[DeskVisit, DeskVisitor], Awaitable[Done | Refused]]


def routes(console: Console) -> list[BaseRoute]:
    desk = _CheckIn(Reception(console))
    return [
        Route("/visits/{visit}/check-in", desk.look),
        Route("/visits/{visit}/check-in", desk.give_badges, methods=["POST"]),
        Route("/visits/{visit}/identity", desk.identify, methods=["POST"]),
        Route("/visits/{visit}/devices", desk.declare, methods=["POST"]),
        Route("/visits/{visit}/locker", desk.choose_locker, methods=["POST"]),
        Route("/visits/{visit}/undertaking", desk.sign, methods=["POST"]),
        Route("/visits/{visit}/turn-away", desk.turn_away, methods=["POST"]),
    ]


class _CheckIn:
    def __init__(self, here: Reception) -> None:
        self._here = here
        self._visits = here.visits
        self._page = StepsPage(here)

    async def look(self, request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        return await self._page.show(request, request.query_params)

    async def identify(self, request: Request) -> Response:
        form = form_of(request)

        async def act(visit: DeskVisit, who: DeskVisitor) -> Done | Refused:
            document, digits = form["document"], form["digits"]
            demand_identity(document, digits)
            return await self._visits.identify(
                visit.visit, who.person.id, document, digits, self._here.by(request)
            )

        return await self._step(request, "identity", act)

    async def declare(self, request: Request) -> Response:
        form = form_of(request)
        rows = carried.typed(await self._here.visit(request), form)
        if form["do"] == "add":
            more = Outcome(rows=rows, step=2)
            return await self._page.show(request, form, more)

        async def act(visit: DeskVisit, who: DeskVisitor) -> Done | Refused:
            if carried.has_unknown(form):
                raise InputError("a kind of device that there isn't")
            if wrong := refused(row.problem for row in rows if not row.allowed):
                return wrong
            if form["nothing_else"] != "yes":
                return Refused((VisitProblem.UNDECLARED,))
            if not all(row.decided for row in rows):
                raise InputError("every device is deposited, sealed or sent away")
            devices = [d for row in rows if (d := row.device()) is not None]
            before = who.devices.locker if who.devices else None
            return await self._visits.declare(
                visit.visit,
                who.person.id,
                devices,
                self._here.by(request),
                locker=locker_of(form["locker"], devices, before),
            )

        return await self._step(request, "devices", act, rows=rows)

    async def choose_locker(self, request: Request) -> Response:
        form = form_of(request)

        async def act(visit: DeskVisit, who: DeskVisitor) -> Done | Refused:
            if who.devices is None:
                return Refused((VisitProblem.UNDECLARED,))
            devices = who.devices.devices
            locker = locker_of(form["locker"], devices, None)
            if locker is None:
                raise InputError("nothing is deposited, or no number was given")
            return await self._visits.declare(
                visit.visit,
                who.person.id,
                devices,
                self._here.by(request),
                locker=locker,
            )

        return await self._step(request, "locker", act)

    async def sign(self, request: Request) -> Response:
        """A name typed before the guard, who is the witness; or an inspector's no."""
        form = form_of(request)
        witness = self._here.operator(request).person

        async def act(visit: DeskVisit, who: DeskVisitor) -> Done | Refused:
            if witness is None:
                return Refused((VisitProblem.UNWITNESSED,))
            if form["do"] == "decline":
                return await self._visits.decline(
                    visit.visit,
                    who.person.id,
                    witness,
                    self._here.by(request),
                    language=form["text"],
                    where=PLACE,
                )
            if not is_name_of(form["typed"], who):
                raise InputError("the name that is typed is not the visitor's")
            return await self._visits.sign(
                visit.visit,
                who.person.id,
                digest_of(form["digest"]),
                self._here.by(request),
                strokes=None,
                witness=witness,
                where=PLACE,
            )

        return await self._step(request, "undertaking", act)

    async def turn_away(self, request: Request) -> Response:
        form = form_of(request)

        async def act(visit: DeskVisit, who: DeskVisitor) -> Done | Refused:
            return await self._visits.turn_away(
                visit.visit, who.person.id, form["reason"], self._here.by(request)
            )

        return await self._step(request, "turn_away", act)

    async def give_badges(self, request: Request) -> Response:
        form = form_of(request)
        visit = await self._here.visit(request)
        if bars := await self._here.bars(request, visit):
            return await self._page.show(request, form, Outcome(bars=bars))
        try:
            badges = {
                who.person.id: number_of(number)
                for who in visit.visitors
                if (number := form[f"badge-{who.person.id}"])
            }
        except InputError:
            unread = Outcome(bad="badge_number", step=6)
            return await self._page.show(request, form, unread)
        try:
            done = await self._visits.check_in(
                visit.visit,
                self._here.by(request),
                escorts_present=present_in(form),
                badges=badges,
                chosen={
                    who.person.id: one
                    for who in visit.visitors
                    if (one := pool_id(form[f"pool-{who.person.id}"])) is not None
                },
            )
        except InputError:
            return await self._page.show(request, form, Outcome(bad="badge", step=6))
        if isinstance(done, Refused):
            return await self._page.show(request, form, Outcome(refused=done))
        return see("/desk")

    async def _step(
        self,
        request: Request,
        name: str,
        act: _Act,
        *,
        rows: tuple[DeviceRow, ...] | None = None,
    ) -> Response:
        """Do one step for the visitor of the form, and look at what is left."""
        form = form_of(request)
        visit = await self._here.visit(request)
        who = chosen(visit, form["visitor"])
        if bars := await self._here.bars(request, visit):
            return await self._page.show(request, form, Outcome(bars=bars))
        try:
            done = await act(visit, who)
        except InputError:
            failed = Outcome(bad=name, rows=rows, step=_STEPS.get(name))
            return await self._page.show(request, form, failed)
        if isinstance(done, Refused):
            failed = Outcome(refused=done, rows=rows, step=_STEPS.get(name))
            return await self._page.show(request, form, failed)
        following = next_one(await self._here.visit(request), who)
        return see(steps_address(visit, following.person.id, form))


_STEPS: Final = {"identity": 1, "devices": 2, "locker": 3, "undertaking": 4}


def steps_address(visit: DeskVisit, who: str, fields: Form | QueryParams) -> str:
    """The steps of one visitor, or of EVERYBODY, with the escorts who are there."""
    query = [("visitor", who), *(("with", e) for e in sorted(present_in(fields)))]
    text = field_of(fields, "text")
    if text not in ("", CHINESE) and who == field_of(fields, "visitor"):
        query.append(("text", text))  # the next visitor has their own language
    elif who == EVERYBODY and not present_in(fields):
        return f"/visits/{visit.visit}/check-in"
    return f"/visits/{visit.visit}/check-in?{urlencode(query)}"


def demand_identity(document: str, digits: str) -> None:
    if document not in DOCUMENTS or not 2 <= len(digits) <= 4:
        raise InputError("a document, and its last 2 to 4 characters")


def digest_of(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""  # of no text


def locker_of(
    text: str,
    devices: Sequence[CarriedDevice],
    before: int | None,
) -> int | None:
    """Where what is deposited lies; without any, nowhere."""
    if all(device.taken_in for device in devices):
        return None
    if not text:
        return before
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise InputError("a locker has a number")
    return int(text)
