"""What operators do about alarms: see and acknowledge them, call others, resolve them.

Acts may come late or twice (two guards, one key); whatever stands in the way is named
by its code (`domain.alarm_life`) and nothing has happened then.
"""

from dataclasses import dataclass
from typing import Final

from sqlalchemy import Connection

from controller.services.board import OpenAlarm
from controller.services.office import Act, Office
from controller.services.rows import named
from controller.services.watchboard import open_alarm
from controller.store import alarms as store
from controller.store.alarms import StoredAlarm
from domain.alarm_acts import (
    AlarmAcknowledged,
    AlarmCause,
    AlarmEscalated,
    AlarmResolved,
    Called,
)
from domain.alarm_escalation import BY_HAND, callable_by_hand
from domain.alarm_life import (
    AlarmProblem,
    problems_of_acknowledging,
    problems_of_calling,
    problems_of_resolving,
)
from domain.errors import InputError
from domain.ids import CONTROLLER
from domain.operators import Operator

_STANDING: Final = 500
_PAST: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmList:
    standing: tuple[OpenAlarm, ...]  # unacknowledged first, then by urgency
    past: tuple[OpenAlarm, ...]  # resolved and over, the latest first


class AlarmDesk:
    def __init__(self, office: Office) -> None:
        self._office = office

    async def all(self) -> AlarmList:
        def read(connection: Connection) -> AlarmList:
            return AlarmList(
                standing=_with_names(
                    connection, store.listed(connection, limit=_STANDING)
                ),
                past=_with_names(connection, store.resolved(connection, limit=_PAST)),
            )

        return await self._office.database.read(read)

    async def one(self, id_: int) -> OpenAlarm:
        """
        Raises:
            InputError: no such alarm.
        """
        return await self._office.database.read(
            lambda c: _with_names(c, (_demand(c, id_),))[0]
        )

    async def acknowledge(
        self, id_: int, *, by: Operator, note: str = ""
    ) -> tuple[AlarmProblem, ...]:
        """
        Raises:
            InputError: no such alarm.
        """

        def work(act: Act) -> tuple[AlarmProblem, ...]:
            alarm = _demand(act.connection, id_)
            problems = problems_of_acknowledging(
                acknowledged_at=alarm.acknowledged_at, note=note
            )
            if not problems:
                act.say(
                    AlarmAcknowledged(
                        door=CONTROLLER,
                        at=act.at,
                        target=alarm.door,
                        code=alarm.code,
                        device=alarm.device,
                        since=alarm.since,
                        by=by.id,
                        note=note,
                    )
                )
            return problems

        return await self._office.act(work)

    async def call(
        self, id_: int, *, by: Operator, to: Called | None, note: str
    ) -> tuple[AlarmProblem, ...]:
        """Call somebody further, before the clock does or whom it wouldn't.

        Raises:
            InputError: no such alarm.
        """

        def work(act: Act) -> tuple[AlarmProblem, ...]:
            alarm = _demand(act.connection, id_)
            problems = problems_of_calling(to=to, callable_=_callable(alarm), note=note)
            if not problems and to is not None:
                act.say(
                    AlarmEscalated(
                        door=CONTROLLER,
                        at=act.at,
                        target=alarm.door,
                        code=alarm.code,
                        device=alarm.device,
                        since=alarm.since,
                        to=to,
                        step=BY_HAND,
                        by=by.id,
                        note=note.strip(),
                    )
                )
            return problems

        return await self._office.act(work)

    async def resolve(
        self, id_: int, *, by: Operator, cause: AlarmCause | None, sentence: str
    ) -> tuple[AlarmProblem, ...]:
        """
        Raises:
            InputError: no such alarm.
        """

        def work(act: Act) -> tuple[AlarmProblem, ...]:
            alarm = _demand(act.connection, id_)
            problems = problems_of_resolving(
                by,
                code=alarm.code,
                priority=alarm.priority,
                person=alarm.person,
                acknowledged_at=alarm.acknowledged_at,
                cleared_at=alarm.cleared_at,
                resolved_at=alarm.resolved_at,
                cause=cause,
                sentence=sentence,
            )
            if not problems and cause is not None:
                act.say(
                    AlarmResolved(
                        door=CONTROLLER,
                        at=act.at,
                        target=alarm.door,
                        code=alarm.code,
                        device=alarm.device,
                        since=alarm.since,
                        by=by.id,
                        cause=cause,
                        sentence=sentence.strip(),
                    )
                )
            return problems

        return await self._office.act(work)


def _demand(connection: Connection, id_: int) -> StoredAlarm:
    found = store.one(connection, id_)
    if found is None:
        raise InputError(f"no alarm {id_}")
    return found


def _callable(alarm: StoredAlarm) -> tuple[Called, ...]:
    return callable_by_hand(
        owned=alarm.door != CONTROLLER,
        called=frozenset(call.to for call in alarm.calls),
        resolved=alarm.resolved_at is not None,
    )


def _with_names(
    connection: Connection, found: tuple[StoredAlarm, ...]
) -> tuple[OpenAlarm, ...]:
    names = named(connection, {a.person for a in found if a.person is not None})
    return tuple(open_alarm(each, names) for each in found)
