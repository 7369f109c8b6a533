"""One row per door: what it last said of itself, and whether it is there."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update

from controller.store import tables as t
from domain.ids import DoorId


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorPresence:
    """Whether a door is there. `online` is None if nobody has ever said so."""

    door: DoorId
    online: bool | None
    since: datetime | None
    session: str | None


def rows(
    connection: Connection, doors: Iterable[DoorId] | None = None
) -> Mapping[DoorId, "Row[Any]"]:
    """The rows there are; doors that never spoke have none."""
    query = select(t.doors)
    if doors is not None:
        query = query.where(t.doors.c.door.in_(sorted(set(doors))))
    return {DoorId(row.door): row for row in connection.execute(query)}


def put(connection: Connection, door: DoorId, values: Mapping[str, object]) -> None:
    """Change some columns of a door's row, which is made if it is missing."""
    d = t.doors
    found = connection.execute(update(d).where(d.c.door == door), dict(values))
    if found.rowcount == 0:
        fresh = {
            "door": door,
            "is_open": False,
            "lockdown": False,
            "simulated": False,
            "seen_roster": 0,
            "last_people": "",
        }
        connection.execute(insert(d), {**fresh, **values})


def presences(connection: Connection) -> Mapping[DoorId, DoorPresence]:
    return {
        door: DoorPresence(
            door=door, online=row.online, since=row.online_since, session=row.session
        )
        for door, row in rows(connection).items()
    }
