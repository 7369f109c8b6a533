"""Alarms: what happened, who has seen it, and what became of it.

None disappears by itself. What stands in the way of an act is said on the alarm's page,
with what was typed.
"""

from collections.abc import Sequence
from dataclasses import replace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.services.alarm_desk import AlarmDesk
from controller.services.board import OpenAlarm
from controller.web.auth import session_of
from controller.web.console import Console, see
from controller.web.forms import form_of, own_path
from controller.web.pages.board_view import alarm_view, tile_names
from controller.web.pages.sight import Onlooker, onlooker
from controller.web.preferences import settle
from controller.web.roles import ACKNOWLEDGING, RESOLVING
from domain.alarm_acts import AlarmCause, Called
from domain.alarm_escalation import callable_by_hand
from domain.alarm_life import MAX_WORDS, AlarmProblem, still_wrong
from domain.operators import OperatorId


def routes(console: Console) -> list[BaseRoute]:
    desk = AlarmDesk(console.operators.sessions.office)

    async def alarms(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        found = await desk.all()
        standing = [_shown(request, a) for a in found.standing if _sees(request, a)]
        past = [_shown(request, a) for a in found.past if _sees(request, a)]
        context = {"standing": standing, "past": past, "count": len(standing)}
        return await console.page(request, "alarms.html", context)

    async def alarm(request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        return await _one(request)

    async def acknowledge(request: Request) -> Response:
        seen = await _demand(request)
        form = form_of(request)
        problems = await desk.acknowledge(
            seen.id, by=console.operator(request), note=form["note"]
        )
        if problems:
            return await _one(request, problems)
        return see(own_path(form["next"] or f"/alarms/{seen.id}"))

    async def escalate(request: Request) -> Response:
        seen = await _demand(request)
        form = form_of(request)
        to = form["to"]
        problems = await desk.call(
            seen.id,
            by=console.operator(request),
            to=Called(to) if to in set(Called) else None,
            note=form["note"],
        )
        if problems:
            return await _one(request, problems)
        return see(f"/alarms/{seen.id}")

    async def resolve(request: Request) -> Response:
        seen = await _demand(request)
        form = form_of(request)
        operator = console.operator(request)
        cause = form["cause"]
        problems = await desk.resolve(
            seen.id,
            by=operator,
            cause=AlarmCause(cause) if cause in set(AlarmCause) else None,
            sentence=form["sentence"],
        )
        if AlarmProblem.CONCERNS_SELF in problems:
            await console.operators.refuse(operator, "POST /alarms/{self}/resolve")
        if problems:
            return await _one(request, problems)
        return see(f"/alarms/{seen.id}")

    async def _one(request: Request, problems: Sequence[AlarmProblem] = ()) -> Response:
        found = await _demand(request)
        may_acknowledge, may_resolve = _may(request)
        context = {
            "address": f"/alarms/{found.id}",
            "alarm": _shown(request, found),
            "facts": found,
            "problems": problems,
            "causes": tuple(AlarmCause),
            "typed": _typed(request),
            "callable": callable_by_hand(
                owned=found.calling.owned,
                called=found.calling.called,
                resolved=found.resolved_at is not None,
            ),
            "contacts": console.site.contacts,
            "max_words": MAX_WORDS,
            "may_acknowledge": may_acknowledge,
            "may_resolve": may_resolve,
            "wait_for_end": found.priority == 1
            and still_wrong(found.code, found.cleared_at),
            "names": await _names(found),
            "times": console.times(request),
        }
        return await console.page(
            request, "alarm.html", context, status=409 if problems else 200
        )

    async def _names(found: OpenAlarm) -> dict[str, str]:
        """Accounts by the names of those whose they are."""
        callers = {call.by for call in found.called}
        wanted = {found.acknowledged_by, found.resolved_by, *callers} - {""}
        known = {o.id: o.name for o in await console.operators.all()}
        return {who: known.get(OperatorId(who), who) for who in wanted}

    async def _demand(request: Request) -> OpenAlarm:
        found = await desk.one(_number(request))
        if not _sees(request, found):
            raise HTTPException(404)  # of a zone that is none of theirs
        return found

    def _sees(request: Request, found: OpenAlarm) -> bool:
        zones = _eyes(request).zones
        door = console.site.doors.get(found.door)
        return zones is None or (door is not None and door.zone in zones)

    def _shown(request: Request, found: OpenAlarm) -> object:
        eyes = _eyes(request)
        named = found if eyes.names else replace(found, person=None)
        names = tile_names(console.site, eyes.language)
        return alarm_view(named, names, console.times(request))

    def _eyes(request: Request) -> Onlooker:
        language = console.preferences(request).language
        return onlooker(session_of(request), language)

    def _may(request: Request) -> tuple[bool, bool]:
        roles = console.operator(request).roles
        return not roles.isdisjoint(ACKNOWLEDGING), not roles.isdisjoint(RESOLVING)

    return [
        Route("/alarms", alarms),
        Route("/alarms/{alarm}", alarm),
        Route("/alarms/{alarm}/acknowledge", acknowledge, methods=["POST"]),
        Route("/alarms/{alarm}/escalate", escalate, methods=["POST"]),
        Route("/alarms/{alarm}/resolve", resolve, methods=["POST"]),
    ]


def _typed(request: Request) -> dict[str, str]:
    """What was typed into one of the forms, for that form again."""
    form = form_of(request)
    typed = {name: form[name] for name in ("note", "cause", "sentence", "to")}
    if request.url.path.endswith("/escalate"):
        return {**typed, "note": "", "call_note": typed["note"]}
    return {**typed, "call_note": ""}


def _number(request: Request) -> int:
    text = request.path_params["alarm"]
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise HTTPException(404)
    return int(text)
