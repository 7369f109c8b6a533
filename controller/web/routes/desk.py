"""The visitor desk: who is here, who is late, what is missing; and what befalls a visit
as a whole.

Checking in and out have modules of their own.
"""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.services.desk import DeskGroup, DeskVisit
from controller.services.visit_step import Done
from controller.web.console import Console, see
from controller.web.forms import form_of
from controller.web.preferences import settle
from controller.web.reception import Reception
from domain.errors import InputError
from domain.ids import PersonId
from domain.visit_problems import Refused

_Act = Callable[[DeskVisit], Awaitable[Done | Refused]]


def routes(console: Console) -> list[BaseRoute]:
    here = Reception(console)
    office = here.visits

    async def desk(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        return await here.page(request, "desk.html", {"address": _address(request)})

    async def whole(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        return await _whole(request, await here.visit(request))

    async def hand_over(request: Request) -> Response:
        form = form_of(request)

        async def act(visit: DeskVisit) -> Done | Refused:
            old, new = PersonId(form["old"]), PersonId(form["new"])
            pairs = ((old, form["old_here"]), (new, form["new_here"]))
            return await office.hand_over(
                visit.visit,
                here.by(request),
                old=old,
                new=new,
                present=frozenset(who for who, there in pairs if there),
            )

        return await _do(request, "hand_over", act, PersonId(form["new"]))

    async def cancel(request: Request) -> Response:
        reason = form_of(request)["reason"]
        return await _do(
            request,
            "cancel",
            lambda visit: office.cancel(visit.visit, reason, here.by(request)),
        )

    async def block(request: Request) -> Response:
        reason = form_of(request)["reason"]
        return await _do(
            request,
            "block",
            lambda visit: office.block(visit.visit, reason, here.by(request)),
        )

    async def _do(
        request: Request, name: str, act: _Act, *others: PersonId
    ) -> Response:
        visit = await here.visit(request)
        # Freezing is the officer's, and never waits for somebody unconcerned.
        bars = () if name == "block" else await here.bars(request, visit, *others)
        if bars:
            return await _whole(request, visit, bars=bars)
        try:
            done = await act(visit)
        except InputError:
            return await _whole(request, visit, bad=name)
        if isinstance(done, Refused):
            return await _whole(request, visit, refused=done)
        return see(f"/visits/{visit.visit}")

    async def _receipts(
        request: Request, visit: DeskVisit
    ) -> list[tuple[str, str]] | None:
        """Of a frozen visit each door's word and receipt."""
        found = await office.freeze_receipts(visit.visit)
        if not found:
            return None
        say, times = here.speech(request).say, console.times(request)
        doors = console.site.doors
        return [
            (
                say.of(doors[each.door]) if each.door in doors else each.door,
                say("badges.confirmed", at=times.clock(each.confirmed_at))
                if each.confirmed_at
                else "",
            )
            for each in found
        ]

    async def _whole(
        request: Request,
        visit: DeskVisit,
        *,
        bars: tuple[str, ...] = (),
        bad: str = "",
        refused: Refused | None = None,
    ) -> Response:
        form = form_of(request)
        context = {
            "address": f"/visits/{visit.visit}",
            "visit": visit,
            "history": await office.history(visit.visit),
            "accounts": {o.id: o.name for o in await console.operators.all()},
            "staff": await office.staff(),
            "receipts": await _receipts(request, visit),
            "photos": await here.photos.of(visit.visit),
            "present": frozenset(),
            "over": visit.group is DeskGroup.OVER,
            "typed": {name: form[name] for name in ("reason", "old", "new")},
            "problems": here.speech(request).lacks(refused.problems if refused else ()),
            "bars": bars,
            "bad": bad,
        }
        status = 409 if refused or bars else 422 if bad else 200
        return await here.page(
            request, "visit.html", context, visit=visit, status=status
        )

    return [
        Route("/desk", desk),
        Route("/visits/{visit}", whole),
        Route("/visits/{visit}/escort", hand_over, methods=["POST"]),
        Route("/visits/{visit}/cancel", cancel, methods=["POST"]),
        Route("/visits/{visit}/block", block, methods=["POST"]),
    ]


def _address(request: Request) -> str:
    query = request.url.query
    return request.url.path + (f"?{query}" if query else "")
