"""One door, what may be asked of it, and whether it answered.

GET  /doors/{door}            state, people, alarms, roster, log; ?before=, ?after=
POST /doors/{door}/commands   `act` "<order>:<scope>", `reason`; of a service `worker`
                              and `minutes` too -> /commands/{act}
GET  /commands                what was asked last, and what waits for a second operator
GET  /commands/{act}          the receipt of each door, or that it hasn't come
POST /commands/{act}/confirm  by the second operator
"""

import re
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.services.door_acts import DoorActs, Known, Problem, Scope
from controller.services.door_page import door_page
from controller.web.auth import session_of
from controller.web.console import Console, see
from controller.web.forms import form_of
from controller.web.pages import door as words_of
from controller.web.pages.board_view import board_view
from controller.web.pages.frame import lasting
from controller.web.pages.sight import Onlooker, onlooker, seen
from controller.web.preferences import settle
from controller.web.words import words
from domain.door_rights import Right
from domain.ids import DoorId

_POSITION: Final = re.compile(r"[0-9]{1,18}")
_CHOICES: Final = (
    ("unlock_door", Scope.DOOR),
    ("start_lockdown", Scope.DOOR),
    ("end_lockdown", Scope.DOOR),
    ("start_lockdown", Scope.ZONE),
    ("end_lockdown", Scope.ZONE),
    ("start_lockdown", Scope.SITE),
    ("end_lockdown", Scope.SITE),
)
# How long somebody may work at a door, in minutes.
_SPANS: Final = (30, 60, 120, 240)
_STATUS: Final = {
    Problem.NO_REASON: 422,
    Problem.NO_WORKER: 422,
    Problem.NO_RIGHT: 403,
    Problem.SAME_PERSON: 403,
    Problem.OVER: 409,
}
# Seconds until a page that waits for doors, or for somebody, looks again by itself.
_SOON, _LATER = 2, 10


def routes(console: Console) -> list[BaseRoute]:
    office = console.operators.sessions.office
    acts = DoorActs(office)
    site = console.site

    def eyes_of(request: Request) -> Onlooker:
        language = console.preferences(request).language
        return onlooker(session_of(request), language)

    def may_see(eyes: Onlooker, known: Known) -> bool:
        zones = {site.zone_of(d).id for d in known.act.doors if d in site.doors}
        return eyes.zones is None or not eyes.zones.isdisjoint(zones)

    async def show(
        request: Request, problem: Problem | None = None, status: int = 200
    ) -> Response:
        door = DoorId(request.path_params["door"])
        eyes, operator = eyes_of(request), console.operator(request)
        language = eyes.language
        say, times = words(language), console.times(request)
        shown = seen(await console.source.board(), eyes)
        tile = shown.tiles.get(door)
        if tile is None:  # no such door, or of a zone that isn't theirs
            raise HTTPException(404)
        found = await office.database.read(
            partial(
                door_page,
                door=door,
                before=_position(request, "before"),
                after=_position(request, "after"),
                since=words_of.log_since(operator, site.tz, times.now),
            )
        )
        own = words_of.of_door(replace(shown, events=found.log.entries), door)
        # Once more, for the events are others than the board's.
        view = board_view(seen(own, eyes), site, language)
        zone = view.levels[0].zones[0]
        rights = [
            (f"{order}:{scope}", order, scope, acts.right(operator, order, door, scope))
            for order, scope in _CHOICES
        ]
        context = {
            "door": door,
            "tile": next(t for t in zone.tiles if t.door == door),
            "zone": zone,
            "level": view.levels[0],
            "alarms": words_of.alarm_lines(own.alarms, say, times),
            "roster": words_of.roster_words(found.in_force, found.latest, say, times),
            "events": view.events,
            "log": found.log,
            "choices": [
                (
                    value,
                    say.code("board.order", order),
                    words_of.scope_words(site, door, scope, say),
                    right is Right.WITH_SECOND,
                )
                for value, order, scope, right in rights
                if right is not Right.NONE
            ],
            "waiting": [
                words_of.act_view(
                    Known(act=act, commands=(), at=times.now), site, say, times
                )
                for act in await acts.waiting()
                if door in act.doors and console.table.allows("/commands", operator)
            ],
            "service": acts.right(operator, "start_service", door, Scope.DOOR),
            "serves": acts.right(operator, "end_service", door, Scope.DOOR)
            is not Right.NONE
            and shown.tiles[door].service_until is not None,
            "spans": [
                (minutes, lasting(say, timedelta(minutes=minutes)))
                for minutes in _SPANS
            ],
            "problem": problem,
            "asked": form_of(request)["act"],
            "reason": form_of(request)["reason"],
            "worker": form_of(request)["worker"],
            "minutes": form_of(request)["minutes"],
        }
        return await console.page(request, "door.html", context, status=status)

    async def door(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        return await show(request)

    async def ask(request: Request) -> Response:
        form, operator = form_of(request), console.operator(request)
        door_id = DoorId(request.path_params["door"])
        order, _, scope = form["act"].partition(":")
        asked: str | Problem = Problem.NO_RIGHT
        if scope in set(Scope):
            asked = await acts.ask(
                operator,
                door_id,
                order,
                Scope(scope),
                reason=form["reason"],
                worker=form["worker"],
                lasting=_span(form["minutes"]),
            )
        elif not form["act"]:
            asked = Problem.NO_REASON
        if not isinstance(asked, Problem):
            return see(f"/commands/{asked}")
        if asked is Problem.NO_RIGHT:
            act = f"POST /doors/{door_id[:64]}/commands {form['act'][:64]}"
            await console.operators.refuse(operator, act)
        return await show(request, asked, _STATUS[asked])

    async def latest(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        eyes, times = eyes_of(request), console.times(request)
        say = words(eyes.language)
        listed = [
            (known.waits, words_of.act_view(known, site, say, times))
            for known in await acts.latest()
            if may_see(eyes, known)
        ]
        return await console.page(request, "commands.html", {"acts": listed})

    async def show_act(
        request: Request, problem: Problem | None = None, status: int = 200
    ) -> Response:
        eyes, times = eyes_of(request), console.times(request)
        operator = console.operator(request)
        known = await acts.known(request.path_params["act"])
        if not may_see(eyes, known):
            raise HTTPException(404)
        bar = await acts.bar(operator, known.act) if known.waits else None
        context = {
            "act": words_of.act_view(known, site, words(eyes.language), times),
            "waits": known.waits,
            "pending": known.pending,
            "bar": bar,
            "problem": problem,
        }
        response = await console.page(request, "command.html", context, status=status)
        wait = _SOON if known.pending else _LATER if known.waits and bar else 0
        if wait:
            again = f"/commands/{known.act.id}?renewed=1"
            response.headers["refresh"] = f"{wait}; url={again}"
        return response

    async def act(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        return await show_act(request)

    async def confirm(request: Request) -> Response:
        operator = console.operator(request)
        id_ = request.path_params["act"]
        if not may_see(eyes_of(request), await acts.known(id_)):
            raise HTTPException(404)
        problem = await acts.confirm(operator, id_)
        if problem is None:
            return see(f"/commands/{id_}")
        if problem is not Problem.OVER:
            await console.operators.refuse(operator, "POST /commands/{act}/confirm")
        return await show_act(request, problem, _STATUS[problem])

    return [
        Route("/doors/{door}", door),
        Route("/doors/{door}/commands", ask, methods=["POST"]),
        Route("/commands", latest),
        Route("/commands/{act}", act),
        Route("/commands/{act}/confirm", confirm, methods=["POST"]),
    ]


def _span(minutes: str) -> timedelta | None:
    known = next((span for span in _SPANS if str(span) == minutes), None)
    return None if known is None else timedelta(minutes=known)


def _position(request: Request, name: str) -> int | None:
    given = request.query_params.get(name, "")
    return int(given) if _POSITION.fullmatch(given) else None
