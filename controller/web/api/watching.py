"""What is going on: doors, zones, who is inside; and what the token itself is.

The board has nobody's name: for that there is the muster, with a scope of its own.
"""

from dataclasses import dataclass
from datetime import datetime

from controller.services.board import Board, DoorLook, DoorTile, ZonePanel
from controller.services.muster import Mustered, MusterZone, muster
from controller.web.api.call import Call
from controller.web.api.problems import Problem
from controller.web.api.visits import Who, who
from domain.tokens import TokenScope
from domain.zones import ZoneLevel

# --- the board ---


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorView:
    """`look`: what matters most about it now, since when; `phase`: what it told last,
    also while it is offline."""

    door: str
    zone: str
    name: str
    name_en: str
    look: DoorLook
    phase: DoorLook
    since: datetime | None
    online: bool
    lockdown: bool
    simulated: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ZoneView:
    """`doubtful`: somebody unrecorded may be inside."""

    zone: str
    name: str
    name_en: str
    level: ZoneLevel
    inside: int
    doubtful: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardView:
    """`alarms`: those that call somebody; `gaps`: doors of which entries are missing;
    `quarantined`: messages nobody could read."""

    at: datetime
    inside: int
    granted_today: int
    refused_today: int
    doors: int
    doors_online: int
    alarms: int
    gaps: int
    quarantined: int
    zones: tuple[ZoneView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DoorsView:
    at: datetime
    doors: tuple[DoorView, ...]


async def board(call: Call) -> BoardView:
    shown = await call.source.board()
    counters = shown.counters
    return BoardView(
        at=shown.at,
        inside=counters.inside,
        granted_today=counters.granted_today,
        refused_today=counters.refused_today,
        doors=counters.doors,
        doors_online=counters.doors_online,
        alarms=counters.alarms,
        gaps=counters.gaps,
        quarantined=counters.quarantined,
        zones=tuple(
            ZoneView(
                zone=zone.zone,
                name=zone.name,
                name_en=zone.name_en,
                level=zone.level,
                inside=len(zone.inside),
                doubtful=zone.doubtful,
            )
            for zone in _zones(shown)
        ),
    )


async def doors(call: Call) -> DoorsView:
    shown = await call.source.board()
    return DoorsView(
        at=shown.at,
        doors=tuple(_door(tile, zone) for zone in _zones(shown) for tile in zone.doors),
    )


async def door(call: Call) -> DoorView:
    shown = await call.source.board()
    for zone in _zones(shown):
        for tile in zone.doors:
            if tile.door == call.path["door"]:
                return _door(tile, zone)
    raise Problem("not_found", f"no door `{call.path['door']}` in this site")


def _zones(shown: Board) -> tuple[ZonePanel, ...]:
    return tuple(zone for row in shown.levels for zone in row.zones)


def _door(tile: DoorTile, zone: ZonePanel) -> DoorView:
    return DoorView(
        door=tile.door,
        zone=zone.zone,
        name=tile.name,
        name_en=tile.name_en,
        look=tile.look,
        phase=tile.phase,
        since=tile.since,
        online=tile.online,
        lockdown=tile.lockdown,
        simulated=tile.simulated,
    )


# --- who is inside ---


@dataclass(frozen=True, slots=True, kw_only=True)
class InsideView:
    """`certain`: nothing since has made it doubtful. `escorts`: of a visitor."""

    who: Who
    since: datetime
    certain: bool
    visitor: bool
    organisation: str
    escorts: tuple[Who, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MusterZoneView:
    """`reliable`: all its doors are there and nothing made the count doubtful;
    `doors_away`: those that are offline, from whose last word this is made."""

    zone: str
    name: str
    name_en: str
    level: ZoneLevel
    reliable: bool
    doubtful: bool
    doors_away: tuple[str, ...]
    people: tuple[InsideView, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class MusterView:
    """`elsewhere`: visitors on the premises whom no zone has."""

    at: datetime
    inside: int
    visitors: int
    reliable: bool
    zones: tuple[MusterZoneView, ...]
    elsewhere: tuple[InsideView, ...]


async def who_is_inside(call: Call) -> MusterView:
    at = call.office.clock.now()
    found = await call.office.database.read(lambda c: muster(c, call.site, at=at))
    return MusterView(
        at=found.at,
        inside=found.inside,
        visitors=found.visitors,
        reliable=found.reliable,
        zones=tuple(map(_muster_zone, found.zones)),
        elsewhere=tuple(map(_inside, found.elsewhere)),
    )


def _muster_zone(zone: MusterZone) -> MusterZoneView:
    return MusterZoneView(
        zone=zone.zone,
        name=zone.name,
        name_en=zone.name_en,
        level=zone.level,
        reliable=zone.reliable,
        doubtful=zone.doubtful,
        doors_away=tuple(each.door for each in zone.away),
        people=tuple(map(_inside, zone.people)),
    )


def _inside(found: Mustered) -> InsideView:
    return InsideView(
        who=who(found.person),
        since=found.since,
        certain=found.certain,
        visitor=found.visitor,
        organisation=found.organisation,
        escorts=tuple(map(who, found.escorts)),
    )


# --- the token itself ---


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenView:
    """`actor`: whom the log names for what this token does."""

    name: str
    actor: str
    scopes: tuple[TokenScope, ...]
    until: datetime


async def own_token(call: Call) -> TokenView:
    return TokenView(
        name=call.token.id,
        actor=call.token.actor,
        scopes=tuple(sorted(call.token.scopes)),
        until=call.token.until,
    )
