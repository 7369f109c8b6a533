"""What one door's page shows beside the board: its rosters and a page of its log."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import Connection

from controller.services import rows
from controller.services.board import EventRow
from controller.store import sendings
from controller.store.sendings import IssuedRoster
from domain.ids import DoorId

PAGE: Final = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorLog:
    """`before`, `after`: where the next older and newer page begin, if there is one."""

    entries: tuple[EventRow, ...]
    before: int | None
    after: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorPage:
    """`in_force`: the roster that the door confirmed; `latest`: the one last issued."""

    in_force: IssuedRoster | None
    latest: IssuedRoster | None
    log: DoorLog


def door_page(
    connection: Connection,
    door: DoorId,
    *,
    before: int | None,
    after: int | None,
    since: datetime | None,
) -> DoorPage:
    """`since`: no entry that happened earlier is shown, nor a way to one."""
    return DoorPage(
        in_force=sendings.applied_roster(connection, door),
        latest=sendings.latest_roster(connection, door),
        log=_log(connection, door, before=before, after=after, since=since),
    )


def _log(
    connection: Connection,
    door: DoorId,
    *,
    before: int | None,
    after: int | None,
    since: datetime | None,
) -> DoorLog:
    found = rows.page(connection, before=before, after=after, limit=PAGE + 1, door=door)
    more = len(found) > PAGE
    # Asked for newer ones, the one too many is the newest, else the oldest.
    listed = found[-PAGE:] if after is not None else found[:PAGE]
    shown = tuple(row for row in listed if since is None or row.at >= since)
    older = more if after is None else bool(listed)
    newer = more if after is not None else before is not None
    return DoorLog(
        entries=shown,
        before=listed[-1].position if older and len(shown) == len(listed) else None,
        after=listed[0].position if newer and listed else None,
    )
