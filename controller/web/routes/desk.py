"""The visitor desk: who is here, who is late, what is missing; in, and out again.

Checking in has six steps, in any order but the last. What they lack is named beside
the badge button, which stays shut until nothing does; the office judges once more and
refuses with the same reasons. Checking out is never refused to somebody who is here.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final
from urllib.parse import urlencode

from starlette.datastructures import QueryParams
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.services.desk import DeskGroup, DeskVisit, DeskVisitor
from controller.services.reception import MAX_LOCKER
from controller.services.visit_office import VisitOffice
from controller.services.visits import Done
from controller.web.console import Console, see
from controller.web.forms import Form, form_of
from controller.web.pages import carried
from controller.web.pages.carried import DeviceRow
from controller.web.pages.desk import (
    DOCUMENTS,
    DeskSpeech,
    chosen,
    is_expected,
    is_leaving,
    to_do,
)
from controller.web.preferences import settle
from controller.web.roles import RECEIVING
from controller.web.words import LANGUAGES, words
from domain.errors import InputError
from domain.ids import PersonId, VisitId
from domain.visit_classes import CLASS_DEMANDS, ReturnItem
from domain.visit_devices import CarriedDevice, DeviceKind, Disposition
from domain.visit_problems import Refused, VisitProblem

_PLACE: Final = "desk"
_SHOWN: Final = tuple(g for g in DeskGroup if g is not DeskGroup.OVER)


def routes(console: Console) -> list[BaseRoute]:
    return _Desk(console, VisitOffice(console.office)).routes()


class _Desk:
    def __init__(self, console: Console, visits: VisitOffice) -> None:
        self._console = console
        self._visits = visits

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/desk", self._desk),
            Route("/visits/{visit}/check-in", self._checking_in),
            Route("/visits/{visit}/check-in", self._check_in, methods=["POST"]),
            Route("/visits/{visit}/identity", self._identify, methods=["POST"]),
            Route("/visits/{visit}/devices", self._declare, methods=["POST"]),
            Route("/visits/{visit}/undertaking", self._sign, methods=["POST"]),
            Route("/visits/{visit}/turn-away", self._turn_away, methods=["POST"]),
            Route("/visits/{visit}/check-out", self._checking_out),
            Route("/visits/{visit}/check-out", self._check_out, methods=["POST"]),
        ]

    # --- the list ---

    async def _desk(self, request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        desk = await self._visits.desk()
        groups = [(group, desk.group(group)) for group in _SHOWN]
        context = {
            "desk": desk,
            "groups": [(group, found) for group, found in groups if found],
            "left": len(desk.group(DeskGroup.OVER)),
            "speech": self._speech(request),
            "receives": self._receives(request),
            "is_expected": is_expected,
        }
        return await self._console.page(request, "desk.html", context)

    # --- in ---

    async def _checking_in(self, request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        return await self._steps(request, request.query_params)

    async def _identify(self, request: Request) -> Response:
        form = form_of(request)
        document = form["document"]

        async def act(visit: DeskVisit, who: DeskVisitor) -> Done | Refused:
            if document not in DOCUMENTS or not 2 <= len(form["digits"]) <= 4:
                raise InputError("a document, and its last 2 to 4 characters")
            return await self._visits.identify(
                visit.visit, who.person.id, document, form["digits"], self._by(request)
            )

        return await self._step(request, "identity", act)

    async def _declare(self, request: Request) -> Response:
        form = form_of(request)
        rows = carried.typed(form)
        if form["do"] == "add":
            return await self._steps(request, form, rows=rows, status=200)
        if not all(row.allowed for row in rows):
            storage = Refused((VisitProblem.STORAGE,))
            return await self._steps(request, form, rows=rows, refused=storage)

        async def act(visit: DeskVisit, who: DeskVisitor) -> Done | Refused:
            if form["nothing_else"] != "yes":
                return Refused((VisitProblem.UNDECLARED,))
            if not all(row.decided for row in rows):
                raise InputError("every device is deposited, sealed or sent away")
            devices = [d for row in rows if (d := row.device()) is not None]
            return await self._visits.declare(
                visit.visit,
                who.person.id,
                devices,
                self._by(request),
                locker=_locker(form["locker"], devices),
            )

        return await self._step(request, "devices", act, rows=rows)

    async def _sign(self, request: Request) -> Response:
        """A name typed before the guard, who is the witness; or an inspector's no."""
        form = form_of(request)
        witness = self._console.operator(request).person

        async def act(visit: DeskVisit, who: DeskVisitor) -> Done | Refused:
            if witness is None:
                return Refused((VisitProblem.UNWITNESSED,))
            if form["do"] == "decline":
                return await self._visits.decline(
                    visit.visit,
                    who.person.id,
                    witness,
                    self._by(request),
                    language=form["text"],
                    where=_PLACE,
                )
            if form["typed"] not in (who.person.name, who.person.name_en):
                raise InputError("the name that is typed is not the visitor's")
            return await self._visits.sign(
                visit.visit,
                who.person.id,
                _digest(form["digest"]),
                self._by(request),
                strokes=None,
                witness=witness,
                where=_PLACE,
            )

        return await self._step(request, "undertaking", act)

    async def _turn_away(self, request: Request) -> Response:
        form = form_of(request)

        async def act(visit: DeskVisit, who: DeskVisitor) -> Done | Refused:
            return await self._visits.turn_away(
                visit.visit, who.person.id, form["reason"], self._by(request)
            )

        return await self._step(request, "turn_away", act)

    async def _check_in(self, request: Request) -> Response:
        form = form_of(request)
        visit = await self._visit(request)
        try:
            badges = {
                who.person.id: bytes.fromhex(form[f"badge-{who.person.id}"])
                for who in visit.visitors
                if form[f"badge-{who.person.id}"]
            }
            done = await self._visits.check_in(
                visit.visit,
                self._by(request),
                escorts_present=_present(form),
                badges=badges,
            )
        except (InputError, ValueError):
            return await self._steps(request, form, bad="badge")
        if isinstance(done, Refused):
            return await self._steps(request, form, refused=done)
        return see("/desk")

    async def _step(
        self,
        request: Request,
        name: str,
        act: Callable[[DeskVisit, DeskVisitor], Awaitable[Done | Refused]],
        *,
        rows: tuple[DeviceRow, ...] | None = None,
    ) -> Response:
        """Do one step for the visitor of the form, and look at what is left."""
        form = form_of(request)
        visit = await self._visit(request)
        who = chosen(visit, form["visitor"])
        try:
            done = await act(visit, who)
        except InputError:
            return await self._steps(request, form, rows=rows, bad=name)
        if isinstance(done, Refused):
            return await self._steps(request, form, rows=rows, refused=done)
        here = [("visitor", who.person.id), *(("with", e) for e in form.all("with"))]
        return see(f"/visits/{visit.visit}/check-in?{urlencode(here)}")

    async def _steps(
        self,
        request: Request,
        fields: Form | QueryParams,
        *,
        rows: tuple[DeviceRow, ...] | None = None,
        refused: Refused | None = None,
        bad: str = "",
        status: int | None = None,
    ) -> Response:
        visit = await self._visit(request)
        who = chosen(visit, _one(fields, "visitor"))
        present = _present(fields)
        ratio = self._console.site.escorts.of(visit.kind)
        lacking = to_do(visit, present, ratio)
        texts = await self._visits.texts(visit.undertaking)
        language = self._console.preferences(request).language
        wanted = _one(fields, "text")
        desk = await self._visits.desk()
        speech = self._speech(request)
        context = {
            "address": f"/visits/{visit.visit}/check-in",
            "visit": visit,
            "who": who,
            "present": present,
            "expected": is_expected(visit),
            "receives": self._receives(request),
            "speech": speech,
            "lacks": speech.lacks(lacking),
            "problems": speech.lacks(refused.problems if refused else ()),
            "bad": bad,
            "rows": carried.declared(who) if rows is None else rows,
            "editing": rows is not None,
            "kinds": tuple(DeviceKind),
            "documents": DOCUMENTS,
            "demands": CLASS_DEMANDS[visit.kind],
            "lockers_taken": desk.lockers_taken,
            "max_locker": MAX_LOCKER,
            "text": texts.get(wanted)
            or texts.get(language)
            or next(iter(texts.values())),
            "languages": [one for one in LANGUAGES if one in texts],
            "witness": self._console.operator(request),
        }
        code = status or (409 if refused or bad else 200)
        return await self._console.page(request, "check_in.html", context, status=code)

    # --- out ---

    async def _checking_out(self, request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        visit = await self._visit(request)
        who = chosen(visit, request.query_params.get("visitor", ""))
        return await self._leaving(request, visit, who)

    async def _check_out(self, request: Request) -> Response:
        form = form_of(request)
        visit = await self._visit(request)
        who = chosen(visit, form["visitor"])
        carried_in = who.devices.devices if who.devices else ()
        ticked = set(form.all("out"))
        out = [d for n, d in enumerate(carried_in) if str(n) in ticked]
        returned = frozenset(i for i in ReturnItem if i in form.all("returned"))
        try:
            left = await self._visits.check_out(
                visit.visit,
                who.person.id,
                self._by(request),
                out=[*out, *_undeclared(form)],
                returned=returned,
            )
        except InputError:
            return await self._leaving(request, visit, who, {"bad": True})
        if isinstance(left, Refused):
            lacks = self._speech(request).lacks(left.problems)
            return await self._leaving(request, visit, who, {"problems": lacks})
        if left.devices or left.unreturned:
            after = await self._visit(request)
            again = chosen(after, who.person.id)
            return await self._leaving(request, after, again, {"incident": left})
        return see("/desk")

    async def _leaving(
        self,
        request: Request,
        visit: DeskVisit,
        who: DeskVisitor,
        outcome: Mapping[str, object] | None = None,
    ) -> Response:
        context = {
            "address": f"/visits/{visit.visit}/check-out",
            "visit": visit,
            "who": who,
            "here": is_leaving(who),
            "receives": self._receives(request),
            "speech": self._speech(request),
            "kinds": tuple(DeviceKind),
            "problems": (),
            "bad": False,
            "incident": None,
            **(outcome or {}),
        }
        failed = bool(context["problems"] or context["bad"])
        return await self._console.page(
            request, "check_out.html", context, status=409 if failed else 200
        )

    # --- inside ---

    async def _visit(self, request: Request) -> DeskVisit:
        return await self._visits.visit(VisitId(request.path_params["visit"]))

    def _by(self, request: Request) -> str:
        return self._console.operator(request).id

    def _receives(self, request: Request) -> bool:
        return not self._console.operator(request).roles.isdisjoint(RECEIVING)

    def _speech(self, request: Request) -> DeskSpeech:
        say = words(self._console.preferences(request).language)
        return DeskSpeech(say, self._console.times(request), self._console.site)


def _one(fields: Form | QueryParams, name: str) -> str:
    return fields[name] if isinstance(fields, Form) else fields.get(name, "")


def _present(fields: Form | QueryParams) -> frozenset[PersonId]:
    every = fields.all("with") if isinstance(fields, Form) else fields.getlist("with")
    return frozenset(map(PersonId, every))


def _digest(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        return b""  # of no text


def _locker(text: str, devices: list[CarriedDevice]) -> int | None:
    """Where the deposited lies; without any, nowhere."""
    if not text or all(device.taken_in for device in devices):
        return None
    if not (text.isascii() and text.isdecimal() and len(text) < 6):
        raise InputError("a locker has a number")
    return int(text)


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
