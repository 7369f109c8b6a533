"""Grants on the console: asked for, approved or refused by somebody else, withdrawn.

Each act answers with everything that stands in its way; nothing has happened then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, TypeAlias

from sqlalchemy import Connection

from config.schema import GrantSpec
from controller.services.board import Named
from controller.services.grant import make_in
from controller.services.office import Act, Office
from controller.services.revoke import withdraw_in
from controller.services.rows import named
from controller.store import grant_requests as store
from controller.store import operators, register
from controller.store.grant_requests import StoredRequest
from controller.store.register import StoredGrant
from controller.store.sendings import ChangeId
from domain.errors import InputError
from domain.grant_requests import (
    MAX_WORDS,
    TRANSITIONS,
    GrantApproved,
    GrantProblem,
    GrantRefused,
    GrantRequested,
    RequestAct,
    RequestState,
    bars_to_granting,
    may_ask,
)
from domain.ids import CONTROLLER, PersonId, ScheduleId, ZoneId, is_visitor
from domain.operators import Bar, Operator
from domain.people import PersonState, Rank

Problem: TypeAlias = GrantProblem | Bar

_SHOWN: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    person: PersonId
    zone: ZoneId
    purpose: str
    department: str
    since: datetime | None
    until: datetime | None
    schedule: ScheduleId | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Requests:
    open: tuple[StoredRequest, ...]
    decided: tuple[StoredRequest, ...]
    names: Mapping[PersonId, Named]


class GrantDesk:
    def __init__(self, office: Office) -> None:
        self._office = office

    async def all(self) -> Requests:
        def read(connection: Connection) -> Requests:
            waiting = store.in_state(connection, open_=True, limit=_SHOWN)
            decided = store.in_state(connection, open_=False, limit=_SHOWN)
            people = {r.person for r in (*waiting, *decided)}
            return Requests(
                open=waiting, decided=decided, names=named(connection, people)
            )

        return await self._office.database.read(read)

    async def ask(self, asked: Asked, *, by: Operator) -> tuple[Problem, ...]:
        def work(act: Act) -> tuple[Problem, ...]:
            if problems := self._problems(act, asked, by):
                return problems
            made = StoredRequest(
                id=self._office.new_id(),
                person=asked.person,
                zone=asked.zone,
                purpose=asked.purpose.strip(),
                department=self._department(asked),
                since=asked.since,
                until=asked.until,
                schedule=asked.schedule,
                asked_at=act.at,
                asked_by=by.id,
            )
            store.add(act.connection, made)
            act.say(
                GrantRequested(
                    door=CONTROLLER,
                    at=act.at,
                    request=made.id,
                    person=made.person,
                    zone=made.zone,
                    purpose=made.purpose,
                    by=by.id,
                )
            )
            return ()

        return await self._office.act(work)

    async def decide(
        self, id_: str, what: RequestAct, *, by: Operator, reason: str = ""
    ) -> ChangeId | tuple[Problem, ...] | None:
        """The change of an approval; None: refused as asked; or what is in the way.

        Raises:
            InputError: no such request.
        """

        def work(act: Act) -> ChangeId | tuple[Problem, ...] | None:
            request = store.one(act.connection, id_)
            if request is None:
                raise InputError("no such request")
            after = TRANSITIONS[request.state, what]
            if isinstance(after, GrantProblem):
                return (after,)
            if bars := self.bars(act.connection, request, by):
                return tuple(sorted(bars))
            if what is RequestAct.REFUSE:
                return _refuse(act, request, by, reason.strip())
            return self._approve(act, request, by)

        return await self._office.act(work)

    def bars(
        self, connection: Connection, request: StoredRequest, by: Operator
    ) -> frozenset[Bar]:
        """The requester is oneself by account or by person."""
        zone = self._office.site.zones.get(request.zone)
        if zone is None:
            return frozenset({Bar.NO_APPROVER})
        asker = operators.operator(connection, request.asked_by)
        found: frozenset[Bar] = frozenset()
        for who in (request.asked_by, None if asker is None else asker.person):
            found |= bars_to_granting(
                by,
                zone,
                department=request.department,
                requested_by=who,
                person=request.person,
            )
        return found

    async def barred(self, request: StoredRequest, by: Operator) -> frozenset[Bar]:
        return await self._office.database.read(lambda c: self.bars(c, request, by))

    async def grant(self, id_: str) -> tuple[StoredGrant, Mapping[PersonId, Named]]:
        """
        Raises:
            InputError: no such grant.
        """

        def read(
            connection: Connection,
        ) -> tuple[StoredGrant, Mapping[PersonId, Named]]:
            found = _grant(connection, id_)
            people = {found.person, found.grant.approved_by} - {None}
            return found, named(connection, [p for p in people if p is not None])

        return await self._office.database.read(read)

    async def withdraw(
        self, id_: str, *, by: Operator, reason: str
    ) -> ChangeId | tuple[Problem, ...]:
        """At once, to every door of the zone.

        Raises:
            InputError: no such grant.
        """

        def work(act: Act) -> ChangeId | tuple[Problem, ...]:
            stored = _grant(act.connection, id_)
            words = reason.strip()
            found: dict[Problem, bool] = {
                GrantProblem.NOT_YOURS: not may_ask(by, stored.grant.zone),
                Bar.CONCERNS_SELF: by.is_one_of((stored.person,)),
                GrantProblem.OVER: stored.withdrawal is not None,
                GrantProblem.NO_REASON: not words,
                GrantProblem.TOO_LONG: len(words) > MAX_WORDS,
            }
            if problems := tuple(p for p, is_so in found.items() if is_so):
                return problems
            return withdraw_in(act, self._office, [stored], reason=words, by=by.id)

        return await self._office.act(work)

    def _problems(self, act: Act, asked: Asked, by: Operator) -> tuple[Problem, ...]:
        site = self._office.site
        person = register.person(act.connection, asked.person)
        known = person is not None and person.state is not PersonState.LEFT
        early = asked.until is not None and asked.until <= (asked.since or act.at)
        found: dict[Problem, bool] = {
            GrantProblem.NO_PERSON: not known or is_visitor(asked.person),
            Bar.CONCERNS_SELF: by.is_one_of((asked.person,)),
            GrantProblem.NO_ZONE: asked.zone not in site.zones,
            GrantProblem.NOT_YOURS: asked.zone in site.zones
            and not may_ask(by, asked.zone),
            GrantProblem.NO_PURPOSE: not asked.purpose.strip(),
            GrantProblem.TOO_LONG: len(asked.purpose) > MAX_WORDS,
            GrantProblem.ENDS_EARLY: early,
            GrantProblem.NO_SCHEDULE: asked.schedule is not None
            and asked.schedule not in site.schedules,
        }
        return tuple(problem for problem, is_so in found.items() if is_so)

    def _department(self, asked: Asked) -> str:
        """The zone's, where it has one: who asks doesn't choose who decides."""
        return self._office.site.zones[asked.zone].department or asked.department

    def _approve(
        self, act: Act, request: StoredRequest, by: Operator
    ) -> ChangeId | tuple[Problem, ...]:
        person = register.person(act.connection, request.person)
        if person is None or person.state is PersonState.LEFT:
            return (GrantProblem.NO_PERSON,)
        since = max(request.since or act.at, act.at)
        if request.until is not None and request.until <= since:
            return (GrantProblem.ENDS_EARLY,)
        rank = by.rank or Rank.TEAM_LEADER
        spec = GrantSpec(
            zone=request.zone,
            rank=rank,
            purpose=request.purpose,
            since=since,
            until=request.until,
            schedule=request.schedule,
        )
        made, change = make_in(
            act, self._office, request.person, spec, approved_by=by.person, by=by.id
        )
        state = RequestState.APPROVED
        store.decide(act.connection, request.id, state, at=act.at, by=by.id, grant=made)
        act.say(
            GrantApproved(
                door=CONTROLLER,
                at=act.at,
                request=request.id,
                person=request.person,
                zone=request.zone,
                grant=made,
                rank=rank,
                requested_by=request.asked_by,
                by=by.id,
            )
        )
        return change


def _refuse(
    act: Act, request: StoredRequest, by: Operator, reason: str
) -> tuple[Problem, ...] | None:
    if not reason:
        return (GrantProblem.NO_REASON,)
    if len(reason) > MAX_WORDS:
        return (GrantProblem.TOO_LONG,)
    state = RequestState.REFUSED
    store.decide(act.connection, request.id, state, at=act.at, by=by.id, reason=reason)
    act.say(
        GrantRefused(
            door=CONTROLLER,
            at=act.at,
            request=request.id,
            person=request.person,
            zone=request.zone,
            reason=reason,
            by=by.id,
        )
    )
    return None


def _grant(connection: Connection, id_: str) -> StoredGrant:
    found = register.grant(connection, id_)
    if found is None:
        raise InputError("no such grant")
    return found
