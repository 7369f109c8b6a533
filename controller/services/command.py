"""Ask something of a door: signed, for 30 seconds, once.

Recorded before it is sent. Whoever holds the link sends: a command-line call beside a
running controller only records, and the controller finds it.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection

from controller.services.office import Act, Office
from controller.services.post import Post
from controller.store import sendings
from controller.store.sendings import StoredCommand
from domain.commands import (
    Command,
    EndLockdown,
    EndService,
    Order,
    ResetOccupancy,
    StartLockdown,
    StartService,
    UnlockDoor,
)
from domain.errors import InputError, LinkDown
from domain.ids import CONTROLLER, CommandId, DoorId
from domain.office_events import CommandSent
from wire.codec import type_name

log = logging.getLogger(__name__)

EXPIRES_AFTER: Final = timedelta(seconds=30)
_NONCE: Final = 16  # bytes
UNSENT: Final = "unsent"  # the answer of a command that expired before it was sent

ORDERS: Final[Mapping[str, type[Order]]] = {
    type_name(cls): cls
    for cls in (
        UnlockDoor,
        StartLockdown,
        EndLockdown,
        ResetOccupancy,
        StartService,
        EndService,
    )
}
START_SERVICE: Final = type_name(StartService)
_SIMPLE: Final[Mapping[str, Callable[[str], Order]]] = {
    type_name(cls): cls
    for cls in (UnlockDoor, StartLockdown, EndLockdown, ResetOccupancy, EndService)
}


def order_of(
    name: str, reason: str, *, worker: str = "", until: datetime | None = None
) -> Order:
    """The order as it was stored.

    Raises:
        InputError: a service without its end.
    """
    simple = _SIMPLE.get(name)
    if simple is not None:
        return simple(reason)
    if until is None:
        raise InputError("a service has a worker and an end")
    return StartService(reason, worker, until)


async def command(office: Office, door: DoorId, order: Order, *, by: str) -> CommandId:
    """Record the command; `send` sends it.

    Raises:
        InputError: no such door.
    """
    office.demand_door(door)
    return await office.act(lambda act: record(office, act, door, order, by=by))


def record(
    office: Office, act: Act, door: DoorId, order: Order, *, by: str
) -> CommandId:
    """Record one command within an act."""
    made = StoredCommand(
        id=CommandId(office.new_id()),
        door=door,
        order=type_name(type(order)),
        nonce=office.vault.random_bytes(_NONCE).hex(),
        reason=order.reason,
        by=by,
        issued_at=act.at,
        expires_at=act.at + EXPIRES_AFTER,
        answer=None,
        answered_at=None,
        worker=order.worker if isinstance(order, StartService) else "",
        until=order.until if isinstance(order, StartService) else None,
    )
    sendings.add_command(act.connection, made)
    act.say(
        CommandSent(
            door=CONTROLLER,
            at=act.at,
            target=door,
            command=made.id,
            order=made.order,
            reason=made.reason,
            by=by,
        )
    )
    return made.id


async def send(office: Office, post: Post) -> None:
    """Send what is recorded and still valid; what is not is marked as unsent."""
    for each in await office.database.read(sendings.unsent_commands):
        if office.clock.now() >= each.expires_at:
            await office.database.write(_mark_unsent(office, each))
            continue
        try:
            await post.command(_command(each))
        except LinkDown as error:
            log.warning(
                "command.unsent", extra={"door": each.door, "problem": str(error)}
            )
            return
        await office.database.write(_mark_sent(office, each))


def _mark_sent(office: Office, each: StoredCommand) -> Callable[[Connection], None]:
    def work(connection: Connection) -> None:
        sendings.command_sent(connection, each.id, office.clock.now())

    return work


def _mark_unsent(office: Office, each: StoredCommand) -> Callable[[Connection], None]:
    def work(connection: Connection) -> None:
        at = office.clock.now()
        sendings.command_answered(connection, each.id, UNSENT, at)

    return work


def _command(stored: StoredCommand) -> Command:
    return Command(
        id=stored.id,
        door=stored.door,
        issued_at=stored.issued_at,
        expires_at=stored.expires_at,
        nonce=stored.nonce,
        issued_by=stored.by,
        order=order_of(
            stored.order, stored.reason, worker=stored.worker, until=stored.until
        ),
    )
