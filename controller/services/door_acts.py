"""What operators ask of doors: open one once, lock down and release.

An act concerns a door, its zone or the whole site, and sends one command to each door.
Laws: the reason is recorded; an act that needs two people (`domain.door_rights`) sends
nothing until another operator, who is another person, confirms it within 10 minutes;
both are named in the log. Who may not, is refused and that is recorded.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from sqlalchemy import Connection

from config.schema import Site
from controller.services.command import ORDERS, START_SERVICE, order_of, record
from controller.services.office import Act, Office
from controller.store import door_acts as store
from controller.store import operators, sendings
from controller.store.door_acts import StoredAct
from controller.store.sendings import StoredCommand
from domain.door_rights import Right, may_second, right
from domain.errors import InputError
from domain.ids import CONTROLLER, CommandId, DoorId
from domain.office_events import CommandAsked
from domain.operators import Operator, bars_to_deciding
from domain.service import AT_MOST, MAX_WORKER
from domain.zones import Zone

# Long enough to fetch somebody, too short to be forgotten and confirmed the next day.
CONFIRM_WITHIN: Final = timedelta(minutes=10)
MAX_REASON: Final = 200
_PAGE: Final = 50


class Scope(StrEnum):
    DOOR = "door"
    ZONE = "zone"
    SITE = "site"


class Problem(StrEnum):
    """Why nothing was asked or confirmed."""

    NO_REASON = "no_reason"
    NO_WORKER = "no_worker"  # or no end of the service, or too long a one
    NO_RIGHT = "no_right"
    SAME_PERSON = "same_person"
    OVER = "over"  # confirmed by somebody already, or too late


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """An act with its commands as they are now; none while it waits."""

    act: StoredAct
    commands: tuple[StoredCommand, ...]
    at: datetime

    @property
    def waits(self) -> bool:
        """For a second operator."""
        return self.act.confirmed_at is None and self.at < self.act.expires_at

    @property
    def pending(self) -> bool:
        """Some door may still answer."""
        return any(c.answer is None and self.at < c.expires_at for c in self.commands)


def doors_of(site: Site, door: DoorId, scope: Scope) -> tuple[DoorId, ...]:
    match scope:
        case Scope.DOOR:
            return (door,)
        case Scope.ZONE:
            zone = site.zone_of(door).id
            return tuple(d.id for d in site.doors.values() if d.zone == zone)
        case Scope.SITE:
            return tuple(site.doors)


class DoorActs:
    def __init__(self, office: Office) -> None:
        self._office = office

    def right(
        self, operator: Operator, order: str, door: DoorId, scope: Scope
    ) -> Right:
        """What the operator may ask; nothing of a kind that nobody offers."""
        kind = ORDERS.get(order)
        if kind is None or (order in _OF_ONE and scope is not Scope.DOOR):
            return Right.NONE
        doors = doors_of(self._office.site, door, scope)
        return right(operator, kind, self._zones(doors))

    async def ask(
        self,
        operator: Operator,
        door: DoorId,
        order: str,
        scope: Scope,
        *,
        reason: str,
        worker: str = "",
        lasting: timedelta | None = None,
    ) -> str | Problem:
        """The id of the act; sent at once unless it needs a second operator.

        `worker`, `lasting`: of a service, which ends that long after it was asked for.

        Raises:
            InputError: no such door.
        """
        self._office.demand_door(door)
        may = self.right(operator, order, door, scope)
        if may is Right.NONE:
            return Problem.NO_RIGHT
        if not reason.strip():
            return Problem.NO_REASON
        named = worker.strip()[:MAX_WORKER]
        serves = order == START_SERVICE
        if serves and not (named and lasting and lasting <= AT_MOST):
            return Problem.NO_WORKER
        alone = may is Right.ALONE

        def work(act: Act) -> str:
            made = StoredAct(
                id=self._office.new_id(),
                order=order,
                scope=scope,
                doors=doors_of(self._office.site, door, scope),
                reason=reason.strip()[:MAX_REASON],
                asked_by=operator.id,
                asked_at=act.at,
                expires_at=act.at + CONFIRM_WITHIN,
                confirmed_by="",
                confirmed_at=act.at if alone else None,
                worker=named if serves else "",
                until=act.at + lasting if serves and lasting else None,
            )
            store.add(act.connection, made)
            if alone:
                self._send(act, made, by=operator.id)
            else:
                act.say(
                    CommandAsked(
                        door=CONTROLLER,
                        at=act.at,
                        act=made.id,
                        doors=made.doors,
                        order=order,
                        reason=made.reason,
                        until=made.expires_at,
                        by=operator.id,
                    )
                )
            return made.id

        return await self._office.act(work)

    async def confirm(self, operator: Operator, id_: str) -> Problem | None:
        """Send what another operator asked; None if that was done.

        Raises:
            InputError: no such act.
        """

        def work(act: Act) -> Problem | None:
            asked = _demand(act.connection, id_)
            if problem := self._problem(act.connection, operator, asked):
                return problem
            if not store.confirm(act.connection, id_, operator.id, act.at):
                return Problem.OVER
            self._send(act, asked, by=f"{asked.asked_by} + {operator.id}")
            return None

        return await self._office.act(work)

    async def bar(self, operator: Operator, act: StoredAct) -> Problem | None:
        """Why the operator would not be the second one."""
        return await self._office.database.read(
            lambda c: self._problem(c, operator, act)
        )

    async def known(self, id_: str) -> Known:
        """
        Raises:
            InputError: no such act.
        """
        at = self._office.clock.now()
        return await self._office.database.read(
            lambda c: _known(c, _demand(c, id_), at)
        )

    async def latest(self) -> tuple[Known, ...]:
        at = self._office.clock.now()
        return await self._office.database.read(
            lambda c: tuple(_known(c, act, at) for act in store.latest(c, _PAGE))
        )

    async def waiting(self) -> tuple[StoredAct, ...]:
        """What a second operator may still confirm, oldest first."""
        at = self._office.clock.now()
        return await self._office.database.read(lambda c: store.waiting(c, at))

    def _send(self, act: Act, asked: StoredAct, *, by: str) -> None:
        order = order_of(
            asked.order, asked.reason, worker=asked.worker, until=asked.until
        )
        known = [door for door in asked.doors if door in self._office.site.doors]
        sent: list[CommandId] = [
            record(self._office, act, door, order, by=by) for door in known
        ]
        store.add_commands(act.connection, asked.id, sent)

    def _problem(
        self, connection: Connection, operator: Operator, act: StoredAct
    ) -> Problem | None:
        asker = operators.operator(connection, act.asked_by)
        zones = self._zones(act.doors)
        if asker is None or asker.disabled_at is not None:
            return Problem.OVER
        oneself = bars_to_deciding(operator, requested_by=asker.id)
        if asker.person is not None:
            oneself |= bars_to_deciding(operator, requested_by=asker.person)
        if oneself:
            return Problem.SAME_PERSON
        return None if may_second(operator, zones) else Problem.NO_RIGHT

    def _zones(self, doors: tuple[DoorId, ...]) -> tuple[Zone, ...]:
        """Of a door that the site no longer has, none: then nobody may."""
        site = self._office.site
        if any(door not in site.doors for door in doors):
            return ()
        return tuple(
            {site.zone_of(door).id: site.zone_of(door) for door in doors}.values()
        )


# What is never asked of a zone or the site.
_OF_ONE: Final = frozenset({"unlock_door", "start_service", "end_service"})


def _demand(connection: Connection, id_: str) -> StoredAct:
    found = store.find(connection, id_)
    if found is None:
        raise InputError("no such act")
    return found


def _known(connection: Connection, act: StoredAct, at: datetime) -> Known:
    found = (
        sendings.command(connection, each)
        for each in store.commands_of(connection, act.id)
    )
    commands = sorted((c for c in found if c is not None), key=lambda c: c.door)
    return Known(act=act, commands=tuple(commands), at=at)
