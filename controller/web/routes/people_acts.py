"""Acts on a person: each a page that says beforehand what will happen, then receipts.

What stands in the way is said on the page, with what was typed. A code is asked for
last, so that none is spent on an act that can't be done.
"""

from collections.abc import Awaitable, Callable, Sequence
from datetime import date
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.services.passwords import Busy
from controller.services.people_acts import (
    CONFIRMED,
    QUALIFIED,
    Deed,
    PeopleActs,
    Problem,
)
from controller.services.people_desk import MAX_REASON, PeopleDesk
from controller.services.sign_in import Refused
from controller.store.sendings import ChangeId
from controller.web.console import Console, see
from controller.web.forms import Form, form_of
from controller.web.preferences import settle
from controller.web.routes.people import person_of, speech_of
from domain.errors import InputError
from domain.ids import PersonId
from domain.operators import Operator
from domain.people import Qualifications

Handler = Callable[[Request], Awaitable[Response]]
# The field that a problem is about; others are about the act.
_FIELDS = {
    Problem.NO_REASON: "reason",
    Problem.TOO_LONG: "reason",
    Problem.NO_CODE: "code",
    Problem.TOO_FAST: "code",
    Problem.NO_POST: "post",
    Problem.BAD_DAY: "agreement_until",
    Problem.NOTHING_NEW: "agreement_until",
}
_NOT_THEIRS = {Problem.CONCERNS_SELF, Problem.OWN_PROPOSAL, Problem.NOT_OWN}
_DAYS = ("agreement_until", "commitment_until", "training_until")


def routes(console: Console) -> list[BaseRoute]:
    return _Acts(console).routes()


class _Acts:
    def __init__(self, console: Console) -> None:
        self._console = console
        self._acts = PeopleActs(console.office)
        self._desk = PeopleDesk(console.office)

    def routes(self) -> list[BaseRoute]:
        found: list[BaseRoute] = []
        for deed in Deed:
            path = f"/people/{{person}}/{deed}"
            found.append(Route(path, self._asking(deed)))
            found.append(Route(path, self._doing(deed), methods=["POST"]))
        path = f"/people/{{person}}/{QUALIFIED}"
        return [
            *found,
            Route(path, self._qualifications),
            Route(path, self._qualify, methods=["POST"]),
            Route("/people/{person}/changes/{change}", self._receipts),
        ]

    # --- acts ---

    def _asking(self, deed: Deed) -> Handler:
        async def ask(request: Request) -> Response:
            if (settled := settle(request)) is not None:
                return settled
            return await self._page(request, deed)

        return ask

    def _doing(self, deed: Deed) -> Handler:
        async def do(request: Request) -> Response:
            person, operator = person_of(request), self._console.operator(request)
            form = form_of(request)
            reason, post = form["reason"], form["post"]
            seen = await self._acts.outlook(person, deed, operator)
            problems = self._acts.problems(seen, deed, operator, reason, post)
            if not problems and deed in CONFIRMED:
                problems = await self._code(operator, form)
            if problems:
                return await self._refused(request, deed, problems)
            done = await self._acts.do(
                person, deed, reason=reason, by=operator, post=post
            )
            if isinstance(done, list):
                return await self._refused(request, deed, done)
            self._console.operators.sessions.changes += 1
            return _to_receipts(person, done)

        return do

    async def _refused(
        self, request: Request, deed: Deed, problems: Sequence[Problem]
    ) -> Response:
        await self._note_refusal(request, deed, problems)
        return await self._page(request, deed, problems)

    async def _note_refusal(
        self, request: Request, act: str, problems: Sequence[Problem]
    ) -> None:
        """That somebody tried what is not theirs to do is in the log."""
        if _NOT_THEIRS & set(problems):
            await self._console.operators.refuse(
                self._console.operator(request), f"POST /people/{{self}}/{act}"
            )

    async def _code(self, operator: Operator, form: Form) -> list[Problem]:
        """What is wrong with the code; nothing: it is spent."""
        if not form["code"]:
            return [Problem.NO_CODE]
        try:
            why = await self._console.operators.sign_in.confirm(
                operator.id, form["code"]
            )
        except Busy:
            why = Refused.BLOCKED
        match why:
            case None:
                return []
            case Refused.BLOCKED:
                return [Problem.TOO_FAST]
            case _:
                return [Problem.NO_CODE]

    async def _page(
        self, request: Request, deed: Deed, problems: Sequence[Problem] = ()
    ) -> Response:
        operator = self._console.operator(request)
        seen = await self._acts.outlook(person_of(request), deed, operator)
        form, speech = form_of(request), speech_of(self._console, request)
        bars = [
            Problem.CONCERNS_SELF if operator.is_one_of([seen.person.id]) else None,
            Problem.OWN_PROPOSAL if seen.proposed else None,
            None if seen.own else Problem.NOT_OWN,
            None if deed in seen.possible else Problem.NOT_NOW,
        ]
        reason = form["reason"]
        if not problems:  # what was proposed is why
            reason = speech.joined(each.reason for each in seen.proposals)[:MAX_REASON]
        context = {
            "deed": deed,
            "seen": seen,
            "person": seen.person,
            "speech": speech,
            "problems": problems,
            "fields": _FIELDS,
            "barred": [bar for bar in bars if bar is not None],
            "confirmed": deed in CONFIRMED,
            "typed": {"reason": reason, "post": form["post"]},
            "max_reason": MAX_REASON,
        }
        status = 422 if problems else 200
        status = 429 if Problem.TOO_FAST in problems else status
        return await self._console.page(
            request, "person_act.html", context, status=status
        )

    # --- qualifications ---

    async def _qualifications(self, request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        return await self._days(request)

    async def _qualify(self, request: Request) -> Response:
        person, operator = person_of(request), self._console.operator(request)
        form = form_of(request)
        try:
            days = {name: _day(form[name]) for name in _DAYS}
        except ValueError:
            return await self._days(request, [Problem.BAD_DAY])
        done = await self._acts.qualify(
            person, Qualifications(**days), note=form["reason"], by=operator
        )
        if isinstance(done, list):
            await self._note_refusal(request, QUALIFIED, done)
            return await self._days(request, done)
        return _to_receipts(person, done)

    async def _days(
        self, request: Request, problems: Sequence[Problem] = ()
    ) -> Response:
        operator = self._console.operator(request)
        found = await self._desk.one(person_of(request), operator)
        form, speech = form_of(request), speech_of(self._console, request)
        known = found.person.qualifications
        typed = {name: form[name] for name in (*_DAYS, "reason")}
        if not problems:
            typed |= {
                name: day.isoformat() if (day := getattr(known, name)) else ""
                for name in _DAYS
            }
        context = {
            "person": found.person,
            "speech": speech,
            "problems": problems,
            "fields": _FIELDS,
            "own": operator.is_one_of([found.person.id]),
            "days": _DAYS,
            "bars": speech.bars(known),
            "typed": typed,
            "max_reason": MAX_REASON,
        }
        return await self._console.page(
            request, "qualifications.html", context, status=422 if problems else 200
        )

    # --- receipts ---

    async def _receipts(self, request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        number = request.path_params["change"]
        if not (number.isascii() and number.isdecimal() and len(number) < 10):
            raise InputError("no such change")
        operator = self._console.operator(request)
        found = await self._acts.receipts(person_of(request), int(number), operator)
        context = {
            "found": found,
            "person": found.person,
            "speech": speech_of(self._console, request),
            "here": request.url.path,
        }
        return await self._console.page(request, "receipts.html", context)


def _to_receipts(person: PersonId, change: ChangeId) -> Response:
    return see(f"/people/{quote(person, safe='')}/changes/{change}")


def _day(text: str) -> date | None:
    """As a browser sends it; "" is none."""
    return date.fromisoformat(text) if text else None
