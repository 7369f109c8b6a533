"""Who is in which zone, so that the order of arrival does not matter.

Doors of one zone may tell late: a door that was cut off tells today who left
yesterday. So each door's latest movement of each person is kept with its instant, and
the latest of all doors counts, which is what a fold in the order of instants gives
(`domain.occupancy`, and a property test beside this). Within one door entries come in
the order of its journal.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Table, select
from sqlalchemy.dialects import postgresql, sqlite

from controller.store import tables as t
from domain.access_events import OccupancyBecameUnknown, PersonEntered, PersonLeft
from domain.events import Event
from domain.ids import DoorId, PersonId, ZoneId
from domain.occupancy import Occupancy, Stay, ZoneOccupancy


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The latest movement of `person` that `door` told."""

    zone: ZoneId
    person: PersonId
    door: DoorId
    at: datetime
    inside: bool
    declaration: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """When `door` last lost track of the zone, was told to forget, let anybody in."""

    zone: ZoneId
    door: DoorId
    unknown_at: datetime | None
    reset_at: datetime | None
    entered_at: datetime | None


def record(connection: Connection, events: Iterable[Event]) -> set[ZoneId]:
    """Remember what `events` say of occupancy; the zones they concern.

    Events of one door come in the order of its journal.
    """
    moved: dict[tuple[str, str, str], dict[str, object]] = {}
    doubts: dict[tuple[str, str], dict[str, object]] = {}
    for event in events:
        match event:
            case PersonEntered() | PersonLeft():
                inside = isinstance(event, PersonEntered)
                moved[event.zone, event.person, event.door] = {
                    "zone": event.zone,
                    "person": event.person,
                    "door": event.door,
                    "at": event.at,
                    "inside": inside,
                    "declaration": event.declaration,
                }
                if inside:
                    _doubt(doubts, event.zone, event.door)["entered_at"] = event.at
            case OccupancyBecameUnknown(cause="reset"):
                _doubt(doubts, event.zone, event.door)["reset_at"] = event.at
            case OccupancyBecameUnknown():
                _doubt(doubts, event.zone, event.door)["unknown_at"] = event.at
            case _:
                pass
    _put_moved(connection, list(moved.values()))
    for values in doubts.values():
        _put_doubt(connection, values)
    return {ZoneId(zone) for zone, *_ in (*moved, *doubts)}


def moves(
    connection: Connection, zone: ZoneId | None = None
) -> tuple[Mapping[ZoneId, list[Moved]], Mapping[ZoneId, list[Doubt]]]:
    """What each door last told, per zone."""
    m, d = select(t.movements), select(t.doubts)
    if zone is not None:
        m = m.where(t.movements.c.zone == zone)
        d = d.where(t.doubts.c.zone == zone)
    moved: defaultdict[ZoneId, list[Moved]] = defaultdict(list)
    doubts: defaultdict[ZoneId, list[Doubt]] = defaultdict(list)
    for row in connection.execute(m):
        move = Moved(
            zone=row.zone,
            person=row.person,
            door=row.door,
            at=row.at,
            inside=row.inside,
            declaration=row.declaration,
        )
        moved[move.zone].append(move)
    for row in connection.execute(d):
        doubts[ZoneId(row.zone)].append(Doubt(**row._mapping))
    return moved, doubts


def occupancy(connection: Connection) -> Occupancy:
    """Everybody's whereabouts as all doors together tell them."""
    moved, doubts = moves(connection)
    zones = {*moved, *doubts}
    return Occupancy({z: zone_of(moved.get(z, ()), doubts.get(z, ())) for z in zones})


def zone_of(moved: Iterable[Moved], doubts: Iterable[Doubt]) -> ZoneOccupancy:
    """One zone's occupancy from what its doors last told."""
    told = list(doubts)
    unknown = _latest(d.unknown_at for d in told)
    reset = _latest(d.reset_at for d in told)
    entered = _latest(d.entered_at for d in told)
    stays = {
        move.person: Stay(
            move.at,
            move.declaration,
            certain=unknown is None or move.at > unknown,
        )
        for move in latest_moves(moved).values()
        if move.inside and (reset is None or move.at > reset)
    }
    resolved = _latest((reset, entered))
    doubtful = unknown is not None and (resolved is None or unknown >= resolved)
    return ZoneOccupancy(stays, doubtful=doubtful)


def latest_moves(moved: Iterable[Moved]) -> dict[PersonId, Moved]:
    """The latest movement of each person, whichever door told it."""
    found: dict[PersonId, Moved] = {}
    for move in moved:
        known = found.get(move.person)
        if known is None or (move.at, move.door) > (known.at, known.door):
            found[move.person] = move
    return found


def _latest(instants: Iterable[datetime | None]) -> datetime | None:
    return max((at for at in instants if at is not None), default=None)


def _doubt(
    doubts: dict[tuple[str, str], dict[str, object]], zone: ZoneId, door: DoorId
) -> dict[str, object]:
    return doubts.setdefault((zone, door), {"zone": zone, "door": door})


def _put_moved(connection: Connection, rows: list[dict[str, object]]) -> None:
    if rows:
        statement = _insert(connection, t.movements)
        changed = {n: statement.excluded[n] for n in ("at", "inside", "declaration")}
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["zone", "person", "door"], set_=changed
            ),
            rows,
        )


def _put_doubt(connection: Connection, values: dict[str, object]) -> None:
    statement = _insert(connection, t.doubts)
    changed = {n: v for n, v in values.items() if n not in ("zone", "door")}
    connection.execute(
        statement.values(values).on_conflict_do_update(
            index_elements=["zone", "door"], set_=changed
        )
    )


def _insert(
    connection: Connection, table: Table
) -> "postgresql.Insert | sqlite.Insert":
    """`INSERT … ON CONFLICT`, which both databases spell alike."""
    if connection.dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)
