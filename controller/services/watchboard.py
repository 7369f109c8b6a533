"""Fill the live board from what is stored: one consistent snapshot for one page."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, Row, Select, func, select

from config.schema import Door, Site
from controller.services.board import (
    Board,
    Called,
    Climate,
    Counters,
    DoorLook,
    DoorTile,
    Inside,
    LevelRow,
    Named,
    OpenAlarm,
    ZonePanel,
)
from controller.services.door_view import DoorView
from controller.services.projections import load_view
from controller.services.rows import named, page
from controller.store import alarms, doors, occupancy
from controller.store import tables as t
from controller.store.alarms import StoredAlarm
from domain.alarm_life import still_wrong
from domain.credentials import Factor
from domain.ids import DoorId, PersonId
from domain.occupancy import Occupancy
from domain.policy import Outcome
from domain.zones import LEVEL_DEMANDS, Zone, ZoneLevel

EVENTS: Final = 50
_ALARMS: Final = 200
# What a door tells and what matters more than being offline or locked down.
_LOUD: Final = (DoorLook.FIRE, DoorLook.FORCED, DoorLook.HELD)


def board(connection: Connection, site: Site, *, at: datetime) -> Board:
    rows = doors.rows(connection)
    inside = occupancy.occupancy(connection)
    listed = alarms.listed(connection, limit=_ALARMS)
    views = {d: load_view(d, rows.get(d)) for d in site.doors}
    names = named(connection, _mentioned(inside, views, listed))
    tiles = {
        door.id: _tile(site, door, views[door.id], rows.get(door.id), names)
        for door in site.doors.values()
    }
    return Board(
        at=at,
        levels=tuple(
            LevelRow(
                level=level,
                zones=tuple(
                    _zone(site, zone, tiles, views, inside, names)
                    for zone in site.zones.values()
                    if zone.level is level
                ),
            )
            for level in ZoneLevel
        ),
        alarms=tuple(open_alarm(each, names) for each in listed),
        counters=_counters(connection, site, inside, tiles, listed, at=at),
        events=page(connection, limit=EVENTS),
    )


def _tile(
    site: Site,
    door: Door,
    view: DoorView,
    row: "Row[Any] | None",
    names: Mapping[PersonId, Named],
) -> DoorTile:
    zone = site.zones[door.zone]
    look, since = _look(view, row)
    return DoorTile(
        door=door.id,
        name=door.name,
        name_en=door.name_en,
        factors=_factors(zone, door),
        two_person=zone.two_person,
        look=look,
        phase=view.phase or DoorLook.UNKNOWN,
        since=since,
        online=bool(row is not None and row.online),
        lockdown=view.lockdown,
        simulated=view.simulated,
        last_people=tuple(names[p] for p in view.last_people),
        last_at=view.last_at,
        service_worker=view.service_worker,
        service_until=view.service_until,
    )


def _look(view: DoorView, row: "Row[Any] | None") -> tuple[DoorLook, datetime | None]:
    """What matters most about a door, and since when."""
    if row is None:
        return DoorLook.UNKNOWN, None
    if not row.online:
        heard = view.phase is not None or row.online is not None
        look = DoorLook.OFFLINE if heard else DoorLook.UNKNOWN
        return look, row.online_since
    if view.phase in _LOUD:
        return view.phase, view.phase_since
    if view.lockdown:
        return DoorLook.LOCKDOWN, view.phase_since
    if view.service_until is not None:
        return DoorLook.SERVICE, view.phase_since
    return view.phase or DoorLook.UNKNOWN, view.phase_since


def _factors(zone: Zone, door: Door) -> tuple[Factor, ...]:
    return tuple(dict.fromkeys((*LEVEL_DEMANDS[zone.level].factors, *door.factors)))


def _zone(
    site: Site,
    zone: Zone,
    tiles: Mapping[DoorId, DoorTile],
    views: Mapping[DoorId, DoorView],
    inside: Occupancy,
    names: Mapping[PersonId, Named],
) -> ZonePanel:
    mine = [d.id for d in site.doors.values() if d.zone == zone.id]
    here = inside.zone(zone.id)
    stays = sorted(here.stays.items(), key=lambda item: (item[1].since, item[0]))
    return ZonePanel(
        zone=zone.id,
        name=zone.name,
        name_en=zone.name_en,
        level=zone.level,
        doors=tuple(tiles[d] for d in mine),
        inside=tuple(
            Inside(person=names[p], since=stay.since, certain=stay.certain)
            for p, stay in stays
        ),
        doubtful=here.doubtful,
        climate=_climate([views[d] for d in mine]),
    )


def _climate(views: Sequence[DoorView]) -> Climate | None:
    measured = [
        Climate(at=at, temperature_c=warm, humidity_percent=damp)
        for view in views
        if (at := view.climate_at) is not None
        and (warm := view.temperature_c) is not None
        and (damp := view.humidity_percent) is not None
    ]
    return max(measured, key=lambda c: c.at, default=None)


def open_alarm(stored: StoredAlarm, names: Mapping[PersonId, Named]) -> OpenAlarm:
    return OpenAlarm(
        id=stored.id,
        door=stored.door,
        code=stored.code,
        priority=stored.priority,
        since=stored.since,
        last_at=stored.last_at,
        times=stored.times,
        person=None if stored.person is None else names[stored.person],
        device=stored.device,
        detail=stored.detail,
        cleared_at=stored.cleared_at,
        acknowledged_at=stored.acknowledged_at,
        acknowledged_by=stored.acknowledged_by or "",
        note=stored.note,
        resolved_at=stored.resolved_at,
        resolved_by=stored.resolved_by or "",
        cause=stored.cause,
        sentence=stored.sentence,
        heard_at=stored.heard_at,
        called=tuple(
            Called(to=call.to, at=call.at, by=call.by or "", note=call.note)
            for call in stored.calls
        ),
    )


def _counters(
    connection: Connection,
    site: Site,
    inside: Occupancy,
    tiles: Mapping[DoorId, DoorTile],
    listed: Sequence[StoredAlarm],
    *,
    at: datetime,
) -> Counters:
    midnight = at.astimezone(site.tz).replace(hour=0, minute=0, second=0, microsecond=0)
    outcomes = _outcomes_since(connection, midnight)
    people = {p for zone in inside.zones.values() for p in zone.stays}
    return Counters(
        inside=len(people),
        granted_today=outcomes[Outcome.GRANTED],
        refused_today=outcomes[Outcome.DENIED],
        doors=len(tiles),
        doors_online=sum(tile.online for tile in tiles.values()),
        alarms=sum(
            each.acknowledged_at is None or still_wrong(each.code, each.cleared_at)
            for each in listed
        ),
        gaps=_count(
            connection, select(func.count()).where(t.gaps.c.closed_at.is_(None))
        ),
        quarantined=_count(connection, select(func.count()).select_from(t.quarantine)),
    )


def _outcomes_since(connection: Connection, since: datetime) -> defaultdict[str, int]:
    a = t.accesses.c
    query = select(a.outcome, func.count()).where(a.at >= since).group_by(a.outcome)
    found: defaultdict[str, int] = defaultdict(int)
    for outcome, number in connection.execute(query):
        found[outcome] = number
    return found


def _count(connection: Connection, query: Select[int]) -> int:
    return int(connection.execute(query).scalar() or 0)


def _mentioned(
    inside: Occupancy,
    views: Mapping[DoorId, DoorView],
    listed: Sequence[StoredAlarm],
) -> set[PersonId]:
    people = {p for zone in inside.zones.values() for p in zone.stays}
    people |= {p for view in views.values() for p in view.last_people}
    return people | {a.person for a in listed if a.person is not None}
