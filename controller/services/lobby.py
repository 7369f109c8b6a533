"""What one paired tablet may ask of the office: about the visitor who stands at it.

A tablet is known by a random token, kept as its digest; it is told of one task, its
own, and of nothing else. Each act names the task that was on the screen: if another
stands there by now, or none, nothing happens.
"""

import asyncio
from dataclasses import dataclass, replace
from typing import Final

from sqlalchemy import Connection

from controller.services.lobby_desk import OnTablet, Problem, code_digest, on_tablet
from controller.services.office import Act, Office
from controller.services.sessions import digest_of
from controller.services.strokes import Strokes
from controller.services.visit_office import VisitOffice
from controller.services.visit_step import demand_visit
from controller.store import tablets as store
from controller.store.tablets import StoredTask
from domain.ids import CONTROLLER
from domain.tablets import TabletPaired, TabletProblem, TaskState, UndertakingNotAgreed
from domain.visit_problems import Refused

_TOKEN: Final = 32  # bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """What a visitor sends in. `typed`: their name, instead of `strokes`."""

    text_digest: bytes
    strokes: Strokes | None
    typed: str
    photo: bool


class Lobby:
    def __init__(self, office: Office) -> None:
        self._office = office
        self._visits = VisitOffice(office)
        # A finger taps twice: what is signed is signed once.
        self._signing = asyncio.Lock()

    def new_token(self) -> str:
        return self._office.vault.random_bytes(_TOKEN).hex()

    async def pair(self, code: str) -> str | None:
        """The token of the tablet that waits for this code; None: none does."""
        token = self.new_token()

        def work(act: Act) -> str | None:
            known = store.with_code(act.connection, code_digest(code))
            if known is None or act.at >= known.code_until:
                return None
            store.pair(act.connection, known.id, digest_of(token), act.at)
            act.say(
                TabletPaired(
                    door=CONTROLLER,
                    at=act.at,
                    tablet=known.id,
                    name=known.name,
                    by=known.made_by,
                )
            )
            return token

        return await self._office.act(work)

    async def seen(self, token: str) -> OnTablet | None:
        """The tablet with what stands on it now; None: it isn't paired."""
        at = self._office.clock.now()

        def look(connection: Connection) -> OnTablet | None:
            known = store.with_token(connection, digest_of(token))
            return None if known is None else on_tablet(connection, known, at)

        return await self._office.database.read(look)

    async def use(self, task: StoredTask) -> None:
        """Somebody is there."""
        await self._change(task)

    async def speak(self, task: StoredTask, language: str) -> None:
        await self._change(task, language=language)

    async def finish(self, task: StoredTask) -> None:
        at = self._office.clock.now()
        await self._office.database.write(lambda c: store.end(c, [task.id], at))

    async def agree(self, seen: OnTablet, agreed: Agreed) -> tuple[Problem, ...]:
        """Sign with strokes; or, with a typed name, ask for a witness."""
        async with self._signing:
            fresh = await self._now(seen)
            return await self._agree(fresh, agreed)

    async def _agree(self, seen: OnTablet, agreed: Agreed) -> tuple[Problem, ...]:
        task = seen.task
        if task is None or task.state is not TaskState.READING:
            return (TabletProblem.OVER,)
        if agreed.strokes is None:
            if not _is_name_of(seen, agreed.typed):
                return (TabletProblem.OTHER_NAME,)
            await self._change(
                task,
                state=TaskState.WITNESS,
                text_digest=agreed.text_digest,
                photo=agreed.photo,
            )
            return ()
        done = await self._visits.sign(
            task.visit,
            task.person,
            agreed.text_digest,
            task.sent_by,
            strokes=agreed.strokes.to_bytes(),
            witness=None,
            where=seen.tablet.name,
            photo=agreed.photo,
        )
        if isinstance(done, Refused):
            return done.problems
        await self._change(task, state=TaskState.SIGNED)
        return ()

    async def decline(self, seen: OnTablet) -> None:
        """They do not agree: the guard is told; of an inspector, to witness it."""
        task = seen.task
        if task is None or task.state is not TaskState.READING:
            return

        def work(act: Act) -> None:
            visit = demand_visit(act.connection, task.visit).visit
            may = visit.demands.may_decline
            state = TaskState.DECLINING if may else TaskState.REFUSED
            store.change(act.connection, task.id, act.at, state=state)
            act.say(
                UndertakingNotAgreed(
                    door=CONTROLLER,
                    at=act.at,
                    tablet=seen.tablet.id,
                    name=seen.tablet.name,
                    by=task.sent_by,
                    visit=task.visit,
                    person=task.person,
                )
            )

        await self._office.act(work)

    async def _now(self, seen: OnTablet) -> OnTablet:
        """The same tablet, with the same task or none."""
        at = self._office.clock.now()
        fresh = await self._office.database.read(
            lambda c: on_tablet(c, seen.tablet, at)
        )
        same = fresh.task and seen.task and fresh.task.id == seen.task.id
        return fresh if same else replace(fresh, task=None)

    async def _change(self, task: StoredTask, **changes: object) -> None:
        at = self._office.clock.now()
        await self._office.database.write(
            lambda c: store.change(c, task.id, at, **changes)
        )


def _is_name_of(seen: OnTablet, typed: str) -> bool:
    """However it is spaced, and in either language."""
    if seen.who is None:
        return False
    names = {_plain(seen.who.name), _plain(seen.who.name_en)} - {""}
    return _plain(typed) in names


def _plain(name: str) -> str:
    return "".join(name.split()).casefold()
