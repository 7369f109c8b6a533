"""People: finding them, one of them, and why a door would let them in or not.

Guards and those who enrol find a person by name and see no more; reviewers and the
secrecy officer see everybody, owners of zones their own. Nothing here opens a door.
"""

from datetime import datetime
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from controller.services.freeze_proposals import FREEZABLE, FreezeProposals
from controller.services.people_acts import QUALIFIED, Deed, possible
from controller.services.people_desk import PeopleDesk, zones_seen
from controller.store.register import StoredPerson, Wanted
from controller.web.console import Console
from controller.web.pages.people import Answer, Speech
from controller.web.preferences import settle
from controller.web.roles import (
    CHANGING_PEOPLE,
    EXPORTING_PEOPLE,
    FREEZING,
    PROPOSING,
    SEEING_PEOPLE,
    SEEING_PROPOSALS,
)
from controller.web.words import words
from domain.ids import DoorId, PersonId
from domain.operators import Operator
from domain.people import PersonState
from domain.policy import Outcome
from domain.policy.demands import WARN_BEFORE

_FILTERS: Final = ("q", "post", "state", "ending")
_LONGEST: Final = 64
_CHANGES: Final = 20


def routes(console: Console) -> list[BaseRoute]:
    return _People(console, PeopleDesk(console.office)).routes()


def speech_of(console: Console, request: Request) -> Speech:
    say = words(console.preferences(request).language)
    return Speech(say, console.times(request), console.site)


def person_of(request: Request) -> PersonId:
    return PersonId(_clean(request.path_params["person"]))


def asked_of(
    request: Request, speech: Speech, *, sees: bool
) -> tuple[dict[str, str], Wanted]:
    """The filter as it was typed, and what it means; who sees names only has one."""
    query = {n: _clean(v) for n, v in request.query_params.items()}
    asked = {name: query.get(name, "") for name in _FILTERS}
    if not sees:
        asked = {name: asked[name] if name == "q" else "" for name in _FILTERS}
    state = asked["state"]
    return asked, Wanted(
        text=asked["q"].strip()[:_LONGEST],
        post=asked["post"],
        state=PersonState(state) if state in set(PersonState) else None,
        ends_by=speech.today + WARN_BEFORE if asked["ending"] else None,
        after=query.get("after", ""),
        before=query.get("before", ""),
    )


class _People:
    def __init__(self, console: Console, desk: PeopleDesk) -> None:
        self._console = console
        self._desk = desk
        self._proposals = FreezeProposals(console.office)

    def routes(self) -> list[BaseRoute]:
        return [
            Route("/people", self._list),
            Route("/people/{person}", self._person),
        ]

    async def _list(self, request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        operator = self._console.operator(request)
        sees = _sees(operator)
        speech = speech_of(self._console, request)
        asked, wanted = asked_of(request, speech, sees=sees)
        found = await self._desk.find(operator, wanted)
        given = {name: value for name, value in asked.items() if value}
        # Beyond the last page nobody is: back from there leads the word that was sent.
        first = found.people[0].id if found.people else wanted.after
        last = found.people[-1].id if found.people else ""
        told = not operator.roles.isdisjoint(SEEING_PROPOSALS)
        context = {
            "proposals": await self._proposals.count(operator) if told else None,
            "proposes": _proposes(operator),
            "found": found,
            "sees": sees,
            "changes": not operator.roles.isdisjoint(CHANGING_PEOPLE),
            "speech": speech,
            "asked": asked,
            "export": f"/people.csv?{urlencode(given)}"
            if not operator.roles.isdisjoint(EXPORTING_PEOPLE)
            else "",
            "filtered": bool(given),
            "states": tuple(PersonState),
            "newer": _page(given, before=first) if found.before else "",
            "older": _page(given, after=last) if found.after else "",
        }
        return await self._console.page(request, "people.html", context)

    async def _person(self, request: Request) -> Response:
        if (settled := settle(request)) is not None:
            return settled
        operator = self._console.operator(request)
        profile = await self._desk.look(person_of(request), operator)
        speech = speech_of(self._console, request)
        zones = zones_seen(operator)
        doors = [
            door
            for door in self._console.site.doors.values()
            if zones is None or door.zone in zones
        ]
        door, at = request.query_params.get("door", ""), request.query_params.get("at")
        now = self._console.clock.now().astimezone(self._console.site.tz)
        typed = now.strftime("%Y-%m-%dT%H:%M") if at is None else at
        answer: Answer | None = None
        wrong = ""
        if door:
            moment = self._moment(typed)
            if door not in {each.id for each in doors}:
                wrong = "no_door"
            elif moment is None:
                wrong = "no_moment"
            else:
                why = await self._desk.why(profile.person.id, DoorId(door), moment)
                answer = speech.answer(why)
        context = {
            "profile": profile,
            "person": profile.person,
            "speech": speech,
            "bars": speech.bars(profile.person.qualifications),
            "grants": [
                speech.grant(g, profile.names, profile.reviewed.get(g.grant.id))
                for g in profile.grants
            ],
            "admitted": speech.doors_with(profile.doors, Outcome.GRANTED),
            "awaited": speech.doors_with(profile.doors, Outcome.WAITING),
            "entries": [speech.entry(row) for row in profile.entries],
            "doors": doors,
            "door": door,
            "typed": typed,
            "answer": answer,
            "wrong": wrong,
            "acts": _acts(operator, profile.person),
            "changes": profile.changes[:_CHANGES],
        }
        status = 422 if wrong else 200
        return await self._console.page(request, "person.html", context, status=status)

    def _moment(self, typed: str) -> datetime | None:
        """A moment of the site's time, as a browser writes it."""
        try:
            moment = datetime.fromisoformat(typed)
        except ValueError:
            return None
        if moment.tzinfo is not None or not 2000 <= moment.year <= 2100:
            return None
        return moment.replace(tzinfo=self._console.site.tz)


def _acts(operator: Operator, person: StoredPerson) -> tuple[str, ...]:
    """The acts that have a page for this operator and person."""
    if operator.is_one_of([person.id]):
        return ()
    changes = not operator.roles.isdisjoint(CHANGING_PEOPLE)
    if _proposes(operator) and person.state in FREEZABLE:
        proposes: tuple[str, ...] = ("propose-freeze",)
    else:
        proposes = ()
    freezes = not operator.roles.isdisjoint(FREEZING)
    acts = [
        deed
        for deed in possible(person)
        if changes or (freezes and deed is Deed.FREEZE)
    ]
    if changes and person.state is not PersonState.LEFT:
        return (QUALIFIED, *acts, *proposes)
    return (*acts, *proposes)


def _proposes(operator: Operator) -> bool:
    """Who decides doesn't ask."""
    roles = operator.roles
    return not roles.isdisjoint(PROPOSING) and roles.isdisjoint(CHANGING_PEOPLE)


def _clean(text: str) -> str:
    """Without what no database takes."""
    return text.replace("\0", "\ufffd")


def _sees(operator: Operator) -> bool:
    return not operator.roles.isdisjoint(SEEING_PEOPLE)


def _page(given: dict[str, str], **beyond: str) -> str:
    return f"/people?{urlencode({**given, **beyond})}"
