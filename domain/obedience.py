"""What a command makes of a door.

Laws: a command is recorded as received before it is obeyed, and as refused if it is
not; a repeated lockdown, or the end of none, changes nothing but is still received.
Without a journal nothing is unlocked and no service begins, since it could not be
recorded; a lockdown is still begun, since refusing to shut a door would be the greater
harm.
"""

from dataclasses import replace
from datetime import datetime
from typing import assert_never

from domain import service
from domain.access_events import OccupancyBecameUnknown
from domain.agent_events import CommandReceived, CommandRefused
from domain.alarm_events import AlarmCode
from domain.commands import (
    Command,
    CommandRefusal,
    EndLockdown,
    EndService,
    Order,
    ResetOccupancy,
    StartLockdown,
    StartService,
    UnlockDoor,
)
from domain.door import Input
from domain.door_events import LockdownEnded, LockdownStarted
from domain.doorway import Doorway, Moment, Setting, Turn, alarm
from domain.ids import CommandId
from domain.movement import move
from domain.passage import leaving


def obey(
    doorway: Doorway,
    command: Command,
    *,
    journal_writable: bool,
    setting: Setting,
    moment: Moment,
) -> Turn:
    """A command that `commands.judge` let through."""
    order, at = command.order, moment.at
    if not journal_writable and isinstance(order, UnlockDoor | StartService):
        return refuse(
            doorway, command.id, CommandRefusal.JOURNAL, setting=setting, at=at
        )
    received = CommandReceived(
        door=setting.door,
        at=at,
        command=command.id,
        order=name_of(order),
        issued_by=command.issued_by,
        reason=order.reason,
    )
    by = command.issued_by
    return Turn(doorway, (received,)).then(
        lambda d: _obeyed(d, order, by=by, setting=setting, moment=moment)
    )


def refuse(
    doorway: Doorway,
    command: CommandId | None,
    refusal: CommandRefusal,
    *,
    setting: Setting,
    at: datetime,
) -> Turn:
    refused = CommandRefused(
        door=setting.door, at=at, command=command, reason=str(refusal)
    )
    told = alarm(setting, at, AlarmCode.COMMAND_REFUSED, detail=str(refusal))
    return Turn(doorway, (refused, told))


def name_of(order: Order) -> str:
    """The order's name in records, "unlock_door"."""
    match order:
        case UnlockDoor():
            return "unlock_door"
        case StartLockdown():
            return "start_lockdown"
        case EndLockdown():
            return "end_lockdown"
        case ResetOccupancy():
            return "reset_occupancy"
        case StartService():
            return "start_service"
        case EndService():
            return "end_service"
        case _:
            assert_never(order)


def _obeyed(
    doorway: Doorway, order: Order, *, by: str, setting: Setting, moment: Moment
) -> Turn:
    who, at = setting.door, moment.at
    match order:
        case UnlockDoor():
            return move(
                doorway, Input.GRANT, setting=setting, moment=moment, cause="command"
            )
        case StartLockdown() if not doorway.lockdown:
            started = LockdownStarted(door=who, at=at, reason=order.reason)
            shut = Turn(replace(doorway, lockdown=True), (started,))
            if leaving(doorway.passage):
                return shut  # a lockdown never takes a release from who is going out
            return shut.then(
                lambda d: move(
                    d, Input.LOCKDOWN, setting=setting, moment=moment, cause="lockdown"
                )
            )
        case EndLockdown() if doorway.lockdown:
            ended = LockdownEnded(door=who, at=at, reason=order.reason)
            free = Turn(replace(doorway, lockdown=False), (ended,))
            return free.then(
                lambda d: move(
                    d,
                    Input.LOCKDOWN_ENDED,
                    setting=setting,
                    moment=moment,
                    cause="lockdown",
                )
            )
        case ResetOccupancy():
            forgotten = OccupancyBecameUnknown(
                door=who, at=at, zone=setting.zone.id, cause="reset"
            )
            return Turn(doorway, (forgotten,))
        case StartService():
            told = service.begun(
                who,
                at,
                worker=order.worker,
                until=order.until,
                reason=order.reason,
                by=by,
            )
            # What was muted before stays so: it is the same door, still worked at.
            held = () if doorway.service is None else doorway.service.held
            started_ = told.service and replace(told.service, held=held)
            return Turn(replace(doorway, service=started_), told.events)
        case EndService() if doorway.service is not None:
            told = service.ended(doorway.service, who, at, "ended")
            return Turn(replace(doorway, service=None), told.events)
        case StartLockdown() | EndLockdown() | EndService():
            return Turn(doorway)
        case _:
            assert_never(order)
