"""A door's page and what was asked of doors, in words.

Pure: values in, rows to lay out. What is not known is said as that: a receipt that
hasn't come is no refusal and no success.
"""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta, tzinfo
from typing import Final

from config.schema import Site
from controller.services.board import Board, OpenAlarm
from controller.services.command import UNSENT
from controller.services.door_acts import Known, Scope, doors_of
from controller.store.door_acts import StoredAct
from controller.store.sendings import IssuedRoster, StoredCommand
from controller.web.pages.frame import Times, lasting
from controller.web.words import Words
from domain.ids import DoorId
from domain.operators import Operator, OperatorRole

RECEIVED: Final = "received"
# Whose business the whole log is; a shift lead sees a week, others today.
_WHOLE_LOG: Final = frozenset(
    {OperatorRole.REVIEWER, OperatorRole.SECRECY_OFFICER, OperatorRole.ZONE_OWNER}
)
_WEEK: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmLine:
    priority: int
    title: str
    deed: str
    since: str
    times: int
    cleared: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """`state`: "confirmed", "refused", "unsent", "awaited" or "missing"."""

    door: DoorId
    name: str
    state: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ActView:
    id: str
    what: str
    where: str
    reason: str
    asked_by: str
    asked_at: str
    state: str
    confirmed_by: str
    receipts: tuple[Receipt, ...]


def log_since(operator: Operator, tz: tzinfo, now: datetime) -> datetime | None:
    """From when on this operator reads the log; None: all of it."""
    if not operator.roles.isdisjoint(_WHOLE_LOG):
        return None
    if OperatorRole.SHIFT_LEAD in operator.roles:
        return now - _WEEK
    return now.astimezone(tz).replace(hour=0, minute=0, second=0, microsecond=0)


def of_door(board: Board, door: DoorId) -> Board:
    """The board with only this door's zone and alarms."""
    levels = tuple(
        replace(
            row,
            zones=tuple(z for z in row.zones if any(t.door == door for t in z.doors)),
        )
        for row in board.levels
    )
    return replace(
        board,
        levels=tuple(row for row in levels if row.zones),
        alarms=tuple(alarm for alarm in board.alarms if alarm.door == door),
    )


def alarm_lines(
    alarms: tuple[OpenAlarm, ...], say: Words, times: Times
) -> tuple[AlarmLine, ...]:
    return tuple(
        AlarmLine(
            priority=alarm.priority,
            title=say.alarm(alarm.code)[0],
            deed=say.alarm(alarm.code)[1],
            since=times.clock(alarm.since),
            times=alarm.times,
            cleared=times.clock(alarm.cleared_at) if alarm.cleared_at else "",
        )
        for alarm in alarms
    )


def roster_words(
    in_force: IssuedRoster | None,
    latest: IssuedRoster | None,
    say: Words,
    times: Times,
) -> tuple[str, ...]:
    """Number and age of what the door decides by, and what it hasn't confirmed."""
    told = []
    if in_force is None:
        told.append(say("door.roster_none"))
    else:
        told.append(
            say(
                "door.roster",
                number=in_force.number,
                people=in_force.people,
                age=lasting(say, max(times.now - in_force.issued_at, timedelta())),
            )
        )
        at = times.short(in_force.valid_until)
        if times.now < in_force.valid_until:
            told.append(say("door.roster_until", at=at))
        else:
            told.append(say("door.roster_over", at=at))
    if latest is not None and (in_force is None or latest.number > in_force.number):
        told.append(
            say(
                "door.roster_unconfirmed",
                number=latest.number,
                at=times.clock(latest.issued_at),
            )
        )
    return tuple(told)


def act_view(known: Known, site: Site, say: Words, times: Times) -> ActView:
    act = known.act
    receipts = tuple(
        _receipt(each, known.at, site, say, times) for each in known.commands
    )
    return ActView(
        id=act.id,
        what=say.code("board.order", act.order),
        where=_where(act, site, say),
        reason=act.reason,
        asked_by=act.asked_by,
        asked_at=times.clock(act.asked_at),
        state=_state(known, receipts, say, times),
        confirmed_by=act.confirmed_by,
        receipts=receipts,
    )


def _state(
    known: Known, receipts: tuple[Receipt, ...], say: Words, times: Times
) -> str:
    if known.waits:
        return say("command.waits", at=times.clock(known.act.expires_at))
    if known.act.confirmed_at is None:
        return say("command.lapsed", at=times.clock(known.act.expires_at))
    done = sum(each.state == "confirmed" for each in receipts)
    return say("command.confirmed_of", n=done, all=len(receipts))


def _where(act: StoredAct, site: Site, say: Words) -> str:
    match act.scope, act.doors:
        case Scope.SITE, doors:
            return say("command.scope.site", n=len(doors))
        case Scope.ZONE, (first, *_) if first in site.doors:
            zone = say.of(site.zone_of(first))
            return say("command.scope.zone", zone=zone, n=len(act.doors))
        case _:
            return say("board.decision.list").join(
                _name(d, site, say) for d in act.doors
            )


def scope_words(site: Site, door: DoorId, scope: Scope, say: Words) -> str:
    """What a command of this scope, given at `door`, reaches."""
    n = len(doors_of(site, door, scope))
    match scope:
        case Scope.DOOR:
            return say("command.scope.door")
        case Scope.ZONE:
            return say("command.scope.zone", zone=say.of(site.zone_of(door)), n=n)
        case Scope.SITE:
            return say("command.scope.site", n=n)


def _name(door: DoorId, site: Site, say: Words) -> str:
    return say.of(site.doors[door]) if door in site.doors else door


def _receipt(
    command: StoredCommand, now: datetime, site: Site, say: Words, times: Times
) -> Receipt:
    at = times.clock(command.answered_at or command.expires_at)
    match command.answer:
        case str(answer) if answer == RECEIVED:
            state, text = "confirmed", say("command.receipt.confirmed", at=at)
        case str(answer) if answer == UNSENT:
            state, text = "unsent", say("command.receipt.unsent")
        case str(answer):
            why = say.command_refusal(answer)
            state, text = "refused", say("command.receipt.refused", at=at, why=why)
        case None if now < command.expires_at:
            state, text = "awaited", say("command.receipt.awaited", at=at)
        case None:
            state, text = "missing", say("command.receipt.missing", at=at)
    return Receipt(
        door=command.door,
        name=_name(command.door, site, say),
        state=state,
        text=text,
    )
