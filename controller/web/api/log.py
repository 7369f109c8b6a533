"""What happened: the log, alarms, and what was asked of doors. Only read here.

Taking up an alarm, opening a door and locking it down need a person who answers for
it, so they have no address.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from controller.store import alarms as stored_alarms
from controller.store import envelopes, sendings
from controller.store.alarms import StoredAlarm
from controller.store.envelopes import Stored
from controller.store.sendings import StoredCommand
from controller.web.api.call import Call
from controller.web.api.problems import Problem
from controller.web.api.words import Id, Limit, Number
from domain.ids import CommandId, DoorId, PersonId
from wire.codec import Body
from wire.envelope import decode

_STANDING: Final = 500

# --- the log ---


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsQuery:
    """A page of the log, latest first. `before`: older ones than that position;
    `after`: the next newer ones. `door`: who spoke, `controller` is the office."""

    before: Number | None = None
    after: Number | None = None
    limit: Limit = 50
    door: Id | None = None
    person: Id | None = None
    type: Id | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EventView:
    """One entry of the log. `position` orders it as it was received; `body` as the
    sender signed it (docs/wire.md)."""

    position: int
    door: str
    seq: int
    type: str
    at: datetime
    received_at: datetime
    body: Body


@dataclass(frozen=True, slots=True, kw_only=True)
class EventsPage:
    """`before`: give it for the next older page; null: there may be none. `after`:
    give it to learn what is new since."""

    events: tuple[EventView, ...]
    before: int | None
    after: int


async def events(call: Call) -> EventsPage:
    query = call.asked(EventsQuery)
    found = await call.office.database.read(
        lambda c: envelopes.page(
            c,
            before=query.before,
            after=query.after,
            limit=query.limit,
            door=None if query.door is None else DoorId(query.door),
            person=None if query.person is None else PersonId(query.person),
            kind=query.type,
        )
    )
    full = len(found) == query.limit
    return EventsPage(
        events=tuple(map(_event, found)),
        before=found[-1].position if full else None,
        after=found[0].position if found else query.after or 0,
    )


def _event(stored: Stored) -> EventView:
    return EventView(
        position=stored.position,
        door=stored.door,
        seq=stored.seq,
        type=stored.type,
        at=stored.at,
        received_at=stored.received_at,
        body=decode(stored.signed.signed).body,
    )


# --- alarms ---


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmView:
    """`priority`: 1 urgent, 2 important, 3 notice. `since` the first and `last_at` the
    latest of `times` raisings; `cleared_at`: its condition is gone. `silent`:
    of somebody under duress; never show or sound it where they could notice."""

    alarm: int
    door: str
    code: str
    priority: int
    since: datetime
    last_at: datetime
    times: int
    person: str | None
    device: str | None
    detail: str
    silent: bool
    cleared_at: datetime | None
    acknowledged_at: datetime | None
    acknowledged_by: str
    resolved_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmsView:
    """Those that want a person or are still wrong: unacknowledged first, then by
    urgency; 500 at most."""

    alarms: tuple[AlarmView, ...]


async def alarms(call: Call) -> AlarmsView:
    found = await call.office.database.read(
        lambda c: stored_alarms.listed(c, limit=_STANDING)
    )
    return AlarmsView(alarms=tuple(map(_alarm, found)))


def _alarm(found: StoredAlarm) -> AlarmView:
    return AlarmView(
        alarm=found.id,
        door=found.door,
        code=found.code,
        priority=found.priority,
        since=found.since,
        last_at=found.last_at,
        times=found.times,
        person=found.person,
        device=found.device,
        detail=found.detail,
        silent=found.silent,
        cleared_at=found.cleared_at,
        acknowledged_at=found.acknowledged_at,
        acknowledged_by=found.acknowledged_by or "",
        resolved_at=found.resolved_at,
    )


# --- what was asked of doors ---


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandsQuery:
    """The latest commands, of all doors or of one."""

    door: Id | None = None
    limit: Limit = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandView:
    """`answer`: `received`, or why it was refused; null: none yet."""

    command: str
    door: str
    order: str
    reason: str
    by: str
    issued_at: datetime
    expires_at: datetime
    answer: str | None
    answered_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandsView:
    commands: tuple[CommandView, ...]


async def commands(call: Call) -> CommandsView:
    query = call.asked(CommandsQuery)
    door = None if query.door is None else DoorId(query.door)
    found = await call.office.database.read(
        lambda c: sendings.latest_commands(c, door=door, limit=query.limit)
    )
    return CommandsView(commands=tuple(map(_command, found)))


async def command(call: Call) -> CommandView:
    id_ = CommandId(call.path["command"])
    found = await call.office.database.read(lambda c: sendings.command(c, id_))
    if found is None:
        raise Problem("not_found", f"no command `{id_}`")
    return _command(found)


def _command(found: StoredCommand) -> CommandView:
    return CommandView(
        command=found.id,
        door=found.door,
        order=found.order,
        reason=found.reason,
        by=found.by,
        issued_at=found.issued_at,
        expires_at=found.expires_at,
        answer=found.answer,
        answered_at=found.answered_at,
    )
