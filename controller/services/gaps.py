"""Entries that are missing: noticed at once, alarmed if they stay away.

A door sends again whatever was not acknowledged, so most gaps close by themselves; one
that lasts `PATIENCE` does not.
"""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import Connection, insert, select, update

from config.schema import Site
from controller.services.alarm import cleared, raised
from controller.store import tables as t
from domain.alarm_events import AlarmCode
from domain.events import Event
from domain.ids import DoorId
from domain.journal import Tip

PATIENCE: Final = timedelta(seconds=60)


def note(
    connection: Connection,
    site: Site,
    door: DoorId,
    *,
    tip: Tip,
    waiting: Collection[int],
    at: datetime,
) -> list[Event]:
    """Note what is missing between `tip` and what waits; what is to be recorded."""
    g = t.gaps
    mine = (g.c.door == door, g.c.closed_at.is_(None))
    open_ = connection.execute(
        select(g.c.id, g.c.first_seq, g.c.last_seq, g.c.alarmed).where(*mine)
    ).first()
    if not waiting:
        if open_ is None:
            return []
        connection.execute(update(g).where(g.c.id == open_.id).values(closed_at=at))
        return [cleared(door, AlarmCode.JOURNAL_GAP, at=at)] if open_.alarmed else []
    limits = {"first_seq": tip.seq + 1, "last_seq": min(waiting) - 1}
    if open_ is None:
        connection.execute(
            insert(g), {**limits, "door": door, "noticed_at": at, "alarmed": False}
        )
    elif (open_.first_seq, open_.last_seq) != tuple(limits.values()):
        connection.execute(update(g).where(g.c.id == open_.id).values(limits))
    return []


def overdue(connection: Connection, site: Site, *, at: datetime) -> list[Event]:
    """Alarms for gaps that have lasted; each gap alarms once."""
    g = t.gaps
    rows = connection.execute(
        select(g).where(
            g.c.closed_at.is_(None),
            g.c.alarmed.is_(False),
            g.c.noticed_at <= at - PATIENCE,
        )
    ).all()
    for row in rows:
        connection.execute(update(g).where(g.c.id == row.id).values(alarmed=True))
    return [
        raised(
            site,
            DoorId(row.door),
            AlarmCode.JOURNAL_GAP,
            at=at,
            detail=f"entries {row.first_seq} to {row.last_seq} are missing",
        )
        for row in rows
    ]


def next_overdue(connection: Connection) -> datetime | None:
    """When `overdue` will have something to do."""
    g = t.gaps.c
    noticed = connection.execute(
        select(g.noticed_at)
        .where(g.closed_at.is_(None), g.alarmed.is_(False))
        .order_by(g.noticed_at)
        .limit(1)
    ).scalar()
    return None if noticed is None else noticed + PATIENCE
