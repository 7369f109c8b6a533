"""The lobby's tablets, from the guard's side: pair, send, witness, take off, revoke.

A pairing code is shown once, is good for `CODE_LASTS` and one tablet, and is kept as
its digest; guessing one of 40 bits within that time is hopeless, so wrong ones wait for
nothing. Who witnesses is an operator whom the register knows as a person: their name
stands beside what was signed (G5.5.3-1).
"""

import asyncio
import base64
import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, TypeAlias

from sqlalchemy import Connection

from config.undertakings import LANGUAGES
from controller.services.board import Named
from controller.services.office import Act, Office
from controller.services.rows import named
from controller.services.visit_office import VisitOffice
from controller.services.visit_step import demand_visit
from controller.store import tablets as store
from controller.store.tablets import StoredTablet, StoredTask
from domain.ids import CONTROLLER, PersonId, VisitId
from domain.operators import Operator
from domain.tablets import (
    CODE_LASTS,
    MAX_NAME,
    TabletAdded,
    TabletId,
    TabletProblem,
    TabletRevoked,
    TaskState,
    UndertakingShown,
    is_live,
)
from domain.visit_life import VisitAct, VisitState, step
from domain.visit_problems import Refused, VisitProblem
from domain.visits import Signed, Visit

Problem: TypeAlias = TabletProblem | VisitProblem

_CODE: Final = 5  # random bytes: 8 letters, tried for ten minutes
_GROUP: Final = 4
_CHINESE, _ENGLISH = LANGUAGES


@dataclass(frozen=True, slots=True, kw_only=True)
class NewTablet:
    id: TabletId
    code: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class OnTablet:
    """A tablet as of `at`. `task`: what stands on it; `latest`: even if it is over."""

    tablet: StoredTablet
    task: StoredTask | None
    latest: StoredTask | None
    who: Named | None  # of the latest task
    at: datetime

    @property
    def waits(self) -> bool:
        """For a code that can still be entered."""
        return self.tablet.paired_at is None and self.at < self.tablet.code_until

    @property
    def is_free(self) -> bool:
        return self.tablet.paired_at is not None and (
            self.task is None or self.task.state is TaskState.SIGNED
        )


def code_digest(code: str) -> str:
    """What is kept of a pairing code; however it was typed."""
    plain = "".join(c for c in code.upper() if c.isalnum())
    return hashlib.sha256(f"tablet {plain}".encode()).hexdigest()


def on_tablet(connection: Connection, tablet: StoredTablet, at: datetime) -> OnTablet:
    latest = store.latest_task(connection, tablet.id)
    live = latest is not None and _is_live(latest, at)
    who = named(connection, {latest.person}) if latest is not None else {}
    return OnTablet(
        tablet=tablet,
        task=latest if live else None,
        latest=latest,
        who=who.get(latest.person) if latest is not None else None,
        at=at,
    )


class LobbyDesk:
    def __init__(self, office: Office) -> None:
        self._office = office
        self._visits = VisitOffice(office)
        self._witnessing = asyncio.Lock()  # a button pressed twice witnesses once

    async def all(self) -> tuple[OnTablet, ...]:
        at = self._office.clock.now()
        return await self._office.database.read(
            lambda c: tuple(on_tablet(c, each, at) for each in store.tablets(c))
        )

    async def add(self, name: str, *, by: Operator) -> NewTablet | TabletProblem:
        name = " ".join(name.split())
        raw = base64.b32encode(self._office.vault.random_bytes(_CODE)).decode()
        made = NewTablet(
            id=TabletId(self._office.new_id()), code=f"{raw[:_GROUP]}-{raw[_GROUP:]}"
        )

        def work(act: Act) -> NewTablet | TabletProblem:
            if not 1 <= len(name) <= MAX_NAME:
                return TabletProblem.NO_NAME
            for known in store.tablets(act.connection):
                if known.name == name and not _lapsed(known, act.at):
                    return TabletProblem.NAME_TAKEN
                if known.name == name:  # its code was never entered
                    store.revoke(act.connection, known.id, act.at)
            store.add(
                act.connection,
                made.id,
                name,
                code_digest(made.code),
                until=act.at + CODE_LASTS,
                at=act.at,
                by=by.id,
            )
            act.say(
                TabletAdded(
                    door=CONTROLLER, at=act.at, tablet=made.id, name=name, by=by.id
                )
            )
            return made

        return await self._office.act(work)

    async def revoke(self, id_: str, *, by: Operator) -> None:
        """At once; one that is revoked already stays so."""

        def work(act: Act) -> None:
            known = store.tablet(act.connection, id_)
            if known is None or known.revoked_at is not None:
                return
            store.revoke(act.connection, known.id, act.at)
            _clear(act, known.id)
            act.say(
                TabletRevoked(
                    door=CONTROLLER,
                    at=act.at,
                    tablet=known.id,
                    name=known.name,
                    by=by.id,
                )
            )

        await self._office.act(work)

    async def send(
        self, visit: VisitId, person: PersonId, tablet: str, *, by: Operator
    ) -> tuple[Problem, ...]:
        """Show a visitor of a visit the text they are to sign.

        Raises:
            InputError: no such visit.
        """

        def work(act: Act) -> tuple[Problem, ...]:
            stored = demand_visit(act.connection, visit)
            problems = _bars_to_showing(stored.visit, person)
            known = store.tablet(act.connection, tablet)
            if known is None or known.paired_at is None or known.revoked_at is not None:
                return (*problems, TabletProblem.NO_TABLET)
            seen = on_tablet(act.connection, known, act.at)
            mine = seen.task is not None and (seen.task.visit, seen.task.person) == (
                visit,
                person,
            )
            if not seen.is_free and not mine:
                problems = (*problems, TabletProblem.BUSY)
            if problems:
                return problems
            _clear(act, known.id, visit=visit, person=person)
            who = named(act.connection, {person})[person]
            store.send(
                act.connection,
                known.id,
                visit,
                person,
                language=_ENGLISH if who.name.isascii() else _CHINESE,
                at=act.at,
                by=by.id,
            )
            act.say(
                UndertakingShown(
                    door=CONTROLLER,
                    at=act.at,
                    tablet=known.id,
                    name=known.name,
                    by=by.id,
                    visit=visit,
                    person=person,
                )
            )
            return ()

        return await self._office.act(work)

    async def take_off(self, id_: str) -> None:
        """Nothing stands on it any more."""
        await self._office.act(lambda act: _clear(act, TabletId(id_)))

    async def witness(
        self, id_: str, task_id: int, *, by: Operator
    ) -> tuple[Problem, ...]:
        """The guard saw them type their name, or told them and heard them decline."""
        async with self._witnessing:
            return await self._witness(id_, task_id, by)

    async def _witness(
        self, id_: str, task_id: int, by: Operator
    ) -> tuple[Problem, ...]:
        at = self._office.clock.now()

        def look(connection: Connection) -> OnTablet | None:
            known = store.tablet(connection, id_)
            return None if known is None else on_tablet(connection, known, at)

        seen = await self._office.database.read(look)
        task = seen.task if seen is not None else None
        if seen is None or task is None or task.id != task_id:
            return (TabletProblem.OVER,)
        if by.person is None:
            return (TabletProblem.NO_PERSON,)
        place = seen.tablet.name
        if task.state is TaskState.WITNESS and task.text_digest is not None:
            done = await self._visits.sign(
                task.visit,
                task.person,
                task.text_digest,
                by.id,
                strokes=None,
                witness=by.person,
                where=place,
                photo=task.photo,
            )
            after = TaskState.SIGNED
        elif task.state is TaskState.DECLINING:
            done = await self._visits.decline(
                task.visit,
                task.person,
                by.person,
                by.id,
                language=task.language,
                where=place,
            )
            after = TaskState.REFUSED
        else:
            return (TabletProblem.OVER,)
        if isinstance(done, Refused):
            return done.problems
        await self._office.database.write(
            lambda c: store.change(c, task.id, self._office.clock.now(), state=after)
        )
        return ()


def _bars_to_showing(visit: Visit, person: PersonId) -> tuple[Problem, ...]:
    who = visit.visitor(person)
    if who is None or who.turned_away:
        return (VisitProblem.UNKNOWN_VISITOR,)
    if visit.state not in (VisitState.APPROVED, VisitState.UNDERTAKING_SIGNED):
        onward = step(visit.state, VisitAct.SIGN)
        return (onward if isinstance(onward, VisitProblem) else VisitProblem.ALREADY,)
    return (VisitProblem.ALREADY,) if isinstance(who.undertaking, Signed) else ()


def _lapsed(tablet: StoredTablet, at: datetime) -> bool:
    return tablet.paired_at is None and at >= tablet.code_until


def _is_live(task: StoredTask, at: datetime) -> bool:
    return task.ended_at is None and is_live(task.state, task.used_at, at)


def _clear(
    act: Act,
    tablet: TabletId,
    *,
    visit: VisitId | None = None,
    person: PersonId | None = None,
) -> None:
    """End what stands on the tablet, and what of this visitor stands on others."""
    ids = [
        task.id
        for task in store.open_tasks(act.connection)
        if task.tablet == tablet or (task.visit, task.person) == (visit, person)
    ]
    store.end(act.connection, ids, act.at)
